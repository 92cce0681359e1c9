//! What the driver and a bench executable say to each other: one JSON object a line, over standard input and output.
//!
//! The bench executable only lists, checks and runs; every choice and all statistics are on the driver's side. The same three
//! requests serve the ratio to a peer (one process, alternating cases), the A/B gate (several processes, alternating builds),
//! the complexity fit (one case, growing sizes) and the exact counts.

use serde::{Deserialize, Serialize};

/// Both sides refuse to talk to another version.
pub(crate) const VERSION: u32 = 1;

/// The argument that makes a bench executable serve requests instead of running Criterion.
pub(crate) const SERVE: &str = "--tuneup-serve";

/// Answers carry this prefix, so that a case which prints to standard output does no harm.
pub(crate) const PREFIX: &str = "tuneup:";

/// A request; groups and cases are named by their index in the [`Listing`].
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) enum Request {
    /// Asks for the [`Listing`].
    List,
    /// Asks for the facts about the inputs; may read them.
    Notes,
    /// Checks that all cases of a group answer alike at a size.
    Check { group: usize, size: usize },
    /// Times iterations of a case.
    Run {
        group: usize,
        case: usize,
        size: usize,
        iterations: u64,
    },
    /// Counts the allocations of one iteration of a case; needs dhat as the global allocator.
    Heap {
        group: usize,
        case: usize,
        size: usize,
    },
}

/// The answer to a request.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Response {
    /// To `List`.
    Listing(Listing),
    /// To `Notes`: facts about the inputs that belong beside the results, such as the size of a corpus.
    Notes(Vec<(String, String)>),
    /// To `Check`: the answers agree.
    Checked,
    /// To `Run`.
    Ran { ns: f64 },
    /// To `Heap`.
    Heap(HeapUse),
    /// To anything that went wrong, a panic of the case included.
    Failed { message: String },
}

/// Everything that a bench executable can run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Listing {
    /// [`VERSION`] of the executable.
    pub(crate) version: u32,
    /// Whether the executable can count allocations: its global allocator is dhat's.
    pub(crate) heap: bool,
    /// The groups in the order of their registration.
    pub(crate) groups: Vec<GroupInfo>,
}

/// A group of cases that do the same job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GroupInfo {
    /// Unique name, `file/topic`.
    pub name: String,
    /// One sentence: the job.
    pub about: String,
    /// The size that is timed.
    pub size: usize,
    /// The sizes of the complexity fit; empty where a fit has no meaning.
    pub sizes: Vec<usize>,
    /// Bytes per iteration at `size`.
    pub bytes: Option<u64>,
    /// Items per iteration at `size`.
    pub items: Option<u64>,
    /// The cases, the reference first.
    pub cases: Vec<CaseInfo>,
}

/// One way to do the job of a group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CaseInfo {
    /// Name, unique in the group.
    pub name: String,
    /// Whether somebody else's code is timed.
    pub peer: bool,
    /// Threads that run the case at once.
    pub threads: usize,
    /// The complexity class that the case claims, such as `O(n log n)`.
    pub class: Option<String>,
    /// What the case promises beside other cases of the group.
    pub limits: Vec<Limit>,
}

/// A promise: at most `ratio` times as long as the case named `against`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Limit {
    /// The largest ratio that keeps the promise.
    pub ratio: f64,
    /// The case it is measured against.
    pub against: String,
}

/// What one iteration asks of the allocator; exact, and the same on every machine with the same code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct HeapUse {
    /// Allocations and growing or shrinking reallocations.
    pub blocks: u64,
    /// Bytes of these.
    pub bytes: u64,
    /// Most bytes alive at once, beyond what was alive before.
    pub peak_bytes: u64,
}
