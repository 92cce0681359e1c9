//! `cargo xtask release`: from a commit to artefacts that are proved to work, and with `--execute` to where others get them.
//!
//! All that is made is made of a clone: of the checkout nothing changes before all has been proved. Which steps there are is here; what they do is in
//! `tuneup-packaging`.

mod advice;
mod artefacts;
mod environment;
mod git;
mod hand_over;
mod place;
mod proof;
mod scratch;
mod subject;

use std::{path::Path, process::ExitCode};

use anyhow::{Context as _, Result, anyhow, bail};
use clap::Args;
use tuneup_packaging::{
    NextVersion, PlanOptions, Raise, ReleasePlan, Repository, Scheme, SigningKey, StepEvent,
    StepOutcome, Steps, StepsBuilder, System, TagSignature, Workspace,
};
use tuneup_report::Terminal;

pub(crate) use self::artefacts::{LICENCES, PACKAGE};
use self::{artefacts::Artefacts, place::Place, scratch::Scratch};
use crate::ready::{self, Knowledge};

/// Where a release goes if nothing else is said.
const REMOTE: &str = "origin";

/// What is released, and how far it goes.
#[derive(Args)]
#[command(
    after_help = "Without --execute nothing leaves the machine, and nothing changes in the checkout. What was made is in `tuneup/release/artefacts` of the target folder.\n\n\
    A release that has stopped goes on with --resume, at the step that had failed; with the same options, but for --execute and --skip.\n\n\
    The signing key is that of minisign, in TUNEUP_SIGNING_KEY, and its passphrase in TUNEUP_SIGNING_PASSPHRASE; without a key nothing is signed. None of\n\
    the programs that a release runs has them in its environment. Tokens of registries are Cargo's business: it finds them in its own variables or in its store."
)]
pub(crate) struct Options {
    /// The next version: patch, minor, major, prerelease, a version, or auto, which reads the messages of the commits
    #[arg(default_value = "auto")]
    raise: String,
    /// Tag, publish and push as well, when all has been proved
    #[arg(long)]
    execute: bool,
    /// Leave a step out: wheel, deb, readiness, rehearsal or signatures
    #[arg(long, value_name = "STEP")]
    skip: Vec<String>,
    /// Go on with the release that has stopped
    #[arg(long)]
    resume: bool,
    /// Print the steps as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    knowledge: Knowledge,
    /// Sign the tag with the key of git
    #[arg(long)]
    sign_tag: bool,
    /// The remote repository that gets the tag, by its name in git
    #[arg(long, value_name = "NAME", default_value = REMOTE)]
    remote: String,
    /// The registry that gets the crates; that of Cargo by default
    #[arg(long, value_name = "NAME")]
    registry: Option<String>,
}

pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    // The first thing of all, while there is one thread.
    let key = environment::take_key()?;
    let raise: Raise = options.raise.parse()?;
    let workspace = Workspace::load(Path::new("."), &System)
        .context("Cargo cannot read the workspace; mend what it names, and commit it")?;
    let repository = Repository::open(&workspace.root, &System)?;
    repository.require_clean()?;
    repository.require_history()?;
    // A release that is not handed over needs none, unless it is asked for.
    if options.execute || options.remote != REMOTE {
        hand_over::require_remote(&repository, &options.remote)?;
    }
    if options.sign_tag {
        repository.require_signing_key()?;
    }
    let folder = workspace.target.join("tuneup/release");
    let _place = Place::take(&folder)?;
    let scratch = Scratch::new(&workspace, &folder);
    let head = repository.head()?.hash;
    scratch.require_none_left_behind(&head)?;
    // An earlier run may have come so far that the head is the commit of the release.
    let was_taken_over = scratch.has_made(&head);
    let is_taken_over = options.resume && was_taken_over;
    let commit = match is_taken_over {
        true => scratch.base()?,
        false => head,
    };
    let subject = subject::subject(options, &commit, key.as_ref());
    let skipped = skipped(options, key.as_ref());
    let steps = steps(options, subject, skipped, &folder);
    let mut steps = steps.map_err(|error| anyhow!(advice::explained(&error, is_taken_over)))?;
    let release = Release {
        options,
        raise,
        workspace: &workspace,
        repository: &repository,
        scratch: &scratch,
        key: key.as_ref(),
        was_taken_over,
        is_taken_over,
    };
    let outcome = release.all_steps(&mut steps);
    tell(options, &steps)?;
    let Err(error) = outcome else {
        return Ok(ExitCode::SUCCESS);
    };
    eprintln!("error: {}", advice::explained(&error, is_taken_over));
    let is_taken_over = was_taken_over || scratch.has_made(&repository.head()?.hash);
    eprintln!("{}", advice::how_to_go_on(is_taken_over));
    Ok(ExitCode::FAILURE)
}

