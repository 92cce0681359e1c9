//! Programs of macOS.

use object::{
    Endianness,
    macho::{CPU_TYPE_ARM64, CPU_TYPE_X86, CPU_TYPE_X86_64, CpuType, MH_EXECUTE, Version},
    read::macho::{FatArch, LoadCommandVariant, MachHeader, MachOFatFile},
};

use super::{Architecture, Library, Program, ProgramSystem};

pub(super) fn parse<M: MachHeader<Endian = Endianness>>(bytes: &[u8]) -> Result<Program, String> {
    read::<M>(bytes).map_err(|error| format!("it is no whole Mach-O file: {error}"))?
}

/// Several programs in one file: needs what any of them needs, and runs on what the first of the versions says.
pub(super) fn parse_universal<F: FatArch>(bytes: &[u8]) -> Result<Program, String> {
    let broken = |error| format!("it is no whole universal file: {error}");
    let file = MachOFatFile::<F>::parse(bytes).map_err(broken)?;
    let mut whole: Option<Program> = None;
    for part in file.arches() {
        let part = Program::parse(part.data(bytes).map_err(broken)?)?;
        let Some(whole) = &mut whole else {
            whole = Some(part);
            continue;
        };
        whole.architectures.extend(part.architectures);
        whole.macos = whole.macos.into_iter().chain(part.macos).min();
        for library in part.libraries {
            if !whole.libraries.contains(&library) {
                whole.libraries.push(library);
            }
        }
    }
    let mut whole = whole.ok_or("there is no program in this universal file")?;
    whole.architectures.sort();
    Ok(whole)
}

fn read<M: MachHeader<Endian = Endianness>>(
    bytes: &[u8],
) -> object::read::Result<Result<Program, String>> {
    let header = M::parse(bytes, 0)?;
    let endian = header.endian()?;
    if header.filetype(endian) != MH_EXECUTE {
        return Ok(Err(
            "it is an object file or a library, not a program".to_owned()
        ));
    }
    let Some(architecture) = architecture(header.cputype(endian)) else {
        let problem = format!(
            "its processor (number {:#x}) is not known",
            header.cputype(endian).0
        );
        return Ok(Err(problem));
    };
    let mut program = Program {
        system: ProgramSystem::Macos,
        architectures: vec![architecture],
        loader: None,
        libraries: Vec::new(),
        macos: None,
    };
    let mut commands = header.load_commands(endian, bytes, 0)?;
    while let Some(command) = commands.next()? {
        match command.variant()? {
            LoadCommandVariant::Dylib(library) => {
                let name = command.string(endian, library.dylib.name)?;
                program.libraries.push(Library {
                    name: String::from_utf8_lossy(name).into_owned(),
                    versions: Vec::new(),
                });
            }
            LoadCommandVariant::BuildVersion(version, _) => {
                program.macos = Some(first_two(version.minos.get(endian)));
            }
            LoadCommandVariant::VersionMin(version) => {
                program.macos = Some(first_two(version.version.get(endian)));
            }
            _ => {}
        }
    }
    Ok(Ok(program))
}

fn first_two(version: Version) -> (u16, u16) {
    (version.major(), version.minor().into())
}

fn architecture(processor: CpuType) -> Option<Architecture> {
    match processor {
        CPU_TYPE_X86_64 => Some(Architecture::X86_64),
        CPU_TYPE_X86 => Some(Architecture::X86),
        CPU_TYPE_ARM64 => Some(Architecture::Aarch64),
        _ => None,
    }
}
