//! The functions at addresses, by the object files that they came from.

use std::collections::BTreeMap;

use super::{
    code_map::{CodeMap, CodeMapping},
    debug_info::DebugInfo,
    maps::{Mapping, Origin},
    process::Process,
};
use crate::symbols::{Symbols, unknown, unplaced};

/// Reads the files of the process, one after the other, and keeps nothing of them.
pub(crate) fn resolve(
    process: &Process,
    code: &CodeMap,
    addresses: impl Iterator<Item = u64>,
) -> Symbols {
    let mut in_mappings = BTreeMap::<Option<usize>, Vec<u64>>::new();
    for address in addresses {
        let place = code.containing(address);
        in_mappings.entry(place).or_default().push(address);
    }
    let mut symbols = Symbols::default();
    for (place, addresses) in in_mappings {
        match place.map(|place| &code.mappings()[place]) {
            Some(mapping) => resolve_in(&mut symbols, process, mapping, &addresses),
            None => symbols.name_all(&addresses, |_| unknown()),
        }
    }
    symbols
}

fn resolve_in(symbols: &mut Symbols, process: &Process, mapping: &CodeMapping, addresses: &[u64]) {
    let origin = &mapping.mapping.origin;
    let Some(module) = module_name(origin) else {
        return symbols.name_all(addresses, |_| unknown());
    };
    let bytes = process.object(origin);
    let file = bytes
        .as_deref()
        .and_then(|bytes| object::File::parse(bytes).ok());
    if let (Some(file), Some(bias)) = (file, mapping.bias) {
        let debug_info = DebugInfo::new(&file, module);
        return symbols.name_all(addresses, |address| {
            debug_info.functions_at(address.wrapping_sub(bias))
        });
    }
    // The file has gone; where in it the code was is all that is known.
    let Mapping {
        addresses: range,
        file_offset,
        ..
    } = &mapping.mapping;
    symbols.name_all(addresses, |address| {
        let in_file = (address - range.start).wrapping_add(*file_offset);
        unplaced(&format!("{module}+{in_file:#x}"), module)
    });
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
