//! What shows that a release works, before anybody has it.

use std::path::PathBuf;

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};
use tuneup_packaging::{
    Artefact, Check, DownloadCache, Installable, Rehearsal, RehearsalProgress, Smoke, System,
};

use super::{
    Made as Step,
    artefacts::{Artefacts, PACKAGE},
    scratch::Scratch,
};
use crate::ready::{self, Knowledge};

/// What can be installed.
pub(super) struct Made {
    pub(super) archives: Vec<PathBuf>,
    pub(super) wheel: Option<PathBuf>,
    pub(super) deb: Option<PathBuf>,
    pub(super) program_crate: PathBuf,
}

/// What is kept of a proof: for the evidence.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Proof {
    sentence: String,
}

/// The checklist, on the clone.
pub(super) fn readiness(
    scratch: &Scratch,
    knowledge: &Knowledge,
    signatures: Check<'_>,
) -> Result<Step<Proof>> {
    let report = ready::check(&scratch.workspace()?, knowledge, signatures)?;
    let files = ready::keep(&report, &scratch.target.with_file_name("readiness"))?;
    // Points are for those who are on their way. What is handed to others has no failure that nobody has answered for.
    let failures: Vec<String> = report
        .failures()
        .map(|check| format!("{}: {}", check.id, check.state.text()))
        .collect();
    let place = files[0].display();
    if !failures.is_empty() {
        bail!(
            "{} of {} checks of the readiness have not passed:\n{}\nThe whole of it is in `{place}`. A check that says nothing here is left out with --not-applicable CHECK=REASON.",
            failures.len(),
            report.checks.len(),
            failures.join("\n"),
        );
    }
    if !report.is_ready() {
        bail!("{}; the whole of it is in `{place}`", report.verdict());
    }
    Ok(Step::of(Proof {
        sentence: report.verdict(),
    })
    .with_files(files))
}

/// The crates, published to a registry of our own and used from there; the program, installed from each of its artefacts.
pub(super) fn rehearsal(
    scratch: &Scratch,
    artefacts: &Artefacts<'_>,
    made: &Made,
) -> Result<Step<Proof>> {
    let workspace = scratch.workspace()?;
    let home = tuneup_packaging::cargo_home();
    let cache = DownloadCache::open(&home)?.locked(&scratch.folder.join("Cargo.lock"))?;
    let smoke = Smoke::new(PACKAGE, PACKAGE)
        .with_arguments(["tuneup", "--version"])
        .with_expected(artefacts.version());
    let mut rehearsal = Rehearsal::of(&workspace)
        .third_party(cache)
        .each_feature(false)
        // Strangers build each of them, with default and with all features.
        .verify(false)
        .smoke(smoke.clone());
    let archives = made.archives.iter().map(|path| (Artefact::Archive, path));
    let wheel = made.wheel.iter().map(|path| (Artefact::Wheel, path));
    let deb = made.deb.iter().map(|path| (Artefact::Deb, path));
    for (artefact, path) in archives.chain(wheel).chain(deb) {
        rehearsal = rehearsal.installable(Installable {
            artefact,
            path: path.clone(),
            smoke: smoke.clone(),
        });
    }
    rehearsal = rehearsal.installable(Installable {
        artefact: Artefact::CrateFile,
        path: made.program_crate.clone(),
        smoke,
    });
    let report = rehearsal.run(&System, &System, &tell)?;
    let failures: Vec<String> = report
        .failures()
        .map(|step| format!("{} {}: {}", step.package, step.check, step.outcome))
        .collect();
    if !failures.is_empty() {
        bail!(
            "{} of {} steps of the rehearsal have failed:\n{}",
            failures.len(),
            report.steps.len(),
            failures.join("\n")
        );
    }
    Ok(Step::of(Proof {
        sentence: format!("{} steps passed", report.steps.len()),
    }))
}

fn tell(progress: &RehearsalProgress<'_>) {
    if let RehearsalProgress::Ended(step) = progress {
        let seconds = step.took_ms as f64 / 1000.0;
        eprintln!(
            "      {seconds:6.1} s  {} {}: {}",
            step.package, step.check, step.outcome
        );
    }
}

/// For the evidence: what was proved, and how.
pub(super) fn checks(
    readiness: Option<&Proof>,
    rehearsal: Option<&Proof>,
) -> Vec<(String, String)> {
    let readiness = readiness.map(|proof| ("readiness", "cargo xtask ready", proof));
    let rehearsal = rehearsal.map(|proof| ("rehearsal", "cargo xtask release", proof));
    let proofs = [readiness, rehearsal].into_iter().flatten();
    proofs
        .map(|(name, command, proof)| (name.to_owned(), format!("{command}: {}", proof.sentence)))
        .collect()
}
