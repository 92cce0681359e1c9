//! Tar files, compressed by gzip.

use std::{
    collections::BTreeMap,
    io::{self, Read, Write},
    path::Path,
};

use flate2::{Compression, GzBuilder, read::GzDecoder, write::GzEncoder};
use tar::{Builder, EntryType, Header};

use crate::{
    Error, SourceDate,
    artefacts::contents::problem_of,
    sha256::{hex, sha256_of_all},
};

use super::{ArchivedFile, Packed};

/// Writes files in the order in which they come. `path` is for errors.
pub(crate) fn write(
    path: &Path,
    to: impl Write,
    files: impl Iterator<Item = Result<Packed, Error>>,
    date: SourceDate,
) -> Result<(), Error> {
    let mut builder = Builder::new(gzip(to));
    for file in files {
        let file = file?;
        let mut header = header(file.mode(), date);
        header.set_size(file.bytes.len() as u64);
        builder
            .append_data(&mut header, &file.name, &file.bytes[..])
            .map_err(Error::file("write", path))?;
    }
    let done = builder.into_inner().and_then(GzEncoder::finish);
    done.map(drop).map_err(Error::file("write", path))
}

/// Compresses without a name and a date of its own.
pub(crate) fn gzip<W: Write>(to: W) -> GzEncoder<W> {
    // The kind of system would be that of the machine: 255 is "unknown".
    GzBuilder::new()
        .mtime(0)
        .operating_system(255)
        .write(to, Compression::best())
}

/// Of a file of nobody.
pub(crate) fn header(mode: u32, date: SourceDate) -> Header {
    let mut header = Header::new_ustar();
    header.set_entry_type(EntryType::Regular);
    header.set_mode(mode);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(date.unix());
    header
}

/// Of each file: its length, hash and mode.
pub(crate) fn files(from: impl Read) -> Result<BTreeMap<String, ArchivedFile>, String> {
    let mut archive = tar::Archive::new(GzDecoder::new(from));
    let mut files = BTreeMap::new();
    let entries = archive.entries().map_err(|error| error.to_string())?;
    for entry in entries {
        let entry = entry.map_err(|error| error.to_string())?;
        let name = String::from_utf8(entry.path_bytes().into_owned())
            .map_err(|error| format!("a name in it is no text: {error}"))?;
        let kind = entry.header().entry_type();
        if let Some(problem) = problem_of(name.trim_end_matches('/').trim_start_matches("./"))
            .filter(|_| !matches!(&name[..], "." | "./"))
        {
            return Err(format!("a name in it is `{name}`: {problem}"));
        }
        if kind.is_dir() {
            continue;
        }
        if !kind.is_file() {
            return Err(format!("`{name}` is neither a file nor a folder"));
        }
        let mode = entry.header().mode().map_err(|error| error.to_string())?;
        let file =
            hashed(entry, mode & 0o111 != 0).map_err(|error| format!("`{name}`: {error}"))?;
        if files.insert(name.clone(), file).is_some() {
            return Err(format!("`{name}` is in it more than once"));
        }
    }
    to_the_end(&mut archive.into_inner()).map_err(|error| error.to_string())?;
    Ok(files)
}

/// The check sum of gzip comes last: it is compared only by who reads on.
fn to_the_end(from: &mut impl Read) -> io::Result<()> {
    io::copy(from, &mut io::sink()).map(drop)
}

/// Reads a file of an archive.
pub(crate) fn hashed(from: impl Read, is_program: bool) -> io::Result<ArchivedFile> {
    let (sum, bytes) = sha256_of_all(from)?;
    Ok(ArchivedFile {
        bytes,
        sha256: hex(&sum),
        is_program,
    })
}

pub(crate) fn unpack(from: impl Read, folder: &Path) -> Result<(), String> {
    let mut archive = tar::Archive::new(GzDecoder::new(from));
    archive.unpack(folder).map_err(|error| {
        let source = std::error::Error::source(&error);
        source.map_or_else(|| error.to_string(), |source| format!("{error}: {source}"))
    })
}
