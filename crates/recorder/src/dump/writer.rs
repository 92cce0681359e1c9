//! From a recording to bytes.

use std::{
    collections::HashMap,
    io::{self, Write},
    ptr,
};

use tuneup_measure::Histogram;

use super::{
    END, MAGIC,
    numbers::{write_number, write_text},
};
use crate::{
    calibration::CallCost,
    lines::LineSite,
    recording::{LineRecording, NodeRecording, Recording, SiteRecording, ThreadRecording},
    site::{Site, SiteKind},
};

impl Recording {
    /// Writes it, line tables included, for [`Dump::read`](super::Dump::read). `cost` is what recording a call costs in this program.
    ///
    /// O(nodes + sites × buckets); allocates lists of the sites. Nothing is flushed.
    ///
    /// # Errors
    /// Those of `to`; what was written by then is cut off.
    ///
    /// ```
    /// use tuneup_recorder::{Dump, Options, Session, Site, SiteKind, enter};
    ///
    /// static SITE: Site = Site::new(|| "work", SiteKind::Function, file!(), line!());
    /// let session = Session::start(Options::default()).unwrap();
    /// drop(enter(&SITE));
    /// let mut bytes = Vec::new();
    /// session.read().write_dump(session.call_cost(), &mut bytes)?;
    /// let dump = Dump::read(&bytes).unwrap();
    /// assert_eq!(dump.recording.threads[0].nodes[1].calls, 1);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn write_dump(&self, cost: CallCost, to: impl Write) -> io::Result<()> {
        let mut writer = Writer {
            to,
            numbers: HashMap::new(),
            line_numbers: HashMap::new(),
        };
        writer.recording(self, cost)
    }
}

struct Writer<W> {
    to: W,
    /// Of sites, by their addresses.
    numbers: HashMap<*const Site, u64>,
    /// Of functions with lines, by the addresses of their sites.
    line_numbers: HashMap<*const LineSite, u64>,
}

impl<W: Write> Writer<W> {
    fn recording(&mut self, recording: &Recording, cost: CallCost) -> io::Result<()> {
        self.to.write_all(MAGIC)?;
        self.number(recording.ticks)?;
        let (ns, ticks) = recording.scale.ratio();
        self.number(ns)?;
        self.number(ticks)?;
        self.number(recording.unrecorded_calls)?;
        self.optional(recording.runnable_ns)?;
        self.optional(recording.delayed_ns)?;
        self.number(cost.inside_ns.to_bits())?;
        self.number(cost.outside_ns.to_bits())?;
        self.sites(recording)?;
        self.line_sites(recording)?;
        self.arguments(recording)?;
        self.number(recording.threads.len() as u64)?;
        for thread in &recording.threads {
            self.thread(thread)?;
        }
        self.to.write_all(&[END])
    }

    /// All sites that occur, each once.
    fn sites(&mut self, recording: &Recording) -> io::Result<()> {
        let mut sites: Vec<&'static Site> = Vec::new();
        for thread in &recording.threads {
            let of_nodes = thread.nodes.iter().filter_map(|node| node.site);
            let of_records = thread.sites.iter().map(|record| record.site);
            for site in of_nodes.chain(of_records) {
                self.numbers.entry(ptr::from_ref(site)).or_insert_with(|| {
                    sites.push(site);
                    sites.len() as u64 - 1
                });
            }
        }
        self.number(sites.len() as u64)?;
        for site in sites {
            self.text(site.name())?;
            self.text(site.file())?;
            self.number(u64::from(site.line()))?;
            let kind = match site.kind() {
                SiteKind::Function => 0,
                SiteKind::Async => 1,
                SiteKind::Scope => 2,
                SiteKind::Folded => 3,
            };
            self.number(kind | u64::from(site.is_untimed()) << 2)?;
        }
        Ok(())
    }

    /// All functions with lines, each once.
    fn line_sites(&mut self, recording: &Recording) -> io::Result<()> {
        let mut sites: Vec<&'static LineSite> = Vec::new();
        for lines in recording.threads.iter().flat_map(|thread| &thread.lines) {
            let address = ptr::from_ref(lines.site);
            self.line_numbers.entry(address).or_insert_with(|| {
                sites.push(lines.site);
                sites.len() as u64 - 1
            });
        }
        self.number(sites.len() as u64)?;
        for site in sites {
            self.text(site.name())?;
            self.text(site.file())?;
            self.number(u64::from(site.is_async()))?;
            self.number(site.lines().len() as u64)?;
            let mut before = 0;
            for &line in site.lines() {
                self.number(u64::from(line.saturating_sub(before)))?;
                before = line;
            }
        }
        Ok(())
    }

