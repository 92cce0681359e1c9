//! Traces that are text, one request or one run of requests a line.

use std::io::{BufRead, Read};

use super::{Requests, TraceFormat};
use crate::Error;

/// A longer line is an error: what has none of the line ends of a text is none.
const LONGEST_LINE: usize = 1 << 16;
/// How much of a bad line an error shows.
const SHOWN: usize = 80;

pub(super) fn read(
    source: &mut impl BufRead,
    format: TraceFormat,
    requests: &mut Requests<'_>,
) -> Result<(), Error> {
    let mut buffer = Vec::new();
    for number in 1.. {
        buffer.clear();
        // Room for the longest line and its end, \r\n.
        let read = source
            .by_ref()
            .take(LONGEST_LINE as u64 + 2)
            .read_until(b'\n', &mut buffer)
            .map_err(|error| requests.unreadable(error))?;
        if read == 0 {
            break;
        }
        let line = without_end(&buffer);
        let took = if line.len() > LONGEST_LINE {
            Err(Refused::Line("a line of at most 64 KiB"))
        } else {
            match format {
                TraceFormat::ArcLis => take_run(line, requests),
                TraceFormat::Lirs => take_block(line, requests),
                _ => take_key(line, requests),
            }
        };
        took.map_err(|refused| match refused {
            Refused::Line(expected) => Error::TraceLine {
                trace: requests.name.to_owned(),
                line: number,
                expected,
                found: String::from_utf8_lossy(&line[..line.len().min(SHOWN)]).into_owned(),
            },
            Refused::Request(error) => error,
        })?;
    }
    Ok(())
}

/// Why a line was not taken.
enum Refused {
    /// It is not what was expected.
    Line(&'static str),
    /// It is, but asks for too much.
    Request(Error),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Request(error)
    }
}

pub(super) fn without_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// A number as a program writes it is a number, so that most traces need no hash of a text; `007` is a text, other than `7`.
fn take_key(line: &[u8], requests: &mut Requests<'_>) -> Result<(), Refused> {
    match decimal(line) {
        _ if line.is_empty() => requests.skip()?,
        Some(key) if line[0] != b'0' || line.len() == 1 => requests.push_number(key)?,
        _ => requests.push_text(line)?,
    }
    Ok(())
}

fn take_block(line: &[u8], requests: &mut Requests<'_>) -> Result<(), Refused> {
    let line = line.trim_ascii();
    if line.is_empty() || line.contains(&b'*') {
        requests.skip()?;
        return Ok(());
    }
    let block = decimal(line).ok_or(Refused::Line(
        "the decimal number of a block, below 2^64, or a line with *",
    ))?;
    requests.push_number(block)?;
    Ok(())
}

fn take_run(line: &[u8], requests: &mut Requests<'_>) -> Result<(), Refused> {
    let line = line.trim_ascii();
    if line.is_empty() {
        requests.skip()?;
        return Ok(());
    }
    let [start, blocks, _, _] = four_decimals(line).ok_or(Refused::Line(
        "four decimal numbers below 2^64: start, blocks, ignored, request",
    ))?;
    if blocks == 0 {
        return Err(Refused::Line("one block or more as the second number"));
    }
    let last = start
        .checked_add(blocks - 1)
        .ok_or(Refused::Line("blocks whose numbers are below 2^64"))?;
    requests.admit(blocks)?;
    for block in start..=last {
        requests.push_number(block)?;
    }
    Ok(())
}

/// Digits and nothing else, below 2⁶⁴.
pub(super) fn decimal(text: &[u8]) -> Option<u64> {
    if text.is_empty() {
        return None;
    }
    text.iter().try_fold(0_u64, |number, &byte| {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number.checked_mul(10)?.checked_add(u64::from(digit))
    })
}

pub(super) fn four_decimals(line: &[u8]) -> Option<[u64; 4]> {
    let mut fields = line
        .split(u8::is_ascii_whitespace)
        .filter(|field| !field.is_empty());
    let mut numbers = [0; 4];
    for number in &mut numbers {
        *number = decimal(fields.next()?)?;
    }
    fields.next().is_none().then_some(numbers)
}
