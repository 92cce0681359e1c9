//! Whether what is to be released is fit for it: each check by itself, and all of them as a list with a score.

mod advisories;
mod checklist;
mod paths;
mod readme_blocks;
mod scratch;
mod secrets;
mod sources;
mod time_limit;
mod unpacked;
mod unsafe_audit;
mod yanked;

pub use self::{
    advisories::{AdvisoriesReport, FoundAdvisory, find_advisories},
    checklist::{
        Area, Check, CheckReport, Context, Readiness, ReadinessBuilder, ReadinessEvent,
        ReadinessReport, Score, StandardChecks, State,
    },
    readme_blocks::{FailedBlock, ReadmeOptions, ReadmeReport, run_readme_blocks},
    secrets::{AllowedSecrets, FoundSecret, SecretsReport, find_secrets},
    sources::{AllowedSource, SourcesReport, audit_sources},
    time_limit::TimeLimit,
    unpacked::{UnpackedPackage, UnpackedReport, test_unpacked},
    unsafe_audit::{UnsafeReport, audit_unsafe, read_unsafe_counts},
    yanked::{YankedReport, cargo_home, find_yanked},
};
