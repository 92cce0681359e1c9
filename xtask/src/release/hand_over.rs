//! What leaves the machine, when all has been proved.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use tuneup_packaging::{
    CargoIndex, Publication, PublishProgress, RehearsalOutcome, Repository, System, Tag,
    TagSignature, Workspace, create_tag, push_tags,
};

use super::{Made, Next, git::git, scratch::Scratch};

pub(super) struct HandOver<'a> {
    pub(super) repository: &'a Repository<'a>,
    pub(super) scratch: &'a Scratch,
    /// The folder with what was proved.
    pub(super) artefacts: &'a Path,
    pub(super) remote: &'a str,
    pub(super) registry: Option<&'a str>,
    pub(super) tag_signature: TagSignature,
}

impl HandOver<'_> {
    /// Before anything changes outside: whether the registry has nothing else by these names, and the remote repository neither the tag nor commits that are not here.
    pub(super) fn preflight(&self, next: &Next) -> Result<Made<()>> {
        let workspace = self.scratch.workspace()?;
        self.publication(&workspace).check(&self.index(), &System)?;
        self.require_no_tag_there(&next.tag)?;
        self.require_push(&next.tag)?;
        Ok(Made::of(()))
    }

    fn require_no_tag_there(&self, tag: &str) -> Result<()> {
        let root = self.repository.root();
        let addresses = |which| {
            git(root, ["remote", "get-url", "--all"], |git| {
                git.args(which).arg("--").arg(self.remote)
            })
        };
        // What is pushed need not go where things are fetched from.
        let (fetched, pushed) = (addresses(None)?, addresses(Some("--push"))?);
        let elsewhere = pushed
            .lines()
            .filter(|pushed| fetched.lines().next() != Some(pushed));
        for place in [self.remote].into_iter().chain(elsewhere) {
            let there = git(root, ["ls-remote", "--tags"], |git| {
                git.arg("--").arg(place).arg(format!("refs/tags/{tag}"))
            })?;
            anyhow::ensure!(
                there.is_empty(),
                "`{}` has the tag `{tag}` already; get it with `git fetch --tags`, and release another version",
                self.remote,
            );
        }
        Ok(())
    }

    /// As it will be pushed: hooks run, and a repository that does not take all or nothing is found.
    fn require_push(&self, tag: &str) -> Result<()> {
        // Without a branch, the tag is all that will be pushed. It is not there yet; its name is.
        let (name, reference) = match self.repository.head()?.branch {
            Some(branch) => (branch.clone(), format!("refs/heads/{branch}")),
            None => (tag.to_owned(), format!("refs/tags/{tag}")),
        };
        let push = [
            "push",
            "--dry-run",
            "--quiet",
            "--atomic",
            "--no-follow-tags",
            "--",
        ];
        git(self.repository.root(), push, |git| {
            git.arg(self.remote).arg(format!("HEAD:{reference}"))
        })
        .with_context(|| {
            format!(
                "`{}` would not take `{name}`; mend what git says, and begin again",
                self.remote
            )
        })?;
        Ok(())
    }

    /// Takes the commit of the release over from the clone, if the checkout has not moved on, and tags it.
    pub(super) fn tag(&self, next: &Next, commit: &str) -> Result<Made<String>> {
        self.repository.require_clean()?;
        let before = self.repository.tag(&next.tag)?;
        if let Some(tag) = before.as_ref().filter(|tag| tag.target != commit) {
            return Err(tuneup_packaging::Error::TagExists {
                name: tag.name.clone(),
                target: tag.target.clone(),
            }
            .into());
        }
        let pull = ["pull", "--quiet", "--ff-only"];
        git(self.repository.root(), pull, |git| {
            git.arg(&self.scratch.folder).arg("HEAD")
        })?;
        anyhow::ensure!(
            self.repository.head()?.hash == commit,
            "the checkout has commits that the release does not have; begin again without --resume"
        );
        // An earlier run may have made it, and not have come to write that down.
        if let Some(tag) = before {
            self.require_own(&tag)?;
            return Ok(Made::of(tag.name));
        }
        let notes = self.scratch.notes(&next.version)?;
        let tag = create_tag(self.repository, &next.tag, &notes, self.tag_signature)?;
        Ok(Made::of(tag.name))
    }

    /// Whether a tag is such as this release makes one. What somebody else has made has no notes, or no signature where one is wanted.
    fn require_own(&self, tag: &Tag) -> Result<()> {
        let signature = ["for-each-ref", "--format=%(contents:signature)"];
        let signature = git(self.repository.root(), signature, |git| {
            git.arg(format!("refs/tags/{}", tag.name))
        })?;
        let is_signed = !signature.trim().is_empty();
        let fault = match self.tag_signature {
            _ if !tag.is_annotated => "has no message",
            TagSignature::Configured if !is_signed => "is not signed",
            _ => return Ok(()),
        };
        bail!(
            "the tag `{name}` {fault}, and is not the one that this release makes; remove it by `git tag -d {name}`, and go on with --resume",
            name = tag.name
        );
    }

    pub(super) fn publish(&self, next: &Next) -> Result<Made<usize>> {
        let workspace = self.scratch.workspace()?;
        let publication = self.publication(&workspace);
        let report = publication.run(&self.index(), &System, &System, &tell)?;
        if let RehearsalOutcome::Failed { reason, .. } = report.trial {
            let registry = self.registry.map(|name| format!(" --registry {name}"));
            bail!(
                "all packages are on the registry, and cannot be used from there: {reason}\nIf they are at fault, take them back by `cargo xtask yank {}{}`, mend them and release another version; if the machine was, go on with --resume.",
                next.version,
                registry.unwrap_or_default(),
            );
        }
        Ok(Made::of(report.packages.len()))
    }

    fn publication<'w>(&self, workspace: &'w Workspace) -> Publication<'w> {
        let state = self.scratch.publication_state();
        let publication = Publication::of(workspace, &state).crate_files(self.artefacts);
        match self.registry {
            Some(name) => publication.registry(name),
            None => publication,
        }
    }

    fn index(&self) -> CargoIndex<'_> {
        let index = CargoIndex::new(&System);
        match self.registry {
            Some(name) => index.with_registry(name),
            None => index,
        }
    }

    pub(super) fn push(&self, next: &Next) -> Result<Made<()>> {
        let branch = self.repository.head()?.branch;
        push_tags(
            self.repository,
            self.remote,
            &[&next.tag],
            branch.as_deref(),
        )?;
        Ok(Made::of(()))
    }
}

/// Wants the name of a remote repository: an address may have a password in it, and would be in what is said.
pub(super) fn require_remote(repository: &Repository<'_>, name: &str) -> Result<()> {
    let known = git(repository.root(), ["remote"], |git| git)?;
    if known.lines().any(|known| known == name) {
        return Ok(());
    }
    bail!(
        "--remote is not the name of a remote repository that git knows here; add it by `git remote add NAME ADDRESS`, and give its name"
    );
}

fn tell(progress: &PublishProgress<'_>) {
    match progress {
        PublishProgress::Packaging => eprintln!("      packaging"),
        PublishProgress::Skipped(package) => eprintln!("      {package} is there already"),
        PublishProgress::Uploading(package) => eprintln!("      uploading {package}"),
        PublishProgress::Waiting(package) => {
            eprintln!("      waiting until the index has {package}");
        }
        PublishProgress::TryingOut => eprintln!("      using all of it from the registry"),
        _ => {}
    }
}
