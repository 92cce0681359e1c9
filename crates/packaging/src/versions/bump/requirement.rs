//! The requirement of a dependency after the version of what it names has gone up, in the form that its author gave it.

use semver::{Op, Version, VersionReq};

/// What becomes of a requirement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Requirement {
    /// It stays, and allows the new version.
    Stays,
    /// It is written so.
    Becomes(String),
    /// It does not allow the new version, and how to write it is for its author to say.
    Refused(&'static str),
}

/// `0.1` becomes `0.2`, `=0.1.0` becomes `=0.2.0`, `~1` stays for 1.4.0: as many numbers as before, behind the same sign. A pre-release needs all numbers. A full
/// version below the current one is the least that somebody wants, and stays while it allows the next.
pub(crate) fn after(text: &str, from: &Version, to: &Version) -> Requirement {
    let Ok(asked) = text.parse::<VersionReq>() else {
        return Requirement::Refused("it is no requirement that can be read");
    };
    let only = match &asked.comparators[..] {
        // `*` takes no pre-release.
        [] if asked.matches(to) => return Requirement::Stays,
        [] => return Requirement::Refused("`*` takes no pre-release"),
        [only] => only,
        _ if asked.matches(to) => return Requirement::Stays,
        _ => return Requirement::Refused("a range ends before it"),
    };
    match only.op {
        Op::Exact | Op::Caret | Op::Tilde | Op::Wildcard => {}
        _ if asked.matches(to) => return Requirement::Stays,
        _ => return Requirement::Refused("a range ends before it"),
    }
    let is_full = only.patch.is_some();
    let is_current = (only.major, only.minor, only.patch, &only.pre)
        == (from.major, Some(from.minor), Some(from.patch), &from.pre);
    if is_full && !is_current && asked.matches(to) {
        return Requirement::Stays;
    }
    let text = text.trim();
    let sign = &text[..text.find(|c: char| c.is_ascii_digit()).unwrap_or(0)];
    let full = format!("{}.{}.{}", to.major, to.minor, to.patch);
    let parts = 1 + usize::from(only.minor.is_some()) + usize::from(only.patch.is_some());
    let short: Vec<&str> = full.split('.').take(parts).collect();
    let rest = match only.op {
        Op::Wildcard => &text[text.find(['*', 'x', 'X']).map_or(text.len(), |at| at - 1)..],
        _ => "",
    };
    let pre = if to.pre.is_empty() {
        String::new()
    } else {
        format!("-{}", to.pre)
    };
    let short = format!("{sign}{}{rest}", short.join("."));
    let full = format!("{sign}{full}{pre}");
    let is_right = |text: &String| {
        text.parse::<VersionReq>()
            .is_ok_and(|asked| asked.matches(to))
    };
    let written = if parts < 3 {
        [short, full]
    } else {
        [full.clone(), full]
    };
    match written.into_iter().find(is_right) {
        Some(same) if same == text => Requirement::Stays,
        Some(other) => Requirement::Becomes(other),
        None => Requirement::Refused("its sign does not allow it"),
    }
}

#[cfg(test)]
mod tests;
