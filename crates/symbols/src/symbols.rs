//! Names for addresses.

use std::{collections::HashMap, slice};

use crate::{CodeMap, Process};

/// The name of code that is in no file.
const UNKNOWN: &str = "[unknown]";

/// A function as the files of a process name it.
///
/// ```
/// let symbol = tuneup_symbols::Symbol::named("my_crate::work", "src/lib.rs", 7);
/// assert_eq!((symbol.name.as_str(), symbol.line), ("my_crate::work", 7));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Symbol {
    /// Demangled, without a hash; `module+0xaddress` if it has no name, `[unknown]` if it is in no file.
    pub name: String,
    /// The source file, as the compiler was given it; empty if unknown.
    pub file: String,
    /// The line where the function is declared, from 1; 0 if unknown.
    pub line: u32,
    /// The object file without its folder; empty if unknown.
    pub module: String,
}

impl Symbol {
    /// A symbol without a module, for tests of what uses symbols.
    #[must_use]
    pub fn named(name: &str, file: &str, line: u32) -> Self {
        Self {
            name: name.to_owned(),
            file: file.to_owned(),
            line,
            module: String::new(),
        }
    }
}

/// A function at an address: one of those that were inlined there, or the one that the code belongs to.
///
/// ```
/// use tuneup_symbols::{Symbol, Symbols};
///
/// let mut symbols = Symbols::default();
/// symbols.insert(5, vec![Symbol::named("inlined", "a.rs", 1), Symbol::named("around", "a.rs", 9)]);
/// let frames = symbols.frames(5).iter();
/// let names = frames.map(|frame| &symbols.symbols()[frame.symbol].name);
/// assert_eq!(names.collect::<Vec<_>>(), ["inlined", "around"]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Frame {
    /// Its place in [`Symbols::symbols`].
    pub symbol: usize,
    /// The line of the address, or of the call that was inlined, from 1; 0 if unknown.
    pub line: u32,
}

/// A function, and the line in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Located {
    pub(crate) symbol: Symbol,
    pub(crate) line: u32,
}

/// The functions at addresses.
///
/// Takes about 1 KB for each function and 100 bytes for each address.
///
/// ```
/// use tuneup_symbols::{CodeMap, Process, Symbols};
///
/// let process = Process::current();
/// let code = CodeMap::read(&process);
/// let address = std::process::id as fn() -> u32 as usize as u64;
/// let symbols = Symbols::resolve(&process, &code, [address].into_iter());
/// # if cfg!(target_os = "linux") {
/// assert_eq!(symbols.functions_at(address).last().unwrap().0.name, "std::process::id");
/// # }
/// ```
#[doc(alias = "symbolize")]
#[doc(alias = "addr2line")]
#[derive(Debug, Clone, Default)]
pub struct Symbols {
    symbols: Vec<Symbol>,
    /// Places in `symbols`, by name, and by source file or else module.
    places: HashMap<(String, String), usize>,
    frames: HashMap<u64, Vec<Frame>>,
}

impl Symbols {
    /// Finds the names for addresses. Of a return address, ask for the byte before: that is in the call. An address
    /// that is there twice is looked up once.
    ///
    /// Names come from the debug information, the symbols, or the unwind tables of the file itself, as
    /// [addr2line](https://docs.rs/addr2line) reads them: not from files beside it (`split-debuginfo`), and not from what
    /// is compressed. Line tables (`debug = "line-tables-only"`) are enough for inlined functions and lines, but have of inlined
    /// functions the last part of the name alone (`push` for `alloc::vec::Vec<T,A>::push`); the line of a function is then that of
    /// its first instruction, and unknown for an inlined one. `debug = "limited"` has all names.
    ///
    /// Reads the object files of the process one after the other and keeps nothing of them. Files are mapped, so that
    /// the system can drop their pages; besides, it takes memory for the table of symbols, and for the lines and functions of
    /// the units that the addresses lie in: for a small program 2 MB for one address, 10 MB for a thousand that
    /// lie everywhere, and time of 10 ms and 80 ms. Blocks on reading files.
    ///
    /// Never fails: code of a file that cannot be read is `module+0xoffset`, code in no file `[unknown]`.
    #[must_use]
    pub fn resolve(
        process: &Process,
        code: &CodeMap,
        addresses: impl Iterator<Item = u64>,
    ) -> Self {
        crate::platform::resolve(process, code, addresses)
    }

