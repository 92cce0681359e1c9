//! A view on the terminal that is drawn again and again in its place.

use std::{
    fmt::Write as _,
    io::{self, IsTerminal as _},
};

use anyhow::Result;
use terminal_size::{Height, Width, terminal_size_of};

use crate::format::Stream;

/// Where a terminal begins again: at its first line, with nothing below.
const FROM_THE_TOP: &str = "\u{1b}[H\u{1b}[J";
/// Remembers the place of the cursor and its colours, and goes back there.
const REMEMBER: &str = "\u{1b}7";
const GO_BACK: &str = "\u{1b}8";
/// Lines that are left to a program at least.
const FEWEST_LINES: u16 = 4;

/// Where the view is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// The terminal is its own.
    Whole,
    /// In the last lines: what somebody else prints scrolls above them.
    Bottom,
}

/// The lines at the bottom that are kept from scrolling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Kept {
    lines: u16,
    /// Of the terminal, when they were taken.
    size: (u16, u16),
}

/// A view that is drawn in its place on a terminal, and one below the other elsewhere. What was taken of the terminal is given back at the end.
#[derive(Debug)]
pub(crate) struct Screen {
    stream: Stream,
    place: Place,
    is_live: bool,
    kept: Option<Kept>,
}

impl Screen {
    /// For a view that has the terminal for itself.
    pub(crate) fn whole(stream: Stream) -> Self {
        Self::new(stream, Place::Whole)
    }

    /// For a view beside a program that prints to the same terminal.
    pub(crate) fn bottom(stream: Stream) -> Self {
        Self::new(stream, Place::Bottom)
    }

    fn new(stream: Stream, place: Place) -> Self {
        let is_terminal = match stream {
            Stream::Output => io::stdout().is_terminal(),
            Stream::Error => io::stderr().is_terminal(),
        };
        let can_move = std::env::var_os("TERM").is_none_or(|name| name != "dumb");
        Self {
            stream,
            place,
            is_live: is_terminal && can_move,
            kept: None,
        }
    }

    /// Whether it is drawn in its place.
    pub(crate) fn is_live(&self) -> bool {
        self.is_live
    }

    /// Columns and lines.
    fn size(&self) -> Option<(u16, u16)> {
        let size = match self.stream {
            Stream::Output => terminal_size_of(io::stdout()),
            Stream::Error => terminal_size_of(io::stderr()),
        };
        size.map(|(Width(columns), Height(lines))| (columns, lines))
    }

    /// Draws the text. Lines that find no room are left out, the last first.
    pub(crate) fn show(&mut self, text: &str) -> Result<()> {
        let size = self.size().filter(|_| self.is_live);
        match (size, self.place) {
            (None, _) => self.stream.write(text),
            (Some((_, lines)), Place::Whole) => {
                let shown: Vec<&str> = text.lines().take(usize::from(lines.max(2)) - 1).collect();
                let shown = shown.join("\n");
                self.stream.write(&format!("{FROM_THE_TOP}{shown}\n"))
            }
            (Some(size), Place::Bottom) => {
                let wanted = u16::try_from(text.lines().count()).unwrap_or(u16::MAX);
                let lines = wanted.min(size.1.saturating_sub(FEWEST_LINES));
                let taken = self.keep(lines, size);
                match self.kept {
                    Some(kept) => self.stream.write(&(taken + &drawing(kept, text))),
                    None => Ok(()),
                }
            }
        }
    }

    /// What makes this many lines the view's, if fewer are: those above them scroll on their own.
    fn keep(&mut self, lines: u16, size: (u16, u16)) -> String {
        let is_enough = |kept: Kept| kept.size == size && kept.lines >= lines;
        if lines == 0 || self.kept.is_some_and(is_enough) {
            return String::new();
        }
        let mut text = self.giving_back();
        // Down and up again: what is in the way scrolls up, and the cursor stays in its column.
        let down = "\u{1b}D".repeat(usize::from(lines));
        let last = size.1 - lines;
        let _ = write!(
            text,
            "{down}\u{1b}[{lines}A{REMEMBER}\u{1b}[1;{last}r{GO_BACK}"
        );
        self.kept = Some(Kept { lines, size });
        text
    }

    /// What lets the whole terminal scroll again, without the view.
    fn giving_back(&mut self) -> String {
        let Some(kept) = self.kept.take() else {
            return String::new();
        };
        let mut text = format!("{REMEMBER}\u{1b}[r");
        let (_, height) = self.size().unwrap_or(kept.size);
        for line in height.saturating_sub(kept.lines)..height {
            let _ = write!(text, "\u{1b}[{};1H\u{1b}[2K", line + 1);
        }
        text + GO_BACK
    }

    /// Takes a view at the bottom away; one that has the terminal for itself stays. What follows begins a line, wherever a program has left the
    /// cursor.
    pub(crate) fn clear(&mut self) {
        let text = self.giving_back();
        if !text.is_empty() {
            // Who does not see the terminal any more does not miss it.
            let _ = self.stream.write(&(text + "\n"));
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.clear();
    }
}

/// The lines in their place, and the cursor where it was.
fn drawing(kept: Kept, text: &str) -> String {
    let mut drawing = format!("{REMEMBER}\u{1b}[0m");
    let first = kept.size.1 - kept.lines + 1;
    let lines = text.lines().chain(std::iter::repeat(""));
    for (place, line) in (first..=kept.size.1).zip(lines) {
        let _ = write!(drawing, "\u{1b}[{place};1H\u{1b}[2K{line}");
    }
    drawing + GO_BACK
}
