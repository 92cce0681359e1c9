//! What a program depends on, by the libraries and versions of symbols that it uses: what `dpkg-shlibdeps` finds out on a Debian system.

use std::collections::BTreeMap;

use crate::Program;

/// Packages with the least version of each.
#[derive(Default)]
pub(super) struct Depends {
    packages: BTreeMap<String, Vec<u32>>,
}

/// Libraries of glibc, which are one package.
const C_LIBRARIES: &[&str] = &[
    "libanl.so.1",
    "libc.so.6",
    "libdl.so.2",
    "libm.so.6",
    "libmvec.so.1",
    "libpthread.so.0",
    "libresolv.so.2",
    "librt.so.1",
    "libutil.so.1",
];

impl Depends {
    /// Adds what a program needs; says which library is in no package that is known.
    pub(super) fn add(
        &mut self,
        program: &Program,
        known: &BTreeMap<String, String>,
    ) -> Result<(), String> {
        if program.needs_musl() {
            return Err(
                "it needs the C library musl; build it for glibc, or link it statically".to_owned(),
            );
        }
        for library in &program.libraries {
            let name = &library.name[..];
            if name.starts_with("ld-linux") || name.starts_with("ld64.so") {
                continue;
            }
            let package = match name {
                name if C_LIBRARIES.contains(&name) => "libc6",
                "libgcc_s.so.1" => "libgcc-s1",
                "libstdc++.so.6" => "libstdc++6",
                "libatomic.so.1" => "libatomic1",
                name => known.get(name).ok_or_else(|| {
                    format!("it needs the library {name}; say which Debian package has it, or link it statically")
                })?,
            };
            // Only of these is the version of a symbol that of the package.
            let version = match package {
                "libc6" => program.highest("GLIBC_"),
                "libgcc-s1" => program.highest("GCC_"),
                _ => None,
            };
            let version = version.unwrap_or_default();
            let least = self.packages.entry(package.to_owned()).or_default();
            if *least < version {
                *least = version;
            }
        }
        Ok(())
    }

    /// As the field has it, in the order of the names.
    pub(super) fn list(self) -> Vec<String> {
        let packages = self.packages.into_iter().map(|(package, version)| {
            if version.is_empty() {
                return package;
            }
            let parts: Vec<_> = version.iter().map(u32::to_string).collect();
            let version = parts.join(".");
            // As Debian's own tool shortens it.
            let version = version.strip_suffix(".0").unwrap_or(&version);
            format!("{package} (>= {version})")
        });
        packages.collect()
    }
}
