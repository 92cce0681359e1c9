//! The one error type of the crate.

use std::{error::Error as StdError, io, path::PathBuf, time::Duration};

use semver::Version;

/// What can go wrong on the way from a commit to a release.
///
/// Messages are lower case, carry the names involved and say how to go on. None carries a token.
///
/// ```
/// use std::path::Path;
/// use tuneup_packaging::{Error, System, Workspace};
///
/// match Workspace::load(Path::new("/"), &System) {
///     Err(Error::CommandFailed { command, .. }) => assert!(command.starts_with("cargo metadata")),
///     other => panic!("{other:?}"),
/// }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    // Programs, files and folders.
    /// A program that is not there, or that may not be started.
    #[error("cannot start `{command}`; is the program installed, and in a folder of PATH?")]
    CannotStart {
        /// The program with its arguments.
        command: String,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A folder that is not there.
    #[error("there is no folder `{}`, so `{command}` cannot run in it; give the folder of a checkout", folder.display())]
    NoFolder {
        /// The folder.
        folder: PathBuf,
        /// What was to run there.
        command: String,
    },
    /// A program that was ended because its time was over, or that has written more than can be kept.
    #[error("`{command}` was ended before it was done: {source}")]
    TookTooLong {
        /// The program with its arguments.
        command: String,
        /// How much time it had.
        source: io::Error,
    },
    /// A program that has said that it failed.
    #[error("`{command}` has failed: {said}")]
    CommandFailed {
        /// The program with its arguments.
        command: String,
        /// The end of what it has written to standard error.
        said: String,
    },
    /// A program whose answer is none that is known.
    #[error("`{command}` has answered something that cannot be read: {reason}")]
    Answer {
        /// The program with its arguments.
        command: String,
        /// What is wrong.
        reason: String,
    },
    /// A file or folder that cannot be read or written.
    #[error("cannot {action} `{}`", path.display())]
    File {
        /// What was tried: `read`, `write`, `make`, `remove`.
        action: &'static str,
        /// Which.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A file whose content is not what it has to be.
    #[error("`{}` is not as it has to be: {}", path.display(), problems.join("; "))]
    Faulty {
        /// Which file.
        path: PathBuf,
        /// All that is wrong with it.
        problems: Vec<String>,
    },
    /// Something that cannot be made as it was asked for.
    #[error("{subject}: {reason}")]
    Unfit {
        /// What was to be made, or what it was to be made of.
        subject: String,
        /// Why not, and how to go on.
        reason: String,
    },
    /// A manifest or lock file that cannot be read.
    #[error("`{}` is no TOML that Cargo could read", path.display())]
    Manifest {
        /// The file.
        path: PathBuf,
        /// Where and why.
        #[source]
        source: Box<toml_edit::TomlError>,
    },
    /// A lock file that is none.
    #[error("`{}` cannot be read as a lock file: {reason}; have Cargo make it anew with `cargo generate-lockfile`", path.display())]
    LockFile {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },

    // Workspaces and repositories.
    /// A name that no member has.
    #[error(
        "the workspace has no package `{package}`; `cargo metadata --no-deps` lists those that it has"
    )]
    NoMember {
        /// The name.
        package: String,
    },
    /// A package that something is wanted of, and that no registry would get.
    #[error(
        "the workspace publishes no package `{package}`; is the name right, and does its manifest say `publish = false`?"
    )]
    NotPublished {
        /// Its name.
        package: String,
    },
    /// Packages that depend on each other in a circle, so that none can be published first.
    #[error(
        "no package can be published first: {}; take the version from one of these dependencies if it is a dev-dependency, or move what they share to a package of its own",
        packages.join(" needs ")
    )]
    Cycle {
        /// Along the circle; the first is the last as well.
        packages: Vec<String>,
    },
    /// A folder in no checkout of git.
    #[error("`{}` is in no git repository; run `git init` and commit, or give the folder of a checkout", folder.display())]
    NoRepository {
        /// The folder.
        folder: PathBuf,
    },
    /// A repository that was just begun.
    #[error("the repository `{}` has no commit yet; commit what is to be released first", folder.display())]
    NoCommits {
        /// The root of the checkout.
        folder: PathBuf,
    },
    /// Files that are not as in the last commit, or not in it.
    #[error(
        "the checkout has files that are not committed: {}; commit them, ignore them, or put them aside with `git stash -u`",
        some(files)
    )]
    DirtyTree {
        /// Relative to the root of the checkout.
        files: Vec<PathBuf>,
    },
    /// A history whose beginning is missing.
    #[error("the clone `{}` is shallow, so that earlier tags and commits are missing; get them with `git fetch --unshallow --tags`", folder.display())]
    ShallowClone {
        /// The root of the checkout.
        folder: PathBuf,
    },

    // The next versions.
    /// What is neither a level nor a version.
    #[error(
        "`{text}` is no release; give auto, prerelease, patch, minor, major, or a version such as 1.2.3"
    )]
    NotARaise {
        /// What was given.
        text: String,
        /// Why it is no version.
        #[source]
        source: semver::Error,
    },
    /// The next pre-release of what is none.
    #[error("{version} is no pre-release, so there is no next one; give the first one as a version, such as {}.{}.{}-rc.1", version.major, version.minor, version.patch.saturating_add(1))]
    NotAPrerelease {
        /// The version.
        version: Version,
    },
    /// A version with a number that cannot go up.
    #[error("no version comes after {version} at this level; give a version")]
    VersionTooLarge {
        /// The version.
        version: Version,
    },
    /// A version that does not come after the last one.
    #[error("{version} does not come after {from}, which {package} has; give a later version")]
    NotNewer {
        /// Whose version it is.
        package: String,
        /// What was asked for.
        version: Version,
        /// What there is.
        from: Version,
    },
    /// One version for members that have versions of their own.
    #[error("{} have versions of their own and have all changed, so that one version cannot be given to them; give auto or a level", packages.join(", "))]
    OneVersionForMany {
        /// The members.
        packages: Vec<String>,
    },
    /// Members whose versions are to be the same, and are not.
    #[error("versions are out of step: {}; give all of them one version, or choose independent versions", versions.join(", "))]
    OutOfStep {
        /// Names with versions.
        versions: Vec<String>,
    },
    /// A manifest with a version below that of a tag from which the head follows.
    #[error(
        "{package} has version {version}, and the tag `{tag}` is of a later one; write at least that into the manifest, or name the form of the tags if this one is of something else"
    )]
    BehindTag {
        /// The member, or the workspace.
        package: String,
        /// In the manifest.
        version: Version,
        /// The tag.
        tag: String,
    },
    /// Nothing to release.
    #[error("{}", nothing_changed(tag.as_deref(), *is_any_commit))]
    NothingChanged {
        /// The last release.
        tag: Option<String>,
        /// Whether there are commits, if only such as touch no published package.
        is_any_commit: bool,
    },
    /// Commits whose messages do not say what they mean for a version.
    #[error("{}", no_convention(*count, commits))]
    NoConvention {
        /// How many.
        count: usize,
        /// First lines of some of their messages.
        commits: Vec<String>,
    },

    // What names them: manifests, the lock file, the changelog.
    /// A requirement that would keep the next version of a member out.
    #[error("`{}` asks for `{asked}`, which does not allow {version}: {reason}; rewrite it by hand, such as \"{version}\", and begin again", path.display())]
    Requirement {
        /// The manifest.
        path: PathBuf,
        /// The member that is asked for, with the requirement as it is written.
        asked: String,
        /// The next version.
        version: Version,
        /// Why it cannot be rewritten by rule.
        reason: &'static str,
    },
    /// Cargo does not take the lock file with the next versions.
    #[error(
        "Cargo refuses the lock file with the next versions: {said}; nothing was changed; if `cargo update --workspace` changes something already now, commit that first, and if packages are missing, `cargo fetch` gets them"
    )]
    LockFileRefused {
        /// What Cargo said.
        said: String,
    },
    /// A file that somebody has edited in between.
    #[error("`{}` is not as it was when its edit was computed; nothing was changed; begin again", path.display())]
    ChangedMeanwhile {
        /// The file.
        path: PathBuf,
    },
    /// Files that could not be put back after a failure.
    #[error(
        "these files could not be put back after a failure: {}; `git checkout -- FILE` does so",
        some(paths)
    )]
    NotUndone {
        /// The files.
        paths: Vec<PathBuf>,
        /// The failure.
        #[source]
        source: Box<Error>,
    },
    /// A changelog without what is to be released.
    #[error("the changelog `{}` has nothing under its heading of unreleased changes; write there what has changed, or take it from the commits", path.display())]
    NothingUnreleased {
        /// The changelog.
        path: PathBuf,
    },
    /// A version that the changelog has already.
    #[error("the changelog `{}` has {version} already; add to that section by hand, or release another version", path.display())]
    InChangelog {
        /// The changelog.
        path: PathBuf,
        /// The version.
        version: Version,
    },
    /// A version that the changelog does not have.
    #[error("the changelog `{}` has no section of {version}", path.display())]
    NotInChangelog {
        /// The changelog.
        path: PathBuf,
        /// The version.
        version: Version,
    },

    // Tags.
    /// A form of the names of tags that cannot be.
    #[error(
        "`{text}` is no form of tags: {reason}; a good one is v{{version}}, or {{name}}-v{{version}} where each package has its own"
    )]
    TagTemplate {
        /// The form.
        text: String,
        /// What is wrong.
        reason: &'static str,
    },
    /// A name that git does not take for a tag.
    #[error("git takes no tag of the name `{name}`; choose another form for the names of tags")]
    TagName {
        /// The name.
        name: String,
    },
    /// A tag that is there already.
    #[error(
        "the tag `{name}` exists already, of commit {target}; release another version, or remove it with `git tag -d {name}` if it was never pushed"
    )]
    TagExists {
        /// Its name.
        name: String,
        /// Hash of what it is a tag of.
        target: String,
    },
    /// A signature was asked for, and git has no key.
    #[error(
        "git has no key to sign tags with; set `git config user.signingkey`, or ask for no signature"
    )]
    NoSigningKey,
    /// A tag that is not the one that was made.
    #[error("the tag `{name}` is not the one that was made here; nothing was removed")]
    TagMoved {
        /// Its name.
        name: String,
    },
    /// A tag that others may have.
    #[error(
        "the tag `{name}` is on `{remote}` already; a tag that others may have is not taken back: release another version"
    )]
    TagPushed {
        /// Its name.
        name: String,
        /// The remote repository.
        remote: String,
    },

    // Registries.
    /// A registry on loopback that cannot begin.
    #[error("cannot serve a registry on 127.0.0.1; are there ports, threads and open files left?")]
    Loopback {
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A version that is to be published and has other contents than somewhere else.
    #[error(
        "`{package}` {version} has other contents here (SHA-256 {here}) than {place} ({there}); check out the commit that it was published from, or raise the version"
    )]
    OtherContents {
        /// Its name.
        package: String,
        /// Its version.
        version: Box<Version>,
        /// The checksum of what was packaged here.
        here: String,
        /// The checksum there.
        there: String,
        /// Where that is.
        place: String,
    },
    /// A package that is not what was packaged before, and looked at.
    #[error(
        "`{package}` {version} is packaged with other contents (SHA-256 {here}) than before in `{}` ({before}); find out what has changed, be it Cargo, and begin again with new files", folder.display()
    )]
    PackagedAnew {
        /// Its name.
        package: String,
        /// Its version.
        version: Box<Version>,
        /// The checksum now.
        here: String,
        /// The checksum before.
        before: String,
        /// Where the files from before are.
        folder: PathBuf,
    },
    /// A version that is to be published, is on the registry, and was taken back.
    #[error(
        "`{package}` {version} is on the registry, and yanked; bring it back with `cargo yank --undo`, or raise the version"
    )]
    TakenBack {
        /// Its name.
        package: String,
        /// Its version.
        version: Box<Version>,
    },
    /// An upload that has failed, so that a part of a workspace is on the registry.
    #[error("`{package}` {version} cannot be published: {said}; on the registry: {}; not yet: {}; run the same again to go on, `{}` remembers the rest", listed(there), listed(missing), state.display())]
    PublishStopped {
        /// Its name.
        package: String,
        /// Its version.
        version: Box<Version>,
        /// The end of what Cargo said, without secrets.
        said: String,
        /// Names and versions that are on the registry.
        there: Box<[String]>,
        /// Names and versions that are not.
        missing: Box<[String]>,
        /// The state file.
        state: PathBuf,
    },
    /// An index that has no version that was uploaded.
    #[error("`{package}` {version} was uploaded, and the index does not have it after {} s; run the same again to go on, `{}` remembers the rest", waited.as_secs(), state.display())]
    IndexIsLate {
        /// Its name.
        package: String,
        /// Its version.
        version: Box<Version>,
        /// How long the index was asked.
        waited: Duration,
        /// The state file.
        state: PathBuf,
    },
    /// A file of a publication that was begun, and that does not fit.
    #[error("`{}` cannot be taken up: {reason}; finish that release, or remove the file: the registry is asked what it has in any case", path.display())]
    StateFile {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },

    // The readiness.
    /// A check of the readiness that cannot be part of the list.
    #[error("the check `{id}` {reason}")]
    Check {
        /// The name of the check.
        id: String,
        /// Why not, and how to go on.
        reason: String,
    },

    // Steps.
    /// A step that is to be skipped, and that there is not.
    #[error("there is no step `{step}` that can be skipped; there are: {}", known.join(", "))]
    UnknownStep {
        /// What was asked for.
        step: String,
        /// What could have been.
        known: Vec<String>,
    },
    /// A step that is to be skipped, and that others need.
    #[error("the step `{step}` cannot be skipped: others need what it makes")]
    StepNeeded {
        /// Which.
        step: String,
    },
    /// A step of a release that could not be done.
    #[error("the step `{step}` has failed")]
    StepFailed {
        /// Which.
        step: String,
        /// Why.
        #[source]
        source: Box<dyn StdError + Send + Sync>,
    },
    /// A state of steps that cannot be gone on with.
    #[error("there is nothing to go on with in `{}`: {reason}; run without resuming", path.display())]
    NothingToResume {
        /// The file with the state.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// A file that is no longer what a step has made.
    #[error(
        "`{}` has changed since the step `{step}` made it: its SHA-256 was {expected} and is {found}; find out who has written to it, and run without resuming",
        path.display()
    )]
    MadeFileChanged {
        /// That has made it.
        step: String,
        /// Which file.
        path: PathBuf,
        /// Its hash when it was made.
        expected: String,
        /// Its hash now.
        found: String,
    },
}

