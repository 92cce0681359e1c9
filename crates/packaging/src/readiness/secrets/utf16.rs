//! Texts in UTF-16, as some programs on Windows write them: their letters have a zero beside them, which hides every secret.

use std::io::{self, Read};

/// The marks that such a text begins with, in either order of bytes.
const MARKS: [[u8; 2]; 2] = [[0xff, 0xfe], [0xfe, 0xff]];

/// A content as it is; of one in UTF-16, what is ASCII as ASCII. Secrets are nothing else.
pub(super) fn plain(mut content: impl Read) -> io::Result<impl Read> {
    let mut begin = Vec::new();
    content.by_ref().take(2).read_to_end(&mut begin)?;
    let is_utf16 = MARKS.iter().any(|mark| begin == mark);
    Ok(Plain {
        content: io::Cursor::new(begin).chain(content),
        is_utf16,
    })
}

struct Plain<R> {
    content: R,
    is_utf16: bool,
}

impl<R: Read> Read for Plain<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let length = self.content.read(buffer)?;
            if length == 0 || !self.is_utf16 {
                return Ok(length);
            }
            let kept = without_zeros(&mut buffer[..length]);
            // Nothing would be the end.
            if kept > 0 {
                return Ok(kept);
            }
        }
    }
}

/// Moves the others to the front; how many there are.
fn without_zeros(bytes: &mut [u8]) -> usize {
    let mut kept = 0;
    for at in 0..bytes.len() {
        if bytes[at] != 0 {
            bytes[kept] = bytes[at];
            kept += 1;
        }
    }
    kept
}

#[cfg(test)]
mod tests;
