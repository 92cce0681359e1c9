//! From bytes to a recording.

use tuneup_measure::{Histogram, Scale};

use super::{
    DumpError, MAGIC,
    known_sites::{line_site, site},
    numbers::Numbers,
};
use crate::{
    argument_counts::ArgumentReading,
    calibration::CallCost,
    lines::LineSite,
    recording::{
        ArgumentRecording, LineCellRecording, LineRecording, NodeRecording, Recording,
        SiteRecording, ThreadRecording,
    },
    site::{Site, SiteKind},
};

/// What another program has recorded and [written](Recording::write_dump).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Dump {
    /// What was recorded.
    pub recording: Recording,
    /// What recording a call has cost there.
    pub cost: CallCost,
}

impl Dump {
    /// Reads it from bytes. Its sites are new ones, which this process keeps for good: each once, however often it is read.
    ///
    /// # Errors
    /// [`DumpError`]. Any bytes are read or refused, in memory that is some multiple of theirs.
    ///
    /// See [`Recording::write_dump`] for an example.
    pub fn read(bytes: &[u8]) -> Result<Self, DumpError> {
        let mut reader = Reader {
            numbers: Numbers::behind(MAGIC, bytes)?,
            sites: Vec::new(),
            line_sites: Vec::new(),
        };
        reader.dump()
    }
}

struct Reader<'a> {
    numbers: Numbers<'a>,
    sites: Vec<&'static Site>,
    line_sites: Vec<&'static LineSite>,
}

