//! From what has happened and what is asked for to the next versions.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use semver::{Prerelease, Version};
use serde::Serialize;

use super::{PlannedMember, ReleasePlan, Scheme, Train};
use crate::{Change, Error, Impact, Level, Raise, versions::version_rules::comes_after};

/// So many commits are named where they cannot be read.
const NAMED: usize = 5;

/// The version that a member gets, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct NextVersion {
    /// The member.
    pub package: String,
    /// Its version now.
    pub from: Version,
    /// Its next version. The same where a first release is made of what the manifest says.
    pub to: Version,
    /// The name of the tag; members that are released together may share one, and private ones have none.
    pub tag: Option<String>,
    /// Why.
    pub reasons: Vec<Reason>,
}

impl NextVersion {
    /// For somebody who knows by other means than a plan what comes next.
    ///
    /// ```
    /// use tuneup_packaging::NextVersion;
    ///
    /// let next = NextVersion::new("toy", "0.1.0".parse().unwrap(), "0.2.0".parse().unwrap());
    /// assert!(next.tag.is_none());
    /// ```
    #[must_use]
    pub fn new(package: impl Into<String>, from: Version, to: Version) -> Self {
        Self {
            package: package.into(),
            from,
            to,
            tag: None,
            reasons: vec![Reason::Asked],
        }
    }
}

/// Why a member gets its next version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "reason")]
#[non_exhaustive]
pub enum Reason {
    /// No tag of an earlier release was found: the version is that of the manifest.
    FirstRelease,
    /// Commits have changed it.
    Commits {
        /// How many.
        count: usize,
        /// The most that they say of themselves.
        impact: Option<Impact>,
    },
    /// It needs a member that gets another version.
    Sibling {
        /// That member.
        package: String,
    },
    /// It has its version together with members that have changed.
    InStep,
    /// The version in the manifest is above the last release, and far enough.
    RaisedByHand,
    /// Somebody has asked for this level or version.
    Asked,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FirstRelease => f.write_str("no tag of an earlier release was found"),
            Self::Commits { count, impact } => {
                let commits = if *count == 1 { "commit" } else { "commits" };
                write!(f, "{count} {commits}")?;
                match impact {
                    Some(Impact::Fix) => f.write_str(", at most a fix"),
                    Some(Impact::Feature) => f.write_str(", with a feature"),
                    Some(Impact::Breaking) => f.write_str(", with a breaking change"),
                    None => f.write_str(", by no convention"),
                }
            }
            Self::Sibling { package } => write!(f, "needs {package}, which gets another version"),
            Self::InStep => f.write_str("has one version with members that have changed"),
            Self::RaisedByHand => f.write_str("the manifest has a later version than the last tag"),
            Self::Asked => f.write_str("asked for"),
        }
    }
}

impl ReleasePlan {
    /// The next version of each member that is to be released, in the order of publishing, and of private members that take theirs from the workspace.
    ///
    /// `auto` gives each train what its commits ask for, by [`Level::of`]; a first release, and a version that was raised by hand, stays what it is. A level is
    /// for the trains that have changed. Who needs a member that gets another version is released as well, as a fix.
    ///
    /// # Errors
    ///
    /// [`Error::NothingChanged`]; [`Error::NoConvention`] if `auto` cannot know what commits mean; [`Error::NotNewer`] and [`Error::OneVersionForMany`] for a version that does not
    /// fit; [`Error::BehindTag`]; what [`Level::next`] refuses.
    pub fn next(&self, raise: &Raise) -> Result<Vec<NextVersion>, Error> {
        let mut targets = self.asked(raise)?;
        if targets.is_empty() {
            return Err(self.nothing_changed());
        }
        self.follow(&mut targets)?;
        let members = self.members.iter().filter_map(|member| {
            let to = targets.get(&member.train)?;
            Some(self.next_of(member, to, raise, &targets))
        });
        Ok(members.collect())
    }

