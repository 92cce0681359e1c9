//! A throw-away registry on loopback, as Cargo's own client speaks to one.

use std::{
    collections::BTreeMap,
    env, fmt,
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::Command,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
};

use semver::Version;

use crate::{Error, Index, IndexedVersion};

mod builder;
mod catalogue;
mod connection;
mod download_cache;
mod fault;
mod http;
mod route;
mod rules;
mod upload;

pub use self::builder::{RegistryBuilder, Upstream};
pub use self::download_cache::DownloadCache;
pub use self::fault::{Fault, Traffic};

use self::{
    catalogue::Catalogue, connection::Connections, download_cache::ThirdParty, fault::Faults,
};

/// A registry that lives in this process, on loopback, until it is dropped.
///
/// It has the sparse index, downloads, `publish`, `yank` with its undoing, and `search`; it refuses what the public registry would: a version twice, names that
/// differ by `-`, `_` or case alone, missing descriptions and licences, requirements of `*`, crates that are too big. Crates live in memory.
/// Who publishes needs its token, which is drawn at random and in no message, log or debug text.
///
/// Its port is one that the system chooses, on 127.0.0.1 alone. One thread serves each connection, at most 64 at a time; all of them are gone, and the port is
/// free, when the drop returns.
///
/// Source: the chapters "Registry index", "Registry web API" and "Running a registry" of The Cargo Book.
///
/// ```
/// use std::process::Command;
/// use tuneup_packaging::Registry;
///
/// let registry = Registry::builder().start()?;
/// let mut command = Command::new("cargo");
/// command.args(["publish", "--workspace", "--registry", "rehearsal"]);
/// registry.tell("rehearsal", &mut command);
/// assert!(registry.index_url().starts_with("sparse+http://127.0.0.1:"));
/// # Ok::<(), tuneup_packaging::Error>(())
/// ```
#[doc(alias = "alternative registry")]
pub struct Registry {
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

/// What comes before a name by which the registry has an address of its own.
const ALIASES: &str = "/as/";

/// What all connections share.
pub(crate) struct Shared {
    address: SocketAddr,
    token: String,
    is_private: bool,
    max_crate_bytes: u64,
    catalogue: Mutex<Catalogue>,
    third_party: ThirdParty,
    faults: Faults,
    connections: Connections,
}

impl Shared {
    /// Nothing that is done under the lock leaves the catalogue half-changed.
    fn catalogue(&self) -> MutexGuard<'_, Catalogue> {
        self.catalogue
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Registry {
    /// What it serves and how, before it starts.
    pub fn builder() -> RegistryBuilder {
        RegistryBuilder::default()
    }

    /// Binds, and begins to serve.
    fn start(builder: RegistryBuilder) -> Result<Self, Error> {
        let unavailable = |source| Error::Loopback { source };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(unavailable)?;
        let address = listener.local_addr().map_err(unavailable)?;
        let mut secret = [0; 24];
        getrandom::fill(&mut secret).map_err(|error| Error::Loopback {
            source: error.into(),
        })?;
        let shared = Arc::new(Shared {
            address,
            token: secret.iter().map(|byte| format!("{byte:02x}")).collect(),
            is_private: builder.is_private,
            max_crate_bytes: builder.max_crate_bytes,
            catalogue: Mutex::default(),
            third_party: builder.third_party,
            faults: Faults::new(builder.faults),
            connections: Connections::default(),
        });
        let acceptor = thread::Builder::new()
            .name("loopback-registry".to_owned())
            .spawn({
                let shared = Arc::clone(&shared);
                move || connection::accept(&listener, &shared)
            })
            .map_err(unavailable)?;
        Ok(Self {
            shared,
            acceptor: Some(acceptor),
        })
    }

    /// Where Cargo finds the index, as it wants it in `CARGO_REGISTRIES_<NAME>_INDEX`.
    #[must_use]
    pub fn index_url(&self) -> String {
        format!("sparse+http://{}/index/", self.shared.address)
    }

    /// What lets somebody publish and yank. Hand it to a program in its environment, never as an argument.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.shared.token
    }

