//! Profiles as files: one format for each kind of reader.

// Each format needs a part of it.
#[cfg_attr(
    not(all(feature = "json", feature = "pprof", feature = "html")),
    allow(dead_code)
)]
mod call_paths;
#[cfg(feature = "json")]
mod chrome_trace;
mod flame_graph;
mod folded;
mod format;
#[cfg(feature = "html")]
mod html;
#[cfg(feature = "json")]
mod json;
#[cfg(feature = "pprof")]
mod pprof;
#[cfg(feature = "json")]
mod speedscope;
mod text;

use std::{path::Path, time::Duration};

use self::format::Format;
use crate::{Error, Profile};

/// Whether a profile could be saved to `path` as far as its format goes.
pub(crate) fn check(path: &Path) -> Result<(), Error> {
    Format::of(path)?.check(path)
}

/// What the name of a file has before the extension of its format, and the extension with its dot.
pub(crate) fn split_name(name: &str) -> (&str, &str) {
    format::split_name(name)
}

impl Profile {
    /// Whether [`save`](Self::save) knows the format that this path names: worth asking before what is to be profiled takes its time.
    ///
    /// # Errors
    /// [`Error::UnknownExtension`], [`Error::FormatDisabled`].
    ///
    /// ```
    /// use tuneup_profiling::Profile;
    ///
    /// assert!(Profile::check_path("profile.svg").is_ok());
    /// assert!(Profile::check_path("profile.doc").is_err());
    /// ```
    pub fn check_path(path: impl AsRef<Path>) -> Result<(), Error> {
        check(path.as_ref())
    }

    /// Writes the profile to a file, in the format that the extension of `path` names, in any case of letters.
    ///
    /// | extension | what | read by | feature |
    /// |---|---|---|---|
    /// | `.json` | everything that was recorded | [`load`](Self::load) | `json` |
    /// | `.pb.gz` | stacks with calls, time, allocations and samples | `pprof` and what understands its files | `pprof` |
    /// | `.speedscope.json` | stacks with time, bytes and samples | speedscope | `json` |
    /// | `.folded` | one line for each stack, with nanoseconds | flame graph tools | – |
    /// | `.svg` | a flame graph | browsers | – |
    /// | `.trace.json` | the call tree as a timeline, added up, not as it happened | Perfetto, `chrome://tracing` | `json` |
    /// | `.html` | functions, call tree, lines and flame graph in one page | browsers | `html` |
    /// | `.txt` | functions and lines as tables | people | – |
    ///
    /// Stacks are weighed by what was spent in their last function itself, so that they add up. A profile without times,
    /// as the sampler alone makes it, is weighed in samples instead. Lists of stacks go 1,024 functions deep; what lies
    /// deeper is counted under `(deeper)`.
    ///
    /// The file is complete or not there: it is written beside its place, flushed to the disk and renamed. What is not
    /// a regular file, such as a pipe, is written to directly. Folders are not created. The whole text is built in memory
    /// first; neither its size nor its time depend on how long the session lasted.
    ///
    /// # Errors
    /// [`Error::UnknownExtension`], [`Error::FormatDisabled`] if the feature is missing, [`Error::Write`] with what the
    /// system said; an `.svg` of a profile in which no time was spent is [`Error::Report`]. What was at `path` stays,
    /// and so does the profile.
    ///
    /// ```
    /// use tuneup_profiling::{Profiler, profile_fn};
    ///
    /// let session = Profiler::builder().start()?;
    /// profile_fn("load", || profile_fn("parse", || (0..1_000_u64).map(std::hint::black_box).sum::<u64>()));
    /// let profile = session.finish();
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = |name: &str| folder.path().join(name);
    /// profile.save(path("profile.folded"))?;
    /// profile.save(path("profile.svg"))?;
    /// let stacks = std::fs::read_to_string(path("profile.folded")).unwrap();
    /// assert!(stacks.lines().any(|line| line.starts_with("load;parse ")));
    /// # Ok::<(), tuneup_profiling::Error>(())
    /// ```
    #[doc(alias = "dump_stats")]
    #[doc(alias = "export")]
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        let path = path.as_ref();
        let content = Format::of(path)?.encode(self, path)?;
        tuneup_report::write_file(path, &content).map_err(|source| Error::Write {
            path: path.to_owned(),
            source,
        })
    }

    /// Reads a profile that [`save`](Self::save) wrote as `.json`: all of it, and exactly, up to times of 584 years.
    /// Needs the feature `json`.
    ///
    /// Nothing is believed: what does not fit together is refused.
    ///
    /// # Errors
    /// [`Error::Read`] if the file cannot be read, [`Error::Damaged`] if it is not such a profile, or not all of one,
    /// [`Error::OtherVersion`], [`Error::FormatDisabled`] without the feature.
    ///
    /// ```
    /// use tuneup_profiling::{Error, Profile, Profiler, profile_fn};
    ///
    /// let session = Profiler::builder().start()?;
    /// profile_fn("load", || ());
    /// let profile = session.finish();
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("profile.json");
    /// # if cfg!(feature = "json") {
    /// profile.save(&path)?;
    /// assert_eq!(Profile::load(&path)?, profile);
    ///
    /// std::fs::write(&path, "{\"format\": \"tuneup-pro").unwrap();
    /// assert!(matches!(Profile::load(&path), Err(Error::Damaged { .. })));
    /// # }
    /// # Ok::<(), Error>(())
    /// ```
    #[doc(alias = "import")]
    pub fn load(path: impl AsRef<Path>) -> Result<Self, Error> {
        load(path.as_ref())
    }
}

#[cfg(feature = "json")]
fn load(path: &Path) -> Result<Profile, Error> {
    json::load(path)
}

#[cfg(not(feature = "json"))]
fn load(path: &Path) -> Result<Profile, Error> {
    Err(Error::FormatDisabled {
        path: path.to_owned(),
        feature: "json",
    })
}

/// A time as formats hold it.
fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