/// All that the steps go by.
struct Release<'a> {
    options: &'a Options,
    raise: Raise,
    workspace: &'a Workspace,
    repository: &'a Repository<'a>,
    scratch: &'a Scratch,
    key: Option<&'a SigningKey>,
    /// Whether the checkout had the commit of the release before this run.
    was_taken_over: bool,
    /// Whether this run goes on with it.
    is_taken_over: bool,
}

/// What is left out, by wish or because there is nothing to do it with.
fn skipped(options: &Options, key: Option<&SigningKey>) -> Vec<String> {
    let mut skipped = options.skip.clone();
    if key.is_none() {
        skipped.push("signatures".to_owned());
    }
    skipped
}

/// What the steps make follows from their subject alone.
fn steps<'a>(
    options: &Options,
    subject: String,
    skipped: Vec<String>,
    folder: &Path,
) -> Result<Steps<'a>> {
    let mut builder = StepsBuilder::new(folder.join("state.json"), subject)
        .step("plan", "which version comes next, and what goes into it")
        .step("scratch", "a clone with the next version everywhere")
        .step("program", "the program, built for a release")
        .step("bills", "what it is built of, and under which licences")
        .step("archives", "the program with its texts, as tar.gz and zip")
        .optional_step("wheel", "the program as a Python wheel")
        .optional_step("deb", "the program as a Debian package")
        .step("crates", "the packages as registries get them")
        .optional_step("signatures", "minisign signatures")
        .optional_step("readiness", "whether it is fit to be released")
        .optional_step(
            "rehearsal",
            "all of it used by a stranger, from a registry on loopback",
        )
        .step(
            "evidence",
            "one file that binds commit, artefacts and checks together",
        );
    if options.execute {
        builder = builder
            .step(
                "preflight",
                "whether the registry and the remote repository will take it",
            )
            .step(
                "tag",
                "the commit of the release and its tag, in the checkout",
            )
            .step("publish", "the packages, on the registry")
            .step("push", "the commit and the tag, to the remote repository");
    }
    let builder = builder.skip(skipped).resume(options.resume);
    Ok(builder.build(&System, tell_step)?)
}

