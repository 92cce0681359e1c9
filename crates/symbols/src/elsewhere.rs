//! Where nothing is known of addresses: everything is there, and finds nothing.

use std::{io, mem::MaybeUninit, ops::Range};

use crate::symbols::{Symbols, unknown};

/// A process of this machine.
#[derive(Debug, Clone)]
pub struct Process {
    id: u32,
}

impl Process {
    /// The process with this number.
    #[must_use]
    pub fn new(id: u32) -> Self {
        Self { id }
    }

    /// This process.
    #[must_use]
    pub fn current() -> Self {
        Self::new(std::process::id())
    }

    /// Its number.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Whether it is this one.
    #[must_use]
    pub fn is_own(&self) -> bool {
        self.id == std::process::id()
    }

    /// Not known here.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::Unsupported`], always.
    pub fn threads(&self) -> io::Result<Vec<u32>> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// The name of this program's file; `process N` for another process.
    #[must_use]
    pub fn program(&self) -> String {
        let executable = match self.is_own() {
            true => std::env::current_exe().ok(),
            false => None,
        };
        let name = executable.as_deref().and_then(|path| path.file_name());
        name.map_or_else(
            || format!("process {}", self.id),
            |name| name.to_string_lossy().into_owned(),
        )
    }
}

/// The executable memory of a process: not known here.
#[derive(Debug, Clone, Default)]
pub struct CodeMap {}

impl CodeMap {
    /// Nothing is known.
    #[must_use]
    pub fn new() -> Self {
        Self {}
    }

    /// Finds nothing.
    #[must_use]
    pub fn read(_process: &Process) -> Self {
        Self {}
    }

    /// Nothing is found in them.
    #[must_use]
    pub fn of_maps(_maps: &str) -> Self {
        Self {}
    }

    /// Finds nothing.
    pub fn look(&mut self, _process: &Process) {}

    /// Always `None`.
    #[must_use]
    pub fn containing(&self, _address: u64) -> Option<usize> {
        None
    }
}

/// Walks no stack.
#[derive(Debug)]
pub struct OwnStack {}

impl OwnStack {
    /// There is nothing to load.
    #[must_use]
    pub fn load() -> Self {
        Self {}
    }

    /// Nobody waits.
    #[must_use]
    pub fn with_most_yields(self, _most_yields: u32) -> Self {
        self
    }

    /// There is nothing to forget.
    ///
    /// # Safety
    ///
    /// None is needed here; where there are unwind tables, no thread may be unwinding.
    pub unsafe fn forget_other_threads(&self) {}

    /// Always 0.
    ///
    /// # Safety
    ///
    /// None is needed here; where there are unwind tables, `stack` must be the current thread's.
    pub unsafe fn unwind_here(
        &self,
        _stack: Range<usize>,
        _frames: &mut [MaybeUninit<usize>],
    ) -> usize {
        0
    }

    /// Always `false`.
    ///
    /// # Safety
    ///
    /// As of [`unwind_here`](Self::unwind_here).
    #[must_use]
    pub unsafe fn frame_pointers_reach(&self, _stack: Range<usize>) -> bool {
        false
    }
}

pub(crate) fn resolve(
    _process: &Process,
    _code: &CodeMap,
    addresses: impl Iterator<Item = u64>,
) -> Symbols {
    let mut symbols = Symbols::default();
    symbols.name_all(&addresses.collect::<Vec<_>>(), |_| unknown());
    symbols
}
