//! What a program needs of the system that it is to run on, read from the program itself.

use std::path::Path;

use object::FileKind;
use serde::Serialize;

use crate::{Error, whole_file::read};

mod elf;
mod mach_o;
mod pe;

/// The systems that a program can be for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub enum ProgramSystem {
    /// Linux, by any C library.
    Linux,
    /// macOS.
    Macos,
    /// Windows.
    Windows,
}

/// The processors that a program can be for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub enum Architecture {
    /// x86 with 64 bits.
    X86_64,
    /// x86 with 32 bits.
    X86,
    /// Arm with 64 bits.
    Aarch64,
    /// Arm with 32 bits and a floating-point unit.
    Arm,
    /// POWER, little endian.
    PowerPc64Le,
    /// IBM Z.
    S390x,
    /// RISC-V with 64 bits.
    Riscv64,
    /// LoongArch with 64 bits.
    LoongArch64,
}

/// What a program is for, and what it needs.
///
/// ```
/// use tuneup_packaging::Program;
///
/// let program = Program::read(&std::env::current_exe()?)?;
/// println!("{:?} on {:?}", program.system, program.architectures);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Program {
    /// The system.
    pub system: ProgramSystem,
    /// The processors: several in a universal program of macOS, otherwise one.
    pub architectures: Vec<Architecture>,
    /// The loader of a Linux program; none if it needs none.
    pub loader: Option<String>,
    /// The libraries that it is linked to at start, in the order in which it names them.
    pub libraries: Vec<Library>,
    /// The first version of macOS that it runs on.
    pub macos: Option<(u16, u16)>,
}

/// A library that a program is linked to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Library {
    /// As the program names it: `libc.so.6`.
    pub name: String,
    /// The versions of its symbols that the program uses, such as `GLIBC_2.34`.
    pub versions: Vec<String>,
}

impl Program {
    /// Reads a program: ELF, Mach-O or PE. Holds it in memory meanwhile.
    ///
    /// # Errors
    ///
    /// It cannot be read, or is no program for a system and a processor that is known here.
    pub fn read(path: &Path) -> Result<Self, Error> {
        Self::parse(&read(path)?).map_err(|problem| Error::faulty(path, problem))
    }

    fn parse(bytes: &[u8]) -> Result<Self, String> {
        let unknown = || "it is no program of Linux, macOS or Windows".to_owned();
        match FileKind::parse(bytes).map_err(|_| unknown())? {
            FileKind::Elf32 => elf::parse::<object::elf::FileHeader32<_>>(bytes),
            FileKind::Elf64 => elf::parse::<object::elf::FileHeader64<_>>(bytes),
            FileKind::MachO32 => mach_o::parse::<object::macho::MachHeader32<_>>(bytes),
            FileKind::MachO64 => mach_o::parse::<object::macho::MachHeader64<_>>(bytes),
            FileKind::MachOFat32 => mach_o::parse_universal::<object::macho::FatArch32>(bytes),
            FileKind::MachOFat64 => mach_o::parse_universal::<object::macho::FatArch64>(bytes),
            FileKind::Pe32 => pe::parse::<object::pe::ImageNtHeaders32>(bytes),
            FileKind::Pe64 => pe::parse::<object::pe::ImageNtHeaders64>(bytes),
            _ => Err(unknown()),
        }
    }

    /// Whether it is a Linux program without any library and loader.
    #[must_use]
    pub fn is_static(&self) -> bool {
        self.system == ProgramSystem::Linux && self.loader.is_none() && self.libraries.is_empty()
    }

    /// Whether it is a Linux program for the C library musl, which it does not contain.
    #[must_use]
    pub fn needs_musl(&self) -> bool {
        let is_musl = |name: &str| name.contains("ld-musl-") || name.starts_with("libc.musl-");
        self.loader.as_deref().is_some_and(is_musl)
            || self.libraries.iter().any(|library| is_musl(&library.name))
    }

    /// The highest version of symbols with a prefix, over all libraries: `GLIBC_` gives the version of glibc that the program needs.
    ///
    /// Versions that are no numbers do not count, but for `GLIBC_ABI_DT_RELR`, which came with 2.36.
    pub(crate) fn highest(&self, prefix: &str) -> Option<Vec<u32>> {
        let versions = self.libraries.iter().flat_map(|library| &library.versions);
        versions
            .filter_map(|version| version_of(version, prefix))
            .max()
    }
}

/// `2.34` of `GLIBC_2.34`.
fn version_of(version: &str, prefix: &str) -> Option<Vec<u32>> {
    match version.strip_prefix(prefix)? {
        "ABI_DT_RELR" => Some(vec![2, 36]),
        digits => digits.split('.').map(|part| part.parse().ok()).collect(),
    }
}

#[cfg(test)]
pub(crate) mod tests;
