//! What is said of a watch at its end: a table, sentences, and all numbers for a program.

mod json;
mod sentences;

use std::time::Duration;

use serde_json::Value;
use tuneup_report::{Align, Cell, Shorten, Style, Table};

use super::{metric::Metric, network::Source, record::Record};
use crate::format::Findings;

/// Whose tree it was.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    /// The command, or the name and number of the process.
    pub(crate) label: String,
    pub(crate) pid: u32,
    /// Whether it was started to be watched.
    pub(crate) is_started: bool,
}

/// A heading has room for so many characters of a command.
const MOST_CHARACTERS: usize = 60;

impl Subject {
    /// In one line of a heading.
    pub(crate) fn short(&self) -> String {
        let words: Vec<&str> = self.label.split_whitespace().collect();
        let line = words.join(" ");
        match line.char_indices().nth(MOST_CHARACTERS) {
            Some((end, _)) => format!("{}…", &line[..end]),
            None => line,
        }
    }
}

/// All that is told.
pub(crate) struct Summary<'a> {
    pub(crate) subject: &'a Subject,
    pub(crate) record: &'a Record,
    pub(crate) interval: Duration,
    /// Whether the program or process has ended, and not only the watch.
    pub(crate) has_ended: bool,
    /// Processor time of the watch itself.
    pub(crate) cost: Duration,
}

/// From this share of a limit on it is near.
pub(super) const NEAR: f64 = 0.8;
/// From this share on it is all but reached.
const ALMOST: f64 = 0.95;

impl Summary<'_> {
    pub(crate) fn findings(&self) -> Findings {
        Findings {
            table: self.table(),
            sentence: self.sentences().join("\n"),
            json: self.json(),
        }
    }

    pub(crate) fn sentences(&self) -> Vec<String> {
        sentences::sentences(self)
    }

    pub(crate) fn json(&self) -> Value {
        json::json(self)
    }

    pub(crate) fn title(&self) -> String {
        let record = self.record;
        let processes = match record.seen {
            1 => "1 process".to_owned(),
            count => format!("{count} processes"),
        };
        format!(
            "{}: {} in {}",
            self.subject.short(),
            processes,
            time(record.elapsed)
        )
    }

    pub(crate) fn table(&self) -> Table {
        let mut table = Table::new(["", "mean", "p95", "peak", "at", "limit", "share", "set by"])
            .title(self.title())
            .shorten(7, Shorten::Start)
            .align(7, Align::Left)
            .spare(2)
            .spare(4);
        for metric in Metric::ALL {
            if self.is_shown(metric) {
                table.push(self.row(metric));
            }
        }
        self.note_on_network(table)
    }

    /// What was never other than nothing is worth no line; what has a limit is.
    fn is_shown(&self, metric: Metric) -> bool {
        let peak = self.record.statistic(metric).peak();
        match metric {
            Metric::Swap | Metric::MajorFaults => peak.is_some_and(|(peak, _)| peak > 0.0),
            _ => peak.is_some(),
        }
    }

    fn row(&self, metric: Metric) -> Vec<Cell> {
        let statistic = self.record.statistic(metric);
        let peak = statistic.peak();
        let mut row = vec![
            Cell::text(metric.name(self.record.source)),
            cell(metric, statistic.mean()),
            cell(metric, statistic.p95()),
            cell(metric, peak.map(|(peak, _)| peak)),
            peak.map_or(Cell::missing(), |(_, at)| Cell::duration(at)),
        ];
        row.extend(match self.record.tightest(metric) {
            Some(closest) => limit_cells(
                metric,
                closest.limit.limit,
                closest.limit.share(),
                &closest.limit.name,
            ),
            None => [Cell::missing(), Cell::missing(), Cell::text("")],
        });
        row
    }

    fn note_on_network(&self, table: Table) -> Table {
        match self.record.source {
            Source::Sockets => table.note(
                "TCP: at the sockets that the tree had open at a look; what was opened and closed between two is not seen, nor is UDP",
            ),
            Source::Namespace => table.note(
                "namespace: at the interfaces of its network namespace, but the loopback, by whoever is in it; the sockets of the tree cannot be seen",
            ),
            Source::None => table,
        }
    }
}

/// A figure; of cores, thousandths are enough.
pub(super) fn cell(metric: Metric, value: Option<f64>) -> Cell {
    let shown = |value: f64| match metric {
        Metric::Cpu | Metric::System => (value * 1e3).round() / 1e3,
        _ => value,
    };
    value.map_or(Cell::missing(), |value| {
        Cell::number(shown(value), metric.unit())
    })
}

/// The limit, the share of it, and who sets it.
pub(super) fn limit_cells(metric: Metric, limit: f64, share: f64, name: &str) -> [Cell; 3] {
    let style = match share {
        ALMOST.. => Style::Bad,
        NEAR.. => Style::Warn,
        _ => Style::Plain,
    };
    [
        cell(metric, Some(limit)),
        Cell::percent(share).styled(style),
        Cell::text(name),
    ]
}

/// `850 ms`, `12.3 s`, `1 h 2 min`: as exact as anybody wants of a watch.
pub(super) fn time(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0 => format!("{} ms", time.as_millis()),
        1..60 => format!("{:.1} s", time.as_secs_f64()),
        60..3_600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3_600, seconds / 60 % 60),
    }
}

#[cfg(test)]
mod tests;
