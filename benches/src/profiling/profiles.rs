//! What comes after recording: looking at what there is, and saving it.

use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use tempfile::TempDir;
use tuneup_benchmarking::harness::Suite;
use tuneup_profiling::{Detail, Profile, Session, profile_fn};

use super::recording::start;

const NODES: usize = 1_000;

/// A hundred functions.
static NAMES: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let name = |i| &*format!("function_{i}").leak();
    (0..100).map(name).collect()
});

/// Records a tree of so many nodes: each but the last ones has ten children, and a function is in many places of it.
fn grow(node: usize, nodes: usize) {
    profile_fn(NAMES[node % NAMES.len()], || {
        for child in (10 * node + 1..=10 * node + 10).take_while(|&child| child < nodes) {
            grow(child, nodes);
        }
    });
}

fn grown(nodes: usize) -> Session {
    let session = start(Detail::Full);
    grow(0, nodes);
    session
}

/// The session that a block of iterations looks at. It ends with the block: later ones are to have theirs.
static GROWN: Mutex<Option<Session>> = Mutex::new(None);

fn session() -> MutexGuard<'static, Option<Session>> {
    GROWN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Keeps a session in [`GROWN`].
struct Kept;

impl Kept {
    fn start() -> Self {
        *session() = Some(grown(NODES));
        Self
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        *session() = None;
    }
}

pub(super) fn register(suite: &mut Suite) {
    snapshot(suite);
    save(suite);
}

fn snapshot(suite: &mut Suite) {
    suite
        .group("profiling/snapshot")
        .about("a snapshot of a session with 1000 nodes of 100 functions")
        .size(NODES)
        .elements(|n| n as u64)
        .input(|n| n)
        // The nodes and the root above them.
        .expect(|&n| Some((n as u64, n + 1)))
        .case("snapshot", |_| {
            let session = session();
            let profile = session.as_ref()?.snapshot();
            let calls = profile.functions.iter().map(|function| function.calls);
            Some((calls.sum(), profile.nodes.len()))
        })
        .within(Kept::start)
        .finish();
}

/// A profile and where it goes.
struct Saving {
    profile: Profile,
    folder: TempDir,
}

impl Saving {
    fn new(nodes: usize) -> Self {
        Self {
            profile: grown(nodes).finish(),
            folder: tempfile::tempdir().expect("a folder for temporary files"),
        }
    }

    fn save(&self, name: &str) -> bool {
        self.profile.save(self.folder.path().join(name)).is_ok()
    }
}

fn save(suite: &mut Suite) {
    let mut cases = suite
        .group("profiling/save")
        .about("a profile of 1000 nodes to a file, the file included")
        .size(NODES)
        .elements(|n| n as u64)
        .input(Saving::new)
        .expect(|_| true);
    for (format, name) in [
        ("json", "profile.json"),
        ("pprof", "profile.pb.gz"),
        ("folded stacks", "profile.folded"),
        ("flame graph", "profile.svg"),
    ] {
        cases = cases.case(format, move |saving: &Saving| saving.save(name));
    }
    cases.finish();
}
