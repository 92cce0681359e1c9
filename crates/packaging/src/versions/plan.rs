//! What a release would be: which members, from which versions, since which tags, because of which commits.

use std::collections::{BTreeMap, BTreeSet};

use semver::Version;
use serde::Serialize;

use crate::{
    Change, Commit, Error, Head, Impact, Member, Repository, Runner, Tag, TagTemplate, Workspace,
    versions::{
        commits::{Owners, in_force, reverted_merges},
        manifest::Manifest,
        tag_names::known,
    },
};

mod next;

pub use self::next::{NextVersion, Reason};

/// Whether the published packages of a workspace have one version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Scheme {
    /// All have the same version, and are released together.
    LockStep,
    /// Each has its own, and is released when it has changed. Those that take theirs from the workspace (`version.workspace = true`) have one together.
    Independent,
}

/// How a plan is made; what is not said is seen from the workspace and its tags.
///
/// ```
/// use tuneup_packaging::{PlanOptions, Scheme};
///
/// let options = PlanOptions::new().with_scheme(Scheme::Independent).with_tags("{name}-{version}".parse()?);
/// # let _ = options;
/// # Ok::<(), tuneup_packaging::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct PlanOptions {
    scheme: Option<Scheme>,
    tags: Option<TagTemplate>,
}

impl PlanOptions {
    /// The scheme is lock step if all published members take their version from the workspace, or there is only one. The names of tags are of the form that
    /// the tags of earlier releases have; without any, `v0.1.0` in lock step and for the package at the root, and `name-v0.1.0` otherwise.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Lock step or independent versions.
    #[must_use]
    pub fn with_scheme(mut self, scheme: Scheme) -> Self {
        self.scheme = Some(scheme);
        self
    }

    /// How tags are named.
    #[must_use]
    pub fn with_tags(mut self, tags: TagTemplate) -> Self {
        self.tags = Some(tags);
        self
    }
}

/// What has happened since the last release, as the base of the next one.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let git = |arguments: &[&str]| assert!(std::process::Command::new("git").args(["-c", "user.name=a", "-c", "user.email=a@b"]).args(arguments).current_dir(folder.path()).output().unwrap().status.success());
/// # std::fs::create_dir(folder.path().join("src"))?;
/// # std::fs::write(folder.path().join("src/lib.rs"), "")?;
/// # std::fs::write(folder.path().join("Cargo.toml"), "[package]\nname = \"toy\"\nversion = \"0.3.1\"\n")?;
/// # git(&["init", "-q"]);
/// # git(&["add", "."]);
/// # git(&["commit", "-qm", "feat: begin"]);
/// # git(&["tag", "v0.3.1"]);
/// # std::fs::write(folder.path().join("src/lib.rs"), "pub fn more() {}")?;
/// # git(&["commit", "-qam", "feat: do more"]);
/// use tuneup_packaging::{PlanOptions, Raise, ReleasePlan, System, Workspace};
///
/// let workspace = Workspace::load(folder.path(), &System)?;
/// let plan = ReleasePlan::load(&workspace, &PlanOptions::new(), &System)?;
/// let next = plan.next(&Raise::Auto)?;
/// // Below 1.0.0, a feature is a patch.
/// assert_eq!((next[0].to.to_string(), next[0].tag.as_deref()), ("0.3.2".to_owned(), Some("v0.3.2")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct ReleasePlan {
    /// Whether versions are in lock step.
    pub scheme: Scheme,
    /// The commit that it is a plan of.
    pub head: Head,
    /// Members that have one version together.
    pub trains: Vec<Train>,
    /// The published members in the order in which they can be published; then the private ones, by name.
    pub members: Vec<PlannedMember>,
    /// Commits since the last tags, also those that touch no member and those that were taken back; the newest first.
    pub changes: Vec<Change>,
}

/// Members that have one version together, and get the next one together: all of them in lock step, one member otherwise.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Train {
    /// In their manifests.
    pub version: Version,
    /// How the tags of their releases are named.
    pub tags: TagTemplate,
    /// The last release that the head follows from; none if there is no such tag.
    pub released: Option<Released>,
    /// How many commits there are since, also those that touch none of the members.
    pub commits: usize,
}

/// A release that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Released {
    /// Its version, by its tag.
    pub version: Version,
    /// Its tag.
    pub tag: String,
}

/// A member, and what has happened to it.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct PlannedMember {
    /// Its name.
    pub package: String,
    /// Whether some registry may have it.
    pub is_published: bool,
    /// Which of the trains it belongs to.
    pub train: usize,
    /// Hashes of the commits since the last release that have changed it; without those that were taken back. None for a private member with a version
    /// of its own, which is never released.
    pub commits: Vec<String>,
    /// The most that these say of themselves; none if there are none, or if none says anything.
    pub impact: Option<Impact>,
    /// Those of the commits that change code and follow no convention, so that nobody but their author knows what they mean.
    pub unclear: Vec<String>,
    /// Names of members that it needs, but for its tests, examples and benches.
    pub needs: Vec<String>,
}

