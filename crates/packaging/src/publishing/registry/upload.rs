//! What Cargo sends when it publishes: a description and a `.crate`, each after its length.

use std::collections::BTreeMap;

use semver::{Version, VersionReq};
use serde::Deserialize;
use serde_json::Value;

use super::{catalogue::Refused, rules};

/// A longer description is refused.
pub(super) const MAX_METADATA_BYTES: u64 = 2 << 20;

/// A version that somebody wants to publish, and that keeps the rules of the public registry as far as they concern it alone.
#[derive(Debug)]
pub(super) struct Upload {
    pub(super) metadata: Metadata,
    pub(super) crate_file: Vec<u8>,
}

/// What Cargo says of it. Fields that are for the pages of a registry alone are left out.
#[derive(Debug, Deserialize)]
pub(super) struct Metadata {
    pub(super) name: String,
    pub(super) vers: Version,
    #[serde(default)]
    pub(super) deps: Vec<Dependency>,
    #[serde(default)]
    pub(super) features: BTreeMap<String, Vec<String>>,
    pub(super) description: Option<String>,
    pub(super) license: Option<String>,
    pub(super) license_file: Option<String>,
    #[serde(default)]
    pub(super) keywords: Vec<String>,
    #[serde(default)]
    pub(super) categories: Vec<String>,
    pub(super) homepage: Option<String>,
    pub(super) documentation: Option<String>,
    pub(super) repository: Option<String>,
    pub(super) links: Option<String>,
    pub(super) rust_version: Option<String>,
}

/// A dependency as an upload has it.
#[derive(Debug, Deserialize)]
pub(super) struct Dependency {
    pub(super) name: String,
    pub(super) version_req: VersionReq,
    #[serde(default)]
    pub(super) features: Vec<String>,
    #[serde(default)]
    pub(super) optional: bool,
    #[serde(default = "yes")]
    pub(super) default_features: bool,
    pub(super) target: Option<String>,
    #[serde(default)]
    pub(super) kind: DependencyKind,
    /// Where it is from, if not from this registry.
    pub(super) registry: Option<String>,
    /// What the manifest calls it, if it calls it something else.
    pub(super) explicit_name_in_toml: Option<String>,
    /// Dependencies on a program of another package, which are not stable in Cargo.
    #[serde(default)]
    pub(super) artifact: Option<Value>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum DependencyKind {
    #[default]
    Normal,
    Dev,
    Build,
}

fn yes() -> bool {
    true
}

impl Upload {
    /// Reads the body of a request. Never panics, whatever it is.
    pub(super) fn parse(body: &[u8], max_crate_bytes: u64) -> Result<Self, Refused> {
        let (metadata, rest) = part(body, "description", MAX_METADATA_BYTES)?;
        let (crate_file, rest) = part(rest, "crate", max_crate_bytes)?;
        if !rest.is_empty() {
            return Err(Refused::bad("there is something behind the crate"));
        }
        let metadata: Metadata = serde_json::from_slice(metadata)
            .map_err(|error| Refused::bad(format!("the description cannot be read: {error}")))?;
        if !crate_file.starts_with(&[0x1f, 0x8b]) {
            return Err(Refused::bad("the crate is no gzip"));
        }
        rules::check(&metadata)?;
        Ok(Self {
            metadata,
            crate_file: crate_file.to_vec(),
        })
    }
}

/// The bytes after a length of four bytes, least significant first, and what is behind them.
fn part<'a>(bytes: &'a [u8], what: &str, max_bytes: u64) -> Result<(&'a [u8], &'a [u8]), Refused> {
    let cut = || Refused::bad(format!("the {what} is not complete"));
    let (length, rest) = bytes.split_first_chunk().ok_or_else(cut)?;
    let length = u32::from_le_bytes(*length);
    if u64::from(length) > max_bytes {
        return Err(Refused {
            status: 413,
            reason: format!("the {what} may have {max_bytes} bytes, and this one has {length}"),
        });
    }
    let length = usize::try_from(length).map_err(|_| cut())?;
    rest.split_at_checked(length).ok_or_else(cut)
}

#[cfg(test)]
pub(super) mod tests;