    /// The next version of each train that something has changed of itself.
    fn asked(&self, raise: &Raise) -> Result<BTreeMap<usize, Version>, Error> {
        let mut targets = BTreeMap::new();
        for (at, train) in self.trains.iter().enumerate() {
            let mut members = self.published(at).peekable();
            if members.peek().is_none() || !self.is_due(at, raise) {
                continue;
            }
            require_ahead(train, &self.name_of(at))?;
            let version = match raise {
                Raise::Auto => self.auto(at)?,
                Raise::Level(level) => level.next(&train.version)?,
                Raise::To(version) => to(train, version, &self.name_of(at))?,
            };
            targets.insert(at, version);
        }
        if targets.len() > 1 && matches!(raise, Raise::To(_)) {
            let trains = targets.keys().map(|at| self.name_of(*at));
            return Err(Error::OneVersionForMany {
                packages: trains.collect(),
            });
        }
        Ok(targets)
    }

    /// Whether a train has anything to release. In lock step somebody may want a release although no package has changed; and what was a candidate
    /// becomes a release without a change.
    fn is_due(&self, at: usize, raise: &Raise) -> bool {
        let train = &self.trains[at];
        let Some(released) = &train.released else {
            return true;
        };
        let is_changed = self.published(at).any(|member| !member.commits.is_empty());
        let is_explicit = *raise != Raise::Auto;
        let is_candidate =
            !released.version.pre.is_empty() && *raise != Raise::Level(Level::Prerelease);
        is_changed
            || comes_after(&train.version, &released.version)
            || (is_explicit && is_candidate)
            || (is_explicit && self.scheme == Scheme::LockStep && train.commits > 0)
    }

    /// What the commits of a train ask for.
    fn auto(&self, at: usize) -> Result<Version, Error> {
        let train = &self.trains[at];
        if train.released.is_none() {
            return Ok(train.version.clone());
        }
        let members = self.published(at).flat_map(|member| &member.commits);
        let commits: BTreeSet<&String> = members.collect();
        let changes = self.changes.iter();
        let changes: Vec<&Change> = changes
            .filter(|one| commits.contains(&one.commit))
            .collect();
        let unclear = changes.iter().filter(|change| change.impact().is_none());
        let unclear: Vec<&&Change> = unclear.collect();
        let is_any_clear = changes
            .iter()
            .any(|change| change.kind.is_some() && change.is_about_code);
        if !unclear.is_empty() && !is_any_clear {
            let named = unclear.iter().take(NAMED);
            return Err(Error::NoConvention {
                count: unclear.len(),
                commits: named.map(|change| change.description.clone()).collect(),
            });
        }
        let impact = changes.iter().filter_map(|change| change.impact()).max();
        raised(train, impact.unwrap_or(Impact::Fix), &self.name_of(at))
    }

    /// Adds the trains that need one that gets another version.
    fn follow(&self, targets: &mut BTreeMap<usize, Version>) -> Result<(), Error> {
        loop {
            let follower = self.members.iter().find(|member| {
                let is_new = member.is_published && !targets.contains_key(&member.train);
                is_new && self.raised_needs(member, targets).next().is_some()
            });
            let Some(follower) = follower else {
                return Ok(());
            };
            let train = &self.trains[follower.train];
            let version = raised(train, Impact::Fix, &follower.package)?;
            targets.insert(follower.train, version);
        }
    }

