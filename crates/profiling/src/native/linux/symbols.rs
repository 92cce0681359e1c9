//! Names for the addresses of a whole process.

use std::collections::{BTreeMap, HashMap};

use super::{
    debug_info::DebugInfo,
    maps::Origin,
    process::Process,
    unwind::{CodeMapping, containing},
};

/// The name of code that is in no file.
const UNKNOWN: &str = "[unknown]";

/// A function as the files of the process name it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Symbol {
    /// Demangled; `module+0xaddress` if it has no name.
    pub(super) name: String,
    /// Empty if unknown.
    pub(super) file: String,
    /// From 1; 0 if unknown.
    pub(super) line: u32,
}

/// The functions at addresses.
#[derive(Debug, Default)]
pub(super) struct Symbols {
    pub(super) symbols: Vec<Symbol>,
    /// Places in `symbols`, by name and file.
    places: HashMap<(String, String), usize>,
    frames: HashMap<u64, Vec<usize>>,
}

impl Symbols {
    /// Finds the names for addresses. Reads the files of the process, one after the other, and keeps
    /// nothing of them.
    pub(super) fn resolve(
        process: &Process,
        mappings: &[CodeMapping],
        addresses: impl Iterator<Item = u64>,
    ) -> Self {
        let mut in_mappings = BTreeMap::<Option<usize>, Vec<u64>>::new();
        for address in addresses {
            let place = containing(mappings, address);
            in_mappings.entry(place).or_default().push(address);
        }
        let mut symbols = Self::default();
        for (place, addresses) in in_mappings {
            match place.map(|place| &mappings[place]) {
                Some(mapping) => symbols.resolve_in(process, mapping, &addresses),
                None => symbols.name_all(&addresses, |_| unknown()),
            }
        }
        symbols
    }

    /// The places in `symbols` of the functions at an address, from the innermost outwards.
    pub(super) fn frames(&self, address: u64) -> &[usize] {
        self.frames.get(&address).map_or(&[], Vec::as_slice)
    }

    fn resolve_in(&mut self, process: &Process, mapping: &CodeMapping, addresses: &[u64]) {
        let origin = &mapping.mapping.origin;
        let Some(module) = module_name(origin) else {
            return self.name_all(addresses, |_| unknown());
        };
        let bytes = process.object(origin);
        let file = bytes
            .as_deref()
            .and_then(|bytes| object::File::parse(bytes).ok());
        if let (Some(file), Some(bias)) = (file, mapping.bias) {
            let debug_info = DebugInfo::new(&file, module);
            return self.name_all(addresses, |address| {
                debug_info.functions_at(address.wrapping_sub(bias))
            });
        }
        // The file has gone; where in it the code was is all that is known.
        let begin = mapping.mapping.addresses.start - mapping.mapping.file_offset;
        self.name_all(addresses, |address| {
            vec![unplaced(format!("{module}+{:#x}", address - begin))]
        });
    }

    /// Names addresses that have none yet.
    pub(super) fn name_all(
        &mut self,
        addresses: &[u64],
        functions_at: impl Fn(u64) -> Vec<Symbol>,
    ) {
        for address in addresses {
            if !self.frames.contains_key(address) {
                let functions = functions_at(*address);
                let frames = functions
                    .into_iter()
                    .map(|symbol| self.place(symbol))
                    .collect();
                self.frames.insert(*address, frames);
            }
        }
    }

    /// Functions of one name in one file are one, whatever types they were compiled for.
    fn place(&mut self, symbol: Symbol) -> usize {
        let key = (symbol.name.clone(), symbol.file.clone());
        let place = *self.places.entry(key).or_insert_with(|| {
            self.symbols.push(symbol.clone());
            self.symbols.len() - 1
        });
        let line = &mut self.symbols[place].line;
        *line = if *line == 0 { symbol.line } else { *line };
        place
    }
}

fn unplaced(name: String) -> Symbol {
    Symbol {
        name,
        file: String::new(),
        line: 0,
    }
}

fn unknown() -> Vec<Symbol> {
    vec![unplaced(UNKNOWN.to_owned())]
}

/// The file's name without its folder.
fn module_name(origin: &Origin) -> Option<&str> {
    match origin {
        Origin::File(path) | Origin::Deleted(path) => path.rsplit('/').next(),
        Origin::Vdso => Some("[vdso]"),
        Origin::Unknown => None,
    }
}

#[cfg(test)]
mod tests;
