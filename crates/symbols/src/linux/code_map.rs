//! Where the code of a process lies, kept up to date.

use std::{fmt, ops::Range};

use super::{
    image,
    maps::{self, Mapping},
    process::{Object, Process},
};

/// Mappings that are gone are remembered, for the names in stacks that were recorded; so many in all.
const MOST_MAPPINGS: usize = 1 << 12;

/// Memory in which code lies.
///
/// ```
/// use tuneup_symbols::{CodeMap, Process};
///
/// let code = CodeMap::read(&Process::current());
/// let files = code.mappings().iter().filter(|code| code.bias.is_some());
/// assert!(files.count() > 0);
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CodeMapping {
    /// The memory.
    pub mapping: Mapping,
    /// What was added to the addresses of the file, modulo 2⁶⁴; `None` without a file that can be read.
    #[doc(alias = "load address")]
    #[doc(alias = "slide")]
    pub bias: Option<u64>,
}

/// The executable memory of a process, as it was at the last look, and what was seen before and is gone, as long as nothing
/// else has taken its place: 4096 mappings at most, and about 150 bytes for each. The source is `/proc/PID/maps`
/// ([proc(5)](https://man7.org/linux/man-pages/man5/proc_pid_maps.5.html)).
///
/// ```
/// use tuneup_symbols::{CodeMap, Process};
///
/// let process = Process::current();
/// let mut code = CodeMap::read(&process);
/// // A function of this program.
/// let address = std::process::id as fn() -> u32 as usize as u64;
/// assert!(cfg!(not(target_os = "linux")) || code.containing(address).is_some());
/// // After a library was loaded:
/// code.look(&process);
/// ```
#[doc(alias = "memory map")]
#[derive(Debug, Clone, Default)]
pub struct CodeMap {
    /// In ascending order, and none overlaps another.
    mappings: Vec<CodeMapping>,
}

/// What a look has found out.
///
/// ```
/// use tuneup_symbols::{CodeMap, Process};
///
/// let changes = CodeMap::new().look(&Process::current());
/// assert!(changes.removed.is_empty() && !changes.added.is_empty());
/// ```
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Changes {
    /// Where modules began that have given way to others.
    pub removed: Vec<u64>,
    /// What is new and has a file that can be read.
    pub added: Vec<Module>,
}

/// Code that came from an object file. The file is in memory as long as this lives, as pages that the system can drop.
pub struct Module {
    /// Where it lies.
    pub addresses: Range<u64>,
    /// What was added to the addresses of the file, modulo 2⁶⁴.
    pub bias: u64,
    object: Object,
}

impl Module {
    /// What [framehop](https://docs.rs/framehop) needs to unwind the code: a copy of the file's `.eh_frame` and
    /// `.eh_frame_hdr`. Nothing of the file is needed any more.
    ///
    /// ```
    /// use framehop::{MayAllocateDuringUnwind, Unwinder, UnwinderNative};
    /// use tuneup_symbols::{CodeMap, Process};
    ///
    /// let mut unwinder = UnwinderNative::<Vec<u8>, MayAllocateDuringUnwind>::new();
    /// for module in CodeMap::new().look(&Process::current()).added {
    ///     unwinder.add_module(module.unwind_tables());
    /// }
    /// assert!(unwinder.max_known_code_address() > 0);
    /// ```
    #[must_use]
    pub fn unwind_tables(&self) -> framehop::Module<Vec<u8>> {
        let sections = match object::File::parse(&*self.object) {
            Ok(file) => image::unwind_sections(&file),
            Err(_) => framehop::ExplicitModuleSectionInfo::default(),
        };
        let addresses = self.addresses.clone();
        framehop::Module::new(String::new(), addresses, self.bias, sections)
    }
}

impl fmt::Debug for Module {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Module")
            .field("addresses", &self.addresses)
            .field("bias", &self.bias)
            .finish_non_exhaustive()
    }
}

impl CodeMap {
    /// Nothing is known yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The executable memory that a process has now; empty if it has ended or must not be looked into. As
    /// [`look`](Self::look).
    #[must_use]
    pub fn read(process: &Process) -> Self {
        let mut code = Self::new();
        code.look(process);
        code
    }

    /// The executable memory of a process that has ended, from what it has kept of its `/proc/self/maps`. Its files are looked for
    /// where this process sees them; what was changed since then has wrong names.
    ///
    /// ```
    /// use tuneup_symbols::{CodeMap, Process};
    ///
    /// # if cfg!(target_os = "linux") {
    /// let kept = std::fs::read_to_string("/proc/self/maps")?;
    /// let code = CodeMap::of_maps(&kept);
    /// assert_eq!(code.mappings().len(), CodeMap::read(&Process::current()).mappings().len());
    /// # }
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn of_maps(maps: &str) -> Self {
        let (mut code, process) = (Self::new(), Process::current());
        for mapping in maps::executable_mappings(maps) {
            code.add(&process, mapping, &mut Changes::default());
        }
        code
    }

    /// Reads the memory map, and of files that are new in it the headers: about 0.1 ms, and 50 µs for each of
    /// those. After the process
    /// has ended everything stays as it was.
    ///
    /// ```
    /// use tuneup_symbols::{CodeMap, Process};
    ///
    /// let process = Process::current();
    /// let mut code = CodeMap::read(&process);
    /// assert!(code.look(&process).added.is_empty());
    /// ```
    #[doc(alias = "refresh")]
    pub fn look(&mut self, process: &Process) -> Changes {
        let mut changes = Changes::default();
        for mapping in process.mappings().unwrap_or_default() {
            if !self.mappings.iter().any(|known| known.mapping == mapping) {
                self.add(process, mapping, &mut changes);
            }
        }
        changes
    }

    fn add(&mut self, process: &Process, mapping: Mapping, changes: &mut Changes) {
        let addresses = mapping.addresses.clone();
        let gone = self.mappings.extract_if(.., |known| {
            let other = &known.mapping.addresses;
            other.start < addresses.end && addresses.start < other.end
        });
        changes
            .removed
            .extend(gone.map(|gone| gone.mapping.addresses.start));
        if self.mappings.len() >= MOST_MAPPINGS {
            return;
        }
        let module = module(process, &mapping);
        let bias = module.as_ref().map(|module| module.bias);
        changes.added.extend(module);
        let place = self
            .mappings
            .partition_point(|known| known.mapping.addresses.start < addresses.start);
        self.mappings.insert(place, CodeMapping { mapping, bias });
    }

    /// All mappings, in ascending order.
    #[must_use]
    pub fn mappings(&self) -> &[CodeMapping] {
        &self.mappings
    }

    /// The mapping that an address lies in, by its place in [`mappings`](Self::mappings). O(log n).
    #[must_use]
    pub fn containing(&self, address: u64) -> Option<usize> {
        let behind = self
            .mappings
            .partition_point(|known| known.mapping.addresses.start <= address);
        let place = behind.checked_sub(1)?;
        let addresses = &self.mappings[place].mapping.addresses;
        addresses.contains(&address).then_some(place)
    }

    #[cfg(test)]
    pub(crate) fn of(mappings: Vec<CodeMapping>) -> Self {
        Self { mappings }
    }
}

fn module(process: &Process, mapping: &Mapping) -> Option<Module> {
    let object = process.object(&mapping.origin)?;
    let bias = image::bias(&object::File::parse(&*object).ok()?, mapping)?;
    Some(Module {
        addresses: mapping.addresses.clone(),
        bias,
        object,
    })
}

#[cfg(test)]
mod tests;
