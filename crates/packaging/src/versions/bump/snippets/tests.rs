use super::*;

fn toy(text: &str) -> String {
    let next = NextVersion::new("toy", "0.1.3".parse().unwrap(), "0.2.0".parse().unwrap());
    after(text, &[next], false)
}

#[test]
fn what_asks_for_the_current_version_asks_for_the_next() {
    for (text, expected) in [
        ("toy = \"0.1\"", "toy = \"0.2\""),
        ("toy=\"0.1.3\"", "toy=\"0.2.0\""),
        ("\"toy\" = \"0.1\"", "\"toy\" = \"0.2\""),
        ("'toy'.version = '0.1'", "'toy'.version = '0.2'"),
        (
            "\"toy\" = { version = \"0.1\" }",
            "\"toy\" = { version = \"0.2\" }",
        ),
        (
            "cargo install toy --version \"0.1.3\"",
            "cargo install toy --version \"0.2.0\"",
        ),
        (
            "https://docs.rs/crate/toy/0.1.3",
            "https://docs.rs/crate/toy/0.2.0",
        ),
        (
            "  toy = { version = '0.1', features = [\"x\"] }",
            "  toy = { version = '0.2', features = [\"x\"] }",
        ),
        (
            "toy = { features = [\"a\"], version = \"=0.1.3\" }",
            "toy = { features = [\"a\"], version = \"=0.2.0\" }",
        ),
        (
            "toy = { features = [\"conversion\"], version = \"0.1\" }",
            "toy = { features = [\"conversion\"], version = \"0.2\" }",
        ),
        (
            "toy = { package = \"toy\", version = \"0.1\" }",
            "toy = { package = \"toy\", version = \"0.2\" }",
        ),
        ("toy.version = \"0.1\"", "toy.version = \"0.2\""),
        (
            "t = { package = \"toy\", version = \"0.1\" }",
            "t = { package = \"toy\", version = \"0.2\" }",
        ),
        (
            "t = { version = \"0.1\", package = \"toy\" }",
            "t = { version = \"0.2\", package = \"toy\" }",
        ),
        (
            "[dependencies.toy]\nfeatures = []\nversion = \"0.1\"\n",
            "[dependencies.toy]\nfeatures = []\nversion = \"0.2\"\n",
        ),
        (
            "[dependencies.t]\nversion = \"0.1\"\npackage = \"toy\"\n",
            "[dependencies.t]\nversion = \"0.2\"\npackage = \"toy\"\n",
        ),
        ("`cargo add toy@0.1`.", "`cargo add toy@0.2`."),
        (
            "Run cargo install --locked toy@0.1.3.",
            "Run cargo install --locked toy@0.2.0.",
        ),
        (
            "cargo install toy --version 0.1.3",
            "cargo install toy --version 0.2.0",
        ),
        (
            "cargo binstall --vers=0.1.3 x",
            "cargo binstall --vers=0.1.3 x",
        ),
        (
            "cargo install toy --version=0.1.3 --locked",
            "cargo install toy --version=0.2.0 --locked",
        ),
        (
            "[docs](https://docs.rs/toy/0.1.3/toy/)",
            "[docs](https://docs.rs/toy/0.2.0/toy/)",
        ),
    ] {
        assert_eq!(toy(text), expected);
    }
}

#[test]
fn everything_else_stays() {
    for text in [
        "toy = \"0.0.9\"",
        "toy = \"0.3\"",
        "toy = \"*\"",
        "toy = \">=0.1, <0.2\"",
        "toys = \"0.1\"",
        "my-toy = \"0.1\"",
        "other = \"0.1\"",
        "toy = { path = \"../toy\" }",
        "toy = { git = \"https://example.org\" } # version = x",
        "The toy has version 0.1.3.",
        "https://docs.rs/toy/latest/toy/",
        "cargo install other --version 0.1.3 && toy",
        "toy@",
        "toy = \"0.1",
        "[dependencies.toy]\n\nversion = \"0.1\"",
        "[dependencies.other]\nversion = \"0.1\" # toy",
        "toy == \"0.1\"",
        "[dependencies.toy]\nversion = \"0.1\"\npackage = \"toy-next\"\n",
        "[dependencies.toy]\npackage = 'other'\nversion = \"0.1\"\n",
        "toy = { package = \"toy-next\", version = \"0.1\" }",
        "toy = { version = \"0.1\", package = 'other' }",
    ] {
        assert_eq!(toy(text), text);
    }
}

#[test]
fn of_code_only_the_documentation_is_an_instruction() {
    let text = "//! ```toml\n//! toy = \"0.1\"\n//! [dependencies.toy]\n//! version = \"0.1\"\n#![doc(html_root_url = \"https://docs.rs/toy/0.1.3\")]\nconst TOY: &str = r#\"toy = \"0.1\"\"#;\n/// `toy@0.1`\n";
    let next = NextVersion::new("toy", "0.1.3".parse().unwrap(), "0.2.0".parse().unwrap());
    let expected = text
        .replace("//! toy = \"0.1\"", "//! toy = \"0.2\"")
        .replace("version = \"0.1\"", "version = \"0.2\"")
        .replace("toy/0.1.3", "toy/0.2.0")
        .replace("toy@0.1", "toy@0.2");
    assert_eq!(after(text, &[next], true), expected);
}

#[test]
fn histories_and_inputs_of_tests_are_no_instructions() {
    for name in [
        "README.md",
        "docs/src/guide.md",
        "src/lib.rs",
        "book/install.md",
    ] {
        assert!(may_be_in(Path::new(name)), "{name}");
    }
    for name in [
        "CHANGELOG.md",
        "docs/RELEASES.md",
        "UPGRADING.md",
        "tests/data/README.md",
        "vendor/x/README.md",
        "Changes.md",
    ] {
        assert!(!may_be_in(Path::new(name)), "{name}");
    }
}
