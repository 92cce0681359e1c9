use super::*;

#[test]
fn an_address_that_was_not_asked_for_has_no_frames() {
    assert!(Symbols::default().frames(1).is_empty());
}

#[test]
fn functions_of_one_name_and_file_are_one() {
    let symbol = |file: &str, line| Symbol::named("new", file, line);
    let at = |symbol: Symbol| Located {
        line: symbol.line + 1,
        symbol,
    };
    let mut symbols = Symbols::default();
    symbols.name_all(&[1], |_| vec![at(symbol("a.rs", 0))]);
    symbols.name_all(&[2], |_| vec![at(symbol("a.rs", 7)), at(symbol("b.rs", 0))]);
    symbols.name_all(&[2], |_| unreachable!("it has names"));
    assert_eq!(symbols.symbols, [symbol("a.rs", 7), symbol("b.rs", 0)]);
    let frame = |symbol, line| Frame { symbol, line };
    assert_eq!(symbols.frames(1), [frame(0, 1)]);
    assert_eq!(symbols.frames(2), [frame(0, 8), frame(1, 1)]);
}

#[test]
fn without_a_source_file_the_module_tells_functions_apart() {
    let symbol = |file: &str, module: &str| Symbol {
        module: module.to_owned(),
        ..Symbol::named("init", file, 0)
    };
    let mut symbols = Symbols::default();
    let all = [
        symbol("", "a.so"),
        symbol("", "b.so"),
        symbol("init.c", "a.so"),
        symbol("init.c", "b.so"),
        symbol("", "a.so"),
    ];
    symbols.insert(1, all.to_vec());
    let places = symbols.frames(1).iter().map(|frame| frame.symbol);
    assert_eq!(places.collect::<Vec<_>>(), [0, 1, 2, 2, 0]);
}

#[test]
fn functions_are_given_from_both_ends() {
    let mut symbols = Symbols::default();
    let names = ["innermost", "middle", "outermost"];
    symbols.insert(1, names.map(|name| Symbol::named(name, "a.rs", 1)).to_vec());
    let mut functions = symbols.functions_at(1);
    assert_eq!(functions.len(), 3);
    let name = |function: Option<(&Symbol, u32)>| function.map(|(symbol, _)| symbol.name.clone());
    assert_eq!(name(functions.next()).as_deref(), Some("innermost"));
    assert_eq!(name(functions.next_back()).as_deref(), Some("outermost"));
    assert_eq!(name(functions.next_back()).as_deref(), Some("middle"));
    assert_eq!(name(functions.next()), None);
}
