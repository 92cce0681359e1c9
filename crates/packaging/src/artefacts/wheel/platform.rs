//! On what a wheel can be installed, by what its programs need.

use crate::{Architecture, Program, ProgramSystem};

/// What a platform tag says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Platform {
    /// Any Linux.
    Linux(Architecture),
    /// Linux with glibc from 2.x on.
    Glibc(u32, Architecture),
    /// Linux with musl.
    Musl(Architecture),
    /// macOS from a version on; without an architecture for both.
    Macos((u16, u16), Option<Architecture>),
    /// Windows.
    Windows(Architecture),
}

/// Libraries that each system with glibc has (PEP 600 leaves the list to tools; this is the part of auditwheel's that is not about graphics).
const EVERYWHERE: &[&str] = &[
    "libanl.so.1",
    "libatomic.so.1",
    "libc.so.6",
    "libdl.so.2",
    "libgcc_s.so.1",
    "libm.so.6",
    "libmvec.so.1",
    "libnsl.so.1",
    "libpthread.so.0",
    "libresolv.so.2",
    "librt.so.1",
    "libstdc++.so.6",
    "libutil.so.1",
];

/// The loader, which a program may name among its libraries.
const LOADERS: &[&str] = &["ld-linux", "ld64.so", "ld.so.1"];

