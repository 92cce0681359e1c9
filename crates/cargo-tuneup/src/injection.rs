//! Programs that record, built from projects that know nothing of it.
//!
//! Cargo builds the program with this very command in the place of the compiler. For the packages of the workspace it compiles a shadow of the
//! sources in which each function records, and links the [runtime], which writes what was recorded when the program ends.

mod allocator;
mod arguments;
mod choice;
mod instrument;
mod lines;
mod macros;
mod orders;
mod program;
mod report;
mod runtime;
mod shadow;
mod target;
pub(crate) mod wrapper;

pub(crate) use self::{
    orders::{Where, Wish},
    program::{Program, Run},
    target::Target,
};
