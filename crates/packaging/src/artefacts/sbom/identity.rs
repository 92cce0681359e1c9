//! How bills of materials name a package of a lock file.

use crate::lock_file::LockedPackage;

/// The identity of a package, as Cargo writes it, without the folder of what is found by path.
pub(super) fn identity_of(package: &LockedPackage) -> String {
    identity(
        package.source.as_deref(),
        &package.package,
        &package.version.to_string(),
    )
}

/// `source#name@version`.
pub(super) fn identity(source: Option<&str>, name: &str, version: &str) -> String {
    format!("{}#{name}@{version}", source.unwrap_or("path"))
}

/// Its [package URL](https://github.com/package-url/purl-spec).
pub(super) fn package_url(package: &LockedPackage) -> String {
    let plain = format!(
        "pkg:cargo/{}@{}",
        encoded(&package.package),
        encoded(&package.version.to_string())
    );
    let Some(source) = &package.source else {
        return plain;
    };
    if package.is_from_public_registry() {
        plain
    } else if source.starts_with("git+") {
        let (address, commit) = source.split_once('#').unwrap_or((source, ""));
        let address = address.split('?').next().unwrap_or(address);
        format!("{plain}?vcs_url={}%40{commit}", encoded(address))
    } else {
        let address = source
            .split_once('+')
            .map_or(&source[..], |(_, address)| address);
        format!("{plain}?repository_url={}", encoded(address))
    }
}

/// All but letters, digits and what may stand in the value of a package URL as it is.
fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b':' | b'/' => {
                encoded.push(byte.into());
            }
            other => encoded += &format!("%{other:02X}"),
        }
    }
    encoded
}

#[cfg(test)]
mod tests;
