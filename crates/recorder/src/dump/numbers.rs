//! Numbers and texts as bytes: numbers in seven bits a byte, the lowest first (LEB128), texts with their lengths before them.

use std::{
    io::{self, Write},
    str,
};

use super::{DumpError, END};

pub(super) fn write_number(to: &mut impl Write, mut number: u64) -> io::Result<()> {
    let mut bytes = [0; 10];
    let mut len = 0;
    loop {
        let is_last = number < 0x80;
        bytes[len] = (number & 0x7F) as u8 | u8::from(!is_last) << 7;
        len += 1;
        number >>= 7;
        if is_last {
            return to.write_all(&bytes[..len]);
        }
    }
}

pub(super) fn write_text(to: &mut impl Write, text: &str) -> io::Result<()> {
    write_number(to, text.len() as u64)?;
    to.write_all(text.as_bytes())
}

/// What is left of a dump that is read.
pub(super) struct Numbers<'a> {
    rest: &'a [u8],
    /// Of all bytes.
    len: usize,
}

impl<'a> Numbers<'a> {
    /// Of a dump that begins with `magic`.
    pub(super) fn behind(magic: &[u8], bytes: &'a [u8]) -> Result<Self, DumpError> {
        let rest = bytes.strip_prefix(magic).ok_or(DumpError::Foreign)?;
        let len = bytes.len();
        Ok(Self { rest, len })
    }

    pub(super) fn number(&mut self) -> Result<u64, DumpError> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7F);
            if bits << shift >> shift != bits {
                return Err(self.damaged());
            }
            number |= bits << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(self.damaged())
    }

    /// One that fits a type of the machine.
    pub(super) fn fitting<N: TryFrom<u64>>(&mut self) -> Result<N, DumpError> {
        N::try_from(self.number()?).map_err(|_| self.damaged())
    }

    pub(super) fn float(&mut self) -> Result<f64, DumpError> {
        let float = f64::from_bits(self.number()?);
        match float.is_finite() {
            true => Ok(float),
            false => Err(self.damaged()),
        }
    }

    pub(super) fn text(&mut self) -> Result<&'a str, DumpError> {
        let len = self.number()?;
        let len = usize::try_from(len).map_err(|_| DumpError::CutOff)?;
        let (text, rest) = self.rest.split_at_checked(len).ok_or(DumpError::CutOff)?;
        let damaged = self.damaged();
        self.rest = rest;
        str::from_utf8(text).map_err(|_| damaged)
    }

    /// That nothing is left but the mark of the end.
    pub(super) fn end(&mut self) -> Result<(), DumpError> {
        if self.byte()? != END || !self.rest.is_empty() {
            return Err(self.damaged());
        }
        Ok(())
    }

    fn byte(&mut self) -> Result<u8, DumpError> {
        let (byte, rest) = self.rest.split_first().ok_or(DumpError::CutOff)?;
        self.rest = rest;
        Ok(*byte)
    }

    /// Where it is now.
    pub(super) fn damaged(&self) -> DumpError {
        DumpError::Damaged(self.len - self.rest.len())
    }
}
