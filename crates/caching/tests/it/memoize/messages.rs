//! What the compiler says about misuse.

#[test]
fn misuse_is_explained() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/memoize/*.rs");
}
