//! To a registry, and back: first to a throw-away one on loopback, where a stranger tries all of it, then to the real one.
//!
//! Cargo does everything that a registry sees. What it says in case of failure is told without secrets.

mod cargo_command;
mod index;
mod publish;
mod redaction;
mod registry;
mod rehearse;
mod yank;

pub use self::{
    index::{CargoIndex, Index, IndexedVersion},
    publish::{Arrival, Publication, PublishProgress, PublishReport, PublishedPackage},
    registry::{DownloadCache, Fault, Registry, RegistryBuilder, Traffic, Upstream},
    rehearse::{
        Artefact, Installable, Rehearsal, RehearsalCheck, RehearsalOutcome, RehearsalProgress,
        RehearsalReport, RehearsalStep, RehearsedPackage, Smoke,
    },
    yank::{Withdrawal, YankOutcome, YankReport, YankedPackage},
};