impl Release<'_> {
    fn all_steps(&self, steps: &mut Steps<'_>) -> Result<()> {
        let (options, scratch) = (self.options, self.scratch);
        let next = steps.run("plan", || {
            self.require_no_release_half_done()?;
            Ok(plan(&self.raise, self.workspace, self.repository)?)
        })?;
        let commit = steps.run("scratch", || Ok(scratch.make(&next)?))?;
        scratch.require_unchanged(&commit, self.is_taken_over)?;
        let skips_signatures = options.skip.iter().any(|step| step == "signatures");
        let key = self.key.filter(|_| !skips_signatures);
        let artefacts = Artefacts::of(scratch, &next.version, key)?;
        let program = steps.run("program", || Ok(artefacts.build()?))?;
        steps.run("bills", || Ok(artefacts.bills()?))?;
        let archives = steps.run("archives", || Ok(artefacts.archives(&program)?))?;
        let wheel = steps.run_optional("wheel", || Ok(artefacts.wheel(&program)?))?;
        let deb = steps.run_optional("deb", || Ok(artefacts.deb(&program)?))?;
        for (ending, is_skipped) in [(".whl", wheel.is_none()), (".deb", deb.is_none())] {
            if is_skipped {
                artefacts.leave_out(ending)?;
            }
        }
        let crates = steps.run("crates", || {
            Ok(artefacts.crates(options.registry.as_deref())?)
        })?;
        let public_key = steps.run_optional("signatures", || Ok(artefacts.sign()?))?;
        let readiness = steps.run_optional("readiness", || {
            let signatures = match public_key.clone() {
                Some(key) => artefacts.signatures(key)?,
                None => ready::unsigned(match skips_signatures {
                    true => "the step `signatures` is skipped",
                    false => "there is no signing key: TUNEUP_SIGNING_KEY is not set",
                }),
            };
            Ok(proof::readiness(scratch, &options.knowledge, signatures)?)
        })?;
        let made = proof::Made {
            archives,
            wheel: wheel.flatten(),
            deb,
            program_crate: crates,
        };
        let rehearsal = steps.run_optional("rehearsal", || {
            Ok(proof::rehearsal(scratch, &artefacts, &made)?)
        })?;
        let checks = proof::checks(readiness.as_ref(), rehearsal.as_ref());
        steps.run("evidence", || Ok(artefacts.evidence(&checks)?))?;
        match options.execute {
            true => self.hand_over(steps, &artefacts, &next, &commit),
            false => Ok(()),
        }
    }

    /// What was taken over and not tagged would be a commit like others to a plan, and its version would be left out.
    fn require_no_release_half_done(&self) -> Result<()> {
        if !self.was_taken_over || self.options.resume {
            return Ok(());
        }
        let head = self.repository.head()?.hash;
        if self.repository.tags()?.iter().any(|tag| tag.target == head) {
            return Ok(());
        }
        bail!(
            "the checkout has the commit of a release that was never tagged; go on with it by --resume, or give it up by `git reset --keep {}`",
            self.scratch.base()?
        );
    }

    fn hand_over(
        &self,
        steps: &mut Steps<'_>,
        artefacts: &Artefacts<'_>,
        next: &Next,
        commit: &str,
    ) -> Result<()> {
        let hand_over = hand_over::HandOver {
            repository: self.repository,
            scratch: self.scratch,
            artefacts: artefacts.folder(),
            remote: &self.options.remote,
            registry: self.options.registry.as_deref(),
            tag_signature: match self.options.sign_tag {
                true => TagSignature::Configured,
                false => TagSignature::Unsigned,
            },
        };
        steps.run("preflight", || Ok(hand_over.preflight(next)?))?;
        steps.run("tag", || Ok(hand_over.tag(next, commit)?))?;
        steps.run("publish", || Ok(hand_over.publish(next)?))?;
        steps.run("push", || Ok(hand_over.push(next)?))?;
        Ok(())
    }
}

/// What the other steps need to know of the plan.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
pub(crate) struct Next {
    pub(crate) version: String,
    pub(crate) tag: String,
}

type Made<T> = tuneup_packaging::Made<T>;

fn plan(raise: &Raise, workspace: &Workspace, repository: &Repository<'_>) -> Result<Made<Next>> {
    workspace.require_lock_step()?;
    let plan = ReleasePlan::load(workspace, &lock_step(), &System)?;
    let versions = plan.next(raise)?;
    let first = versions.first().context("no package is published")?;
    let next = Next {
        version: first.to.to_string(),
        tag: tag_of(first)?,
    };
    if let Some(tag) = repository.tag(&next.tag)? {
        return Err(tuneup_packaging::Error::TagExists {
            name: tag.name,
            target: tag.target,
        }
        .into());
    }
    Ok(Made::of(next))
}

/// One version for all, and one tag. Left to itself, a plan would take a member that is out of step for one with versions of its own.
fn lock_step() -> PlanOptions {
    PlanOptions::new().with_scheme(Scheme::LockStep)
}

fn tag_of(next: &NextVersion) -> Result<String> {
    next.tag.clone().context("the packages have one tag")
}

fn tell_step(event: StepEvent<'_>) {
    match event {
        StepEvent::Begun {
            index,
            count,
            name,
            about,
        } => eprintln!("[{}/{count}] {name}: {about}", index + 1),
        StepEvent::Ended(step) if step.outcome == StepOutcome::Failed => {
            eprintln!("      failed after {:.1} s", step.time.as_secs_f64());
        }
        StepEvent::Ended(step) if step.outcome == StepOutcome::Done => {
            eprintln!("      done in {:.1} s", step.time.as_secs_f64());
        }
        _ => {}
    }
}

fn tell(options: &Options, steps: &Steps<'_>) -> Result<()> {
    let report = steps.report();
    if options.json {
        println!("{}", serde_json::to_string_pretty(report)?);
    } else {
        print!("{}", report.table().render(&Terminal::detect()));
    }
    Ok(())
}