    /// All functions that were found, each once.
    #[must_use]
    pub fn symbols(&self) -> &[Symbol] {
        &self.symbols
    }

    /// The functions at an address, from the innermost outwards: those that were inlined there, and the one that the code
    /// belongs to. Empty for an address that was not asked for.
    #[must_use]
    pub fn frames(&self, address: u64) -> &[Frame] {
        self.frames.get(&address).map_or(&[], Vec::as_slice)
    }

    /// As [`frames`](Self::frames), with the symbols themselves and the lines of the address in them.
    ///
    /// ```
    /// use tuneup_symbols::{Symbol, Symbols};
    ///
    /// let mut symbols = Symbols::default();
    /// symbols.insert(5, vec![Symbol::named("work", "a.rs", 1)]);
    /// let (function, line) = symbols.functions_at(5).next().unwrap();
    /// assert_eq!((function.name.as_str(), line), ("work", 1));
    /// assert_eq!(symbols.functions_at(6).len(), 0);
    /// ```
    pub fn functions_at(&self, address: u64) -> FunctionsAt<'_> {
        FunctionsAt {
            symbols: &self.symbols,
            frames: self.frames(address).iter(),
        }
    }

    /// Names by hand, for tests of what uses symbols: `functions` at `address`, from the innermost outwards.
    pub fn insert(&mut self, address: u64, functions: Vec<Symbol>) {
        self.name_all(&[address], |_| {
            let located = |symbol: &Symbol| Located {
                line: symbol.line,
                symbol: symbol.clone(),
            };
            functions.iter().map(located).collect()
        });
    }

    /// Names addresses that have none yet.
    pub(crate) fn name_all(
        &mut self,
        addresses: &[u64],
        functions_at: impl Fn(u64) -> Vec<Located>,
    ) {
        for address in addresses {
            if !self.frames.contains_key(address) {
                let functions = functions_at(*address);
                let frames = functions
                    .into_iter()
                    .map(|located| Frame {
                        line: located.line,
                        symbol: self.place(located.symbol),
                    })
                    .collect();
                self.frames.insert(*address, frames);
            }
        }
    }

    /// Functions of one name in one file are one, whatever types they were compiled for.
    fn place(&mut self, symbol: Symbol) -> usize {
        let file = match symbol.file.is_empty() {
            true => &symbol.module,
            false => &symbol.file,
        };
        let key = (symbol.name.clone(), file.clone());
        let place = *self.places.entry(key).or_insert_with(|| {
            self.symbols.push(symbol.clone());
            self.symbols.len() - 1
        });
        let line = &mut self.symbols[place].line;
        *line = if *line == 0 { symbol.line } else { *line };
        place
    }
}

/// The functions at an address with the lines in them, from the innermost outwards; see [`Symbols::functions_at`].
#[derive(Debug, Clone)]
#[must_use = "iterators are lazy"]
pub struct FunctionsAt<'a> {
    symbols: &'a [Symbol],
    frames: slice::Iter<'a, Frame>,
}

impl<'a> FunctionsAt<'a> {
    fn function(&self, frame: &Frame) -> (&'a Symbol, u32) {
        (&self.symbols[frame.symbol], frame.line)
    }
}

impl<'a> Iterator for FunctionsAt<'a> {
    type Item = (&'a Symbol, u32);

    fn next(&mut self) -> Option<Self::Item> {
        let frame = self.frames.next()?;
        Some(self.function(frame))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.frames.size_hint()
    }
}

impl DoubleEndedIterator for FunctionsAt<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        let frame = self.frames.next_back()?;
        Some(self.function(frame))
    }
}

impl ExactSizeIterator for FunctionsAt<'_> {}

pub(crate) fn unplaced(name: &str, module: &str) -> Vec<Located> {
    let symbol = Symbol {
        module: module.to_owned(),
        ..Symbol::named(name, "", 0)
    };
    vec![Located { symbol, line: 0 }]
}

pub(crate) fn unknown() -> Vec<Located> {
    unplaced(UNKNOWN, "")
}

#[cfg(test)]
mod tests;
