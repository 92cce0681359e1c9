//! Programs of Windows.

use object::{
    LittleEndian as LE,
    pe::{
        IMAGE_FILE_DLL, IMAGE_FILE_MACHINE_AMD64, IMAGE_FILE_MACHINE_ARM64, IMAGE_FILE_MACHINE_I386,
    },
    read::pe::{ImageNtHeaders, PeFile},
};

use super::{Architecture, Library, Program, ProgramSystem};

pub(super) fn parse<H: ImageNtHeaders>(bytes: &[u8]) -> Result<Program, String> {
    read::<H>(bytes).map_err(|error| format!("it is no whole PE file: {error}"))?
}

fn read<H: ImageNtHeaders>(bytes: &[u8]) -> object::read::Result<Result<Program, String>> {
    let file = PeFile::<H>::parse(bytes)?;
    let header = file.nt_headers().file_header();
    if header.characteristics.get(LE).contains(IMAGE_FILE_DLL) {
        return Ok(Err("it is a library, not a program".to_owned()));
    }
    let machine = header.machine.get(LE);
    let architecture = match machine {
        IMAGE_FILE_MACHINE_AMD64 => Architecture::X86_64,
        IMAGE_FILE_MACHINE_I386 => Architecture::X86,
        IMAGE_FILE_MACHINE_ARM64 => Architecture::Aarch64,
        _ => {
            return Ok(Err(format!(
                "its processor (number {:#x}) is not known",
                machine.0
            )));
        }
    };
    let mut libraries = Vec::new();
    if let Some(imports) = file.import_table()? {
        let mut descriptors = imports.descriptors()?;
        while let Some(descriptor) = descriptors.next()? {
            let name = imports.name(descriptor.name.get(LE))?;
            libraries.push(Library {
                name: String::from_utf8_lossy(name).into_owned(),
                versions: Vec::new(),
            });
        }
    }
    Ok(Ok(Program {
        system: ProgramSystem::Windows,
        architectures: vec![architecture],
        loader: None,
        libraries,
        macos: None,
    }))
}
