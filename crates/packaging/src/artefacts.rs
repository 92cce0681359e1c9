//! From a checkout to the files of a release, and the papers that go with them.
//!
//! Whatever is made here has no date but that of its source, is written whole or not at all, and is read again before it gets its name.

mod about;
mod archive;
mod checksums;
mod contents;
mod crate_file;
mod deb;
mod evidence;
mod licences;
mod linked;
mod program;
mod sbom;
#[cfg(feature = "signatures")]
mod signature;
mod source_date;
mod wheel;

#[cfg(feature = "signatures")]
pub use self::signature::{Signature, SigningKey, verify_signature};
pub use self::{
    about::About,
    archive::{Archive, ArchivedFile, read_archive, unpack_archive, write_archive},
    checksums::Checksums,
    contents::Contents,
    crate_file::{CrateFile, Packager},
    deb::{Deb, DebBuilder, Shell},
    evidence::{Evidence, EvidenceArtefact, EvidenceCheck, EvidenceOutcome, verify_evidence},
    licences::{LicencePolicy, Licences, LicensedPackage, gather_licences},
    linked::Selection,
    program::{Architecture, Library, Program, ProgramSystem},
    sbom::{Sbom, verify_sbom, write_sbom},
    source_date::SourceDate,
    wheel::{Wheel, WheelBuilder, verify_wheel},
};
