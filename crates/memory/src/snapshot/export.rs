//! Snapshots as files: one format for each kind of reader.

#[cfg(feature = "json")]
mod dhat;
mod flame_graph;
#[cfg(feature = "html")]
mod html;
#[cfg(feature = "json")]
mod json;
#[cfg(feature = "pprof")]
mod pprof;

use std::path::Path;

use tuneup_report::FoldedStacks;

use super::{GroupBy, Order, Snapshot, Stack, names::OTHER_STACKS};
use crate::Error;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Json,
    Dhat,
    Pprof,
    Folded,
    FlameGraph,
    Html,
    Text,
}

/// An extension that ends as another one does stands before it.
const EXTENSIONS: [(&str, Format); 7] = [
    (".dhat.json", Format::Dhat),
    (".json", Format::Json),
    (".pb.gz", Format::Pprof),
    (".folded", Format::Folded),
    (".svg", Format::FlameGraph),
    (".html", Format::Html),
    (".txt", Format::Text),
];

impl Format {
    fn of(path: &Path) -> Result<Self, Error> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let name = name.to_ascii_lowercase();
        let asks = |extension: &str| name.len() > extension.len() && name.ends_with(extension);
        let found = EXTENSIONS
            .into_iter()
            .find(|(extension, _)| asks(extension));
        found
            .map(|(_, format)| format)
            .ok_or_else(|| Error::UnknownExtension {
                path: path.to_owned(),
            })
    }
}

impl Snapshot {
    /// Whether [`save`](Self::save) knows the format that this path names: worth asking before what is to be traced takes its time.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownExtension`], [`Error::FormatDisabled`].
    ///
    /// ```
    /// use tuneup_memory::Snapshot;
    ///
    /// assert!(Snapshot::check_path("heap.svg").is_ok());
    /// assert!(Snapshot::check_path("heap.doc").is_err());
    /// ```
    pub fn check_path(path: impl AsRef<Path>) -> Result<(), Error> {
        let path = path.as_ref();
        match Format::of(path)? {
            #[cfg(not(feature = "json"))]
            Format::Json | Format::Dhat => Err(disabled(path, "json")),
            #[cfg(not(feature = "pprof"))]
            Format::Pprof => Err(disabled(path, "pprof")),
            #[cfg(not(feature = "html"))]
            Format::Html => Err(disabled(path, "html")),
            _ => Ok(()),
        }
    }

