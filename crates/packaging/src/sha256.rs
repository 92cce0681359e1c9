//! SHA-256 of files and of bytes, as everybody writes it: 64 digits of base sixteen, in lower case.

use std::{
    fmt::Write as _,
    fs::File,
    io::{self, Read},
    path::Path,
};

use sha2::{Digest as _, Sha256};

use crate::Error;

/// The SHA-256 of a file, in small hexadecimal digits. Reads it in pieces.
///
/// # Errors
///
/// It cannot be read.
///
/// ```
/// let folder = tempfile::tempdir()?;
/// std::fs::write(folder.path().join("a"), "")?;
/// let sum = tuneup_packaging::sha256_of(&folder.path().join("a"))?;
/// assert!(sum.starts_with("e3b0c442"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn sha256_of(path: &Path) -> Result<String, Error> {
    sha256_and_length_of(path).map(|(sum, _)| sum)
}

/// The same, and how many bytes the file has.
pub(crate) fn sha256_and_length_of(path: &Path) -> Result<(String, u64), Error> {
    let file = File::open(path).map_err(Error::file("read", path))?;
    let (sum, bytes) = sha256_of_all(file).map_err(Error::file("read", path))?;
    Ok((hex(&sum), bytes))
}

/// The SHA-256 of all that comes, and how many bytes it is.
pub(crate) fn sha256_of_all(mut from: impl Read) -> io::Result<([u8; 32], u64)> {
    let mut hasher = Sha256::new();
    let mut piece = vec![0; 64 << 10];
    let mut bytes = 0;
    loop {
        match from.read(&mut piece) {
            Ok(0) => return Ok((hasher.finalize().into(), bytes)),
            Ok(count) => {
                hasher.update(&piece[..count]);
                bytes += count as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// The SHA-256 of these bytes.
#[cfg(any(feature = "artefacts", feature = "readiness", feature = "registry"))]
pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// In small hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
