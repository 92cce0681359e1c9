use super::*;
use crate::System;

/// A package in `code`, below the root of a repository with a few files of all kinds.
fn checkout() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::create_dir_all(root.join("code/src")).unwrap();
    fs::create_dir_all(root.join("code/target")).unwrap();
    let files = [
        (
            "code/Cargo.toml",
            "[package]\nname = \"toy\"\nversion = \"0.1.0\"\npublish = [\"crates-io\"]\n\n[dependencies]\n",
        ),
        ("code/src/lib.rs", "\r\n"),
        ("code/target/CACHEDIR.TAG", ""),
        ("code/ignored", ""),
        ("code/Cargo.lock", "version = 4\n"),
        (".gitignore", "target\nignored\nCargo.lock\n"),
        ("removed", ""),
    ];
    for (path, text) in files {
        fs::write(root.join(path), text).unwrap();
    }
    #[cfg(unix)]
    std::os::unix::fs::symlink("nowhere", root.join("link")).unwrap();
    folder
}

fn git_in(folder: &Path, arguments: &[&str]) -> String {
    answer(&System, crate::runner::git_in(folder).args(arguments)).unwrap()
}

fn commit(folder: &Path) {
    git_in(folder, &["init", "--quiet"]);
    git_in(folder, &["add", "."]);
    git_in(
        folder,
        &[
            "-c",
            "user.name=toy",
            "-c",
            "user.email=toy@example.org",
            "commit",
            "--quiet",
            "-m",
            "Begin",
        ],
    );
}

fn copy(folder: &Path) -> (tempfile::TempDir, PathBuf) {
    let workspace = Workspace::load(&folder.join("code"), &System).unwrap();
    let scratch = tempfile::tempdir().unwrap();
    let to = scratch.path().canonicalize().unwrap().join("checkout");
    let copy = copy_checkout(&workspace, &to, &System).unwrap().root;
    (scratch, copy)
}

#[test]
fn a_repository_is_copied_as_it_is_with_its_commit() {
    let folder = checkout();
    commit(folder.path());
    fs::remove_file(folder.path().join("removed")).unwrap();
    fs::write(folder.path().join("code/added"), "").unwrap();
    let (_scratch, copy) = copy(folder.path());
    let top = copy.parent().unwrap();
    assert!(copy.ends_with("checkout/code"));
    assert_eq!(fs::read(copy.join("src/lib.rs")).unwrap(), b"\r\n");
    assert!(copy.join("added").is_file() && copy.join("Cargo.lock").is_file());
    assert!(
        !copy.join("target").exists()
            && !copy.join("ignored").exists()
            && !top.join("removed").exists()
    );
    assert_eq!(
        git_in(top, &["rev-parse", "HEAD"]),
        git_in(folder.path(), &["rev-parse", "HEAD"])
    );
    // Besides the list of registries, it has the changes of the checkout and no others.
    let changes = git_in(top, &["status", "--porcelain"]);
    assert_eq!(changes, " M code/Cargo.toml\n D removed\n?? code/added\n");
    #[cfg(unix)]
    assert_eq!(
        fs::read_link(top.join("link")).unwrap(),
        Path::new("nowhere")
    );
}

#[test]
#[cfg(target_os = "linux")]
fn a_file_whose_name_is_no_text_is_copied() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt as _};

    let folder = checkout();
    commit(folder.path());
    let name = OsStr::from_bytes(b"schl\xfcssel");
    fs::write(folder.path().join("code").join(name), "").unwrap();
    let (_to, copied) = copy(folder.path());
    assert!(copied.join(name).is_file());
}

#[test]
fn a_shallow_clone_is_copied_as_well() {
    let folder = checkout();
    commit(folder.path());
    fs::write(folder.path().join("removed"), "changed").unwrap();
    commit(folder.path());
    let shallow = tempfile::tempdir().unwrap();
    let address = format!("file://{}", folder.path().display());
    git_in(
        shallow.path(),
        &["clone", "--quiet", "--depth", "1", &address, "."],
    );
    let (_scratch, copy) = copy(shallow.path());
    let top = copy.parent().unwrap();
    assert_eq!(fs::read(top.join("removed")).unwrap(), b"changed");
    assert_eq!(git_in(top, &["rev-list", "--count", "HEAD"]).trim(), "1");
}

#[test]
fn without_a_repository_everything_but_target_folders_is_copied() {
    let folder = checkout();
    let (_scratch, copy) = copy(folder.path());
    assert!(copy.join("ignored").is_file() && !copy.join("target").exists());
    // One without a commit is none yet.
    git_in(folder.path(), &["init", "--quiet"]);
    assert!(self::copy(folder.path()).1.join("src/lib.rs").is_file());
}

fn with_registry(manifest: &str) -> Option<String> {
    let mut document = manifest.parse().unwrap();
    allow_publishing(&mut document, REGISTRY).then(|| document.to_string())
}

#[test]
fn only_lists_of_registries_are_changed_in_manifests() {
    let list = "# A toy.\n[package]\nname = \"toy\"\npublish = [\"mine\"] # there\n";
    let changed = with_registry(list).unwrap();
    assert_eq!(
        changed,
        "# A toy.\n[package]\nname = \"toy\"\npublish = [\"mine\", \"rehearsal\"] # there\n"
    );
    assert_eq!(with_registry(&changed), None);
    let inherited =
        "[workspace.package]\npublish = [\"mine\"]\n[package]\npublish.workspace = true\n";
    let changed = with_registry(inherited).unwrap();
    assert!(changed.contains("[\"mine\", \"rehearsal\"]"));
    for other in [
        "[package]\npublish = false\n",
        "[package]\npublish = []\n",
        "[workspace]\nmembers = []\n",
        "",
    ] {
        assert_eq!(with_registry(other), None, "{other}");
    }
}

#[test]
fn registries_are_found_in_all_forms_of_dependencies() {
    let manifest = "[dependencies]\na = { version = \"1\", registry = \"one\" }\nb = \"1\"\n\
        [target.'cfg(unix)'.dev-dependencies.c]\nversion = \"1\"\nregistry = \"two\"\n\
        [workspace.dependencies]\nd.version = \"1\"\nd.registry = \"three\"\n";
    let choose = |texts: &[&str]| {
        let numbered = texts.iter().enumerate();
        let manifests = numbered.map(|(number, text)| {
            let path = PathBuf::from(number.to_string());
            (path, text.parse().unwrap())
        });
        let (registry, others) = choose_registry(&manifests.collect());
        (registry, others.into_iter().collect::<Vec<_>>().join(" "))
    };
    let chosen = |registry: &str, others: &str| (registry.to_owned(), others.to_owned());
    assert_eq!(choose(&[manifest]), chosen("one", "three two"));
    let published = "[package]\npublish = [\"crates-io\", \"two\"]\n";
    assert_eq!(choose(&[manifest, published]), chosen("two", "one three"));
    let public = "[package]\npublish = [\"crates-io\"]\n";
    assert_eq!(choose(&[public]), chosen(REGISTRY, ""));
}

#[test]
fn a_manifest_beside_the_root_is_found_in_the_copy() {
    let found = in_copy(
        Path::new("/a/code"),
        Path::new("/s/checkout/code"),
        Path::new("/a/other/Cargo.toml"),
    );
    assert_eq!(found.unwrap(), Path::new("/s/checkout/other/Cargo.toml"));
}
