//! The counts against a naive reading, with cuts everywhere.

mod blocks;
mod files;
mod merging;
mod oracle;
mod samples;
mod sequences;
