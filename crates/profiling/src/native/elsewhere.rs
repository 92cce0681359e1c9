//! The sampler where there are no perf events: it cannot be started.

use std::io;

use super::Options;
use crate::{Error, Profile};

/// A sampler that never runs.
#[derive(Debug)]
pub(super) enum Engine {}

impl Engine {
    pub(super) fn start(_options: Options) -> Result<Self, Error> {
        Err(Error::Sampler {
            what: "native stacks need the perf events of Linux on x86-64 or AArch64".to_owned(),
            mend: "profile instrumented functions instead, which works everywhere".to_owned(),
            source: io::ErrorKind::Unsupported.into(),
        })
    }

    pub(super) fn snapshot(&self) -> Profile {
        match *self {}
    }

    pub(super) fn finish(self) -> Profile {
        match self {}
    }
}
