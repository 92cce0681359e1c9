//! A release without a release: everything is published on loopback, and used from there as strangers will use it.

use std::{
    fs,
    num::NonZero,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    Clock, DownloadCache, Error, Registry, Runner, Upstream, Workspace,
    publishing::cargo_command::run_without_secrets,
};

mod consumer;
mod installable;
mod readme;
mod report;
mod scratch;
mod steps;
mod stranger;
mod subject;

pub use self::installable::{Artefact, Installable, Smoke};
pub use self::report::{
    RehearsalCheck, RehearsalOutcome, RehearsalProgress, RehearsalReport, RehearsalStep,
    RehearsedPackage,
};

pub(crate) use self::subject::Subject;

use self::{scratch::Copied, steps::Steps, stranger::Stranger};

/// What the registry of a rehearsal is called where the workspace names none.
pub(crate) const REGISTRY: &str = "rehearsal";

/// A rehearsal of publishing a workspace, and of what strangers do next.
///
/// 1. The checkout as it is, without what git ignores, is copied to a scratch folder. It is only read.
/// 2. Faults that can be seen are looked for: circles, members that others need and that are left out, third-party versions that were taken back.
/// 3. The real `cargo publish --workspace` publishes the copy on a [`Registry`], with its verification builds.
/// 4. With a `CARGO_HOME` that has never seen any of it, a project of its own depends on each package: with default features, with all, and with each one alone (compiled only).
/// 5. The examples of each README are compiled and run, in a project that is made by the README's own `cargo add` lines or manifest. What follows
///    `<!-- not run: reason -->` is left alone, and so is what says `ignore`, and commands that say `no_run`.
/// 6. Programs are installed by `cargo install`, and from the artefacts that the caller names; and each is run.
///
/// Nothing leaves the machine, and nobody's token is handed on. Third-party crates come from [`DownloadCache`]; they are compiled once, in one target folder that
/// goes with the scratch folder. Dev-dependencies that the examples of a README name are added to its project.
/// The time is that of compiling everything from nothing, about twice; the disk about as much as a target folder of the workspace.
///
/// A README example that waits for ever has a rehearsal that does.
///
/// ```no_run
/// use std::path::Path;
/// use tuneup_packaging::{DownloadCache, Rehearsal, System, Workspace};
///
/// let workspace = Workspace::load(Path::new("."), &System)?;
/// let cache = DownloadCache::open(Path::new("cargo-home"))?;
/// let report = Rehearsal::of(&workspace).third_party(cache).run(&System, &System, &|_| {})?;
/// for step in report.failures() {
///     println!("{} {}: {}", step.package, step.check, step.outcome);
/// }
/// # Ok::<(), tuneup_packaging::Error>(())
/// ```
#[doc(alias = "dry run")]
#[must_use = "a rehearsal does nothing before `run`"]
pub struct Rehearsal<'a> {
    workspace: &'a Workspace,
    third_party: DownloadCache,
    upstream: Option<Upstream>,
    parent: PathBuf,
    jobs: Option<NonZero<usize>>,
    verifies: bool,
    with_all_features: bool,
    with_each_feature: bool,
    only: Vec<String>,
    smokes: Vec<Smoke>,
    installables: Vec<Installable>,
}

impl<'a> Rehearsal<'a> {
    /// A rehearsal of everything that a workspace publishes.
    pub fn of(workspace: &'a Workspace) -> Self {
        Self {
            workspace,
            third_party: DownloadCache::default(),
            upstream: None,
            parent: std::env::temp_dir(),
            jobs: None,
            verifies: true,
            with_all_features: true,
            with_each_feature: true,
            only: Vec::new(),
            smokes: Vec::new(),
            installables: Vec::new(),
        }
    }

    /// Where third-party crates come from. Where the workspace has a `Cargo.lock`, its versions are the ones that are offered.
    pub fn third_party(mut self, cache: DownloadCache) -> Self {
        self.third_party = cache;
        self
    }

    /// Allows the network for third-party crates: strangers get the newest versions, as they will.
    pub fn upstream(mut self, upstream: Upstream) -> Self {
        self.upstream = Some(upstream);
        self
    }

    /// Where the scratch folder is made; the system's folder for temporary files by default. No folder above it may have a `.cargo/config.toml`, or be a
    /// workspace: the packages of strangers would be part of it.
    pub fn scratch_in(mut self, folder: &Path) -> Self {
        self.parent = folder.to_owned();
        self
    }

    /// How many compilers run at a time; one for each processor by default.
    pub fn jobs(mut self, jobs: NonZero<usize>) -> Self {
        self.jobs = Some(jobs);
        self
    }

    /// Whether `cargo publish` builds what it packages before it uploads it, as it does by default.
    pub fn verify(mut self, verifies: bool) -> Self {
        self.verifies = verifies;
        self
    }

