//! Which functions, of those that there are.

use super::*;

#[test]
fn files_are_named_by_their_ends_or_by_patterns() {
    for (pattern, file, expected) in [
        ("shapes.rs", "app/src/shapes.rs", true),
        ("src/shapes.rs", "app/src/shapes.rs", true),
        ("./app/src/shapes.rs", "app/src/shapes.rs", true),
        ("apes.rs", "app/src/shapes.rs", false),
        ("src", "app/src/shapes.rs", false),
        ("src/*.rs", "app/src/shapes.rs", true),
        ("src/*.rs", "app/src/inner/deep.rs", false),
        ("src/**/*.rs", "app/src/inner/deep.rs", true),
        ("src/sh?pes.rs", "app/src/shapes.rs", true),
    ] {
        let found = FilePattern::new(pattern).unwrap().is_of(file);
        assert_eq!(found, expected, "{pattern} {file}");
    }
    let error = FilePattern::new("a[").err().unwrap().to_string();
    assert!(error.contains("`a[` is no path"), "{error}");
}

#[test]
fn a_module_ends_where_a_name_does() {
    for (path, module, expected) in [
        ("app::shapes::outer", "app::shapes", true),
        ("app::shapes::outer", "app::shapes::outer", true),
        ("app::shapes::outer", "app", true),
        ("app::shapes::outer", "app::shape", false),
        ("app::shapes::outer", "shapes", false),
    ] {
        assert_eq!(is_within(path, module), expected, "{path} {module}");
    }
}

#[test]
fn files_and_modules_are_about_calls_and_lines_and_the_rest_about_calls() {
    let choice = Choice {
        functions: Some(regex("f$").unwrap()),
        min_lines: 3,
        lines: vec![regex("g$").unwrap(), regex("h$").unwrap()],
        files: vec![FilePattern::new("a.rs").unwrap()],
        modules: vec!["krate::m".to_owned()],
        ..Choice::default()
    };
    let of = |path: &str, file: &str, lines: usize| {
        let wanted = choice.of(path, file, lines);
        (wanted.calls, wanted.lines)
    };
    assert_eq!(of("krate::m::f", "src/a.rs", 3), (true, false));
    assert_eq!(of("krate::m::f", "src/a.rs", 2), (false, false));
    assert_eq!(of("krate::m::g", "src/a.rs", 1), (false, true));
    assert_eq!(of("krate::m::h", "src/a.rs", 9), (false, true));
    assert_eq!(of("krate::m::f", "src/b.rs", 3), (false, false));
    assert_eq!(of("krate::n::g", "src/a.rs", 3), (false, false));
}
