use super::*;

fn manifest(text: &str) -> Manifest {
    Manifest::parse(Path::new("Cargo.toml"), text.to_owned()).unwrap()
}

#[test]
fn texts_are_where_they_are_said_to_be() {
    let text = "\u{feff}[package]\r\nversion = \"0.1.0\"\r\n[dependencies]\r\na = '1'\r\nb = { version = \"2\" }\r\nc.version = \"3\"\r\n[dependencies.d]\r\nversion = \"\"\"4\"\"\"\r\n";
    let manifest = manifest(text);
    let written = |text: &Text| manifest.text()[text.range.clone()].to_owned();
    assert_eq!(written(&manifest.package_version().unwrap()), "\"0.1.0\"");
    let entries = manifest.entries();
    let entries: Vec<String> = entries
        .iter()
        .map(|entry| written(entry.version.as_ref().unwrap()))
        .collect();
    assert_eq!(entries, ["'1'", "\"2\"", "\"3\"", "\"\"\"4\"\"\""]);
}

#[test]
fn what_is_taken_from_the_workspace_is_seen() {
    for text in [
        "[package]\nversion.workspace = true",
        "[package]\nversion = { workspace = true }",
        "[package.version]\nworkspace = true",
    ] {
        assert!(manifest(text).takes_version(), "{text}");
        assert!(manifest(text).takes_from_workspace(), "{text}");
        assert_eq!(manifest(text).package_version(), None);
    }
    let other = manifest(
        "[package]\nversion = \"1.0.0\"\n[target.'cfg(unix)'.build-dependencies]\na.workspace = true\n",
    );
    assert!(!other.takes_version());
    assert!(other.takes_from_workspace());
    assert!(
        !manifest("[package]\nversion = \"1.0.0\"\n[lints]\nworkspace = true\n")
            .takes_from_workspace()
    );
}

#[test]
fn all_tables_of_dependencies_are_read() {
    let manifest = manifest(
        "[dependencies]\na = \"1\"\n[dev_dependencies]\nb = \"1\"\n[build-dependencies]\nc = \"1\"\n[target.x.dev-dependencies]\nd = { package = \"e\", path = \"p\", registry = \"r\" }\n\
         [workspace.dependencies]\nf = { git = \"g\" }\n[patch.crates-io]\ng = { path = \"p\" }\n[package.metadata.dependencies]\nh = \"1\"\n",
    );
    let entries = manifest.entries();
    let names: Vec<_> = entries
        .iter()
        .map(|entry| (&entry.alias[..], &entry.package[..], entry.is_elsewhere))
        .collect();
    let expected = [
        ("a", "a", false),
        ("b", "b", false),
        ("c", "c", false),
        ("d", "e", true),
        ("f", "f", true),
    ];
    assert_eq!(names, expected);
    assert_eq!(manifest.patches()[0].path.as_deref(), Some("p"));
}

#[test]
fn what_is_no_toml_is_named() {
    let error = Manifest::parse(Path::new("a/Cargo.toml"), "[package".to_owned())
        .err()
        .unwrap();
    assert!(error.to_string().contains("`a/Cargo.toml`"), "{error}");
}
