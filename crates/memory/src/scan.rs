//! Files larger than memory: chunks, lines, patterns and ranges for threads.
//!
//! [`Window`](window::Window) knows where bytes come from; the verbs are written once, on top of it.

mod chunks;
mod file_scanner;
mod lines;
#[cfg(feature = "mapped")]
mod mapped_file;
mod matches;
mod ranges;
mod window;

#[cfg(feature = "mapped")]
pub use mapped_file::MappedFile;
pub use {chunks::Chunks, file_scanner::FileScanner, lines::Lines, matches::Matches};
