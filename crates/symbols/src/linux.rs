//! Where the system tells, and object files are ELF.

mod code_map;
mod debug_info;
mod image;
mod maps;
mod own_stack;
mod process;
mod registers;
mod resolve;

pub(crate) use self::resolve::resolve;
pub use self::{
    code_map::{Changes, CodeMap, CodeMapping, Module},
    maps::{Mapping, Origin},
    own_stack::OwnStack,
    process::Process,
};