    /// Sites that are in no thread have no number, and nothing to tell.
    fn arguments(&mut self, recording: &Recording) -> io::Result<()> {
        let known: Vec<_> = recording
            .arguments
            .iter()
            .filter_map(|counted| Some((self.numbers.get(&ptr::from_ref(counted.site))?, counted)))
            .map(|(number, counted)| (*number, counted.reading))
            .collect();
        self.number(known.len() as u64)?;
        for (site, reading) in known {
            self.number(site)?;
            self.number(reading.hashed)?;
            self.number(reading.distinct)?;
            self.number(u64::from(reading.is_unhashable))?;
        }
        Ok(())
    }

    fn thread(&mut self, thread: &ThreadRecording) -> io::Result<()> {
        self.number(thread.nodes.len() as u64)?;
        for node in &thread.nodes {
            self.node(node)?;
        }
        self.number(thread.sites.len() as u64)?;
        for record in &thread.sites {
            self.record(record)?;
        }
        self.number(thread.lines.len() as u64)?;
        for lines in &thread.lines {
            self.lines(lines)?;
        }
        Ok(())
    }

    /// One cell for each line that the site has.
    fn lines(&mut self, lines: &LineRecording) -> io::Result<()> {
        let number = self.line_numbers.get(&ptr::from_ref(lines.site));
        self.number(number.copied().unwrap_or(0))?;
        self.number(lines.calls)?;
        for cell in &lines.cells {
            for count in [
                cell.hits,
                cell.ticks,
                cell.waiting_ticks,
                cell.allocated_bytes,
                cell.freed_bytes,
            ] {
                self.number(count)?;
            }
        }
        Ok(())
    }

    fn node(&mut self, node: &NodeRecording) -> io::Result<()> {
        self.number(node.parent as u64)?;
        self.optional(node.site.map(|site| self.number_of(site)))?;
        self.number(node.calls)?;
        self.number(node.ticks)?;
        self.optional(node.allocated_blocks)?;
        self.optional(node.allocated_bytes)?;
        self.number(node.wall_samples)?;
        self.number(node.cpu_samples)
    }

    fn record(&mut self, record: &SiteRecording) -> io::Result<()> {
        self.number(self.number_of(record.site))?;
        self.optional(record.min_ticks)?;
        self.optional(record.max_ticks)?;
        for count in [
            record.folded_calls,
            record.folded_primitive_calls,
            record.folded_self_ticks,
            record.folded_cumulative_ticks,
            record.polls,
            record.waiting_ticks,
            record.longest_poll_ticks,
            record.completed,
            record.cancelled,
            record.threads,
        ] {
            self.number(count)?;
        }
        self.distribution(record.distribution.as_ref())
    }

    fn distribution(&mut self, distribution: Option<&Histogram>) -> io::Result<()> {
        let Some(distribution) = distribution else {
            return self.optional(None);
        };
        let buckets: Vec<_> = distribution
            .buckets()
            .filter(|bucket| bucket.count > 0)
            .collect();
        self.optional(Some(buckets.len() as u64))?;
        for bucket in buckets {
            self.number(bucket.low)?;
            self.number(bucket.count)?;
        }
        Ok(())
    }

    /// Every site has its number before anything refers to it.
    fn number_of(&self, site: &'static Site) -> u64 {
        self.numbers.get(&ptr::from_ref(site)).copied().unwrap_or(0)
    }

    /// One more than the number; 0 for none. The largest number of all is not told from the one before.
    fn optional(&mut self, number: Option<u64>) -> io::Result<()> {
        self.number(number.map_or(0, |number| number.saturating_add(1)))
    }

    fn text(&mut self, text: &str) -> io::Result<()> {
        write_text(&mut self.to, text)
    }

    fn number(&mut self, number: u64) -> io::Result<()> {
        write_number(&mut self.to, number)
    }
}
