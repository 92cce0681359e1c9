//! Artefacts of small programs, in the hands of those whom they are for.

mod archives;
mod bills;
mod crate_files;
mod debs;
mod releases;
mod signatures;
mod tool;
mod wheels;
