//! What the public registry refuses, so that a rehearsal does, too.
//!
//! Source: `publish` and the models of the registry's own server, and "The Manifest Format" of The Cargo Book.

use super::{
    catalogue::Refused,
    upload::{Dependency, Metadata},
};

const MAX_NAME: usize = 64;
const MAX_KEYWORDS: usize = 5;
const MAX_KEYWORD: usize = 20;
const MAX_CATEGORIES: usize = 5;
const MAX_FEATURES: usize = 300;

/// Names that nobody may have: crates of the distribution, and names of devices of one system.
const RESERVED: &[&str] = &[
    "alloc",
    "arena",
    "ast",
    "builtins",
    "collections",
    "compiler-builtins",
    "compiler-rt",
    "compiletest",
    "core",
    "coretest",
    "debug",
    "driver",
    "flate",
    "fmt-macros",
    "grammar",
    "graphviz",
    "macro",
    "macros",
    "proc-macro",
    "rbml",
    "rust-installer",
    "rustbook",
    "rustc",
    "rustc-back",
    "rustc-borrowck",
    "rustc-driver",
    "rustc-llvm",
    "rustc-resolve",
    "rustc-trans",
    "rustc-typeck",
    "rustc-unicode",
    "rustdoc",
    "rustllvm",
    "rustuv",
    "serialize",
    "std",
    "syntax",
    "test",
    "unicode",
    "nul",
    "con",
    "prn",
    "aux",
    "com1",
    "com2",
    "com3",
    "com4",
    "com5",
    "com6",
    "com7",
    "com8",
    "com9",
    "lpt1",
    "lpt2",
    "lpt3",
    "lpt4",
    "lpt5",
    "lpt6",
    "lpt7",
    "lpt8",
    "lpt9",
];

/// The form in which two names are the same to a registry.
pub(super) fn canonical(name: &str) -> String {
    name.to_lowercase().replace('_', "-")
}

/// Whether a version keeps all rules that need no look at other versions.
pub(super) fn check(metadata: &Metadata) -> Result<(), Refused> {
    check_name(&metadata.name, "the name of the crate")?;
    if RESERVED.contains(&canonical(&metadata.name).as_str()) {
        return Err(Refused::bad(format!(
            "nobody may publish a crate called `{}`; choose another name",
            metadata.name
        )));
    }
    check_description(metadata)?;
    check_words(metadata)?;
    check_addresses(metadata)?;
    check_features(metadata)?;
    metadata.deps.iter().try_for_each(check_dependency)
}

fn check_name(name: &str, what: &str) -> Result<(), Refused> {
    let begins = name.starts_with(|first: char| first.is_ascii_alphabetic());
    let is_plain = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if begins && is_plain && name.len() <= MAX_NAME {
        return Ok(());
    }
    Err(Refused::bad(format!(
        "{what}, `{}`, is to begin with a letter, to have letters, digits, `-` and `_` alone, and {MAX_NAME} of them at most",
        name.escape_default()
    )))
}

fn check_description(metadata: &Metadata) -> Result<(), Refused> {
    let is_empty =
        |field: &Option<String>| field.as_ref().is_none_or(|text| text.trim().is_empty());
    let mut missing = Vec::new();
    if is_empty(&metadata.description) {
        missing.push("`description`");
    }
    if is_empty(&metadata.license) && is_empty(&metadata.license_file) {
        missing.push("`license` or `license-file`");
    }
    if missing.is_empty() {
        return Ok(());
    }
    Err(Refused::bad(format!(
        "the manifest has no {}; the public registry refuses crates without",
        missing.join(", no ")
    )))
}

fn check_words(metadata: &Metadata) -> Result<(), Refused> {
    if metadata.keywords.len() > MAX_KEYWORDS {
        return Err(Refused::bad(format!("more than {MAX_KEYWORDS} keywords")));
    }
    if metadata.categories.len() > MAX_CATEGORIES {
        return Err(Refused::bad(format!(
            "more than {MAX_CATEGORIES} categories"
        )));
    }
    let is_keyword = |word: &str| {
        word.len() <= MAX_KEYWORD
            && word.starts_with(|first: char| first.is_ascii_alphanumeric())
            && word
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_+".contains(&byte))
    };
    match metadata.keywords.iter().find(|word| !is_keyword(word)) {
        None => Ok(()),
        Some(word) => Err(Refused::bad(format!(
            "the keyword `{}` is to begin with a letter or digit, to have letters, digits, `-`, `_` and `+` alone, and {MAX_KEYWORD} of them at most",
            word.escape_default()
        ))),
    }
}

fn check_addresses(metadata: &Metadata) -> Result<(), Refused> {
    let addresses = [
        ("homepage", &metadata.homepage),
        ("documentation", &metadata.documentation),
        ("repository", &metadata.repository),
    ];
    let is_address = |text: &str| {
        let rest = text
            .strip_prefix("https://")
            .or_else(|| text.strip_prefix("http://"));
        rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(char::is_whitespace))
    };
    for (field, address) in addresses {
        if let Some(address) = address
            && !address.is_empty()
            && !is_address(address)
        {
            return Err(Refused::bad(format!(
                "`{field}` is no address of the web: `{}`",
                address.escape_default()
            )));
        }
    }
    Ok(())
}

fn check_features(metadata: &Metadata) -> Result<(), Refused> {
    if metadata.features.len() > MAX_FEATURES {
        return Err(Refused::bad(format!("more than {MAX_FEATURES} features")));
    }
    let is_feature = |name: &str| {
        name.starts_with(|first: char| first.is_alphanumeric() || first == '_')
            && name
                .chars()
                .all(|c| c.is_alphanumeric() || "_-+.".contains(c))
    };
    match metadata.features.keys().find(|name| !is_feature(name)) {
        None => Ok(()),
        Some(name) => Err(Refused::bad(format!(
            "`{}` is no name of a feature",
            name.escape_default()
        ))),
    }
}

fn check_dependency(dependency: &Dependency) -> Result<(), Refused> {
    check_name(&dependency.name, "the name of a dependency")?;
    if dependency.version_req == semver::VersionReq::STAR {
        return Err(Refused::bad(format!(
            "`{}` is asked for in any version (`*`), which the public registry refuses; name a version",
            dependency.name
        )));
    }
    if dependency.artifact.is_some() {
        return Err(Refused::bad(format!(
            "`{}` is an artifact dependency, which the public registry refuses",
            dependency.name
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