impl Reader<'_> {
    fn dump(&mut self) -> Result<Dump, DumpError> {
        let ticks = self.number()?;
        let (ns, of_ticks) = (self.number()?, self.number()?);
        let scale = Scale::from_ratio(ns, of_ticks).map_err(|_| self.damaged())?;
        let unrecorded_calls = self.number()?;
        let runnable_ns = self.optional()?;
        let delayed_ns = self.optional()?;
        let cost = CallCost {
            inside_ns: self.float()?,
            outside_ns: self.float()?,
        };
        for _ in 0..self.number()? {
            let site = self.site()?;
            self.sites.push(site);
        }
        for _ in 0..self.number()? {
            let site = self.line_site()?;
            self.line_sites.push(site);
        }
        let mut arguments = Vec::new();
        for _ in 0..self.number()? {
            arguments.push(self.arguments()?);
        }
        let mut threads = Vec::new();
        for _ in 0..self.number()? {
            threads.push(self.thread()?);
        }
        self.numbers.end()?;
        Ok(Dump {
            recording: Recording {
                ticks,
                scale,
                runnable_ns,
                delayed_ns,
                arguments,
                threads,
                unrecorded_calls,
                sampler: None,
            },
            cost,
        })
    }

    fn site(&mut self) -> Result<&'static Site, DumpError> {
        let (name, file) = (self.text()?.to_owned(), self.text()?.to_owned());
        let line = u32::try_from(self.number()?).map_err(|_| self.damaged())?;
        let kind_and_flag = self.number()?;
        let kind = match kind_and_flag & 3 {
            0 => SiteKind::Function,
            1 => SiteKind::Async,
            2 => SiteKind::Scope,
            _ => SiteKind::Folded,
        };
        match kind_and_flag >> 2 {
            0 => Ok(site(name, file, line, kind, false)),
            1 => Ok(site(name, file, line, kind, true)),
            _ => Err(self.damaged()),
        }
    }

    fn line_site(&mut self) -> Result<&'static LineSite, DumpError> {
        let (name, file) = (self.text()?.to_owned(), self.text()?.to_owned());
        let is_async = match self.number()? {
            0 => false,
            1 => true,
            _ => return Err(self.damaged()),
        };
        let mut lines = Vec::new();
        for _ in 0..self.number()? {
            let before = u64::from(lines.last().copied().unwrap_or(0));
            let line = before.checked_add(self.number()?);
            let line = line.and_then(|line| u32::try_from(line).ok());
            lines.push(line.ok_or_else(|| self.damaged())?);
        }
        Ok(line_site(name, file, lines, is_async))
    }

    fn arguments(&mut self) -> Result<ArgumentRecording, DumpError> {
        let number = self.number()?;
        Ok(ArgumentRecording {
            site: self.known_site(number)?,
            reading: ArgumentReading {
                hashed: self.number()?,
                distinct: self.number()?,
                is_unhashable: match self.number()? {
                    0 => false,
                    1 => true,
                    _ => return Err(self.damaged()),
                },
            },
        })
    }

    fn thread(&mut self) -> Result<ThreadRecording, DumpError> {
        let mut thread = ThreadRecording::default();
        for index in 0..self.number()? {
            let node = self.node()?;
            // Parents come before their children; the root is its own.
            if node.parent as u64 > index || (node.parent as u64 == index) != (index == 0) {
                return Err(self.damaged());
            }
            thread.nodes.push(node);
        }
        for _ in 0..self.number()? {
            thread.sites.push(self.record()?);
        }
        for _ in 0..self.number()? {
            thread.lines.push(self.lines()?);
        }
        Ok(thread)
    }

    fn node(&mut self) -> Result<NodeRecording, DumpError> {
        Ok(NodeRecording {
            parent: usize::try_from(self.number()?).map_err(|_| self.damaged())?,
            site: match self.optional()? {
                None => None,
                Some(number) => Some(self.known_site(number)?),
            },
            calls: self.number()?,
            ticks: self.number()?,
            allocated_blocks: self.optional()?,
            allocated_bytes: self.optional()?,
            wall_samples: self.number()?,
            cpu_samples: self.number()?,
        })
    }

    fn record(&mut self) -> Result<SiteRecording, DumpError> {
        let number = self.number()?;
        Ok(SiteRecording {
            site: self.known_site(number)?,
            min_ticks: self.optional()?,
            max_ticks: self.optional()?,
            folded_calls: self.number()?,
            folded_primitive_calls: self.number()?,
            folded_self_ticks: self.number()?,
            folded_cumulative_ticks: self.number()?,
            polls: self.number()?,
            waiting_ticks: self.number()?,
            longest_poll_ticks: self.number()?,
            completed: self.number()?,
            cancelled: self.number()?,
            threads: self.number()?,
            distribution: self.distribution()?,
        })
    }

    fn lines(&mut self) -> Result<LineRecording, DumpError> {
        let number = self.number()?;
        let site = usize::try_from(number)
            .ok()
            .and_then(|number| self.line_sites.get(number));
        let site = *site.ok_or_else(|| self.damaged())?;
        let calls = self.number()?;
        let mut cells = Vec::new();
        for _ in site.lines() {
            cells.push(LineCellRecording {
                hits: self.number()?,
                ticks: self.number()?,
                waiting_ticks: self.number()?,
                allocated_bytes: self.number()?,
                freed_bytes: self.number()?,
            });
        }
        Ok(LineRecording { site, calls, cells })
    }

    fn distribution(&mut self) -> Result<Option<Histogram>, DumpError> {
        let Some(buckets) = self.optional()? else {
            return Ok(None);
        };
        let mut distribution = Histogram::new();
        for _ in 0..buckets {
            let (value, count) = (self.number()?, self.number()?);
            distribution.record_n(value, count);
        }
        Ok(Some(distribution))
    }

    fn known_site(&self, number: u64) -> Result<&'static Site, DumpError> {
        let site = usize::try_from(number)
            .ok()
            .and_then(|number| self.sites.get(number));
        site.copied().ok_or_else(|| self.damaged())
    }

    fn optional(&mut self) -> Result<Option<u64>, DumpError> {
        Ok(self.number()?.checked_sub(1))
    }

    fn float(&mut self) -> Result<f64, DumpError> {
        self.numbers.float()
    }

    fn text(&mut self) -> Result<&str, DumpError> {
        self.numbers.text()
    }

    fn number(&mut self) -> Result<u64, DumpError> {
        self.numbers.number()
    }

    fn damaged(&self) -> DumpError {
        self.numbers.damaged()
    }
}
