//! What leaves the machine, when all has been proved.

use std::path::Path;

use anyhow::{Context as _, Result};
use tuneup_packaging::{
    CargoIndex, Publication, PublishProgress, Repository, System, TagSignature, Workspace,
    create_tag, push_tags,
};

use super::{
    Made, Next,
    scratch::{Scratch, git},
};

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
        let root = self.repository.root();
        let there = git(root, ["ls-remote", "--tags"], |git| {
            git.arg(self.remote).arg(format!("refs/tags/{}", next.tag))
        })?;
        anyhow::ensure!(
            there.is_empty(),
            "`{}` has the tag `{}` already; get it with `git fetch --tags`, and release another version",
            self.remote,
            next.tag
        );
        if let Some(branch) = self.repository.head()?.branch {
            git(
                root,
                ["push", "--dry-run", "--quiet", "--no-verify"],
                |git| {
                    git.arg(self.remote)
                        .arg(format!("HEAD:refs/heads/{branch}"))
                },
            )
            .with_context(|| {
                format!(
                    "`{}` would not take `{branch}`; mend what git says, and begin again",
                    self.remote
                )
            })?;
        }
        Ok(Made::of(()))
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
            return Ok(Made::of(tag.name));
        }
        let notes = self.scratch.notes(&next.version)?;
        let tag = create_tag(self.repository, &next.tag, &notes, self.tag_signature)?;
        Ok(Made::of(tag.name))
    }

    pub(super) fn publish(&self) -> Result<Made<usize>> {
        let workspace = self.scratch.workspace()?;
        let publication = self.publication(&workspace);
        let report = publication.run(&self.index(), &System, &System, &tell)?;
        Ok(Made::of(report.packages.len()))
    }

    fn publication<'w>(&self, workspace: &'w Workspace) -> Publication<'w> {
        let state = self.scratch.place.join("published.json");
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
