//! From the commits to the next versions: what the history of a checkout says, which versions follow, the edits that name them everywhere,
//! the changelog, and the tag.
//!
//! Reading and writing are apart: [`Repository`], [`ReleasePlan`], [`Bump`] and [`Changelog`] only compute; [`apply_edits`], [`create_tag`],
//! [`remove_tag`] and [`push_tags`] change something.

mod bump;
mod changelog;
mod commits;
mod file_edits;
mod git;
mod manifest;
mod plan;
mod tag;
mod tag_names;
mod version_rules;

pub use self::{
    bump::Bump,
    changelog::{Changelog, ChangelogEntry, ChangelogGroup, date_of},
    commits::Change,
    file_edits::{FileEdit, apply_edits},
    git::{Commit, GIT_REDIRECTIONS, Head, Repository, Tag},
    plan::{NextVersion, PlanOptions, PlannedMember, Reason, ReleasePlan, Released, Scheme, Train},
    tag::{CreatedTag, TagSignature, create_tag, push_tags, remove_tag},
    tag_names::TagTemplate,
    version_rules::{Impact, Level, Raise, is_compatible},
};