    /// Whether packages are used with all of their features; so by default. Those of some exclude each other.
    pub fn all_features(mut self, with_all_features: bool) -> Self {
        self.with_all_features = with_all_features;
        self
    }

    /// Whether each feature is compiled alone as well; so by default. With many features that is most of the time.
    pub fn each_feature(mut self, with_each_feature: bool) -> Self {
        self.with_each_feature = with_each_feature;
        self
    }

    /// Rehearses the use of these packages alone; everything is published all the same. May be repeated; all are used by default.
    pub fn only(mut self, package: impl Into<String>) -> Self {
        self.only.push(package.into());
        self
    }

    /// Runs a program in this way after `cargo install`. May be repeated.
    pub fn smoke(mut self, smoke: Smoke) -> Self {
        self.smokes.push(smoke);
        self
    }

    /// Installs and runs an artefact, too. May be repeated.
    pub fn installable(mut self, installable: Installable) -> Self {
        self.installables.push(installable);
        self
    }

    /// Does it all, and tells `progress` of each step when it begins and when it has ended. A step that fails is in the report, with what the program said, and the others go on; where nothing is published, the steps that need
    /// it are skipped, with that as the reason.
    ///
    /// # Errors
    ///
    /// What is needed before the first step is not there: files cannot be copied, `cargo`, `rustc` or `git` cannot be asked, the registry cannot begin; or a
    /// program that a later step needs is not installed. A package of [`Rehearsal::only`] or a smoke of no member is named.
    pub fn run(
        self,
        runner: &dyn Runner,
        clock: &dyn Clock,
        progress: &dyn Fn(&RehearsalProgress<'_>),
    ) -> Result<RehearsalReport, Error> {
        self.check_names()?;
        let begun = clock.now();
        let folder = tempfile::Builder::new()
            .prefix("tuneup-rehearsal-")
            .tempdir_in(&self.parent)
            .map_err(Error::file("make", &self.parent))?;
        // A link on the way, as the folder for temporary files is on some systems, would make two paths of one.
        let folder_path = folder
            .path()
            .canonicalize()
            .map_err(Error::file("read", folder.path()))?;
        let mut steps = Steps::new(clock, progress);
        let packages = Stage {
            rehearsal: &self,
            folder: folder_path,
            runner,
        }
        .run(&mut steps)?;
        let took = clock.now().duration_since(begun).unwrap_or_default();
        Ok(RehearsalReport {
            steps: steps.done(),
            packages,
            took_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        })
    }

    fn check_names(&self) -> Result<(), Error> {
        let known = |package: &str| {
            let member = self.workspace.member(package);
            member.is_some_and(|member| member.is_published)
        };
        let smoked = self.smokes.iter().map(|smoke| &smoke.package);
        let mut named = self.only.iter().chain(smoked);
        match named.find(|package| !known(package)) {
            None => Ok(()),
            Some(package) => Err(Error::NotPublished {
                package: package.clone(),
            }),
        }
    }

    fn is_used(&self, package: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == package)
    }
}

/// A rehearsal that goes on, in its folder.
struct Stage<'a> {
    rehearsal: &'a Rehearsal<'a>,
    folder: PathBuf,
    runner: &'a dyn Runner,
}

/// Cargo does not know why a crate is not there.
const MISSING: &str = "\n\nA crate that this machine has never asked for is not there: `cargo fetch` in the workspace brings those of other people.";

