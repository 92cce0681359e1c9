use proptest::prelude::*;

use super::*;

#[cfg(any(feature = "artefacts", feature = "registry"))]
const LOCK: &str = r#"
version = 4

[[package]]
name = "tool"
version = "0.1.0"
dependencies = ["a 1.0.0", "a 2.0.0+x", "b", "c 0.1.0 (git+https://example.org/c?branch=main)", "c 0.1.0 (sparse+https://example.org/index/)"]

[[package]]
name = "a"
version = "1.0.0"
source = "sparse+https://example.org/index/"
checksum = "00"

[[package]]
name = "a"
version = "2.0.0+x"
source = "sparse+https://example.org/index/"

[[package]]
name = "b"
version = "0.1.0"

[[package]]
name = "c"
version = "0.1.0"
source = "git+https://example.org/c?branch=main#0123abc"

[[package]]
name = "c"
version = "0.1.0"
source = "sparse+https://example.org/index/"
"#;

#[test]
fn packages_are_read_with_where_they_are_from() {
    let text = "version = 4\r\n\r\n[[package]]\r\nname = \"mine\"\r\nversion = \"0.1.0\"\r\n\r\n[[package]]\nname = \"other\"\nversion = \"1.0.0+build\"\n\
        source = \"registry+somewhere\"\nchecksum = \"00\"\n";
    let lock = LockFile::parse(text).unwrap();
    let said: Vec<_> = lock
        .packages
        .iter()
        .map(|locked| {
            (
                &locked.package[..],
                locked.version.to_string(),
                locked.source.is_some(),
                locked.checksum.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        said,
        [
            ("mine", "0.1.0".to_owned(), false, None),
            ("other", "1.0.0+build".to_owned(), true, Some("00"))
        ]
    );
}

#[test]
fn what_is_no_lock_file_is_said_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("Cargo.lock");
    for text in [
        "[[package]]\nname = 1",
        "package = 3",
        "[[package]]\nname = \"a\"",
        "[[package]]\nname = \"a\"\nversion = \"one\"",
        "[[",
    ] {
        fs::write(&path, text).unwrap();
        let error = LockFile::read(&path).unwrap_err().to_string();
        assert!(
            error.contains("Cargo.lock") && error.contains("cargo generate-lockfile"),
            "{error}"
        );
    }
    assert!(matches!(
        LockFile::read(&folder.path().join("none")),
        Err(Error::File { .. })
    ));
}

#[test]
fn checksums_of_old_files_stand_at_their_end() {
    let text = "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nsource = \"registry+somewhere\"\n\n[[package]]\nname = \"b\"\nversion = \"1.0.0\"\nsource = \"git+somewhere\"\n\n\
        [metadata]\n\"checksum a 1.0.0 (registry+somewhere)\" = \"00\"\n\"checksum b 1.0.0 (git+somewhere)\" = \"<none>\"\n";
    let lock = LockFile::parse(text).unwrap();
    let sums: Vec<_> = lock
        .packages
        .iter()
        .map(|locked| locked.checksum.as_deref())
        .collect();
    assert_eq!(sums, [Some("00"), None]);
}

#[cfg(feature = "registry")]
#[test]
fn versions_are_those_of_registries() {
    let lock = LockFile::parse(LOCK).unwrap();
    let versions = |name| {
        lock.versions(name)
            .map(ToString::to_string)
            .collect::<Vec<_>>()
    };
    assert_eq!(versions("A"), ["1.0.0", "2.0.0+x"]);
    assert_eq!(versions("c"), ["0.1.0"]);
    assert_eq!(versions("b"), [""; 0]);
}

#[cfg(feature = "artefacts")]
#[test]
fn each_way_to_name_a_dependency_is_understood() {
    let lock = LockFile::parse(LOCK).unwrap();
    let needed = lock.dependencies(&lock.packages[0]).unwrap();
    let places: Vec<_> = needed
        .iter()
        .map(|needed| lock.packages.iter().position(|package| package == *needed))
        .collect();
    assert_eq!(places, [1, 2, 3, 4, 5].map(Some));
}

#[cfg(feature = "artefacts")]
#[test]
fn a_dependency_that_is_not_there_or_not_clear_is_said() {
    let missing = "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\ndependencies = [\"b\"]";
    let unclear = LOCK.replace("\"a 1.0.0\"", "\"a\"");
    for (text, expected) in [
        (missing, "`a` needs `b`, which is not in it"),
        (&unclear, "`tool` needs `a`, which is several packages"),
    ] {
        let lock = LockFile::parse(text).unwrap();
        assert_eq!(lock.dependencies(&lock.packages[0]).unwrap_err(), expected);
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "(\\[\\[package\\]\\]|\n|name = |version = |\"|1.0|[a-z=\\[\\]]){0,20}") {
        drop(LockFile::parse(&text));
    }
}
