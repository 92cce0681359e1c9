//! Every way to bring a file in.

use super::declared_files;

#[test]
fn modules_of_a_root_lie_beside_it_and_of_a_module_below_it() {
    assert_eq!(
        declared_files("a/src/lib.rs", true, "mod clock;"),
        ["a/src/clock.rs", "a/src/clock/mod.rs"]
    );
    assert_eq!(
        declared_files("a/src/x.rs", false, "pub mod y;"),
        ["a/src/x/y.rs", "a/src/x/y/mod.rs"]
    );
    assert_eq!(
        declared_files("a/src/x/mod.rs", false, "mod y;"),
        ["a/src/x/y.rs", "a/src/x/y/mod.rs"]
    );
}

#[test]
fn visibility_attributes_and_remarks_are_read_over() {
    for line in [
        "pub(crate) mod y;",
        "pub(in crate::x) mod y;",
        "#[cfg(test)] mod y;",
        "mod y; // why",
        "mod r#y;",
    ] {
        assert_eq!(
            declared_files("lib.rs", true, line),
            ["/y.rs", "/y/mod.rs"],
            "{line}"
        );
    }
    for line in ["// mod y;", "mod y {", "model y;", "use y;"] {
        assert_eq!(
            declared_files("lib.rs", true, line),
            Vec::<String>::new(),
            "{line}"
        );
    }
}

#[test]
fn a_given_path_and_an_included_file_are_followed() {
    let text = "#[path = \"../shared.rs\"]\nmod shared;\ninclude!(\"table.rs\");\nmod z;\n";
    let files = declared_files("a/src/x.rs", false, text);
    assert_eq!(
        files,
        [
            "a/shared.rs",
            "a/src/table.rs",
            "a/src/x/z.rs",
            "a/src/x/z/mod.rs"
        ]
    );
}
