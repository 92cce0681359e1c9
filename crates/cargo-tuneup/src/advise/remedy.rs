//! What to call: the crate, the function or attribute, and lines that compile.
//!
//! The lines are files of their own, which the tests of this package compile and run.

/// A means against something.
pub(super) struct Remedy {
    /// As `cargo add` is given it.
    pub(super) package: &'static str,
    /// Features of the package that it needs.
    pub(super) features: &'static [&'static str],
    /// What is called.
    pub(super) call: &'static str,
    file: &'static str,
}

impl Remedy {
    /// The lines, without what the file says of itself.
    pub(super) fn code(&self) -> &'static str {
        let rest = self.file.split_once("\n\n").map(|(_, rest)| rest);
        rest.unwrap_or(self.file).trim_end()
    }

    /// How the crate comes into a package.
    pub(super) fn command(&self) -> String {
        match self.features {
            [] => format!("cargo add {}", self.package),
            features => format!(
                "cargo add {} --features {}",
                self.package,
                features.join(",")
            ),
        }
    }
}

/// Names a remedy and the file of its lines.
macro_rules! remedies {
    ($($(#[$about:meta])* $name:ident = $package:literal $features:tt $call:literal in $file:literal;)*) => {
        $($(#[$about])* pub(super) const $name: Remedy = Remedy {
            package: $package,
            features: &$features,
            call: $call,
            file: include_str!(concat!("../../tests/it/remedies/", $file)),
        };)*
    };
}

remedies! {
    /// Answers that are remembered.
    MEMOIZE = "tuneup-caching" [] "#[memoize]" in "memoize.rs";
    /// Lines of a function that takes long.
    LINES = "tuneup-profiling" [] "#[profile_lines]" in "lines.rs";
    /// How a function grows.
    COMPLEXITY = "tuneup-benchmarking" [] "complexity" in "complexity.rs";
    /// Two ways beside each other.
    COMPARISON = "tuneup-benchmarking" [] "Comparison" in "comparison.rs";
    /// Buffers that are used again.
    POOL = "tuneup-memory" [] "Pool" in "pool.rs";
    /// Sites that never stop growing.
    LEAK_WATCH = "tuneup-memory" ["trace"] "LeakWatch" in "leak_watch.rs";
    /// Calls that wait at the same time, on threads.
    THREADS = "tuneup-concurrency" [] "ThreadExecutor" in "threads.rs";
    /// Futures that wait at the same time.
    GATHER = "tuneup-concurrency" ["async"] "gather" in "gather.rs";
    /// Many items at a time.
    BATCHES = "tuneup-concurrency" [] "par::batched" in "batches.rs";
    /// Threads that take enough at a time.
    PARALLEL = "tuneup-concurrency" [] "par::map" in "parallel.rs";
    /// More workers for a stage.
    PIPELINE = "tuneup-concurrency" [] "Pipeline::stage" in "pipeline.rs";
    /// A cache of another size and policy.
    CACHE = "tuneup-caching" [] "Cache::builder" in "cache.rs";
    /// What a cache of another size would hit.
    MISS_RATIOS = "tuneup-caching" ["simulate"] "advice" in "advice.rs";
}
