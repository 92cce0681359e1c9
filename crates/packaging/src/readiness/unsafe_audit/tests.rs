use proptest::prelude::*;

use super::*;

#[test]
fn what_allows_something_counts() {
    assert_eq!(count("fn f() { unsafe { g() }; unsafe { h() } }"), Some(2));
    assert_eq!(
        count("unsafe fn f() {} unsafe trait T {} unsafe impl T for u8 {}"),
        Some(3)
    );
    assert_eq!(count("unsafe extern \"C\" fn f() {}"), Some(1));
    assert_eq!(count("unsafe extern \"C\" { fn f(); }"), Some(1));
    assert_eq!(count("#[unsafe(no_mangle)] pub fn f() {}"), Some(1));
    assert_eq!(
        count("macro_rules! m { () => { unsafe { f() } } }"),
        Some(1)
    );
}

#[test]
fn what_only_names_it_does_not() {
    assert_eq!(
        count("// unsafe {}\n/* unsafe {} */ fn f() -> &'static str { \"unsafe { }\" }"),
        Some(0)
    );
    assert_eq!(
        count("#![forbid(unsafe_code)] fn f() { let r#unsafe = 'u'; r#\"unsafe {}\"#; }"),
        Some(0)
    );
    assert_eq!(
        count(
            "type F = unsafe fn(u8) -> u8; struct S(unsafe extern \"C\" fn(), unsafe extern fn());"
        ),
        Some(0)
    );
}

#[test]
fn scripts_and_marks_of_encodings_are_read_and_other_texts_are_not() {
    assert_eq!(
        count("#!/usr/bin/env run-cargo-script\nfn main() { unsafe {} }"),
        Some(1)
    );
    assert_eq!(count("#![no_std]\nunsafe fn f() {}"), Some(1));
    assert_eq!(count("\u{feff}unsafe fn f() {}"), Some(1));
    assert_eq!(count("fn f( {"), None);
}

#[test]
fn attributes_that_switch_the_lint_off_are_seen() {
    let lint = "clippy::undocumented_unsafe_blocks";
    for text in [
        format!("#![allow({lint})]"),
        format!("#[allow(unused, {lint})] fn f() {{}}"),
        format!("#[expect({lint}, reason = \"later\")] fn f() {{}}"),
        format!("#![cfg_attr(test, allow({lint}))]"),
        format!("mod a {{ fn f() {{ #[allow({lint})] {{ }} }} }}"),
        "#![allow(clippy::restriction)]".to_owned(),
    ] {
        assert!(silences(&text), "{text}");
    }
    for text in [
        format!("#![deny({lint})]"),
        format!("// #![allow({lint})]\nconst TEXT: &str = \"#![allow({lint})]\";"),
        format!("fn allow() {{ [allow({lint})]; }}").replace("clippy::", ""),
        "#[allow(clippy::restriction)] fn f() {}".to_owned(),
    ] {
        assert!(!silences(&text), "{text}");
    }
}

#[test]
fn deep_nesting_does_not_overflow_the_stack() {
    let depth = 100_000;
    let text = format!(
        "fn f() {{ {} unsafe {{}} {} }}",
        "(".repeat(depth),
        ")".repeat(depth)
    );
    assert_eq!(count(&text), Some(1));
    let attribute = format!("#![a{}{LINT}{}]", "(".repeat(depth), ")".repeat(depth));
    assert!(!silences(&attribute));
}

#[test]
fn more_than_was_recorded_is_told_and_less_is_not() {
    let counts = |pairs: &[(&str, u64)]| {
        pairs
            .iter()
            .map(|(path, count)| ((*path).to_owned(), *count))
            .collect()
    };
    let now: BTreeMap<String, u64> = counts(&[("a.rs", 3), ("b.rs", 1), ("c.rs", 1)]);
    let before = counts(&[("a.rs", 2), ("b.rs", 2)]);
    assert_eq!(
        grown(&now, &before),
        ["a.rs: 3, recorded 2", "c.rs: 1, recorded 0"]
    );
}

proptest! {
    /// Whatever stands around them in comments and texts, as many are counted as were written.
    #[test]
    fn blocks_are_counted_among_anything(pieces in prop::collection::vec(0_usize..5, 0..40)) {
        const PIECES: [&str; 5] = ["unsafe { f() }", "// unsafe {}\n", "\"unsafe {}\";", "/* unsafe */", "{ ( unsafe { } ) }"];
        let body: String = pieces.iter().map(|piece| format!("{} ", PIECES[*piece])).collect();
        let expected = pieces.iter().filter(|piece| matches!(piece, 0 | 4)).count();
        prop_assert_eq!(count(&format!("fn f() {{ {body} }}")), Some(expected as u64));
    }
}
