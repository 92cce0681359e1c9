//! The format that loads back.

mod stored;

use std::fs;
use std::io;
use std::path::Path;

use serde::Deserialize;

use self::stored::StoredProfile;
use super::format::refused;
use crate::{Error, FunctionKind, Profile};

const FORMAT: &str = "tuneup-profile";
const VERSION: u64 = 1;

pub(super) fn encode(profile: &Profile, path: &Path) -> Result<Vec<u8>, Error> {
    // What could not be read back is better refused while the profile is still in memory.
    check(profile)
        .map_err(|reason| refused(path, io::Error::new(io::ErrorKind::InvalidData, reason)))?;
    let stored = StoredProfile::of(profile);
    let mut text = serde_json::to_vec(&stored).map_err(|error| refused(path, error))?;
    text.push(b'\n');
    Ok(text)
}

pub(super) fn load(path: &Path) -> Result<Profile, Error> {
    let text = fs::read(path).map_err(|source| Error::Read {
        path: path.to_owned(),
        source,
    })?;
    decode(&text, path)
}

/// The part that every version of the format has.
#[derive(Deserialize)]
struct Header {
    format: String,
    version: u64,
}

pub(super) fn decode(text: &[u8], path: &Path) -> Result<Profile, Error> {
    let damaged = |reason: String| Error::Damaged {
        path: path.to_owned(),
        reason,
    };
    if text.trim_ascii_start().first() != Some(&b'{') {
        return Err(damaged(
            "it is no JSON object, and only .json loads back".to_owned(),
        ));
    }
    let header: Header =
        serde_json::from_slice(text).map_err(|error| damaged(error.to_string()))?;
    if header.format != FORMAT {
        return Err(damaged(format!(
            "its format is {:?}, not {FORMAT:?}",
            header.format
        )));
    }
    if header.version != VERSION {
        return Err(Error::OtherVersion {
            path: path.to_owned(),
            found: header.version,
            expected: VERSION,
        });
    }
    let stored: StoredProfile<'_> =
        serde_json::from_slice(text).map_err(|error| damaged(error.to_string()))?;
    let profile = stored.restore();
    check(&profile).map_err(damaged)?;
    Ok(profile)
}

/// What everybody who reads a profile may rely on.
fn check(profile: &Profile) -> Result<(), String> {
    for (index, node) in profile.nodes.iter().enumerate() {
        let Some(function) = profile.functions.get(node.function) else {
            return Err(format!(
                "node {index} is of function {}, which is not there",
                node.function
            ));
        };
        let is_root = function.kind == FunctionKind::Root;
        match node.parent {
            None if index > 0 => return Err(format!("node {index} has no parent")),
            None if !is_root => return Err("the first node is no root".to_owned()),
            Some(parent) if parent >= index => {
                return Err(format!("node {index} stands before its parent {parent}"));
            }
            Some(_) if is_root => return Err(format!("node {index} is another root")),
            _ => {}
        }
    }
    let rate = profile.sampling.map_or(0.0, |sampling| sampling.rate_hz);
    let overhead = [profile.overhead.inside_ns, profile.overhead.outside_ns];
    match overhead
        .iter()
        .chain([&rate])
        .all(|number| number.is_finite())
    {
        true => Ok(()),
        false => Err("the overhead or the sampling rate is no number".to_owned()),
    }
}