    /// Writes the snapshot to a file, in the format that the extension of `path` names, in any case of letters.
    ///
    /// | extension | what | read by | feature |
    /// |---|---|---|---|
    /// | `.json` | everything, with the names of functions | [`load`](Self::load) | `json` |
    /// | `.dhat.json` | stacks with all blocks, their lifetimes, those that live, and those that lived at the peak | `dh_view.html` of Valgrind | `json` |
    /// | `.pb.gz` | a heap profile: stacks with blocks and bytes, live, at the peak, and all that were allocated | `pprof` and what understands its files | `pprof` |
    /// | `.folded` | one line for each stack, with live bytes | flame graph tools | – |
    /// | `.svg` | a flame graph of live bytes | browsers | – |
    /// | `.html` | peak, course, flame graphs, sites and calls in one page | browsers | `html` |
    /// | `.txt` | the sites as a table | people | – |
    ///
    /// The file is complete or not there: it is written beside its place, flushed to the disk and renamed. Names of functions
    /// are looked up if that has not been done.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownExtension`], [`Error::FormatDisabled`] if the feature is missing, [`Error::Write`] with what the system
    /// said; [`Error::Report`] for a flame graph of a snapshot in which nothing lives. What was at `path` stays.
    ///
    /// ```
    /// use tuneup_memory::{Trace, TraceOptions, TrackingAllocator};
    ///
    /// #[global_allocator]
    /// static ALLOCATOR: TrackingAllocator = TrackingAllocator::system();
    ///
    /// let trace = Trace::start(TraceOptions::exact())?;
    /// let kept = vec![0_u8; 1000];
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("heap.folded");
    /// trace.snapshot().save(&path)?;
    /// assert!(std::fs::read_to_string(&path).unwrap().contains(" 1000\n"));
    /// # drop(kept);
    /// # Ok::<(), tuneup_memory::Error>(())
    /// ```
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        self.save_by(path, Order::LiveBytes)
    }

    /// As [`save`](Self::save); where a format has one number for each stack (`.folded`, `.svg`), it is this one, and a table (`.txt`) is sorted by it.
    ///
    /// # Errors
    ///
    /// Those of [`save`](Self::save).
    ///
    /// ```
    /// use tuneup_memory::{Order, Trace, TraceOptions, TrackingAllocator};
    ///
    /// #[global_allocator]
    /// static ALLOCATOR: TrackingAllocator = TrackingAllocator::system();
    ///
    /// let trace = Trace::start(TraceOptions::exact())?;
    /// drop(vec![0_u8; 1000]);
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("peak.folded");
    /// trace.snapshot().save_by(&path, Order::PeakBytes)?;
    /// assert!(std::fs::read_to_string(&path).unwrap().contains(" 1000\n"));
    /// # Ok::<(), tuneup_memory::Error>(())
    /// ```
    pub fn save_by(&self, path: impl AsRef<Path>, by: Order) -> Result<(), Error> {
        let path = path.as_ref();
        let content = match Format::of(path)? {
            #[cfg(feature = "json")]
            Format::Json => json::encode(self).map_err(|error| refused(path, error))?,
            #[cfg(feature = "json")]
            Format::Dhat => dhat::encode(self).map_err(|error| refused(path, error))?,
            #[cfg(not(feature = "json"))]
            Format::Json | Format::Dhat => return Err(disabled(path, "json")),
            #[cfg(feature = "pprof")]
            Format::Pprof => pprof::encode(self).map_err(|error| refused(path, error))?,
            #[cfg(not(feature = "pprof"))]
            Format::Pprof => return Err(disabled(path, "pprof")),
            Format::Folded => self.folded(by).into_bytes(),
            Format::FlameGraph => String::from(flame_graph::draw(self, by)?).into_bytes(),
            #[cfg(feature = "html")]
            Format::Html => html::encode(self)?,
            #[cfg(not(feature = "html"))]
            Format::Html => return Err(disabled(path, "html")),
            Format::Text => format!("{}", self.by(GroupBy::Site).sort_by(by)).into_bytes(),
        };
        tuneup_report::write_file(path, &content).map_err(|error| refused(path, error))
    }

    /// Reads a snapshot that was saved as `.json`: as it was, but that it can no longer be compared sample by sample with
    /// those of a trace that is running.
    ///
    /// # Errors
    ///
    /// [`Error::Open`] or [`Error::Read`] with what the system said, [`Error::Damaged`] if it is no such file or was cut short,
    /// [`Error::OtherVersion`] if another version of this crate wrote it, [`Error::FormatDisabled`] without the feature `json`.
    ///
    /// ```
    /// use tuneup_memory::{Error, Snapshot};
    ///
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("package.json");
    /// std::fs::write(&path, r#"{ "name": "not a snapshot" }"#).unwrap();
    /// # if cfg!(feature = "json") {
    /// assert!(matches!(Snapshot::load(&path), Err(Error::Damaged { .. })));
    /// # }
    /// ```
    pub fn load(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        #[cfg(feature = "json")]
        return json::load(path);
        #[cfg(not(feature = "json"))]
        return Err(disabled(path, "json"));
    }

    /// Whether a file is a snapshot that was saved as `.json`, of whatever version: for who may be given files of other kinds. Needs the feature
    /// `json`. Reads all of it.
    ///
    /// ```
    /// use tuneup_memory::Snapshot;
    ///
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("package.json");
    /// std::fs::write(&path, r#"{ "name": "not a snapshot" }"#).unwrap();
    /// assert!(!Snapshot::is_saved(&path));
    /// ```
    #[cfg(feature = "json")]
    #[must_use]
    pub fn is_saved(path: impl AsRef<Path>) -> bool {
        json::is_saved(path.as_ref())
    }

    fn folded(&self, by: Order) -> String {
        let mut folded = FoldedStacks::new();
        for stack in &self.stacks {
            let value = by.of_sums(&stack.sums);
            if value >= 0.5 {
                folded.push(self.path_of(stack), value.round() as u64);
            }
        }
        folded.into()
    }

    /// The functions of a stack from the outermost to its site.
    fn path_of(&self, stack: &Stack) -> Vec<&str> {
        let names = self.names();
        let Some(site) = names.site(&stack.calls) else {
            return vec![OTHER_STACKS];
        };
        let frames = names.of(&stack.calls).skip_while(|frame| *frame != site);
        let mut path = frames.map(|frame| names.functions[frame.function].name.as_str());
        let mut path = path.by_ref().collect::<Vec<_>>();
        path.reverse();
        path
    }
}

#[cfg(not(all(feature = "json", feature = "pprof", feature = "html")))]
fn disabled(path: &Path, feature: &'static str) -> Error {
    Error::FormatDisabled {
        path: path.to_owned(),
        feature,
    }
}

fn refused(path: &Path, source: impl Into<std::io::Error>) -> Error {
    Error::Write {
        path: path.to_owned(),
        source: source.into(),
    }
}

#[cfg(test)]
mod tests;
