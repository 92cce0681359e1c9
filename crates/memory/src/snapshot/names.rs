//! The names of the functions in all stacks of a snapshot.

use std::collections::HashMap;

use tuneup_symbols::{CodeMap, Process, Symbols};

/// The functions at the addresses of a snapshot.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names {
    pub(crate) functions: Vec<FunctionName>,
    /// From the innermost outwards.
    pub(crate) frames: HashMap<u64, Vec<NamedFrame>>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct FunctionName {
    pub(crate) name: String,
    pub(crate) file: String,
    pub(crate) line: u32,
}

/// A function, by its place, and a line in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NamedFrame {
    pub(crate) function: usize,
    pub(crate) line: u32,
}

impl Names {
    /// Of this process.
    pub(crate) fn look_up(addresses: impl Iterator<Item = u64>) -> Self {
        Self::look_up_in(&CodeMap::read(&Process::current()), addresses)
    }

    /// Of a process whose code lies where `code` says, in files that this process can read.
    pub(crate) fn look_up_in(code: &CodeMap, addresses: impl Iterator<Item = u64>) -> Self {
        let mut addresses = addresses.collect::<Vec<_>>();
        addresses.sort_unstable();
        addresses.dedup();
        let symbols = Symbols::resolve(&Process::current(), code, addresses.iter().copied());
        let functions = symbols.symbols().iter().map(|symbol| FunctionName {
            name: symbol.name.clone(),
            file: symbol.file.clone(),
            line: symbol.line,
        });
        let frames = addresses.iter().map(|address| {
            let frames = symbols.frames(*address).iter().map(|frame| NamedFrame {
                function: frame.symbol,
                line: frame.line,
            });
            (*address, frames.collect())
        });
        Self {
            functions: functions.collect(),
            frames: frames.collect(),
        }
    }

    /// A function without a file at an address.
    #[cfg(test)]
    pub(crate) fn insert(&mut self, address: u64, name: &str) {
        let function = self.functions.len();
        self.functions.push(FunctionName {
            name: name.to_owned(),
            ..FunctionName::default()
        });
        self.frames
            .insert(address, vec![NamedFrame { function, line: 0 }]);
    }

    /// The frames of a stack, from the innermost outwards.
    pub(crate) fn of<'a>(&'a self, calls: &'a [u64]) -> impl Iterator<Item = NamedFrame> + 'a {
        let frames = |call: &u64| self.frames.get(call).map_or(&[][..], Vec::as_slice);
        calls
            .iter()
            .flat_map(move |call| frames(call).iter().copied())
    }

    /// The innermost frame that is not part of how memory is allocated: neither of an allocator, nor of the standard
    /// library, nor of what has called that from outside of Rust. If there is no other, the innermost of `std`, or behind the allocator.
    pub(crate) fn site(&self, calls: &[u64]) -> Option<NamedFrame> {
        let function = |frame: &NamedFrame| &self.functions[frame.function];
        let frames = self.of(calls).collect::<Vec<_>>();
        // Whatever an allocator calls is its own affair.
        let mut inside_out = frames.iter();
        let allocator = inside_out.rposition(|frame| function(frame).is_allocator());
        let outside = &frames[allocator.map_or(0, |place| place + 1)..];
        let is_somebodys =
            |frame: &&NamedFrame| !function(frame).is_plumbing() && !function(frame).is_foreign();
        let site = outside.iter().find(is_somebodys);
        let of_library = |frame: &&NamedFrame| function(frame).name.starts_with("std::");
        site.or_else(|| outside.iter().find(of_library))
            .or(outside.first())
            .or(frames.first())
            .copied()
    }
}

/// The name of the stacks that found no room, and have no calls.
pub(crate) const OTHER_STACKS: &str = "(other stacks)";

impl Names {
    /// Function, file and line of a stack's site.
    pub(crate) fn site_name(&self, calls: &[u64]) -> String {
        let Some(site) = self.site(calls) else {
            return OTHER_STACKS.to_owned();
        };
        let FunctionName { name, file, .. } = &self.functions[site.function];
        match file.is_empty() {
            true => name.clone(),
            false => format!("{name} {file}:{}", site.line),
        }
    }

