//! What a registry serves, and how.

use super::{DownloadCache, Fault, Registry, Traffic, download_cache::ThirdParty};
use crate::Error;

/// Where third-party crates are that the machine does not have. To name it is to allow the network: Cargo is sent there.
///
/// ```
/// use tuneup_packaging::Upstream;
///
/// let upstream = Upstream {
///     index: "http://127.0.0.1:8000/index".to_owned(),
///     download: "http://127.0.0.1:8000/dl/{crate}/{version}".to_owned(),
/// };
/// assert!(upstream.download.contains("{crate}"));
/// ```
#[derive(Clone, Debug)]
pub struct Upstream {
    /// The address of the sparse index, without `sparse+`.
    pub index: String,
    /// The address of a `.crate` file, with `{crate}` and `{version}` in their places.
    pub download: String,
}

/// Says what a [`Registry`] serves and how.
///
/// ```
/// use tuneup_packaging::{DownloadCache, Registry};
///
/// let home = tempfile::tempdir().unwrap();
/// let registry = Registry::builder()
///     .third_party(DownloadCache::open(home.path())?)
///     .max_crate_bytes(1 << 20)
///     .start()?;
/// assert!(registry.published().is_empty());
/// # Ok::<(), tuneup_packaging::Error>(())
/// ```
#[derive(Debug)]
#[must_use = "a builder serves nothing before `start`"]
pub struct RegistryBuilder {
    pub(super) third_party: ThirdParty,
    pub(super) is_private: bool,
    pub(super) max_crate_bytes: u64,
    pub(super) faults: Vec<(Traffic, usize, Fault)>,
}

/// What the public registry accepts.
const MAX_CRATE_BYTES: u64 = 10 << 20;

impl Default for RegistryBuilder {
    fn default() -> Self {
        Self {
            third_party: ThirdParty::default(),
            is_private: false,
            max_crate_bytes: MAX_CRATE_BYTES,
            faults: Vec::new(),
        }
    }
}

impl RegistryBuilder {
    /// Serves other people's crates from what Cargo has downloaded. Without it, there are none but those that are published.
    pub fn third_party(mut self, cache: DownloadCache) -> Self {
        self.third_party.cache = Some(cache);
        self
    }

    /// Sends Cargo there for the index of other people's crates, and for those that are not in the cache.
    pub fn upstream(mut self, upstream: Upstream) -> Self {
        self.third_party.upstream = Some(upstream);
        self
    }

    /// Wants the token for the index and for downloads, too, as private registries do. Not by default.
    pub fn private(mut self, is_private: bool) -> Self {
        self.is_private = is_private;
        self
    }

    /// How big a `.crate` may be, in bytes. 10 MiB by default, as on the public registry.
    pub fn max_crate_bytes(mut self, bytes: u64) -> Self {
        self.max_crate_bytes = bytes;
        self
    }

    /// Has the request of this number, from 1 on among those of its kind, meet a fault.
    pub fn fault(mut self, traffic: Traffic, number: usize, fault: Fault) -> Self {
        self.faults.push((traffic, number, fault));
        self
    }

    /// Begins to serve.
    ///
    /// # Errors
    ///
    /// There is no port or thread to be had, or no randomness for the token.
    pub fn start(self) -> Result<Registry, Error> {
        Registry::start(self)
    }
}