impl Stage<'_> {
    fn run(&self, steps: &mut Steps<'_>) -> Result<Vec<RehearsedPackage>, Error> {
        let workspace = self.rehearsal.workspace;
        let cache = self.cache()?;
        steps.run("", RehearsalCheck::Order, || Ok(order(workspace)))?;
        steps.run("", RehearsalCheck::ThirdParty, || Ok(third_party(&cache)))?;
        let copied = scratch::copy_checkout(workspace, &self.folder.join("checkout"), self.runner)?;
        let registry = self.registry(cache)?;
        let stranger = Stranger::new(self, &registry)?;
        let mut publisher = publisher(&copied, &registry, &stranger);
        let subjects = Subject::all(&mut publisher, self.runner)?;
        if steps.is_all_right() {
            steps.run("", RehearsalCheck::Publish, || {
                self.publish(&copied, &registry, &stranger)
            })?;
        } else {
            steps.skip("", RehearsalCheck::Publish, "there are faults already");
        }
        let is_published = steps.is_all_right();
        // Whoever is to come has never seen what `cargo publish` has left here.
        stranger.forget(&registry)?;
        for subject in subjects
            .iter()
            .filter(|subject| self.rehearsal.is_used(&subject.name))
        {
            let consumer = consumer::Consumer {
                stage: self,
                stranger: &stranger,
                subject,
            };
            if is_published {
                consumer.run(steps)?;
            } else {
                consumer.skip(steps, "it is not published");
            }
        }
        for installable in &self.rehearsal.installables {
            installable.try_out(&stranger, &self.folder, self.runner, steps)?;
        }
        Ok(packages(&registry))
    }

    /// The downloads, with the versions of the lock file if there is one. What is rehearsed may have been released before.
    fn cache(&self) -> Result<DownloadCache, Error> {
        let workspace = self.rehearsal.workspace;
        let members = workspace.members.iter();
        let own = members.map(|member| (member.name.clone(), member.version.clone()));
        let cache = self.rehearsal.third_party.clone().without(own);
        let lock = workspace.root.join("Cargo.lock");
        if lock.is_file() {
            cache.locked(&lock)
        } else {
            Ok(cache)
        }
    }

    fn registry(&self, cache: DownloadCache) -> Result<Registry, Error> {
        let mut builder = Registry::builder().third_party(cache);
        if let Some(upstream) = &self.rehearsal.upstream {
            builder = builder.upstream(upstream.clone());
        }
        builder.start()
    }

    fn publish(
        &self,
        copied: &Copied,
        registry: &Registry,
        stranger: &Stranger,
    ) -> Result<RehearsalOutcome, Error> {
        let mut command = publisher(copied, registry, stranger);
        // A copy of its own may stand for the public registry in the checkout; here it is the one on loopback.
        command.args(["--config", "source.crates-io.replace-with=\"loopback\""]);
        // The copy has no other changes than the checkout has.
        command.args(["publish", "--workspace", "--allow-dirty"]);
        command.args(["--registry", &copied.registry]);
        if !self.rehearsal.verifies {
            command.arg("--no-verify");
        }
        self.add_jobs(&mut command);
        let outcome = run_without_secrets(self.runner, &mut command)?;
        Ok(match outcome {
            Ok(_) => RehearsalOutcome::Passed,
            // Cargo does not print it; a failure that quotes the environment would.
            Err(failure) => {
                let mut reason = failure.said.replace(registry.token(), "[hidden]");
                if reason.contains("no matching package") && self.rehearsal.upstream.is_none() {
                    reason += MISSING;
                }
                RehearsalOutcome::failed(reason)
            }
        })
    }

    fn add_jobs(&self, command: &mut Command) {
        if let Some(jobs) = self.rehearsal.jobs {
            command.arg("--jobs").arg(jobs.to_string());
        }
    }

    /// An empty folder of the scratch folder.
    fn empty_folder(&self, name: &str) -> Result<PathBuf, Error> {
        let folder = self.folder.join(name);
        fs::create_dir_all(&folder).map_err(Error::file("make", &folder))?;
        Ok(folder)
    }
}

/// A Cargo in the copy, to which all registries that are named there are on loopback.
fn publisher(copied: &Copied, registry: &Registry, stranger: &Stranger) -> Command {
    let mut command = stranger.cargo(&copied.root);
    registry.tell(&copied.registry, &mut command);
    for name in &copied.others {
        registry.tell_apart(name, &mut command);
    }
    command
}

/// Whether there is an order, and nobody is left out.
fn order(workspace: &Workspace) -> RehearsalOutcome {
    let order = match workspace.publish_order() {
        Ok(order) => order,
        Err(error) => return RehearsalOutcome::failed(error.to_string()),
    };
    let mut left_out = Vec::new();
    for member in order {
        let needed = member
            .siblings
            .iter()
            .filter(|sibling| sibling.comes_first());
        for sibling in needed {
            let is_published = workspace
                .member(&sibling.package)
                .is_some_and(|needed| needed.is_published);
            if !is_published {
                left_out.push(format!(
                    "`{}` needs `{}`, which is not published",
                    member.name, sibling.package
                ));
            }
        }
    }
    if left_out.is_empty() {
        return RehearsalOutcome::Passed;
    }
    left_out.dedup();
    RehearsalOutcome::failed(format!(
        "{}; take `publish = false` away from what is needed, or make it a dev-dependency by path alone",
        left_out.join("; ")
    ))
}

fn third_party(cache: &DownloadCache) -> RehearsalOutcome {
    let yanked = cache.yanked();
    if yanked.is_empty() {
        return RehearsalOutcome::Passed;
    }
    let names: Vec<String> = yanked
        .iter()
        .map(|locked| format!("{} {}", locked.package, locked.version))
        .collect();
    RehearsalOutcome::failed(format!(
        "Cargo.lock has versions that were taken back (yanked): {}; choose others with `cargo update`",
        names.join(", ")
    ))
}

fn packages(registry: &Registry) -> Vec<RehearsedPackage> {
    let published = registry.published().into_iter();
    published
        .map(|((package, version), indexed)| {
            let bytes = registry.crate_file(&package, &version);
            RehearsedPackage {
                bytes: bytes.map_or(0, |bytes| bytes.len() as u64),
                checksum: indexed.checksum,
                package,
                version,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests;
