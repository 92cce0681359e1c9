//! ZIP files, which wheels are too.

use std::{
    collections::BTreeMap,
    io::{Cursor, Read, Seek, Write},
    path::Path,
};

use zip::{
    CompressionMethod, System, ZipArchive, ZipWriter, result::ZipError, write::SimpleFileOptions,
};

use crate::{Error, SourceDate, artefacts::contents::problem_of};

use super::{ArchivedFile, Packed, tar_gz::hashed};

/// The highest level of the compression.
const BEST: i64 = 9;

/// Writes files in the order in which they come. `path` is for errors.
pub(crate) fn write(
    path: &Path,
    mut to: impl Write,
    files: impl Iterator<Item = Result<Packed, Error>>,
    date: SourceDate,
) -> Result<(), Error> {
    let failed = |error: ZipError| Error::file("write", path)(error.into());
    // In memory: the library's writer prints when it is dropped over a file that cannot be written.
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for file in files {
        let file = file?;
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(BEST))
            .last_modified_time(date.dos())
            // Otherwise it is that of the machine.
            .system(System::Unix)
            .unix_permissions(file.mode())
            .large_file(u32::try_from(file.bytes.len()).is_err());
        writer.start_file(&file.name[..], options).map_err(failed)?;
        writer
            .write_all(&file.bytes)
            .map_err(Error::file("write", path))?;
    }
    let bytes = writer.finish().map_err(failed)?.into_inner();
    to.write_all(&bytes).map_err(Error::file("write", path))
}

/// Of each file: its length, hash and mode.
pub(crate) fn files(from: impl Read + Seek) -> Result<BTreeMap<String, ArchivedFile>, String> {
    let mut archive = open(from)?;
    let mut files = BTreeMap::new();
    for index in 0..archive.len() {
        let file = archive.by_index(index).map_err(|error| error.to_string())?;
        let name = file
            .name()
            .map_err(|error| format!("a name in it is no text: {error}"))?
            .into_owned();
        if let Some(problem) = problem_of(name.trim_end_matches('/')) {
            return Err(format!("a name in it is `{name}`: {problem}"));
        }
        if file.is_dir() {
            continue;
        }
        if !file.is_file() {
            return Err(format!("`{name}` is neither a file nor a folder"));
        }
        let is_program = file.unix_mode().is_some_and(|mode| mode & 0o111 != 0);
        let hashed = hashed(file, is_program).map_err(|error| format!("`{name}`: {error}"))?;
        files.insert(name, hashed);
    }
    Ok(files)
}

/// Opens an archive whose names are all different.
pub(crate) fn open<R: Read + Seek>(from: R) -> Result<ZipArchive<R>, String> {
    let archive = ZipArchive::new(from).map_err(|error| error.to_string())?;
    if archive.has_duplicate_names() {
        return Err("a name is in it more than once".to_owned());
    }
    Ok(archive)
}

pub(crate) fn unpack(from: impl Read + Seek, folder: &Path) -> Result<(), String> {
    open(from)?
        .extract(folder)
        .map_err(|error| error.to_string())
}
