use super::*;
use crate::native::linux::{maps::Mapping, unwind::Unwinder};

fn own() -> Process {
    Process::new(std::process::id())
}

fn mapping(addresses: std::ops::Range<u64>, origin: Origin) -> CodeMapping {
    CodeMapping {
        mapping: Mapping {
            addresses,
            file_offset: 0x3000,
            origin,
        },
        bias: None,
    }
}

fn names(symbols: &Symbols, address: u64) -> Vec<&str> {
    let place = |place: &usize| symbols.symbols[*place].name.as_str();
    symbols.frames(address).iter().map(place).collect()
}

#[test]
fn code_in_no_file_is_unknown() {
    let mappings = [mapping(0x1000..0x2000, Origin::Unknown)];
    let addresses = [0x1000, 0x1fff, 0x5000];
    let symbols = Symbols::resolve(&own(), &mappings, addresses.into_iter());
    for address in addresses {
        assert_eq!(names(&symbols, address), ["[unknown]"]);
    }
    assert_eq!(symbols.symbols.len(), 1);
}

#[test]
fn code_of_a_file_that_is_gone_has_its_place_in_it() {
    let origin = Origin::Deleted("/nowhere/libold.so".to_owned());
    let mappings = [mapping(0x7000..0x9000, origin)];
    let symbols = Symbols::resolve(&own(), &mappings, [0x7010, 0x8fff].into_iter());
    assert_eq!(names(&symbols, 0x7010), ["libold.so+0x3010"]);
    assert_eq!(names(&symbols, 0x8fff), ["libold.so+0x4fff"]);
}

#[test]
fn an_address_that_was_not_asked_for_has_no_frames() {
    assert!(Symbols::default().frames(1).is_empty());
}

#[test]
fn functions_of_one_name_and_file_are_one() {
    let symbol = |file: &str, line| Symbol {
        name: "new".to_owned(),
        file: file.to_owned(),
        line,
    };
    let mut symbols = Symbols::default();
    symbols.name_all(&[1], |_| vec![symbol("a.rs", 0)]);
    symbols.name_all(&[2], |_| vec![symbol("a.rs", 7), symbol("b.rs", 0)]);
    symbols.name_all(&[2], |_| unreachable!("it has names"));
    assert_eq!(symbols.symbols, [symbol("a.rs", 7), symbol("b.rs", 0)]);
    assert_eq!(symbols.frames(1), [0]);
    assert_eq!(symbols.frames(2), [0, 1]);
}

#[inline(never)]
fn landmark() -> u32 {
    std::hint::black_box(line!() - 1)
}

#[test]
fn a_function_of_this_program() {
    let address = landmark as fn() -> u32 as usize as u64;
    let process = own();
    let unwinder = Unwinder::new(process.clone(), 100);
    let symbols = Symbols::resolve(&process, unwinder.mappings(), [address].into_iter());
    let [.., place] = *symbols.frames(address) else {
        panic!("{address:#x} has no frames")
    };
    let symbol = &symbols.symbols[place];
    assert_eq!(
        symbol.name,
        "tuneup_profiling::native::linux::symbols::tests::landmark"
    );
    // Without debug information the symbols alone give names.
    if cfg!(debug_assertions) {
        assert!(symbol.file.ends_with("symbols/tests.rs"), "{symbol:?}");
        assert_eq!(symbol.line, landmark());
    }
}

#[test]
fn a_function_of_the_kernel() {
    use object::{Object as _, ObjectSymbol as _};

    let process = own();
    let unwinder = Unwinder::new(process.clone(), 100);
    let mut mappings = unwinder.mappings().iter();
    let vdso = mappings
        .find(|known| known.mapping.origin == Origin::Vdso)
        .unwrap();
    let bytes = process.object(&Origin::Vdso).unwrap();
    let file = object::File::parse(&*bytes).unwrap();
    let symbol = file
        .dynamic_symbols()
        .find(|symbol| {
            symbol
                .name()
                .is_ok_and(|name| name.contains("clock_gettime"))
        })
        .unwrap();
    let address = symbol.address().wrapping_add(vdso.bias.unwrap());
    assert!(vdso.mapping.addresses.contains(&address));
    let symbols = Symbols::resolve(&process, unwinder.mappings(), [address].into_iter());
    let [name] = names(&symbols, address)[..] else {
        panic!("{:?}", names(&symbols, address))
    };
    assert!(name.contains("clock_gettime"), "{name}");
}
