use super::*;

fn own() -> Process {
    Process::current()
}

fn own_code() -> CodeMap {
    CodeMap::read(&own())
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
    let functions = symbols.functions_at(address);
    functions.map(|(symbol, _)| symbol.name.as_str()).collect()
}

#[test]
fn code_in_no_file_is_unknown() {
    let code = CodeMap::of(vec![mapping(0x1000..0x2000, Origin::Unknown)]);
    let addresses = [0x1000, 0x1fff, 0x5000];
    let symbols = Symbols::resolve(&own(), &code, addresses.into_iter());
    for address in addresses {
        assert_eq!(names(&symbols, address), ["[unknown]"]);
    }
    assert_eq!(symbols.symbols().len(), 1);
}

#[test]
fn code_of_a_file_that_is_gone_has_its_place_in_it() {
    let origin = Origin::Deleted("/nowhere/libold.so".to_owned());
    let code = CodeMap::of(vec![mapping(0x7000..0x9000, origin)]);
    let symbols = Symbols::resolve(&own(), &code, [0x7010, 0x8fff].into_iter());
    assert_eq!(names(&symbols, 0x7010), ["libold.so+0x3010"]);
    assert_eq!(names(&symbols, 0x8fff), ["libold.so+0x4fff"]);
}

#[inline(never)]
fn landmark() -> u32 {
    std::hint::black_box(line!() - 1)
}

#[test]
fn a_function_of_this_program() {
    let address = landmark as fn() -> u32 as usize as u64;
    let (process, code) = (own(), own_code());
    let symbols = Symbols::resolve(&process, &code, [address].into_iter());
    let (symbol, line) = symbols.functions_at(address).next_back().unwrap();
    assert_eq!(
        symbol.name,
        "tuneup_symbols::linux::resolve::tests::landmark"
    );
    // Without debug information the symbols alone give names.
    if cfg!(debug_assertions) {
        assert!(symbol.file.ends_with("resolve/tests.rs"), "{symbol:?}");
        assert_eq!(line, landmark());
        assert_eq!(symbol.line, landmark());
    }
}

#[test]
fn a_function_of_the_kernel() {
    use object::{Object as _, ObjectSymbol as _};

    let (process, code) = (own(), own_code());
    let mut mappings = code.mappings().iter();
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
    let symbols = Symbols::resolve(&process, &code, [address].into_iter());
    let [name] = names(&symbols, address)[..] else {
        panic!("{:?}", names(&symbols, address))
    };
    assert!(name.contains("clock_gettime"), "{name}");
}