    /// Has a `cargo` know this registry by a name, and be let in. The environment says so; nothing is written.
    ///
    /// A proxy that the environment names is passed by for loopback: `NO_PROXY` is read and added to.
    pub fn tell(&self, name: &str, command: &mut Command) {
        self.tell_address(name, &self.index_url(), command);
    }

    /// As [`Registry::tell`], for a further name: Cargo wants each to have an address of its own.
    pub(crate) fn tell_apart(&self, name: &str, command: &mut Command) {
        let address = self.shared.address;
        let index = format!("sparse+http://{address}{ALIASES}{name}/index/");
        self.tell_address(name, &index, command);
    }

    fn tell_address(&self, name: &str, index: &str, command: &mut Command) {
        let name = name.to_uppercase().replace('-', "_");
        command
            .env(format!("CARGO_REGISTRIES_{name}_INDEX"), index)
            .env(format!("CARGO_REGISTRIES_{name}_TOKEN"), self.token())
            // Not a store of the user's, which private registries would need otherwise.
            .env(
                format!("CARGO_REGISTRIES_{name}_CREDENTIAL_PROVIDER"),
                "cargo:token",
            );
        pass_proxies_by(command);
    }

    /// Makes a folder a `CARGO_HOME` in which this registry stands in the place of the public one, for whoever depends or installs.
    ///
    /// # Errors
    ///
    /// The folder or its `config.toml` cannot be written.
    ///
    /// ```
    /// use tuneup_packaging::Registry;
    ///
    /// let registry = Registry::builder().start()?;
    /// let home = tempfile::tempdir().unwrap();
    /// registry.write_cargo_home(home.path())?;
    /// assert!(home.path().join("config.toml").is_file());
    /// # Ok::<(), tuneup_packaging::Error>(())
    /// ```
    pub fn write_cargo_home(&self, folder: &Path) -> Result<(), Error> {
        std::fs::create_dir_all(folder).map_err(Error::file("make", folder))?;
        let config = folder.join("config.toml");
        let text = format!(
            "[source.crates-io]\nreplace-with = \"loopback\"\n\n[source.loopback]\nregistry = \"{}\"\n",
            self.index_url()
        );
        std::fs::write(&config, text).map_err(Error::file("write", config))
    }

    /// What has been published, in the order of names and versions.
    #[must_use]
    pub fn published(&self) -> BTreeMap<(String, Version), IndexedVersion> {
        self.shared.catalogue().published()
    }

    /// How many requests of this kind there were, those that met a fault included.
    #[must_use]
    pub fn requests(&self, traffic: Traffic) -> usize {
        self.shared.faults.count(traffic)
    }

    /// What a version was published with: the `.crate` file.
    #[must_use]
    pub fn crate_file(&self, package: &str, version: &Version) -> Option<Arc<[u8]>> {
        self.shared.catalogue().crate_file(package, version)
    }
}

impl Index for Registry {
    fn version(&self, package: &str, version: &Version) -> Result<Option<IndexedVersion>, Error> {
        let key = (package.to_owned(), version.clone());
        Ok(self.published().remove(&key))
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry")
            .field("address", &self.shared.address)
            .finish_non_exhaustive()
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        self.shared.connections.stop();
        // The acceptor waits for a connection; this is the last one. If it cannot be made, the listener has failed, and the acceptor is over.
        drop(TcpStream::connect(self.shared.address));
        if let Some(acceptor) = self.acceptor.take() {
            // Connections are served without a panic; one of the acceptor would have been printed by its thread.
            drop(acceptor.join());
        }
    }
}

/// Has a program reach loopback by itself, and the rest of the world as before. Reads the two variables that it adds to.
pub(crate) fn pass_proxies_by(command: &mut Command) {
    for variable in ["NO_PROXY", "no_proxy"] {
        let mut hosts = env::var_os(variable).unwrap_or_default();
        if !hosts.is_empty() {
            hosts.push(",");
        }
        hosts.push("127.0.0.1");
        command.env(variable, hosts);
    }
}

#[cfg(test)]
mod tests;
