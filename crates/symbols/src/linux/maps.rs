//! Reads `/proc/PID/maps`: which file a process has at which addresses.

use std::ops::Range;

/// Executable memory of a process, as a line of `/proc/PID/maps` tells it.
///
/// ```
/// use tuneup_symbols::{CodeMap, Origin, Process};
///
/// let code = CodeMap::read(&Process::current());
/// let memory = code.mappings().iter().map(|code| &code.mapping);
/// let mut of_files = memory.filter(|memory| matches!(memory.origin, Origin::File(_)));
/// assert!(of_files.all(|memory| memory.addresses.start < memory.addresses.end));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mapping {
    /// Where it lies; not empty.
    pub addresses: Range<u64>,
    /// Where in the file it begins, in bytes.
    pub file_offset: u64,
    /// What is in it.
    pub origin: Origin,
}

/// What is in memory.
///
/// ```
/// use tuneup_symbols::{CodeMap, Origin, Process};
///
/// for code in CodeMap::read(&Process::current()).mappings() {
///     if let Origin::File(path) = &code.mapping.origin {
///         assert!(path.starts_with('/'));
///     }
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Origin {
    /// A file, by the path that the process knows it by.
    File(String),
    /// A file that is no longer at the path.
    Deleted(String),
    /// The functions that the kernel brings along, such as that which tells the time.
    #[doc(alias = "vDSO")]
    Vdso,
    /// Code that is in no file, such as what a just-in-time compiler writes.
    Unknown,
}

/// The executable mappings in the text of `/proc/PID/maps`. Lines that are not understood are left out.
pub(super) fn executable_mappings(text: &str) -> Vec<Mapping> {
    text.lines().filter_map(executable_mapping).collect()
}

/// A line is `START-END PERMISSIONS OFFSET DEVICE INODE          PATH`.
fn executable_mapping(line: &str) -> Option<Mapping> {
    let (addresses, rest) = field(line)?;
    let (permissions, rest) = field(rest)?;
    let (offset, rest) = field(rest)?;
    let (_device, rest) = field(rest)?;
    let (_inode, rest) = field(rest)?;
    if permissions.as_bytes().get(2) != Some(&b'x') {
        return None;
    }
    let (start, end) = addresses.split_once('-')?;
    let (start, end) = (hexadecimal(start)?, hexadecimal(end)?);
    (start < end).then_some(())?;
    Some(Mapping {
        addresses: start..end,
        file_offset: hexadecimal(offset)?,
        origin: origin(rest.trim_start_matches(' ')),
    })
}

fn field(line: &str) -> Option<(&str, &str)> {
    let line = line.trim_start_matches(' ');
    let (field, rest) = line.split_once(' ').unwrap_or((line, ""));
    (!field.is_empty()).then_some((field, rest))
}

fn hexadecimal(text: &str) -> Option<u64> {
    u64::from_str_radix(text, 16).ok()
}

fn origin(path: &str) -> Origin {
    // The only character that is escaped.
    let path = path.replace("\\012", "\n");
    if path == "[vdso]" {
        return Origin::Vdso;
    }
    let in_memory_only = ["/memfd:", "/dev/zero", "/SYSV", "/anon_hugepage", "//anon"];
    if !path.starts_with('/') || in_memory_only.iter().any(|start| path.starts_with(start)) {
        return Origin::Unknown;
    }
    match path.strip_suffix(" (deleted)") {
        Some(path) => Origin::Deleted(path.to_owned()),
        None => Origin::File(path),
    }
}

#[cfg(test)]
mod tests;
