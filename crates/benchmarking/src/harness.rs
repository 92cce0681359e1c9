//! One definition of a case, four ways to measure it.
//!
//! A bench file registers groups of cases; [`main`] then either hands them to Criterion (`cargo bench`) or serves a driver
//! (the module `suite`) that compares cases and builds in interleaved blocks, fits complexity, and counts allocations and
//! instructions. All four time the same compiled loop.
//!
//! ```no_run
//! // benches/sorting.rs, with `harness = false` in Cargo.toml
//! use tuneup_benchmarking::harness::{self, Class, Suite};
//!
//! fn register(suite: &mut Suite) {
//!     suite
//!         .group("sorting/ordered")
//!         .about("is the slice in ascending order?")
//!         .size(1_000)
//!         .sizes(&[64, 256, 1_024, 4_096, 16_384])
//!         .input(|n| (0..n as u64).collect::<Vec<_>>())
//!         .case("sort a copy", |v: &Vec<u64>| {
//!             let mut copy = v.clone();
//!             copy.sort();
//!             copy == *v
//!         })
//!         .case("look at neighbours", |v: &Vec<u64>| v.is_sorted())
//!         .class(Class::Linear)
//!         .finish();
//! }
//!
//! fn main() {
//!     harness::main(register);
//! }
//! ```

mod group;
mod heap;
mod routine;
mod serve;
mod time;

use std::collections::BTreeSet;
use std::env;

pub use self::group::{Cases, Group};
use self::routine::Definition;
pub use crate::ComplexityClass as Class;
pub use crate::protocol::HeapUse;
use crate::protocol::{GroupInfo, Listing, SERVE, VERSION};

/// The groups of a bench executable, in the order of their registration.
///
/// ```
/// use tuneup_benchmarking::harness::Suite;
///
/// let mut suite = Suite::new();
/// suite
///     .group("text/length")
///     .about("how long is the text?")
///     .size(100)
///     .input(|n| "x".repeat(n))
///     .case("bytes", |text: &String| text.len())
///     .case("characters", |text: &String| text.chars().count())
///     .finish();
/// let group = suite.groups().next().unwrap();
/// assert_eq!((group.name.as_str(), group.cases.len()), ("text/length", 2));
/// ```
#[derive(Default)]
pub struct Suite {
    definitions: Vec<Definition>,
    names: BTreeSet<String>,
    notes: Vec<(String, Box<dyn Fn() -> String>)>,
}

impl std::fmt::Debug for Suite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Suite")
            .field("groups", &self.names)
            .finish_non_exhaustive()
    }
}

impl Suite {
    /// A suite without groups; [`main`] makes one and hands it to the function that registers.
    ///
    /// ```
    /// assert_eq!(tuneup_benchmarking::harness::Suite::new().groups().count(), 0);
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins a group. The name is unique in the suite and reads `file/topic`.
    ///
    /// ```
    /// # let mut suite = tuneup_benchmarking::harness::Suite::new();
    /// suite.group("math/square").input(|n| n as u64).case("product", |n: &u64| n * n).finish();
    /// ```
    ///
    /// # Panics
    ///
    /// When the name was used before: two groups would share their results.
    pub fn group(&mut self, name: &str) -> Group<'_> {
        assert!(
            self.names.insert(name.to_owned()),
            "the bench group `{name}` is registered twice; give each a name of its own"
        );
        Group::new(self, name)
    }

    /// A fact about the inputs that is shown beside the results, such as the size of a corpus.
    ///
    /// The text is made when a driver asks for it, not before.
    ///
    /// ```
    /// # let mut suite = tuneup_benchmarking::harness::Suite::new();
    /// suite.note("corpus", || "12 files, 3.4 MiB".to_owned());
    /// ```
    pub fn note(&mut self, name: &str, text: impl Fn() -> String + 'static) {
        self.notes.push((name.to_owned(), Box::new(text)));
    }

    /// What is registered: names, sizes and promises, nothing that runs.
    ///
    /// ```
    /// # use tuneup_benchmarking::harness::Suite;
    /// # fn register(suite: &mut Suite) {
    /// #     suite.group("a/b").sizes(&[64, 4_096]).input(|n| n).case("c", |n: &usize| *n).finish();
    /// # }
    /// // In a test: every group can be fitted.
    /// let mut suite = Suite::new();
    /// register(&mut suite);
    /// assert!(suite.groups().all(|group| !group.sizes.is_empty()));
    /// ```
    pub fn groups(&self) -> impl Iterator<Item = &GroupInfo> {
        self.definitions.iter().map(|definition| &definition.info)
    }

    fn notes(&self) -> Vec<(String, String)> {
        self.notes
            .iter()
            .map(|(name, text)| (name.clone(), text()))
            .collect()
    }

    fn listing(&self) -> Listing {
        Listing {
            version: VERSION,
            heap: heap::dhat_is_installed(),
            groups: self.groups().cloned().collect(),
        }
    }
}

/// The `main` of a bench file: serves a driver when started by one, and otherwise runs Criterion with the command line's
/// arguments.
///
/// Reads the process's arguments and prints, as a bench executable does. Answers that differ and cases that panic end it with
/// status 1 and a message that names them.
///
/// ```no_run
/// use tuneup_benchmarking::harness::{self, Suite};
///
/// fn register(suite: &mut Suite) {
///     suite.group("math/square").input(|n| n as u64).case("product", |n: &u64| n * n).finish();
/// }
///
/// fn main() {
///     harness::main(register);
/// }
/// ```
#[doc(alias = "criterion_main")]
pub fn main(register: impl FnOnce(&mut Suite)) {
    let mut suite = Suite::new();
    register(&mut suite);
    if env::args().any(|argument| argument == SERVE) {
        serve::serve(&suite);
    } else {
        time::run(&suite);
    }
}

/// The `main` of a bench file whose global allocator is `dhat::Alloc`: serves a driver when started by one, and otherwise
/// prints blocks, bytes and peak of one iteration of every case.
///
/// ```no_run
/// # #[cfg(any())] mod needs_dhat {
/// #[global_allocator]
/// static ALLOCATOR: dhat::Alloc = dhat::Alloc;
/// # }
/// # fn register(_: &mut tuneup_benchmarking::harness::Suite) {}
/// tuneup_benchmarking::harness::heap_main(register);
/// ```
pub fn heap_main(register: impl FnOnce(&mut Suite)) {
    let mut suite = Suite::new();
    register(&mut suite);
    if env::args().any(|argument| argument == SERVE) {
        serve::serve(&suite);
    } else {
        heap::print(&suite);
    }
}
