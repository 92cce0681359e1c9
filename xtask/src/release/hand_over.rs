//! What leaves the machine, when all has been proved.

use std::path::Path;

use anyhow::Result;
use tuneup_packaging::{
    CargoIndex, Publication, PublishProgress, Repository, System, TagSignature, create_tag,
    push_tags,
};

use super::{
    Made, Next,
    scratch::{Scratch, git},
};

pub(super) struct HandOver<'a> {
    pub(super) repository: &'a Repository<'a>,
    pub(super) scratch: &'a Scratch,
    pub(super) place: &'a Path,
    pub(super) remote: &'a str,
    pub(super) registry: Option<&'a str>,
    pub(super) tag_signature: TagSignature,
}

impl HandOver<'_> {
    /// Takes the commit of the release over from the clone, if the checkout has not moved on, and tags it.
    pub(super) fn tag(&self, next: &Next, commit: &str) -> Result<Made<String>> {
        let root = self.repository.root();
        self.repository.require_clean()?;
        git(root, ["pull", "--quiet", "--ff-only"], |git| {
            git.arg(&self.scratch.folder).arg("HEAD")
        })?;
        anyhow::ensure!(
            self.repository.head()?.hash == commit,
            "the checkout has commits that the release does not have"
        );
        let notes = self.scratch.notes(&next.version)?;
        let tag = create_tag(self.repository, &next.tag, &notes, self.tag_signature)?;
        Ok(Made::of(tag.name))
    }

    pub(super) fn publish(&self) -> Result<Made<usize>> {
        let workspace = self.scratch.workspace()?;
        let mut publication = Publication::of(&workspace, &self.place.join("published.json"));
        let mut index = CargoIndex::new(&System);
        if let Some(name) = self.registry {
            publication = publication.registry(name);
            index = index.with_registry(name);
        }
        let report = publication.run(&index, &System, &System, &tell)?;
        Ok(Made::of(report.packages.len()))
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