/// So many files are named; of more, their number.
const NAMED: usize = 5;

fn some(files: &[PathBuf]) -> String {
    let named: Vec<String> = files
        .iter()
        .take(NAMED)
        .map(|file| format!("`{}`", file.display()))
        .collect();
    let rest = files.len().saturating_sub(NAMED);
    match rest {
        0 => named.join(", "),
        _ => format!("{} and {rest} more", named.join(", ")),
    }
}

fn nothing_changed(tag: Option<&str>, is_any_commit: bool) -> String {
    match (tag, is_any_commit) {
        (Some(tag), false) => format!(
            "there are no commits since `{tag}`, so there is nothing to release; commit a change first"
        ),
        (Some(tag), true) => format!(
            "no commit since `{tag}` changes a package that is published, so there is nothing to release; with versions in lock step, a level or a version releases nevertheless"
        ),
        (None, _) => "the workspace has no package that is published; take `publish = false` from one that is to be".to_owned(),
    }
}

fn no_convention(count: usize, commits: &[String]) -> String {
    let named: Vec<String> = commits
        .iter()
        .map(|subject| format!("\"{subject}\""))
        .collect();
    let rest = match count - commits.len() {
        0 => String::new(),
        rest => format!(" and {rest} more"),
    };
    format!(
        "auto needs messages by Conventional Commits (`fix: ...`, `feat: ...`, `feat!: ...`), and no change of code since the last release has one: {}{rest}; give patch, minor, major or a version",
        named.join(", ")
    )
}

