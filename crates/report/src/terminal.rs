//! Where a table is shown: how wide it may be and whether colour is welcome.

use std::ffi::OsString;
use std::io::IsTerminal;

use crate::cell::Style;

/// A place that text is written to: its width in columns and whether it shows colour.
///
/// ```
/// use tuneup_report::Terminal;
///
/// let terminal = Terminal::plain(60);
/// assert_eq!(terminal.width(), Some(60));
/// assert!(!terminal.shows_color());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terminal {
    width: Option<usize>,
    color: bool,
}

impl Terminal {
    /// What standard output is connected to.
    ///
    /// Reads, in this order:
    /// - the width: the variable `COLUMNS` if it is a positive number, else the size that the terminal reports; a file
    ///   or a pipe has no width, so nothing is shortened there;
    /// - colour: none when `NO_COLOR` is set and not empty (<https://no-color.org>); always when `CLICOLOR_FORCE` is set,
    ///   not empty and not `0`; none when `CLICOLOR` is `0` or `TERM` is `dumb`; else if standard output is a terminal.
    ///
    /// Costs a few environment look-ups and up to two system calls.
    ///
    /// ```
    /// use tuneup_report::Terminal;
    ///
    /// let terminal = Terminal::detect();
    /// println!("{}", terminal.paint(tuneup_report::Style::Strong, "in bold, where that is shown"));
    /// ```
    #[must_use]
    pub fn detect() -> Self {
        let size = || {
            terminal_size::terminal_size_of(std::io::stdout())
                .map(|(width, _)| usize::from(width.0))
        };
        Self::from_environment(
            |name| std::env::var_os(name),
            std::io::stdout().is_terminal(),
            size,
        )
    }

    /// As [`Terminal::detect`], for standard error.
    ///
    /// ```
    /// use tuneup_report::Terminal;
    ///
    /// eprintln!("{}", Terminal::detect_stderr().paint(tuneup_report::Style::Bad, "it failed"));
    /// ```
    #[must_use]
    pub fn detect_stderr() -> Self {
        let size = || {
            terminal_size::terminal_size_of(std::io::stderr())
                .map(|(width, _)| usize::from(width.0))
        };
        Self::from_environment(
            |name| std::env::var_os(name),
            std::io::stderr().is_terminal(),
            size,
        )
    }

    /// Without colour and `width` columns wide; for tests and for files of a given width.
    ///
    /// ```
    /// use tuneup_report::Terminal;
    ///
    /// assert_eq!(Terminal::plain(60).width(), Some(60));
    /// ```
    #[must_use]
    pub fn plain(width: usize) -> Self {
        Self {
            width: Some(width),
            color: false,
        }
    }

    /// Without colour and without a limit on the width; for files.
    ///
    /// ```
    /// use tuneup_report::Terminal;
    ///
    /// assert_eq!(Terminal::unlimited().width(), None);
    /// ```
    #[must_use]
    pub fn unlimited() -> Self {
        Self {
            width: None,
            color: false,
        }
    }

    /// The same place with colour switched on or off, for a `--color` flag.
    ///
    /// ```
    /// use tuneup_report::Terminal;
    ///
    /// assert!(Terminal::plain(60).with_color(true).shows_color());
    /// ```
    #[must_use]
    pub fn with_color(mut self, color: bool) -> Self {
        self.color = color;
        self
    }

    /// The width in columns, if there is a limit.
    ///
    /// ```
    /// use tuneup_report::Terminal;
    ///
    /// assert_eq!(Terminal::plain(60).width(), Some(60));
    /// ```
    #[must_use]
    pub fn width(&self) -> Option<usize> {
        self.width
    }

    /// Whether colour is shown.
    ///
    /// ```
    /// use tuneup_report::Terminal;
    ///
    /// assert!(!Terminal::plain(60).shows_color());
    /// ```
    #[must_use]
    pub fn shows_color(&self) -> bool {
        self.color
    }

    /// `text` in the colour of `style`, or as it is where no colour is shown.
    ///
    /// ```
    /// use tuneup_report::{Style, Terminal};
    ///
    /// let terminal = Terminal::plain(80);
    /// assert_eq!(terminal.paint(Style::Good, "faster"), "faster");
    /// assert_eq!(terminal.with_color(true).paint(Style::Good, "faster"), "\u{1b}[32mfaster\u{1b}[0m");
    /// ```
    #[must_use]
    pub fn paint(&self, style: Style, text: &str) -> String {
        let code = match style {
            Style::Plain => return text.to_owned(),
            Style::Good => "32",
            Style::Bad => "31",
            Style::Warn => "33",
            Style::Dim => "2",
            Style::Strong => "1",
        };
        match self.color && !text.is_empty() {
            true => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
            false => text.to_owned(),
        }
    }

    /// The rules of [`Terminal::detect`] without the process they read from.
    fn from_environment(
        variable: impl Fn(&str) -> Option<OsString>,
        is_terminal: bool,
        size: impl Fn() -> Option<usize>,
    ) -> Self {
        let set = |name| variable(name).filter(|value| !value.is_empty());
        let columns = set("COLUMNS")
            .and_then(|value| value.to_str()?.trim().parse().ok())
            .filter(|&width| width > 0);
        let reported = || size().filter(|&width| is_terminal && width > 0);
        let color = if set("NO_COLOR").is_some() {
            false
        } else if set("CLICOLOR_FORCE").is_some_and(|value| value != "0") {
            true
        } else {
            is_terminal
                && set("CLICOLOR").is_none_or(|value| value != "0")
                && set("TERM").is_none_or(|value| value != "dumb")
        };
        Self {
            width: columns.or_else(reported),
            color,
        }
    }
}

#[cfg(test)]
mod tests;
