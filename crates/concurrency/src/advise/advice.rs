//! What is advised, as people read it.

use std::{fmt, time::Duration};

use tuneup_measure::{Percent, format_duration};

use super::{Measured, Model};

/// Which model fits, why, and the figures behind it.
///
/// Its [`Display`](fmt::Display) is a sentence and a table:
///
/// ```text
/// use `par::map` or `par_imap`, 2 threads: 1000 items of 84.10 µs, 98 % computing; measured 1.93 ×
///   an item      84.10 µs (79.20 µs to 91.33 µs), the first 120.2 µs
///   of which     82.40 µs on a processor, 2 % waiting
///   measured on  612 items, 2 processors
///   a plain loop                            84.00 µs an item  1.00 ×
///   `par::map` or `par_imap`, 2 threads     43.51 µs an item  1.93 ×
/// ```
///
/// See [`advise`](crate::advise()) for an example.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Advice<R> {
    /// How to work through the items.
    pub model: Model,
    /// Why, with the figures that decided; without a full stop.
    pub reason: String,
    /// All figures.
    pub measured: Measured,
    /// The results of the items that were worked on, in their order: they need not be done again.
    pub results: Vec<R>,
}

impl<R> fmt::Display for Advice<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "use {}: {}", self.model, self.reason)?;
        if self.measured.items == 0 {
            return Ok(());
        }
        write!(f, "\n{}", self.measured)
    }
}

impl fmt::Display for Measured {
    /// The table, without a line end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let short = |duration: Duration| format_duration(duration);
        writeln!(
            f,
            "  an item      {} ({} to {}), the first {}",
            short(self.item),
            short(self.item_low),
            short(self.item_high),
            short(self.first_item)
        )?;
        match (self.processor, self.waiting) {
            (Some(processor), Some(waiting)) => writeln!(
                f,
                "  of which     {} on a processor, {:.0} waiting",
                short(processor),
                Percent(waiting)
            )?,
            _ => writeln!(
                f,
                "  of which     this system does not tell the processor time"
            )?,
        }
        let plural = |count: usize| if count == 1 { "" } else { "s" };
        write!(
            f,
            "  measured on  {} item{}, {} processor{}",
            self.items,
            plural(self.items),
            self.cores,
            if self.cores.get() == 1 { "" } else { "s" }
        )?;
        let names: Vec<String> = self
            .trials
            .iter()
            .map(|trial| trial.model.to_string())
            .collect();
        let width = names
            .iter()
            .map(|name| name.chars().count())
            .max()
            .unwrap_or(0);
        for (name, trial) in names.iter().zip(&self.trials) {
            write!(
                f,
                "\n  {name:width$}  {:>8} an item  {:.2} ×",
                short(trial.item),
                trial.speedup
            )?;
        }
        Ok(())
    }
}
