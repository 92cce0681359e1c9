use super::*;
use crate::linux::{
    image,
    maps::{Mapping, Origin},
    process::{Object, Process},
};

#[inline(never)]
fn landmark(x: u64) -> u64 {
    std::hint::black_box(x) ^ 7
}

/// This program's file, and what lies between its addresses there and in memory.
fn own_file() -> (Object, Mapping) {
    let process = Process::current();
    let address = landmark as fn(u64) -> u64 as usize as u64;
    let mut mappings = process.mappings().unwrap().into_iter();
    let mapping = mappings
        .find(|mapping| mapping.addresses.contains(&address))
        .unwrap();
    let Origin::File(_) = &mapping.origin else {
        panic!("{mapping:?}")
    };
    (process.object(&mapping.origin).unwrap(), mapping)
}

/// Where `landmark` is in the file.
fn landmark_in(file: &object::File<'_>, mapping: &Mapping) -> u64 {
    let address = landmark as fn(u64) -> u64 as usize as u64;
    address.wrapping_sub(image::bias(file, mapping).unwrap())
}

#[test]
fn symbols_reach_as_far_as_their_function() {
    let (bytes, mapping) = own_file();
    let file = object::File::parse(&*bytes).unwrap();
    let begin = landmark_in(&file, &mapping);
    let debug_info = DebugInfo::new(&file, "program");
    let symbol = debug_info.symbol_at(begin).unwrap();
    assert!(symbol.name.contains("landmark"));
    assert_eq!(symbol.address, begin);
    let last = begin + symbol.bytes - 1;
    assert_eq!(
        debug_info.symbol_at(last).map(|symbol| symbol.address),
        Some(begin)
    );
    let behind = debug_info.symbol_at(last + 1).map(|symbol| symbol.address);
    assert_ne!(behind, Some(begin));
    assert!(debug_info.symbol_at(0).is_none());
    assert!(debug_info.symbol_at(u64::MAX).is_none());
}

#[test]
fn a_stripped_file_still_knows_where_functions_begin() {
    let (bytes, mapping) = own_file();
    let file = object::File::parse(&*bytes).unwrap();
    let begin = landmark_in(&file, &mapping);
    let stripped = DebugInfo {
        functions: Vec::new(),
        context: None,
        ..DebugInfo::new(&file, "program")
    };
    for address in [begin, begin + 3] {
        let [function] = &stripped.functions_at(address)[..] else {
            panic!("{address:#x}")
        };
        assert_eq!(function.symbol.name, format!("program+{begin:#x}"));
        assert_eq!(
            (function.symbol.file.as_str(), function.symbol.line),
            ("", 0)
        );
    }
    let no_function = 1;
    assert_eq!(
        stripped.functions_at(no_function)[0].symbol.name,
        "program+0x1"
    );
}

#[test]
fn names_have_no_hash() {
    assert_eq!(
        demangled("_ZN4core9panicking5panic17h0123456789abcdefE"),
        "core::panicking::panic"
    );
    assert_eq!(
        demangled("_RNvNtCs1234_4core9panicking5panic"),
        "core::panicking::panic"
    );
    assert_eq!(demangled("memcpy"), "memcpy");
}