impl ReleasePlan {
    /// Looks at a workspace and at the history of the repository that it is in. Reads all commits since the oldest of the last tags, about ten
    /// thousand a second.
    ///
    /// # Errors
    ///
    /// There is no repository ([`Error::NoRepository`]) or commit ([`Error::NoCommits`]); the clone is shallow ([`Error::ShallowClone`]); versions are not in step where they are
    /// to be ([`Error::OutOfStep`]); packages need each other in a circle; a manifest cannot be read.
    pub fn load(
        workspace: &Workspace,
        options: &PlanOptions,
        runner: &dyn Runner,
    ) -> Result<Self, Error> {
        let manifests = Manifest::all_of(workspace)?;
        let repository = Repository::open(&workspace.root, runner)?;
        let head = repository.head()?;
        repository.require_history()?;
        let takes_version: BTreeSet<&str> = workspace
            .members
            .iter()
            .filter(|member| {
                let manifest = manifests.iter().find(|one| one.path == member.manifest);
                manifest.is_some_and(Manifest::takes_version)
            })
            .map(|member| &member.name[..])
            .collect();
        let scheme = options
            .scheme
            .unwrap_or_else(|| scheme_of(workspace, &takes_version));
        let groups = groups(workspace, scheme, &takes_version);
        let tags = repository.reachable_tags()?;
        let mut trains = trains(workspace, &groups, scheme, options, &tags)?;
        let owners = Owners::new(workspace, &manifests, repository.root());
        let released = trains.iter().zip(&groups);
        let released = released.filter(|(_, group)| has_releases(group));
        let ranges = Ranges::read(&repository, released.map(|(train, _)| train), &owners)?;
        for (train, group) in trains.iter_mut().zip(&groups) {
            train.commits = ranges.of(train, group).len();
        }
        Ok(Self {
            scheme,
            head,
            members: planned(workspace, &groups, &trains, &ranges)?,
            changes: ranges.all(),
            trains,
        })
    }

    /// The plan of a member.
    #[must_use]
    pub fn member(&self, package: &str) -> Option<&PlannedMember> {
        self.members.iter().find(|member| member.package == package)
    }

    /// The commits that have changed a member since its last release, the newest first: what its own changelog may tell.
    pub fn changes_of(&self, package: &str) -> impl Iterator<Item = &Change> {
        let member = self.member(package);
        let commits: BTreeSet<&str> = member
            .into_iter()
            .flat_map(|member| &member.commits)
            .map(|commit| &commit[..])
            .collect();
        let changes = self.changes.iter();
        changes.filter(move |change| commits.contains(&change.commit[..]))
    }

    /// The commit of this hash, if it is one since the last tags.
    #[must_use]
    pub fn change(&self, commit: &str) -> Option<&Change> {
        self.changes.iter().find(|change| change.commit == commit)
    }
}

fn scheme_of(workspace: &Workspace, takes_version: &BTreeSet<&str>) -> Scheme {
    let mut published = workspace.published();
    let all_take = published
        .clone()
        .all(|member| takes_version.contains(&member.name[..]));
    if all_take || published.nth(1).is_none() {
        Scheme::LockStep
    } else {
        Scheme::Independent
    }
}

/// Names of members that have one version together.
fn groups<'a>(
    workspace: &'a Workspace,
    scheme: Scheme,
    takes_version: &BTreeSet<&str>,
) -> Vec<Vec<&'a Member>> {
    let is_together = |member: &&Member| {
        let is_in_step = scheme == Scheme::LockStep && member.is_published;
        is_in_step || takes_version.contains(&member.name[..])
    };
    let (together, alone): (Vec<&Member>, Vec<&Member>) =
        workspace.members.iter().partition(is_together);
    let groups = std::iter::once(together).chain(alone.into_iter().map(|member| vec![member]));
    groups.filter(|group| !group.is_empty()).collect()
}

fn trains(
    workspace: &Workspace,
    groups: &[Vec<&Member>],
    scheme: Scheme,
    options: &PlanOptions,
    tags: &[Tag],
) -> Result<Vec<Train>, Error> {
    let published = workspace.published();
    let is_only_one = published.count() == 1;
    let mut found: Vec<Option<(TagTemplate, Released)>> = Vec::new();
    for group in groups {
        require_step(group)?;
        let has_root = group.iter().any(|one| one.folder() == workspace.root);
        let is_shared = is_only_one || has_root || scheme == Scheme::LockStep;
        let templates = options
            .tags
            .clone()
            .map_or_else(|| known(is_shared), |one| vec![one]);
        found.push(last_release(group, &templates, tags));
    }
    let usual = found.iter().flatten().map(|(template, _)| template);
    let usual = usual.clone().find(|template| template.is_per_package());
    let trains = groups.iter().zip(&found).map(|(group, found)| {
        let has_root = group.iter().any(|one| one.folder() == workspace.root);
        let is_shared = is_only_one || has_root || scheme == Scheme::LockStep;
        let template = found.as_ref().map(|(template, _)| template);
        let template = template
            .or(options.tags.as_ref())
            .or(usual.filter(|_| !is_shared));
        Train {
            version: group[0].version.clone(),
            tags: template
                .cloned()
                .unwrap_or_else(|| known(is_shared).swap_remove(0)),
            released: found.as_ref().map(|(_, released)| released.clone()),
            commits: 0,
        }
    });
    Ok(trains.collect())
}

