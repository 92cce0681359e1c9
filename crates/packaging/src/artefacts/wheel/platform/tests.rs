use super::*;
use crate::artefacts::program::tests::linux;

#[test]
fn a_platform_is_what_programs_need() {
    let tags = |libraries: &[(&str, &[&str])]| {
        Platform::of(&linux(libraries)).map(|platform| platform.tags().join("."))
    };
    for (libraries, expected) in [
        (
            vec![("libc.so.6", ["GLIBC_2.14", "GLIBC_2.17"].as_slice())],
            "manylinux_2_17_x86_64.manylinux2014_x86_64",
        ),
        (
            vec![("libc.so.6", &["GLIBC_2.3"])],
            "manylinux_2_5_x86_64.manylinux1_x86_64",
        ),
        (
            vec![
                ("libc.so.6", &["GLIBC_2.34"]),
                ("libgcc_s.so.1", &["GCC_4.2.0"]),
            ],
            "manylinux_2_34_x86_64",
        ),
        (
            vec![
                ("libc.so.6", &["GLIBC_2.3"]),
                ("libgcc_s.so.1", &["GCC_12.0.0"]),
            ],
            "manylinux_2_35_x86_64",
        ),
        (
            vec![
                ("libc.so.6", &["GLIBC_2.3"]),
                ("libstdc++.so.6", &["GLIBCXX_3.4.20"]),
            ],
            "manylinux_2_24_x86_64",
        ),
    ] {
        assert_eq!(tags(&libraries).as_deref(), Ok(expected));
    }
    let problem = tags(&[("libc.so.6", &[]), ("libssl.so.3", &["OPENSSL_3.0.0"])]).unwrap_err();
    assert!(
        problem.starts_with("it needs libssl.so.3, which not every Linux has"),
        "{problem}"
    );
    let problem = tags(&[("libstdc++.so.6", &["GLIBCXX_3.9"])]).unwrap_err();
    assert!(problem.contains("GLIBCXX_3.9"), "{problem}");
}

#[test]
fn other_systems_have_their_own_tags() {
    let mut program = linux(&[]);
    program.loader = Some("/lib/ld-musl-x86_64.so.1".to_owned());
    let tags = |program: &Program| Platform::of(program).unwrap().tags().join(".");
    assert_eq!(tags(&program), "musllinux_1_2_x86_64");
    program.loader = None;
    program.architectures = vec![Architecture::Riscv64];
    assert_eq!(
        tags(&program),
        "manylinux_2_31_riscv64.musllinux_1_1_riscv64"
    );
    program.system = ProgramSystem::Windows;
    program.architectures = vec![Architecture::Aarch64];
    assert_eq!(tags(&program), "win_arm64");
    program.system = ProgramSystem::Macos;
    for (version, expected) in [
        ((10, 12), "macosx_10_12_arm64"),
        ((11, 0), "macosx_11_0_arm64"),
        ((11, 3), "macosx_12_0_arm64"),
    ] {
        program.macos = Some(version);
        assert_eq!(tags(&program), expected);
    }
    program.architectures.push(Architecture::X86_64);
    assert_eq!(tags(&program), "macosx_12_0_universal2");
    program.macos = None;
    let problem = Platform::of(&program).unwrap_err();
    assert!(problem.contains("MACOSX_DEPLOYMENT_TARGET"), "{problem}");
}

#[test]
fn two_programs_need_what_both_need() {
    use Architecture::{Aarch64, X86_64};
    use Platform::{Glibc, Linux, Musl};
    for (one, other, both) in [
        (
            Glibc(17, X86_64),
            Glibc(34, X86_64),
            Some(Glibc(34, X86_64)),
        ),
        (Linux(X86_64), Glibc(34, X86_64), Some(Glibc(34, X86_64))),
        (Linux(X86_64), Musl(X86_64), Some(Musl(X86_64))),
        (Musl(X86_64), Glibc(17, X86_64), None),
        (Glibc(17, X86_64), Glibc(17, Aarch64), None),
        (Linux(X86_64), Linux(Aarch64), None),
    ] {
        assert_eq!(one.and(other), both);
        assert_eq!(other.and(one), both);
    }
}