/// A version of a library, and the minor version of glibc.
type Step = (&'static [u32], u32);

/// Versions of the compiler's libraries, and the glibc of the first systems that have them, as auditwheel has it.
const COMPILERS: &[(&str, &[Step])] = &[
    (
        "GCC_",
        &[
            (&[4, 2, 0], 5),
            (&[4, 3, 0], 12),
            (&[4, 8, 0], 17),
            (&[7, 0, 0], 27),
            (&[12, 0, 0], 35),
            (&[14, 0, 0], 39),
        ],
    ),
    (
        "GLIBCXX_",
        &[
            (&[3, 4, 8], 5),
            (&[3, 4, 13], 12),
            (&[3, 4, 19], 17),
            (&[3, 4, 22], 24),
            (&[3, 4, 24], 27),
            (&[3, 4, 28], 31),
            (&[3, 4, 29], 34),
            (&[3, 4, 30], 35),
            (&[3, 4, 33], 39),
        ],
    ),
];

impl Platform {
    /// What a program needs, or why no tag says it.
    pub(super) fn of(program: &Program) -> Result<Self, String> {
        match program.system {
            ProgramSystem::Linux => linux(program),
            ProgramSystem::Macos => macos(program),
            ProgramSystem::Windows => Ok(Self::Windows(program.architectures[0])),
        }
    }

    /// What two programs need together, if there is a system that has both.
    pub(super) fn and(self, other: Self) -> Option<Self> {
        match (self, other) {
            (Self::Linux(one), Self::Linux(two) | Self::Glibc(_, two) | Self::Musl(two))
            | (Self::Glibc(_, two) | Self::Musl(two), Self::Linux(one))
                if one == two =>
            {
                Some(if matches!(self, Self::Linux(_)) {
                    other
                } else {
                    self
                })
            }
            (Self::Glibc(one, here), Self::Glibc(two, there)) if here == there => {
                Some(Self::Glibc(one.max(two), here))
            }
            (Self::Macos(one, here), Self::Macos(two, there)) if here == there => {
                Some(Self::Macos(one.max(two), here))
            }
            (one, two) => (one == two).then_some(one),
        }
    }

    /// The tags; several where one program suits several kinds of systems, or a tag has an older name too.
    pub(super) fn tags(self) -> Vec<String> {
        match self {
            Self::Linux(architecture) => {
                let mut tags = glibc_tags(floor(architecture).max(17), architecture);
                tags.push(format!("musllinux_1_1_{}", linux_name(architecture)));
                tags
            }
            Self::Glibc(minor, architecture) => glibc_tags(minor, architecture),
            // The musl of Rust's own targets; a program does not tell its version.
            Self::Musl(architecture) => vec![format!("musllinux_1_2_{}", linux_name(architecture))],
            Self::Macos((major, minor), architecture) => {
                let name = match architecture {
                    None => "universal2",
                    Some(Architecture::Aarch64) => "arm64",
                    Some(other) => linux_name(other),
                };
                vec![format!("macosx_{major}_{minor}_{name}")]
            }
            Self::Windows(Architecture::X86_64) => vec!["win_amd64".to_owned()],
            Self::Windows(Architecture::Aarch64) => vec!["win_arm64".to_owned()],
            Self::Windows(_) => vec!["win32".to_owned()],
        }
    }
}

fn linux(program: &Program) -> Result<Platform, String> {
    let architecture = program.architectures[0];
    if program.is_static() {
        return Ok(Platform::Linux(architecture));
    }
    let is_known = |name: &str| {
        if program.needs_musl() {
            name.starts_with("libc.")
        } else {
            EVERYWHERE.contains(&name) || LOADERS.iter().any(|loader| name.starts_with(loader))
        }
    };
    let libraries = program.libraries.iter().map(|library| &library.name[..]);
    let strange: Vec<_> = libraries.filter(|name| !is_known(name)).collect();
    if !strange.is_empty() {
        return Err(format!(
            "it needs {}, which not every Linux has; link it statically, or name the platform `linux_{}` for systems that you know",
            strange.join(", "),
            linux_name(architecture)
        ));
    }
    if program.needs_musl() {
        return Ok(Platform::Musl(architecture));
    }
    let minor = match program.highest("GLIBC_").as_deref() {
        None => 0,
        Some([2, minor, ..]) => *minor,
        Some(other) => return Err(format!("it needs glibc {other:?}, and no tag says that")),
    };
    let mut minor = minor.max(floor(architecture));
    for (prefix, versions) in COMPILERS {
        let Some(highest) = program.highest(prefix) else {
            continue;
        };
        let enough = versions
            .iter()
            .find(|(version, _)| *version >= &highest[..]);
        match enough {
            Some((_, first)) => minor = minor.max(*first),
            None => {
                return Err(format!(
                    "it needs {prefix}{}, which is newer than all that tags know",
                    dotted(&highest)
                ));
            }
        }
    }
    Ok(Platform::Glibc(minor, architecture))
}

fn dotted(version: &[u32]) -> String {
    let parts: Vec<_> = version.iter().map(u32::to_string).collect();
    parts.join(".")
}

/// The minor version of the glibc 2 of the oldest systems that there are for a processor.
fn floor(architecture: Architecture) -> u32 {
    match architecture {
        Architecture::X86_64 | Architecture::X86 => 5,
        Architecture::Riscv64 => 31,
        Architecture::LoongArch64 => 36,
        _ => 17,
    }
}

fn glibc_tags(minor: u32, architecture: Architecture) -> Vec<String> {
    let name = linux_name(architecture);
    // Installers from before PEP 600 know these names alone.
    let older = match minor {
        5 => Some("manylinux1"),
        12 => Some("manylinux2010"),
        17 => Some("manylinux2014"),
        _ => None,
    };
    let tags = [
        Some(format!("manylinux_2_{minor}_{name}")),
        older.map(|older| format!("{older}_{name}")),
    ];
    tags.into_iter().flatten().collect()
}

/// What Linux calls a processor, and wheels with it.
fn linux_name(architecture: Architecture) -> &'static str {
    match architecture {
        Architecture::X86_64 => "x86_64",
        Architecture::X86 => "i686",
        Architecture::Aarch64 => "aarch64",
        Architecture::Arm => "armv7l",
        Architecture::PowerPc64Le => "ppc64le",
        Architecture::S390x => "s390x",
        Architecture::Riscv64 => "riscv64",
        Architecture::LoongArch64 => "loongarch64",
    }
}

fn macos(program: &Program) -> Result<Platform, String> {
    let comes_along = |name: &str| name.starts_with("/usr/lib/") || name.starts_with("/System/");
    let libraries = program.libraries.iter().map(|library| &library.name[..]);
    let strange: Vec<_> = libraries.filter(|name| !comes_along(name)).collect();
    if !strange.is_empty() {
        return Err(format!(
            "it needs {}, which macOS does not have; link it statically",
            strange.join(", ")
        ));
    }
    let Some((major, minor)) = program.macos else {
        return Err("it does not say the first version of macOS that it runs on; set MACOSX_DEPLOYMENT_TARGET when it is built".to_owned());
    };
    // From macOS 11 on, tags count whole versions: 11.3 is not yet enough for who has 11.0.
    let version = match (major, minor) {
        (11.., 1..) => (major + 1, 0),
        other => other,
    };
    let architecture = match program.architectures[..] {
        [one] => Some(one),
        _ => None,
    };
    Ok(Platform::Macos(version, architecture))
}

#[cfg(test)]
mod tests;