/// What is private is never released.
fn has_releases(group: &[&Member]) -> bool {
    group.iter().any(|member| member.is_published)
}

fn require_step(group: &[&Member]) -> Result<(), Error> {
    if group
        .iter()
        .all(|member| member.version == group[0].version)
    {
        return Ok(());
    }
    let versions = group.iter();
    Err(Error::OutOfStep {
        versions: versions
            .map(|member| format!("{} {}", member.name, member.version))
            .collect(),
    })
}

/// That of the highest version that any of the members has had.
fn last_release(
    group: &[&Member],
    templates: &[TagTemplate],
    tags: &[Tag],
) -> Option<(TagTemplate, Released)> {
    let mut last: Option<(TagTemplate, Released)> = None;
    for template in templates {
        for member in group.iter().filter(|member| member.is_published) {
            let Some((version, tag)) = template.latest(&member.name, tags) else {
                continue;
            };
            if last.as_ref().is_none_or(|(_, last)| version > last.version) {
                let tag = tag.name.clone();
                last = Some((template.clone(), Released { version, tag }));
            }
        }
    }
    last
}

/// Changes by the tag since which they are.
struct Ranges(BTreeMap<Option<String>, Vec<Change>>);

impl Ranges {
    /// What has no releases has none since which there could be changes.
    fn read<'a>(
        repository: &Repository<'_>,
        released: impl Iterator<Item = &'a Train>,
        owners: &Owners,
    ) -> Result<Self, Error> {
        let mut ranges = BTreeMap::new();
        for train in released {
            let tag = tag_of(train);
            if ranges.contains_key(&tag) {
                continue;
            }
            let commits = repository.commits_since(tag.as_deref())?;
            let changes = commits
                .iter()
                .map(|commit| change_of(repository, commit, owners));
            ranges.insert(tag, changes.collect::<Result<_, Error>>()?);
        }
        Ok(Self(ranges))
    }

    fn of(&self, train: &Train, group: &[&Member]) -> &[Change] {
        let range = self.0.get(&tag_of(train));
        let range = range.filter(|_| has_releases(group));
        range.map_or(&[], |changes| &changes[..])
    }

    /// Each once: of histories that overlap, the longer one first.
    fn all(self) -> Vec<Change> {
        let mut ranges: Vec<Vec<Change>> = self.0.into_values().collect();
        ranges.sort_by_key(|range| std::cmp::Reverse(range.len()));
        let mut seen = BTreeSet::new();
        let changes = ranges.into_iter().flatten();
        changes
            .filter(|change| seen.insert(change.commit.clone()))
            .collect()
    }
}

/// Who takes back a merge takes back all that it has brought, and names the merge alone.
fn change_of(
    repository: &Repository<'_>,
    commit: &Commit,
    owners: &Owners,
) -> Result<Change, Error> {
    let mut change = Change::of(commit, owners);
    for (merge, side) in reverted_merges(&commit.body) {
        let brought = repository.brought_by(&merge, &side)?.into_iter();
        let brought = brought.filter(|hash| !hash.starts_with(&merge));
        change.reverts.extend(brought);
    }
    Ok(change)
}

fn tag_of(train: &Train) -> Option<String> {
    train.released.as_ref().map(|released| released.tag.clone())
}

fn planned(
    workspace: &Workspace,
    groups: &[Vec<&Member>],
    trains: &[Train],
    ranges: &Ranges,
) -> Result<Vec<PlannedMember>, Error> {
    let order = workspace.publish_order()?.into_iter();
    let private = workspace.members.iter().filter(|one| !one.is_published);
    let members = order.chain(private).map(|member| {
        let is_here = |group: &Vec<&Member>| group.iter().any(|one| one.name == member.name);
        let train = groups.iter().position(is_here).unwrap_or_default();
        let range: Vec<&Change> = ranges.of(&trains[train], &groups[train]).iter().collect();
        let own = in_force(&range)
            .into_iter()
            .filter(|change| change.members.contains(&member.name) && !change.is_mere_merge);
        let unclear = own.clone().filter(|change| change.impact().is_none());
        let needs = member.siblings.iter().filter(|one| !one.is_development);
        PlannedMember {
            package: member.name.clone(),
            is_published: member.is_published,
            train,
            commits: own.clone().map(|change| change.commit.clone()).collect(),
            impact: own.clone().filter_map(Change::impact).max(),
            unclear: unclear.map(|change| change.commit.clone()).collect(),
            needs: needs.map(|sibling| sibling.package.clone()).collect(),
        }
    });
    Ok(members.collect())
}
