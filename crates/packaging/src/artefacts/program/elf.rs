//! Programs of Linux.

use object::{
    Endianness,
    elf::{
        DT_NEEDED, EM_386, EM_AARCH64, EM_ARM, EM_LOONGARCH, EM_PPC64, EM_RISCV, EM_S390,
        EM_X86_64, ET_DYN, ET_EXEC,
    },
    read::elf::{Dyn as _, FileHeader, ProgramHeader as _},
};

use super::{Architecture, Library, Program, ProgramSystem};

pub(super) fn parse<E: FileHeader<Endian = Endianness>>(bytes: &[u8]) -> Result<Program, String> {
    read::<E>(bytes).map_err(|error| format!("it is no whole ELF file: {error}"))?
}

fn read<E: FileHeader<Endian = Endianness>>(
    bytes: &[u8],
) -> object::read::Result<Result<Program, String>> {
    let header = E::parse(bytes)?;
    let endian = header.endian()?;
    if !matches!(header.e_type(endian), ET_EXEC | ET_DYN) {
        return Ok(Err("it is an object file, not a program".to_owned()));
    }
    let Some(architecture) = architecture(header, endian) else {
        let problem = format!(
            "its processor (number {}) is not known",
            header.e_machine(endian).0
        );
        return Ok(Err(problem));
    };
    let mut loader = None;
    for segment in header.program_headers(endian, bytes)? {
        if let Some(path) = segment.interpreter(endian, bytes)? {
            loader = Some(text(path));
        }
    }
    Ok(Ok(Program {
        system: ProgramSystem::Linux,
        architectures: vec![architecture],
        loader,
        libraries: libraries(header, endian, bytes)?,
        macos: None,
    }))
}

fn architecture<E: FileHeader<Endian = Endianness>>(
    header: &E,
    endian: Endianness,
) -> Option<Architecture> {
    let (is_64, is_little) = (header.is_type_64(), endian == Endianness::Little);
    Some(match header.e_machine(endian) {
        EM_X86_64 if is_64 => Architecture::X86_64,
        EM_386 => Architecture::X86,
        EM_AARCH64 if is_64 && is_little => Architecture::Aarch64,
        EM_ARM if is_little => Architecture::Arm,
        EM_PPC64 if is_little => Architecture::PowerPc64Le,
        EM_S390 if is_64 => Architecture::S390x,
        EM_RISCV if is_64 => Architecture::Riscv64,
        EM_LOONGARCH if is_64 => Architecture::LoongArch64,
        _ => return None,
    })
}

fn libraries<E: FileHeader<Endian = Endianness>>(
    header: &E,
    endian: Endianness,
    bytes: &[u8],
) -> object::read::Result<Vec<Library>> {
    let sections = header.sections(endian, bytes)?;
    let mut libraries = Vec::new();
    if let Some((entries, link)) = sections.dynamic(endian, bytes)? {
        let strings = sections.strings(endian, bytes, link)?;
        for entry in entries
            .iter()
            .filter(|entry| entry.d_tag(endian) == DT_NEEDED)
        {
            libraries.push(Library {
                name: text(entry.string(endian, strings)?),
                versions: Vec::new(),
            });
        }
    }
    if let Some((mut needs, link)) = sections.gnu_verneed(endian, bytes)? {
        let strings = sections.strings(endian, bytes, link)?;
        while let Some((need, mut versions)) = needs.next()? {
            let file = text(need.file(endian, strings)?);
            let library = libraries.iter_mut().find(|library| library.name == file);
            let Some(library) = library else { continue };
            while let Some(version) = versions.next()? {
                library.versions.push(text(version.name(endian, strings)?));
            }
        }
    }
    for library in &mut libraries {
        library.versions.sort();
    }
    Ok(libraries)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
