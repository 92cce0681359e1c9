#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod error;
mod runner;
mod whole_file;
mod workspace;

#[cfg(any(feature = "readiness", feature = "registry"))]
mod fenced_blocks;
#[cfg(any(feature = "readiness", feature = "registry"))]
mod index_path;
#[cfg(any(feature = "artefacts", feature = "readiness", feature = "registry"))]
mod lock_file;
#[cfg(any(
    feature = "artefacts",
    feature = "readiness",
    feature = "registry",
    feature = "steps"
))]
mod sha256;

mod versions;

#[cfg(feature = "artefacts")]
mod artefacts;

#[cfg(feature = "registry")]
mod publishing;

#[cfg(feature = "readiness")]
mod readiness;

#[cfg(feature = "steps")]
mod steps;

#[cfg(feature = "artefacts")]
pub use crate::artefacts::{
    About, Architecture, Archive, ArchivedFile, Checksums, Contents, CrateFile, Deb, DebBuilder,
    Evidence, EvidenceArtefact, EvidenceCheck, EvidenceOutcome, Library, LicencePolicy, Licences,
    LicensedPackage, Packager, Program, ProgramSystem, Sbom, Selection, Shell, SourceDate, Wheel,
    WheelBuilder, gather_licences, read_archive, unpack_archive, verify_evidence, verify_sbom,
    verify_wheel, write_archive, write_sbom,
};
#[cfg(feature = "signatures")]
pub use crate::artefacts::{Signature, SigningKey, verify_signature};
#[cfg(feature = "registry")]
pub use crate::lock_file::LockedPackage;
#[cfg(feature = "registry")]
pub use crate::publishing::{
    Arrival, Artefact, CargoIndex, DownloadCache, Fault, Index, IndexedVersion, Installable,
    Publication, PublishProgress, PublishReport, PublishedPackage, Registry, RegistryBuilder,
    Rehearsal, RehearsalCheck, RehearsalOutcome, RehearsalProgress, RehearsalReport, RehearsalStep,
    RehearsedPackage, Smoke, Traffic, Upstream, Withdrawal, YankOutcome, YankReport, YankedPackage,
};
#[cfg(feature = "readiness")]
pub use crate::readiness::{
    AdvisoriesReport, AllowedSecrets, AllowedSource, Area, Check, CheckReport, Context,
    FailedBlock, FoundAdvisory, FoundSecret, Readiness, ReadinessBuilder, ReadinessEvent,
    ReadinessReport, ReadmeOptions, ReadmeReport, Score, SecretsReport, SourcesReport,
    StandardChecks, State, TimeLimit, UnpackedPackage, UnpackedReport, UnsafeReport, YankedReport,
    audit_sources, audit_unsafe, cargo_home, find_advisories, find_secrets, find_yanked,
    read_unsafe_counts, run_readme_blocks, test_unpacked,
};
#[cfg(any(
    feature = "artefacts",
    feature = "readiness",
    feature = "registry",
    feature = "steps"
))]
pub use crate::sha256::sha256_of;
#[cfg(feature = "steps")]
pub use crate::steps::{
    Made, MadeFile, StepEvent, StepOutcome, StepReport, Steps, StepsBuilder, StepsReport,
};
pub use crate::versions::{
    Bump, Change, Changelog, ChangelogEntry, ChangelogGroup, Commit, CreatedTag, FileEdit,
    GIT_REDIRECTIONS, Head, Impact, Level, NextVersion, PlanOptions, PlannedMember, Raise, Reason,
    ReleasePlan, Released, Repository, Scheme, Tag, TagSignature, TagTemplate, Train, apply_edits,
    create_tag, date_of, is_compatible, push_tags, remove_tag,
};
pub use crate::{
    error::Error,
    runner::{Clock, Runner, System},
    workspace::{Member, Sibling, Workspace},
};
