//! Text in columns: how wide it is, how it is shortened and wrapped, and what is made visible.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// The columns that `text` takes on a terminal.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// The widest line of `text`.
pub(crate) fn widest_line(text: &str) -> usize {
    text.split('\n').map(width).max().unwrap_or(0)
}

/// `text` with everything made visible that would move the cursor, change the direction of reading or be refused by an
/// XML parser. Line breaks stay; a tab becomes a space.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len() + 8);
    let mut rest = text.chars().peekable();
    while let Some(char) = rest.next() {
        match char {
            '\t' => clean.push(' '),
            '\r' if rest.peek() == Some(&'\n') => {}
            char if is_unsafe(char) => clean.extend(char.escape_unicode()),
            char => clean.push(char),
        }
    }
    Cow::Owned(clean)
}

/// Control characters, marks that reorder text, and the two code points that XML forbids.
fn is_unsafe(char: char) -> bool {
    (char.is_control() && char != '\n')
        || matches!(char, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}')
}

/// `text` (one line) in at most `max` columns: the middle gives way to `…`, and the end, which tells names apart, keeps
/// two thirds of the room.
pub(crate) fn shorten(text: &str, max: usize) -> Cow<'_, str> {
    if width(text) <= max {
        return Cow::Borrowed(text);
    }
    let mut budget = max;
    while budget > 0 {
        let head = take(text.graphemes(true), (budget - 1) / 3);
        let tail = take(text.graphemes(true).rev(), budget - 1 - (budget - 1) / 3);
        let short = format!("{}…{}", &text[..head], &text[text.len() - tail..]);
        // The width of a string may differ from the sum of its graphemes where letters join.
        if width(&short) <= max {
            return Cow::Owned(short);
        }
        budget -= 1;
    }
    Cow::Borrowed("")
}

/// The bytes of as many graphemes as fit in `max` columns.
fn take<'a>(graphemes: impl Iterator<Item = &'a str>, max: usize) -> usize {
    let mut used = 0;
    let mut bytes = 0;
    for grapheme in graphemes {
        used += width(grapheme);
        if used > max {
            break;
        }
        bytes += grapheme.len();
    }
    bytes
}

/// `text` in lines of at most `max` columns, broken after spaces and after the punctuation of paths and names; a piece
/// without either is broken anywhere. A single grapheme wider than `max` stays whole.
pub(crate) fn wrap(text: &str, max: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for line in text.split('\n') {
        let mut current = String::new();
        for piece in pieces(line) {
            if width(&current) + width(piece.trim_end_matches(' ')) <= max {
                current.push_str(piece);
                continue;
            }
            if !current.trim_end_matches(' ').is_empty() {
                lines.push(
                    std::mem::take(&mut current)
                        .trim_end_matches(' ')
                        .to_owned(),
                );
            }
            current.clear();
            let mut rest = piece;
            while width(rest.trim_end_matches(' ')) > max {
                let first = rest.graphemes(true).next().map_or(0, str::len);
                let cut = take(rest.graphemes(true), max).max(first);
                if cut >= rest.trim_end_matches(' ').len() {
                    break;
                }
                lines.push(rest[..cut].to_owned());
                rest = &rest[cut..];
            }
            current.push_str(rest);
        }
        lines.push(current.trim_end_matches(' ').to_owned());
    }
    lines
}

/// Splits after each place where a line may break.
fn pieces(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = line;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let breaks =
            |char: char| matches!(char, ' ' | '/' | '\\' | '-' | '_' | ':' | ',' | '.' | '=');
        // A run of punctuation stays together: `::` is never torn apart.
        let end = rest
            .char_indices()
            .skip_while(|&(_, char)| !breaks(char))
            .skip_while(|&(_, char)| breaks(char))
            .map(|(index, _)| index)
            .next()
            .unwrap_or(rest.len());
        let (piece, remaining) = rest.split_at(end);
        rest = remaining;
        Some(piece)
    })
}

/// The widest piece of `text` that [`wrap`] keeps in one line.
pub(crate) fn widest_piece(text: &str) -> usize {
    text.split('\n')
        .flat_map(pieces)
        .map(|piece| width(piece.trim_end_matches(' ')))
        .max()
        .unwrap_or(0)
}

#[cfg(test)]
mod tests;
