//! What is shown while a watch goes on.

use std::time::Duration;

use anyhow::Result;
use tuneup_report::{Align, Cell, Shorten, Table};

use super::{
    metric::Metric,
    record::{Record, nearest},
    sampler::{ProcessSample, Sample},
    summary::{cell, limit_cells, time},
};
use crate::{format::Stream, screen::Screen};

/// What is shown as it goes; the rest is told at the end.
const SHOWN: [Metric; 9] = [
    Metric::Cpu,
    Metric::Resident,
    Metric::Read,
    Metric::Written,
    Metric::Received,
    Metric::Sent,
    Metric::Processes,
    Metric::Threads,
    Metric::Files,
];
/// So many processes are named.
const NAMED: usize = 3;
/// Where there is no terminal, a line is printed after this time, then after twice as long, and so on.
const FIRST_LINE: Duration = Duration::from_secs(10);
const LAST_PAUSE: Duration = Duration::from_secs(600);
/// A view that is drawn more often cannot be read.
const SHORTEST: Duration = Duration::from_millis(100);

/// The view of a watch: a table in its place on a terminal, a line now and then elsewhere.
pub(super) struct Live {
    screen: Screen,
    /// Where the result is for a program, lines for people have no place.
    has_lines: bool,
    label: String,
    next: Duration,
    pause: Duration,
    before: Vec<ProcessSample>,
}

impl Live {
    /// `is_shared` is whether a program prints to the same terminal.
    pub(super) fn new(label: String, is_shared: bool, has_lines: bool, interval: Duration) -> Self {
        let screen = match is_shared {
            true => Screen::bottom(Stream::Error),
            false => Screen::whole(Stream::Error),
        };
        let pause = match screen.is_live() {
            true => interval.max(SHORTEST),
            false => FIRST_LINE,
        };
        Self {
            screen,
            has_lines,
            label,
            next: pause,
            pause,
            before: Vec::new(),
        }
    }

    pub(super) fn show(&mut self, sample: &Sample, record: &Record) -> Result<()> {
        if sample.at < self.next {
            return Ok(());
        }
        if self.screen.is_live() {
            self.next = sample.at + self.pause;
            let table = self.table(sample, record);
            self.screen.show(&table.render(&Stream::Error.terminal()))?;
            self.before.clone_from(&sample.processes);
        } else if self.has_lines {
            self.pause = (self.pause * 2).min(LAST_PAUSE);
            self.next = sample.at + self.pause;
            Stream::Error.write(&line(sample))?;
        }
        Ok(())
    }

    /// Takes the view away: what follows is printed.
    pub(super) fn end(mut self) {
        self.screen.clear();
    }

    fn table(&self, sample: &Sample, record: &Record) -> Table {
        let title = format!("{}: {}", self.label, time(sample.at));
        let mut table = Table::new(["", "now", "mean", "peak", "limit", "share", "set by"])
            .title(title)
            .shorten(6, Shorten::Start)
            .align(6, Align::Left)
            .spare(2)
            .spare(6);
        let nearest = nearest(&sample.limits);
        for metric in SHOWN {
            let statistic = record.statistic(metric);
            let peak = statistic.peak().map(|(peak, _)| peak);
            let mut row = vec![
                Cell::text(metric.name(record.source)),
                cell(metric, sample.figures.get(metric)),
                cell(metric, statistic.mean()),
                cell(metric, peak),
            ];
            row.extend(match nearest.get(&(metric as usize)) {
                Some(limit) => limit_cells(metric, limit.limit, limit.share(), &limit.name),
                None => [Cell::missing(), Cell::missing(), Cell::text("")],
            });
            table.push(row);
        }
        table.note(format!("busiest: {}", self.busiest(sample)))
    }

    /// Those that used the processors most since the last view.
    fn busiest(&self, sample: &Sample) -> String {
        let mut used: Vec<(u64, &ProcessSample)> = sample
            .running()
            .map(|process| {
                let before = self.before.iter().find(|before| before.id == process.id);
                let before = before.map_or(process.cpu_ns, |before| before.cpu_ns);
                (process.cpu_ns.saturating_sub(before), process)
            })
            .filter(|(used, _)| *used > 0)
            .collect();
        used.sort_by_key(|(used, process)| (std::cmp::Reverse(*used), process.id.pid));
        let named: Vec<String> = used
            .iter()
            .take(NAMED)
            .map(|(_, process)| format!("{} ({})", process.name, process.id.pid))
            .collect();
        match named.is_empty() {
            true => "nobody".to_owned(),
            false => named.join(", "),
        }
    }
}

/// For a log.
fn line(sample: &Sample) -> String {
    let said = |metric: Metric| {
        let value = sample.figures.get(metric);
        value.map_or("–".to_owned(), |value| metric.unit().format(value))
    };
    format!(
        "{}: {} in {} processes, {} of memory\n",
        time(sample.at),
        said(Metric::Cpu),
        said(Metric::Processes),
        said(Metric::Resident)
    )
}
