//! The two tar files of a Debian package.

use std::{collections::BTreeSet, io, path::Path};

use flate2::write::GzEncoder;
use md5::{Digest as _, Md5};
use tar::{Builder, EntryType};

use crate::{
    Error, SourceDate,
    artefacts::archive::tar_gz::{gzip, header},
    sha256::hex,
};

/// Files below `./`, owned by root, with a folder before the first file in it.
pub(super) struct Tarball {
    builder: Builder<GzEncoder<Vec<u8>>>,
    date: SourceDate,
    folders: BTreeSet<String>,
    names: BTreeSet<String>,
    md5sums: String,
    installed_kib: u64,
}

/// What became of it.
pub(super) struct Finished {
    pub(super) bytes: Vec<u8>,
    pub(super) names: BTreeSet<String>,
    /// In the form that `md5sum -c` reads.
    pub(super) md5sums: String,
    /// As dpkg counts: each file in whole KiB, each folder as one.
    pub(super) installed_kib: u64,
}

impl Tarball {
    pub(super) fn new(date: SourceDate) -> Self {
        Self {
            builder: Builder::new(gzip(Vec::new())),
            date,
            folders: BTreeSet::new(),
            names: BTreeSet::new(),
            md5sums: String::new(),
            installed_kib: 0,
        }
    }

    /// Adds a file whose name is relative.
    pub(super) fn add(&mut self, name: &str, bytes: &[u8], is_program: bool) -> Result<(), Error> {
        self.add_folder("./")?;
        for (at, _) in name.match_indices('/') {
            self.add_folder(&format!("./{}/", &name[..at]))?;
        }
        let mode = if is_program { 0o755 } else { 0o644 };
        self.append(&format!("./{name}"), EntryType::Regular, mode, bytes)?;
        self.names.insert(name.to_owned());
        self.md5sums += &format!("{}  {name}\n", hex(&Md5::digest(bytes)));
        self.installed_kib += (bytes.len() as u64).div_ceil(1024);
        Ok(())
    }

    fn add_folder(&mut self, name: &str) -> Result<(), Error> {
        if self.folders.insert(name.to_owned()) {
            self.append(name, EntryType::Directory, 0o755, &[])?;
            self.installed_kib += 1;
        }
        Ok(())
    }

    fn append(
        &mut self,
        name: &str,
        kind: EntryType,
        mode: u32,
        bytes: &[u8],
    ) -> Result<(), Error> {
        let failed =
            |error: io::Error| Error::unfit(format!("the file `{name}`"), error.to_string());
        let mut header = header(mode, self.date);
        header.set_entry_type(kind);
        header.set_username("root").map_err(failed)?;
        header.set_groupname("root").map_err(failed)?;
        header.set_size(bytes.len() as u64);
        // The library would leave out the `./` that other tools of Debian expect; a name too long for its place has to do without.
        let place = header.as_ustar_mut().map(|header| &mut header.name[..]);
        let appended = match place.and_then(|place| place.get_mut(..name.len())) {
            Some(place) => {
                place.copy_from_slice(name.as_bytes());
                header.set_cksum();
                self.builder.append(&header, bytes)
            }
            None => self
                .builder
                .append_data(&mut header, Path::new(name), bytes),
        };
        appended.map_err(failed)
    }

    pub(super) fn finish(self) -> Result<Finished, Error> {
        let bytes = self.builder.into_inner().and_then(GzEncoder::finish);
        Ok(Finished {
            bytes: bytes.map_err(Error::file("write", "a tar file in memory"))?,
            names: self.names,
            md5sums: self.md5sums,
            installed_kib: self.installed_kib,
        })
    }
}
