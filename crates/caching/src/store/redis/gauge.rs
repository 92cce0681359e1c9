//! How large answers may be: a server that never ends one must not fill the memory.

use std::io;

/// The largest value that is stored or fetched: 64 MiB.
pub(super) const LARGEST_VALUE: usize = 64 << 20;
/// An answer has some bytes around the value.
const LARGEST_ANSWER: u64 = LARGEST_VALUE as u64 + (1 << 10);
/// Of how many values an answer may consist: some hundred keys are the most that is ever asked for, and each value takes several times
/// the memory of its bytes.
const MOST_VALUES: u64 = 1 << 20;
/// Lines are numbers, short words and messages of errors.
const LONGEST_LINE: u32 = 1 << 16;

/// Follows the answers of a server through their bytes, whether they come one by one or all at once, and refuses one that is too large
/// before it is kept. What begins as no value is refused too: where such a byte comes alone, the parser passes over it. All else that is
/// no answer is for the parser to find out.
#[derive(Debug)]
pub(super) struct Gauge {
    largest: u64,
    /// How many values are still to come; none between answers.
    missing: u64,
    /// How many bytes and values the answer has so far.
    bytes: u64,
    values: u64,
    part: Part,
}

/// What comes next.
#[derive(Debug, Clone, Copy)]
enum Part {
    /// The first byte of a value.
    Kind,
    /// The rest of a line.
    Line(Line),
    /// So many bytes that may be anything.
    Blob(u64),
}

/// The number in a line, as far as it has come, and what it counts.
#[derive(Debug, Clone, Copy)]
struct Line {
    counts: Counts,
    number: u64,
    is_negative: bool,
    /// Whether the number may say that there is no value, by being -1.
    may_be_none: bool,
    /// Whether the last byte was the first one of the two that end a line.
    may_end: bool,
    len: u32,
}

#[derive(Debug, Clone, Copy)]
enum Counts {
    Nothing,
    Bytes,
    /// Values, by so many at a time.
    Values(u64),
}

impl Gauge {
    pub(super) fn new() -> Self {
        Self::with_largest(LARGEST_ANSWER)
    }

    pub(super) fn with_largest(largest: u64) -> Self {
        Self {
            largest,
            missing: 0,
            bytes: 0,
            values: 0,
            part: Part::Kind,
        }
    }

    /// Takes note of what has come.
    ///
    /// # Errors
    /// If the answer is too large, or says that it will be.
    pub(super) fn feed(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while let Some((&first, rest)) = bytes.split_first() {
            let took = match self.part {
                Part::Blob(left) => {
                    let took = left.min(bytes.len() as u64);
                    self.skip(left - took);
                    took as usize
                }
                Part::Kind => {
                    self.begin(first)?;
                    1
                }
                Part::Line(line) => {
                    self.go_on(line, first)?;
                    1
                }
            };
            self.bytes += took as u64;
            self.check()?;
            bytes = &rest[took - 1..];
        }
        Ok(())
    }

    fn begin(&mut self, kind: u8) -> io::Result<()> {
        let counts = match kind {
            b'$' | b'=' | b'!' => Counts::Bytes,
            b'*' | b'~' | b'>' => Counts::Values(1),
            b'%' | b'|' => Counts::Values(2),
            b'+' | b'-' | b':' | b'_' | b',' | b'#' | b'(' => Counts::Nothing,
            _ => return Err(refused("the server's answer begins as none does")),
        };
        if self.missing == 0 {
            (self.missing, self.bytes, self.values) = (1, 0, 0);
        }
        self.missing -= 1;
        self.values += 1;
        self.part = Part::Line(Line {
            counts,
            number: 0,
            is_negative: false,
            may_be_none: matches!(kind, b'$' | b'*' | b'~' | b'>'),
            may_end: false,
            len: 0,
        });
        if kind == b'|' {
            // Attributes come before a value and are none.
            self.missing += 1;
        }
        Ok(())
    }

    fn go_on(&mut self, mut line: Line, byte: u8) -> io::Result<()> {
        line.len += 1;
        match byte {
            // Alone it ends nothing: the parser would wait for the rest of the line.
            b'\n' if line.may_end => return self.end(line),
            b'-' => line.is_negative = true,
            b'0'..=b'9' => {
                let digit = u64::from(byte - b'0');
                line.number = line.number.saturating_mul(10).saturating_add(digit);
            }
            _ => {}
        }
        line.may_end = byte == b'\r';
        self.part = Part::Line(line);
        Ok(())
    }

    fn end(&mut self, line: Line) -> io::Result<()> {
        self.part = Part::Kind;
        match line.counts {
            Counts::Nothing => {}
            // For no value. The parser would take any other negative number for the same, or for a length that never comes.
            _ if line.is_negative && line.number == 1 && line.may_be_none => {}
            _ if line.is_negative => {
                return Err(refused("the server's answer has a negative length"));
            }
            // With the end of a line.
            Counts::Bytes => self.skip(line.number.saturating_add(2)),
            Counts::Values(each) => {
                let values = line.number.saturating_mul(each);
                self.missing = self.missing.saturating_add(values);
            }
        }
        Ok(())
    }

    fn skip(&mut self, left: u64) {
        self.part = if left == 0 {
            Part::Kind
        } else {
            Part::Blob(left)
        };
    }

    fn check(&self) -> io::Result<()> {
        let (to_come, line) = match self.part {
            Part::Blob(left) => (left, 0),
            Part::Line(line) => (0, line.len),
            Part::Kind => (0, 0),
        };
        if self.bytes.saturating_add(to_come) > self.largest
            || self.values.saturating_add(self.missing) > MOST_VALUES
            || line > LONGEST_LINE
        {
            return Err(refused(
                "the server's answer is larger than 64 MiB, than a million values, or than 64 KiB in one line",
            ));
        }
        Ok(())
    }
}

fn refused(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}
