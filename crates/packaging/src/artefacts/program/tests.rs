use proptest::prelude::*;

use super::*;

/// A Linux program for x86-64 that needs these versions of these libraries.
pub(crate) fn linux(libraries: &[(&str, &[&str])]) -> Program {
    let libraries = libraries.iter().map(|(name, versions)| Library {
        name: (*name).to_owned(),
        versions: versions
            .iter()
            .map(|version| (*version).to_owned())
            .collect(),
    });
    Program {
        system: ProgramSystem::Linux,
        architectures: vec![Architecture::X86_64],
        loader: Some("/lib64/ld-linux-x86-64.so.2".to_owned()),
        libraries: libraries.collect(),
        macos: None,
    }
}

/// A Mach-O program of nothing but a header, a version and a library.
fn mach_o(processor: u32, version: u32) -> Vec<u8> {
    let library = b"/usr/lib/libSystem.B.dylib\0\0\0\0\0\0";
    // Magic, processor, its kind, file type, commands, their length, flags, reserved.
    let header = [0xfeed_facf, processor, 3, 2, 2, 24 + 24 + 32, 0, 0];
    // LC_BUILD_VERSION: length, platform, first version, SDK, tools.
    let build = [0x32, 24, 1, version, version, 0];
    // LC_LOAD_DYLIB: length, place of the name, time stamp, version, compatible version.
    let load = [0xc, 24 + 32, 24, 0, 0, 0];
    let words = [&header[..], &build, &load].concat();
    let mut bytes: Vec<u8> = words.into_iter().flat_map(u32::to_le_bytes).collect();
    bytes.extend(library);
    bytes
}

/// A PE program of nothing but headers.
fn pe(machine: u16, characteristics: u16) -> Vec<u8> {
    let mut bytes = vec![0; 64 + 4 + 20 + 240];
    bytes[..2].copy_from_slice(b"MZ");
    bytes[60] = 64;
    bytes[64..68].copy_from_slice(b"PE\0\0");
    let mut put = |at: usize, value: u16| bytes[at..at + 2].copy_from_slice(&value.to_le_bytes());
    put(68, machine);
    // The length of the optional header, and what is said of the file.
    put(84, 240);
    put(86, characteristics);
    // The magic of the header for 64 bits, and how many tables it has.
    put(88, 0x20b);
    put(88 + 108, 16);
    bytes
}

#[test]
fn a_program_of_windows_is_known_and_a_library_is_none() {
    let program = Program::parse(&pe(0x8664, 0x22)).unwrap();
    assert_eq!(program.system, ProgramSystem::Windows);
    assert_eq!(program.architectures, [Architecture::X86_64]);
    assert!(program.libraries.is_empty());
    let arm = Program::parse(&pe(0xaa64, 0x22)).unwrap();
    assert_eq!(arm.architectures, [Architecture::Aarch64]);
    for (machine, characteristics, expected) in [
        (0x8664, 0x2022, "it is a library"),
        (0x1234, 0x22, "its processor (number 0x1234) is not known"),
    ] {
        let problem = Program::parse(&pe(machine, characteristics)).unwrap_err();
        assert!(problem.contains(expected), "{problem}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn this_test_is_a_program_that_needs_a_c_library() {
    let program = Program::read(&std::env::current_exe().unwrap()).unwrap();
    assert_eq!(program.system, ProgramSystem::Linux);
    if cfg!(target_env = "gnu") {
        let libc = program
            .libraries
            .iter()
            .find(|library| library.name == "libc.so.6");
        assert!(!libc.unwrap().versions.is_empty(), "{program:?}");
        let highest = program.highest("GLIBC_").unwrap();
        assert!(highest >= vec![2, 17] && highest < vec![3], "{highest:?}");
        assert!(!program.is_static() && !program.needs_musl());
    }
}

#[test]
fn a_program_of_macos_tells_its_first_version() {
    let intel = mach_o(0x0100_0007, 0x000a_0c00);
    let program = Program::parse(&intel).unwrap();
    assert_eq!(program.system, ProgramSystem::Macos);
    assert_eq!(program.architectures, [Architecture::X86_64]);
    assert_eq!(program.macos, Some((10, 12)));
    assert_eq!(program.libraries[0].name, "/usr/lib/libSystem.B.dylib");
}

#[test]
fn a_universal_program_is_for_both_processors() {
    let parts = [
        mach_o(0x0100_000c, 0x000b_0000),
        mach_o(0x0100_0007, 0x000a_0c00),
    ];
    let mut header = vec![0xcafe_babe_u32, 2];
    let mut at = 8 + 2 * 20;
    for (part, processor) in parts.iter().zip([0x0100_000c, 0x0100_0007]) {
        header.extend([processor, 3, at, part.len() as u32, 2]);
        at += part.len() as u32;
    }
    let mut bytes: Vec<u8> = header.into_iter().flat_map(u32::to_be_bytes).collect();
    bytes.extend(parts.concat());
    let program = Program::parse(&bytes).unwrap();
    assert_eq!(
        program.architectures,
        [Architecture::X86_64, Architecture::Aarch64]
    );
    assert_eq!(program.macos, Some((10, 12)));
    assert_eq!(program.libraries.len(), 1);
}

#[test]
fn versions_are_compared_as_numbers() {
    let program = linux(&[
        ("libm.so.6", &["GLIBC_2.9", "GLIBC_2.29"]),
        ("libc.so.6", &["GLIBC_2.3.4", "GLIBC_PRIVATE", "GCC_9.0"]),
    ]);
    assert_eq!(program.highest("GLIBC_"), Some(vec![2, 29]));
    let program = linux(&[("libc.so.6", &["GLIBC_2.35", "GLIBC_ABI_DT_RELR"])]);
    assert_eq!(program.highest("GLIBC_"), Some(vec![2, 36]));
    assert_eq!(program.highest("GCC_"), None);
}

#[test]
fn what_is_no_program_is_said() {
    for (bytes, expected) in [
        (b"".as_slice(), "no program"),
        (b"#!/bin/sh\necho a script\n\n\n\n\n\n", "no program"),
        (b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0", "no "),
    ] {
        let problem = Program::parse(bytes).unwrap_err();
        assert!(problem.contains(expected), "{problem}");
    }
}

proptest! {
    #[test]
    fn no_damage_is_too_strange(at in 0..112usize, with: u8, length in 0..113usize) {
        let mut bytes = mach_o(0x0100_0007, 0x000a_0c00);
        bytes[at] = with;
        bytes.truncate(length);
        let _ = Program::parse(&bytes);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn no_damage_of_this_program_is_too_strange(at in 0..4096usize, with: u8) {
        static BYTES: std::sync::LazyLock<Vec<u8>> =
            std::sync::LazyLock::new(|| std::fs::read(std::env::current_exe().unwrap()).unwrap());
        let mut bytes = BYTES[..BYTES.len().min(1 << 20)].to_vec();
        bytes[at] = with;
        let _ = Program::parse(&bytes);
    }
}
