//! Names and versions as Python has them.

use semver::Version;

use crate::Error;

/// The name of a package, if it is one for Python too.
pub(super) fn distribution_name(name: &str) -> Result<&str, Error> {
    let ends_well = |end: Option<char>| end.is_some_and(|end| end.is_ascii_alphanumeric());
    let is_known = |character: char| character.is_ascii_alphanumeric() || "._-".contains(character);
    if ends_well(name.chars().next())
        && ends_well(name.chars().next_back())
        && name.chars().all(is_known)
    {
        return Ok(name);
    }
    let reason = "a wheel's name is letters, digits, `.`, `_` and `-`, and begins and ends with a letter or digit";
    Err(Error::unfit(format!("the name `{name}`"), reason))
}

/// Each run of `-`, `_` and `.` as one `separator`, in small letters (PEP 503).
pub(super) fn normalized(name: &str, separator: &str) -> String {
    let parts = name.split(['-', '_', '.']).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join(separator).to_lowercase()
}

/// Whether this may stand between two `-` in the name of a wheel.
pub(super) fn is_tag(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|character| character.is_ascii_alphanumeric() || character == '_')
}

/// A version as PEP 440 writes it: `1.0.0-beta.2` is `1.0.0b2`.
///
/// Known are the pre-releases `alpha`, `beta`, `rc` (or `a`, `b`, `c`, `pre`, `preview`) and `dev`, with a number or without.
pub(super) fn python_version(version: &Version) -> Result<String, Error> {
    let unknown = || {
        let reason = "Python knows the pre-releases alpha, beta, rc and dev, with a number behind, such as `-rc.1`";
        Error::unfit(format!("the version `{version}`"), reason)
    };
    let mut text = format!("{}.{}.{}", version.major, version.minor, version.patch);
    if !version.pre.is_empty() {
        let pre = version.pre.to_lowercase();
        let letters = pre.find(|character: char| !character.is_ascii_alphabetic());
        let (word, number) = pre.split_at(letters.unwrap_or(pre.len()));
        let mark = match word {
            "a" | "alpha" => "a",
            "b" | "beta" => "b",
            "c" | "rc" | "pre" | "preview" => "rc",
            "dev" => ".dev",
            _ => return Err(unknown()),
        };
        let number = number.strip_prefix(['.', '-']).unwrap_or(number);
        let number: u64 = match number {
            "" if letters.is_none() => 0,
            digits => digits.parse().map_err(|_| unknown())?,
        };
        text += &format!("{mark}{number}");
    }
    let local = local_version(&version.build);
    if !local.is_empty() {
        text += &format!("+{local}");
    }
    Ok(text)
}

/// Build metadata as Python writes it: parts of letters and digits, none of them empty, and numbers without zeros in front.
fn local_version(build: &str) -> String {
    let parts = build.split(['.', '-']).filter(|part| !part.is_empty());
    let parts = parts.map(|part| match part.trim_start_matches('0') {
        "" => "0".to_owned(),
        number if part.bytes().all(|byte| byte.is_ascii_digit()) => number.to_owned(),
        _ => part.to_lowercase(),
    });
    parts.collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests;