    /// The functions of a stack, from its site outwards, without those of the standard library in between.
    pub(crate) fn stack_names(&self, calls: &[u64]) -> Vec<String> {
        let site = self.site(calls);
        let frames = self.of(calls).skip_while(|frame| Some(*frame) != site);
        let functions = frames.map(|frame| &self.functions[frame.function]);
        let mut place = 0;
        let functions = functions.filter(|function| {
            place += 1;
            place == 1 || !function.is_plumbing()
        });
        functions.map(|function| function.name.clone()).collect()
    }
}

impl FunctionName {
    /// Where there are line tables alone, inlined functions have names without paths: then their files tell.
    fn is_allocator(&self) -> bool {
        is_allocator(&self.name) || (!self.name.contains("::") && is_own_allocator(&self.file))
    }

    /// Code of the system that has called the standard library, such as that which begins a thread.
    fn is_foreign(&self) -> bool {
        self.file.is_empty() && !self.name.contains("::")
    }

    fn is_plumbing(&self) -> bool {
        is_plumbing(&self.name) || is_standard_library(&self.file)
    }
}

/// The standard library as it was compiled, or as it lies on this machine; `hashbrown` from anywhere is part of it.
fn is_standard_library(file: &str) -> bool {
    (file.starts_with("/rustc/") && file.contains("/library/"))
        || file.contains("/rustlib/src/rust/library/")
        || file.contains("/hashbrown-")
        || file.starts_with("hashbrown-")
}

/// The one of this crate, in a checkout or in Cargo's sources.
fn is_own_allocator(file: &str) -> bool {
    file.strip_suffix("/src/allocator.rs")
        .and_then(|folder| folder.rsplit('/').next())
        .is_some_and(|folder| folder == "memory" || folder.starts_with("tuneup-memory-"))
}

/// Whether a function is an entry to an allocator.
fn is_allocator(function: &str) -> bool {
    function.contains("as core::alloc::global::GlobalAlloc>")
        || ENTRIES.iter().any(|entry| function.contains(entry))
}

/// What the compiler calls the entries.
const ENTRIES: &[&str] = &[
    "__rust_alloc",
    "__rust_realloc",
    "__rust_dealloc",
    "__rg_",
    "__rdl_",
];

/// Paths that belong to the way from a program's code to its allocator.
const PLUMBING: &[&str] = &[
    "alloc::",
    "core::",
    "std::",
    "hashbrown::",
    "tuneup_recorder::",
    "tuneup_runtime::",
    "tuneup_memory::allocator::",
    "tuneup_memory::trace::",
    "tuneup_symbols::",
];

fn is_plumbing(function: &str) -> bool {
    // `<u8 as alloc::vec::spec_from_elem::SpecFromElem>::from_elem` is of no crate but the trait's.
    let path = match function
        .strip_prefix('<')
        .and_then(|rest| rest.split_once(" as "))
    {
        Some((own_type, of_trait)) if !own_type.contains("::") => of_trait,
        // `<str>::to_lowercase` and `<[T]>::to_vec` are methods of the language's own types.
        None if is_method_of_a_primitive(function) => return true,
        _ => first_path(function),
    };
    PLUMBING.iter().any(|prefix| path.starts_with(prefix))
}

fn is_method_of_a_primitive(function: &str) -> bool {
    let own_type = function
        .strip_prefix('<')
        .and_then(|rest| rest.split_once(">::"));
    own_type.is_some_and(|(own_type, _)| !own_type.contains("::"))
}

/// From the first path in a function's name on: `<&mut [my_crate::Item] as core::fmt::Debug>::fmt` begins with a type.
fn first_path(function: &str) -> &str {
    let mut path = function;
    loop {
        let shorter = path.trim_start_matches(['<', '&', '[', '*', '(', ' ']);
        let shorter = ["mut ", "const ", "dyn "]
            .iter()
            .fold(shorter, |path, word| {
                path.strip_prefix(word).unwrap_or(path)
            });
        if shorter.len() == path.len() {
            return path;
        }
        path = shorter;
    }
}

