//! Text in columns: how wide it is, how it is shortened and wrapped, and what is made visible.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::table::Shorten;

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
    shorten_at(text, max, Shorten::Middle)
}

/// As [`shorten`], with the place that gives way.
pub(crate) fn shorten_at(text: &str, max: usize, shorten: Shorten) -> Cow<'_, str> {
    if width(text) <= max {
        return Cow::Borrowed(text);
    }
    let drawn = match shorten {
        Shorten::Start => drawing(text, max),
        Shorten::Middle | Shorten::End => "",
    };
    let body = &text[drawn.len()..];
    let mut budget = max - width(drawn).min(max);
    while budget > 0 {
        let room = budget - 1;
        // No room is not the same as no text: some graphemes take no column.
        let front = |room| take(body.graphemes(true), room);
        let back = |room| take(body.graphemes(true).rev(), room);
        let (head, tail) = match shorten {
            Shorten::Start => (0, back(room)),
            Shorten::Middle => (front(room / 3), back(room - room / 3)),
            Shorten::End => (front(room), 0),
        };
        let short = format!("{drawn}{}…{}", &body[..head], &body[body.len() - tail..]);
        // The width of a string may differ from the sum of its graphemes where letters join.
        if width(&short) <= max {
            return Cow::Owned(short);
        }
        budget -= 1;
    }
    Cow::Borrowed("")
}

/// The lines and spaces that draw a tree before a name, as long as they leave half of the room to the name.
fn drawing(text: &str, max: usize) -> &str {
    let is_drawing = |char: char| matches!(char, ' ' | '\u{a0}' | '\u{2500}'..='\u{257f}');
    let drawn = &text[..text.len() - text.trim_start_matches(is_drawing).len()];
    match width(drawn) <= max / 2 {
        true => drawn,
        false => "",
    }
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
/// without either, such as a number with decimals, is broken anywhere. A single grapheme wider than `max` stays whole.
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
        // A run of punctuation stays together, so that `::` is never torn apart, and so does a number: `1.5 ms`.
        let bytes = rest.as_bytes();
        let is_digit = |index: usize| bytes.get(index).is_some_and(u8::is_ascii_digit);
        let breaks = |index: usize, char: char| match char {
            '.' => !(is_digit(index.wrapping_sub(1)) && is_digit(index + 1)),
            ' ' | '/' | '\\' | '-' | '_' | ':' | ',' | '=' => true,
            _ => false,
        };
        let end = rest
            .char_indices()
            .skip_while(|&(index, char)| !breaks(index, char))
            .skip_while(|&(index, char)| breaks(index, char))
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