    /// The members of other trains that a member needs, and that get another version.
    fn raised_needs<'a>(
        &'a self,
        member: &'a PlannedMember,
        targets: &BTreeMap<usize, Version>,
    ) -> impl Iterator<Item = &'a str> {
        let needs = member.needs.iter().filter(|name| {
            let needed = self.member(name).map(|needed| needed.train);
            needed.is_some_and(|at| {
                let to = targets.get(&at);
                at != member.train && to.is_some_and(|to| *to != self.trains[at].version)
            })
        });
        needs.map(|name| &name[..])
    }

    fn next_of(
        &self,
        member: &PlannedMember,
        to: &Version,
        raise: &Raise,
        targets: &BTreeMap<usize, Version>,
    ) -> NextVersion {
        let train = &self.trains[member.train];
        let mut reasons = Vec::new();
        if train.released.is_none() {
            reasons.push(Reason::FirstRelease);
        } else if *to == train.version {
            reasons.push(Reason::RaisedByHand);
        }
        if !member.commits.is_empty() && train.released.is_some() {
            reasons.push(Reason::Commits {
                count: member.commits.len(),
                impact: member.impact,
            });
        }
        let siblings = self.raised_needs(member, targets).map(str::to_owned);
        reasons.extend(siblings.map(|package| Reason::Sibling { package }));
        if reasons.is_empty() {
            reasons.push(Reason::InStep);
        }
        // A train that only follows gets what it needs, whatever was asked for.
        if *raise != Raise::Auto && self.is_due(member.train, raise) {
            reasons.push(Reason::Asked);
        }
        let tag = member
            .is_published
            .then(|| train.tags.name_of(&member.package, to));
        NextVersion {
            package: member.package.clone(),
            from: train.version.clone(),
            to: to.clone(),
            tag,
            reasons,
        }
    }

    fn published(&self, train: usize) -> impl Iterator<Item = &PlannedMember> {
        let members = self.members.iter();
        members.filter(move |member| member.train == train && member.is_published)
    }

    /// What a train is called in an error.
    fn name_of(&self, train: usize) -> String {
        let names: Vec<&str> = self.published(train).map(|one| &one.package[..]).collect();
        match names[..] {
            [one] => one.to_owned(),
            _ => "the workspace".to_owned(),
        }
    }

    fn nothing_changed(&self) -> Error {
        let trains = self.trains.iter().enumerate();
        let trains = trains.filter(|(at, _)| self.published(*at).next().is_some());
        let mut tags = trains
            .clone()
            .filter_map(|(_, train)| train.released.as_ref());
        Error::NothingChanged {
            tag: tags.next().map(|released| released.tag.clone()),
            is_any_commit: trains
                .map(|(_, train)| train.commits)
                .any(|count| count > 0),
        }
    }
}

/// Nothing if the manifest is not behind the last release.
fn require_ahead(train: &Train, name: &str) -> Result<(), Error> {
    match &train.released {
        Some(released) if comes_after(&released.version, &train.version) => Err(Error::BehindTag {
            package: name.to_owned(),
            version: train.version.clone(),
            tag: released.tag.clone(),
        }),
        _ => Ok(()),
    }
}

/// The version of a train after a change; that of the manifest if somebody has raised it far enough.
fn raised(train: &Train, impact: Impact, name: &str) -> Result<Version, Error> {
    let Some(released) = &train.released else {
        return Ok(train.version.clone());
    };
    require_ahead(train, name)?;
    let needed = Level::of(&released.version, impact).next(&released.version)?;
    let is_raised = comes_after(&train.version, &released.version);
    // The first candidate of a release is enough for what the release is enough for.
    let release = Version {
        pre: Prerelease::EMPTY,
        ..train.version.clone()
    };
    if is_raised && !comes_after(&needed, &release) {
        return Ok(train.version.clone());
    }
    Ok(needed)
}

/// The version that was asked for, if it comes after the last one.
fn to(train: &Train, version: &Version, name: &str) -> Result<Version, Error> {
    let released = train.released.as_ref().map(|released| &released.version);
    let is_same = !comes_after(version, &train.version) && !comes_after(&train.version, version);
    let is_unreleased = released.is_none_or(|released| comes_after(version, released));
    if comes_after(version, &train.version) || (is_same && is_unreleased) {
        return Ok(version.clone());
    }
    Err(Error::NotNewer {
        package: name.to_owned(),
        version: version.clone(),
        from: train.version.clone(),
    })
}
