use proptest::prelude::*;

use super::*;

/// What a file of this name and text names.
fn named(name: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    walk(&text.parse().unwrap(), &Place::of(name), &mut found);
    found
        .iter()
        .map(|named| named.path.to_str().unwrap().to_owned())
        .collect()
}

#[test]
fn each_way_to_include_a_file_is_seen() {
    for (text, expected) in [
        (r#"const A: &str = include_str!("a.txt");"#, "src/a.txt"),
        (
            r#"static A: &[u8] = std::include_bytes!("../data/a.bin",);"#,
            "data/a.bin",
        ),
        (r##"fn f() { g(|| { include!(r#"a.rs"#) }) }"##, "src/a.rs"),
        (r#"#![doc = include_str!("../README.md")]"#, "README.md"),
        (
            r#"mod tests { const A: &str = include_str!("a.txt"); }"#,
            "src/a.txt",
        ),
        (
            r#"const A: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/b/", "a.txt"));"#,
            "b/a.txt",
        ),
        (
            r#"const A: &str = include_str!("\u{61}.txt");"#,
            "src/a.txt",
        ),
        (
            r#"const A: &str = include_str!("../../a.txt");"#,
            "../a.txt",
        ),
        (
            r#"#[path = "x/a.rs"] #[cfg(unix)] pub(crate) mod a;"#,
            "src/x/a.rs",
        ),
        (
            r#"#[cfg_attr(unix, path = "unix.rs")] mod a;"#,
            "src/unix.rs",
        ),
        (
            r#"mod b { mod c { #[path = "a.rs"] pub mod a; } }"#,
            "src/b/c/a.rs",
        ),
    ] {
        assert_eq!(named("src/lib.rs", text), [expected], "{text}");
    }
}

#[test]
fn a_path_attribute_is_relative_to_the_modules_of_its_file() {
    let text = r#"#[path = "a.rs"] mod a; mod b { #[path = "c.rs"] mod c; }"#;
    for (name, expected) in [
        ("src/lib.rs", ["src/a.rs", "src/b/c.rs"]),
        ("src/x.rs", ["src/a.rs", "src/x/b/c.rs"]),
        ("src/x/mod.rs", ["src/x/a.rs", "src/x/b/c.rs"]),
        ("tests/it.rs", ["tests/a.rs", "tests/b/c.rs"]),
        ("src/bin/tool.rs", ["src/bin/a.rs", "src/bin/b/c.rs"]),
    ] {
        assert_eq!(named(name, text), expected, "{name}");
    }
}

#[test]
fn what_names_no_file_is_left_alone() {
    for text in [
        r#"// include_str!("a.txt")"#,
        r#"const A: &str = "include_str!(\"a.txt\")";"#,
        r#"include!(concat!(env!("OUT_DIR"), "/made.rs"));"#,
        r#"macro_rules! text { ($a:expr) => { include_str!("a.txt") } }"#,
        r#"const A: &str = include_str!($path);"#,
        r#"#[serde(path = "a.rs")] struct A;"#,
        r#"#[path = "a.rs"] struct A;"#,
        r#"fn include_str(a: &str) { include_str("a.txt") }"#,
    ] {
        assert_eq!(named("src/lib.rs", text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn a_build_script_names_what_there_is() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("package");
    for name in [
        "src/lib.rs",
        "proto/a.proto",
        "kept/a.proto",
        "schema.json",
        ".git/HEAD",
        "../outside.txt",
    ] {
        let path = root.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "").unwrap();
    }
    let list = ["src/lib.rs", "kept/a.proto"].map(str::to_owned).into();
    let package = Package {
        folder: &root,
        list: &list,
    };
    for (text, expected) in [
        (
            "cargo::rerun-if-changed=proto",
            Some("`proto`, which is not packaged"),
        ),
        (
            "cargo:rerun-if-changed=proto/a.proto",
            Some("`proto/a.proto`, which is not packaged"),
        ),
        (
            "./schema.json",
            Some("`./schema.json`, which is not packaged"),
        ),
        ("../outside.txt", Some("which is outside of the package")),
        ("cargo::rerun-if-changed=kept", None),
        ("cargo::rerun-if-changed=.", None),
        ("src/lib.rs", None),
        ("proto", None),
        (".git/HEAD", None),
        ("cargo::rerun-if-changed={path}", None),
        ("nothing of that name", None),
        ("", None),
        ("/etc/passwd", None),
    ] {
        let problem = package.problem_of_build("build.rs", text);
        match expected {
            None => assert_eq!(problem, None, "{text}"),
            Some(expected) => assert!(
                problem
                    .as_deref()
                    .is_some_and(|problem| problem.contains(expected)),
                "{text}: {problem:?}"
            ),
        }
    }
}

proptest! {
    #[test]
    fn no_source_is_too_strange(text in r#"([a-z#!\[\](){}"= ;]|include_str!\(|mod |path|\n){0,40}"#) {
        if let Ok(tokens) = text.parse::<TokenStream>() {
            walk(&tokens, &Place::of("src/lib.rs"), &mut Vec::new());
        }
    }

    #[test]
    fn a_normal_path_leads_to_the_same_place(parts in prop::collection::vec("[ab]|\\.|\\.\\.", 0..8)) {
        let path = parts.join("/");
        // Walks from `0/0/…` step by step, as a file system without links does.
        let walked = |path: &Path| path.components().fold(vec!["0"; 9], |mut at, part| {
            match part {
                Component::ParentDir => _ = at.pop(),
                Component::Normal(part) if part == "a" => at.push("a"),
                Component::Normal(_) => at.push("b"),
                _ => {}
            }
            at
        });
        prop_assert_eq!(walked(&normal(Path::new(&path))), walked(Path::new(&path)));
    }
}
