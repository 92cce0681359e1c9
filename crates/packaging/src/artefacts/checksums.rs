//! Hashes of files, in the form that `sha256sum -c` reads.

use std::{collections::BTreeMap, fmt, path::Path};

use serde::Serialize;

use crate::{
    Error,
    sha256::sha256_of,
    whole_file::{read_text, write_whole},
};

/// What a file of checksums says: a SHA-256 for each name.
///
/// The file is that of the GNU core utilities: lines of hash, two spaces and name, in the order of the names. A name with a line end or a
/// backslash has them escaped, and a backslash before its line.
///
/// ```
/// use tuneup_packaging::Checksums;
///
/// let folder = tempfile::tempdir()?;
/// std::fs::write(folder.path().join("a.tar.gz"), "x")?;
/// let sums = Checksums::of(folder.path(), &["a.tar.gz"])?;
/// sums.write(&folder.path().join("SHA256SUMS"))?;
/// std::fs::write(folder.path().join("a.tar.gz"), "y")?;
/// let error = Checksums::read(&folder.path().join("SHA256SUMS"))?.verify(folder.path()).unwrap_err();
/// assert!(error.to_string().contains("`a.tar.gz` has changed"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Checksums {
    /// By name, relative to the folder of the file of checksums, the SHA-256 in small hexadecimal digits.
    pub sums: BTreeMap<String, String>,
}

impl Checksums {
    /// Reads files of a folder, each once and in pieces.
    ///
    /// # Errors
    ///
    /// One cannot be read.
    pub fn of<N: AsRef<str>>(folder: &Path, names: &[N]) -> Result<Self, Error> {
        let sums = names.iter().map(AsRef::as_ref).map(|name| {
            let sum = sha256_of(&folder.join(name))?;
            Ok((name.to_owned(), sum))
        });
        Ok(Self {
            sums: sums.collect::<Result<_, Error>>()?,
        })
    }

    /// Writes the file, whole or not at all.
    ///
    /// # Errors
    ///
    /// It cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        write_whole(path, self.to_string().as_bytes())
    }

    /// Reads the file.
    ///
    /// # Errors
    ///
    /// It cannot be read, a line is none of that form, or a name stands there twice.
    pub fn read(path: &Path) -> Result<Self, Error> {
        Self::parse(&read_text(path)?).map_err(|problem| Error::faulty(path, problem))
    }

    fn parse(text: &str) -> Result<Self, String> {
        let mut sums = BTreeMap::new();
        for (index, line) in text.lines().enumerate() {
            let number = index + 1;
            let (sum, name) = parse_line(line)
                .ok_or_else(|| format!("line {number} is not a SHA-256, two spaces and a name"))?;
            if sums.insert(name.clone(), sum).is_some() {
                return Err(format!("line {number} names `{name}` once more"));
            }
        }
        Ok(Self { sums })
    }

    /// Reads the files again.
    ///
    /// # Errors
    ///
    /// [`Error::Faulty`] names each that has changed or cannot be read.
    pub fn verify(&self, folder: &Path) -> Result<(), Error> {
        let problems =
            self.sums
                .iter()
                .filter_map(|(name, expected)| match sha256_of(&folder.join(name)) {
                    Ok(found) if found == *expected => None,
                    Ok(found) => Some(format!("`{name}` has changed: {found}, not {expected}")),
                    Err(error) => Some(with_source(&error)),
                });
        Error::unless_empty(folder, problems.collect())
    }
}

impl fmt::Display for Checksums {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, sum) in &self.sums {
            let escaped = name
                .replace('\\', "\\\\")
                .replace('\n', "\\n")
                .replace('\r', "\\r");
            let mark = if escaped == *name { "" } else { "\\" };
            writeln!(f, "{mark}{sum}  {escaped}")?;
        }
        Ok(())
    }
}

fn parse_line(line: &str) -> Option<(String, String)> {
    let (line, is_escaped) = match line.strip_prefix('\\') {
        Some(rest) => (rest, true),
        None => (line, false),
    };
    let (sum, name) = line.split_at_checked(64)?;
    // A star says that the file was read as binary, as it always is here.
    let name = name
        .strip_prefix("  ")
        .or_else(|| name.strip_prefix(" *"))?;
    let is_sum = sum.bytes().all(|byte| byte.is_ascii_hexdigit());
    let name = if is_escaped {
        unescape(name)?
    } else {
        name.to_owned()
    };
    (is_sum && !name.is_empty()).then(|| (sum.to_ascii_lowercase(), name))
}

fn unescape(name: &str) -> Option<String> {
    let mut plain = String::new();
    let mut rest = name.chars();
    while let Some(character) = rest.next() {
        plain.push(match character {
            '\\' => match rest.next()? {
                'n' => '\n',
                'r' => '\r',
                '\\' => '\\',
                _ => return None,
            },
            other => other,
        });
    }
    Some(plain)
}

/// An error and what is behind it, in one line.
pub(crate) fn with_source(error: &Error) -> String {
    match std::error::Error::source(error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

#[cfg(test)]
mod tests;
