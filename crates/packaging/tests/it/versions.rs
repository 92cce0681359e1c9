//! Versions, changelogs and tags of toy workspaces, judged by Cargo and git.

mod bump;
mod faults;
mod git;
mod messages;
mod plan;
mod readme;
mod release;
mod tag;