fn listed(names: &[String]) -> String {
    if names.is_empty() {
        "nothing".to_owned()
    } else {
        names.join(", ")
    }
}

impl Error {
    /// For `map_err` of what is done to a file.
    pub(crate) fn file(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::File {
            action,
            path: path.into(),
            source,
        }
    }

    /// What cannot be made, and why.
    #[cfg(feature = "artefacts")]
    pub(crate) fn unfit(subject: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Unfit {
            subject: subject.into(),
            reason: reason.into(),
        }
    }

    /// A file with one thing wrong.
    #[cfg(any(feature = "artefacts", feature = "readiness"))]
    pub(crate) fn faulty(path: impl Into<PathBuf>, problem: impl ToString) -> Self {
        Self::Faulty {
            path: path.into(),
            problems: vec![problem.to_string()],
        }
    }

    /// An error if there is anything wrong.
    #[cfg(feature = "artefacts")]
    pub(crate) fn unless_empty(
        path: impl Into<PathBuf>,
        problems: Vec<String>,
    ) -> Result<(), Self> {
        if problems.is_empty() {
            return Ok(());
        }
        Err(Self::Faulty {
            path: path.into(),
            problems,
        })
    }
    /// For `map_err` of what is wrong with a lock file.
    #[cfg(any(feature = "artefacts", feature = "readiness", feature = "registry"))]
    pub(crate) fn lock_file(path: impl Into<PathBuf>) -> impl FnOnce(String) -> Self {
        move |reason| Self::LockFile {
            path: path.into(),
            reason,
        }
    }
}
