use proptest::prelude::*;

use super::*;

const TEXT: &str = r#"# Toy

```sh
# Either of:
cargo add toy --features "a b" && cargo build
cargo add toy \
    -F c
cargo add toy --path ../toy
cargo add <name>
cargo install --locked toy
it isn't a command
```

```console
$ cargo add toy --dry-run
cargo add printed
```

<!-- not run: it needs a key -->
```sh
cargo add keyed
```

```sh,no_run
cargo add slow
```

- In a list:

  ```rust,no_run
  toy::run();
  ```

```
cargo add other
not = rust
```

    indented is no Rust either

```rust
// ```
use devel_tool as _;
```

```toml
[dependencies]
toy = "0.1"
other = { version = "1", features = ["x"] }
local = { path = "../local" }
inherited = { workspace = true }
```

```compile_fail,E0277
let x: u8 = "";
```

```python
import toy
```

<!-- not run: it needs a printer -->
```rust
print_it();
```

```rust,ignore
left_out();
```
"#;

#[test]
fn commands_are_those_that_a_registry_answers() {
    let readme = Readme::parse(TEXT);
    let lines = |commands: &[Vec<String>]| -> Vec<String> {
        commands.iter().map(|words| words.join(" ")).collect()
    };
    assert_eq!(
        lines(&readme.additions),
        ["toy --features a b", "toy -F c", "toy --dry-run", "other"]
    );
    assert_eq!(lines(&readme.installations), ["--locked toy"]);
}

#[test]
fn examples_stand_at_their_lines_and_nothing_else_does() {
    let readme = Readme::parse(TEXT);
    let documentation = readme.documentation();
    let examples = [
        "toy::run();",
        "// ```",
        "use devel_tool as _;",
        "let x: u8 = \"\";",
    ];
    let line_of = |text: &str, line: &str| text.lines().position(|other| other.trim() == line);
    for example in examples {
        assert_eq!(
            line_of(&documentation, example),
            line_of(TEXT, example),
            "{example}\n{documentation}"
        );
    }
    for other in [
        "not = rust",
        "import toy",
        "indented",
        "[dependencies]",
        "print_it",
        "left_out",
    ] {
        assert!(!documentation.contains(other), "{documentation}");
    }
    assert!(
        documentation.contains("rust,no_run\n") && documentation.contains("compile_fail,E0277\n")
    );
    assert!(
        readme.mentions("devel_tool") && !readme.mentions("devel") && !readme.mentions("import")
    );
}

#[test]
fn a_shown_manifest_is_added_with_the_features_of_all() {
    let mut manifest: DocumentMut = "[package]\nname = \"user\"\n\n[dependencies]\nother = { version = \"1\", features = [\"y\"] }\n".parse().unwrap();
    Readme::parse(TEXT).add_dependencies(&mut manifest);
    let features = manifest["dependencies"]["other"]["features"]
        .as_array()
        .unwrap();
    let features: Vec<&str> = features.iter().filter_map(Value::as_str).collect();
    assert_eq!(features, ["y", "x"]);
    assert_eq!(
        manifest["dependencies"]["toy"]["version"].as_str(),
        Some("0.1")
    );
    let names: Vec<_> = manifest["dependencies"]
        .as_table()
        .unwrap()
        .iter()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(names, ["other", "toy"]);
}

#[test]
fn a_readme_without_anything_has_nothing() {
    let readme = Readme::parse("# Toy\r\n\r\nWords.\r\n");
    assert!(!readme.has_examples() && readme.additions.is_empty());
    assert_eq!(readme.documentation(), "");
    let readme = Readme::parse("```rust\r\nlet x = 1;\r\n```\r\n```sh\r\ncargo add toy\r\n```\r\n");
    assert!(readme.has_examples());
    assert_eq!(readme.additions, [["toy"]]);
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "(```|~~~|rust|sh|toml|\n|    |- |> |cargo add |cargo install |'|\"|\\\\\n|é|[a-z =\\[\\]]){0,30}") {
        let readme = Readme::parse(&text);
        let documentation = readme.documentation();
        prop_assert!(documentation.lines().count() <= 2 * text.lines().count() + 2);
        let mut manifest = DocumentMut::new();
        readme.add_dependencies(&mut manifest);
    }
}
