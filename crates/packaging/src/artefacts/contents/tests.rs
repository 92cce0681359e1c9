use std::fs;

use super::*;

#[test]
fn a_name_that_leaves_the_archive_is_refused() {
    for name in [
        "", "/", "/a", "a/", "a//b", "..", "a/../b", "./a", "a\\b", "C:/a", "a\nb",
    ] {
        let error = Contents::new().add_text(name, "").unwrap_err();
        assert!(matches!(error, Error::Unfit { .. }), "{name}: {error}");
    }
}

#[test]
fn a_name_that_is_taken_is_refused() {
    for (first, second) in [
        ("README", "README"),
        ("README", "readme"),
        ("a", "a/b"),
        ("a/b", "A"),
        ("a/b/c", "a/b"),
    ] {
        let mut contents = Contents::new();
        contents.add_text(first, "").unwrap();
        let error = contents.add_text(second, "").unwrap_err().to_string();
        assert!(error.contains("is taken"), "{error}");
        assert_eq!(contents.names().collect::<Vec<_>>(), [first]);
    }
}

#[test]
fn files_are_found_by_pattern_and_a_pattern_without_files_is_named() {
    let folder = tempfile::tempdir().unwrap();
    // The brackets would be a class of characters if they were not escaped.
    let folder = folder.path().join("[x]");
    for name in ["a.txt", "b/c.txt", "b/d/e.txt", "b/f.md"] {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, name).unwrap();
    }
    let found = |pattern: &str| {
        let mut contents = Contents::new();
        contents.add_matching(&folder, pattern)?;
        Ok::<_, Error>(contents.names().map(str::to_owned).collect::<Vec<_>>())
    };
    assert_eq!(found("*.txt").unwrap(), ["a.txt"]);
    assert_eq!(found("*/*.txt").unwrap(), ["b/c.txt"]);
    assert_eq!(
        found("**/*.txt").unwrap(),
        ["a.txt", "b/c.txt", "b/d/e.txt"]
    );
    let error = found("*.rst").unwrap_err().to_string();
    assert!(error.contains("`*.rst`: no file in"), "{error}");
    let error = found("[").unwrap_err().to_string();
    assert!(error.starts_with("the pattern `[`: "), "{error}");
}