/// The crate of a function: the first part of its path.
pub(crate) fn crate_of(function: &str) -> &str {
    let path = first_path(function);
    match path.split_once("::") {
        Some((name, _)) => name,
        // `libc.so.6+0x1234`
        None => path.split_once('+').map_or(path, |(module, _)| module),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_crate_is_where_a_path_begins() {
        for (function, expected) in [
            ("serde_json::value::to_value", "serde_json"),
            ("<alloc::vec::Vec<T> as core::clone::Clone>::clone", "alloc"),
            (
                "<&mut [my_crate::Item] as core::fmt::Debug>::fmt",
                "my_crate",
            ),
            ("main", "main"),
            ("libc.so.6+0x1234", "libc.so.6"),
        ] {
            assert_eq!(crate_of(function), expected);
        }
    }

    #[test]
    fn files_tell_what_names_without_paths_are() {
        let function = |name: &str, file: &str| FunctionName {
            name: name.to_owned(),
            file: file.to_owned(),
            line: 1,
        };
        let library = "/rustc/59807616e1fa/library/alloc/src/alloc.rs";
        assert!(function("realloc", library).is_plumbing());
        let of_a_primitive = "<u8 as <[_]>::to_vec_in::ConvertVec>::to_vec::<alloc::alloc::Global>";
        assert!(function(of_a_primitive, library).is_plumbing());
        let own = "/src/tuneup/crates/memory/src/allocator.rs";
        assert!(function("alloc", own).is_allocator());
        assert!(function("alloc", "tuneup-memory-0.1.0/src/allocator.rs").is_allocator());
        // A function of somebody's that has the same name, and the library of a program.
        for file in ["/app/src/allocator.rs", "/app/library/src/walk.rs"] {
            let somebodys = function("walk", file);
            assert!(!somebodys.is_allocator() && !somebodys.is_plumbing());
        }
    }

    #[test]
    fn what_the_standard_library_allocates_for_itself_is_its_own_site() {
        let mut names = Names::default();
        for (address, name) in [
            (
                1,
                "<tuneup_runtime::allocator::Tracked<A> as core::alloc::global::GlobalAlloc>::alloc",
            ),
            (2, "alloc::alloc::alloc"),
            (3, "std::thread::Thread::new"),
            (4, "std::rt::lang_start_internal"),
            (5, "main"),
            (6, "shop::load"),
        ] {
            names.insert(address, name);
        }
        let site = |calls: &[u64]| names.site_name(calls);
        assert_eq!(site(&[1, 2, 3, 4, 5]), "std::thread::Thread::new");
        assert_eq!(site(&[1, 2, 5]), "alloc::alloc::alloc");
        assert_eq!(site(&[1, 2, 6, 5]), "shop::load");
    }

    #[test]
    fn the_way_to_the_allocator_is_nobodys_site() {
        for function in [
            "alloc::raw_vec::RawVecInner<A>::try_allocate_in",
            "<alloc::string::String as core::clone::Clone>::clone",
            "hashbrown::raw::RawTable<T,A>::reserve_rehash",
            "<u8 as alloc::vec::spec_from_elem::SpecFromElem>::from_elem",
            "<str>::to_lowercase",
            "<[T]>::to_vec",
            "<T as alloc::slice::<impl [T]>::to_vec_in::ConvertVec>::to_vec",
        ] {
            assert!(is_plumbing(function), "{function}");
        }
        for function in [
            "__rustc::__rust_alloc",
            "__rust_alloc_zeroed",
            "__rustc::__rg_alloc",
            "<my_crate::Pool as core::alloc::global::GlobalAlloc>::alloc::{{closure}}",
        ] {
            assert!(is_allocator(function), "{function}");
        }
        assert!(!is_plumbing("my_crate::alloc::grow"));
        assert!(!is_plumbing(
            "<my_crate::Item as core::clone::Clone>::clone"
        ));
    }
}
