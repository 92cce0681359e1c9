use super::*;

#[test]
fn the_largest_files_are_named() {
    let files = [(5, "a"), (70, "b"), (6, "c"), (1, "d")];
    assert_eq!(largest(&files), "`b` (70), `c` (6), `a` (5)");
    assert_eq!(largest(&[]), "");
}

#[test]
fn a_star_stays_in_its_folder() {
    let is_in = |pattern: &str, name: &str| matches_any(&[Pattern::new(pattern).unwrap()], name);
    assert!(is_in("*.md", "README.md") && !is_in("*.md", "docs/README.md"));
    assert!(is_in("src/**", "src/a/b.rs") && is_in("**/*.rs", "src/a/b.rs"));
    assert!(!is_in("src/**", "tests/a.rs"));
}
