//! Bumps of toy workspaces, judged by Cargo.

use std::fs;

use tuneup_packaging::{Bump, Error, NextVersion, System, Workspace};

use crate::toy::{Toy, manifest};

/// The bump is applied, and what Cargo then writes and resolves is what is there.
fn apply(toy: &Toy, raise: &str) -> Bump {
    let bump = toy.bump(raise);
    bump.apply(&System).unwrap();
    require_current(toy);
    bump
}

fn require_current(toy: &Toy) {
    let edited = toy.read("Cargo.lock");
    // Cargo takes another order as the same, and does not write the file again; so it writes one anew.
    fs::remove_file(toy.path().join("Cargo.lock")).unwrap();
    toy.cargo(&["generate-lockfile", "--offline"]);
    assert_eq!(edited, toy.read("Cargo.lock"));
    toy.cargo(&["update", "--workspace", "--locked", "--offline"]);
}

#[test]
fn a_workspace_in_lock_step_gets_its_version_everywhere() {
    let toy = Toy::lock_step();
    toy.write(
        "README.md",
        "```toml\n[dependencies]\nbase = \"0.1\"\nleft = { version = \"0.1.0\", features = [] }\n```\n`cargo add right@0.1`, `cargo install app --version 0.1.0`\n",
    );
    toy.commit("docs: say how");
    let bump = apply(&toy, "minor");
    let root = toy.read("Cargo.toml");
    assert!(root.contains("version = \"0.2.0\" # all\n"), "{root}");
    assert_eq!(root.matches("0.2.0").count(), 4);
    assert!(root.contains("right.version = \"0.2.0\""), "{root}");
    assert_eq!(
        toy.read("README.md"),
        "```toml\n[dependencies]\nbase = \"0.2\"\nleft = { version = \"0.2.0\", features = [] }\n```\n`cargo add right@0.2`, `cargo install app --version 0.2.0`\n"
    );
    let changed_in_private = toy.git(&["status", "--porcelain", "xtask"]);
    assert_eq!(changed_in_private, "");
    let names: Vec<_> = bump
        .edits
        .iter()
        .map(|edit| edit.path.file_name().unwrap())
        .collect();
    assert_eq!(names, ["Cargo.lock", "Cargo.toml", "README.md"]);
    assert!(
        bump.diff()
            .starts_with("--- a/Cargo.lock\n+++ b/Cargo.lock\n"),
        "{}",
        bump.diff()
    );
    assert!(
        toy.workspace()
            .members
            .iter()
            .all(|one| one.version.minor == u64::from(one.is_published) * 2)
    );
}

#[test]
fn requirements_follow_in_their_own_form() {
    let toy = Toy::independent();
    for tag in ["base-v0.1.0", "left-v0.2.0", "right-v1.3.0", "app-v2.0.0"] {
        toy.git(&["tag", tag]);
    }
    toy.change(&["base/src/lib.rs"], "fix!: other names");
    apply(&toy, "auto");
    assert!(
        toy.read("left/Cargo.toml")
            .contains("base = { path = \"../base\", version = \"0.2\" }")
    );
    assert!(
        toy.read("right/Cargo.toml")
            .contains("base = { version = \"0.2.0\", path = \"../base\" }")
    );
    let app = toy.read("app/Cargo.toml");
    assert!(
        app.contains("left = { path = \"../left\", version = \"0.2.1\" }"),
        "{app}"
    );
    assert!(
        app.contains("right = { path = \"../right\", version = \"1\" }"),
        "{app}"
    );
    assert!(app.contains("version = \"2.0.1\""), "{app}");
}

#[test]
fn every_table_form_and_name_is_found() {
    let toy = Toy::empty();
    let root = "[workspace]\nresolver = \"2\"\nmembers = [\"base\", \"user\"]\n\n[workspace.dependencies]\nshared = { package = \"base\", path = \"base\", version = \"~0.1.0\" }\n";
    toy.write("Cargo.toml", root);
    toy.write("base/Cargo.toml", manifest("base", "0.1.0", ""));
    toy.write("base/src/lib.rs", "");
    let user = "[package]\nname = 'user'\nversion = '''0.1.0'''   # quotes of another kind\nedition = \"2021\"\n\n\
        [dependencies.renamed]\npackage = \"base\" # the same\nversion = \"=0.1.0\"\npath = \"../base\"\n\n\
        [dev-dependencies]\nshared.workspace = true\nother = { package = \"base\", path = '../base', version = '0.1' }\n\n\
        [build-dependencies]\nbase = {version=\"0.1.*\",path=\"../base\"}\n\n\
        [target.'cfg(unix)'.dependencies]\nunix = { package = \"base\", path = \"../base\", version = \"^0.1.0\" }\n\n\
        [target.x86_64-unknown-linux-gnu.dev-dependencies]\nany = { package = \"base\", path = \"../base/\", version = \"*\" }\nfree = { package = \"base\", path = \"../base\" }\n\n\
        [package.metadata.dependencies]\nbase = \"0.1.0\"\n";
    toy.write("user/Cargo.toml", user);
    toy.write("user/src/lib.rs", "");
    toy.lock();
    toy.commit("feat: begin");
    apply(&toy, "minor");
    assert_eq!(toy.read("Cargo.toml"), root.replace("~0.1.0", "~0.2.0"));
    let expected = user
        .replace("'''0.1.0'''", "'''0.2.0'''")
        .replace("=0.1.0", "=0.2.0")
        .replace("^0.1.0", "^0.2.0")
        .replace("'0.1'", "'0.2'")
        .replace("0.1.*", "0.2.*");
    assert_eq!(toy.read("user/Cargo.toml"), expected);
}

#[test]
fn line_ends_and_marks_stay() {
    let toy = Toy::lock_step();
    let crlf = |path: &str| {
        let text = toy.read(path).replace('\n', "\r\n");
        toy.write(path, &text);
        text
    };
    let lock = crlf("Cargo.lock");
    let manifest = format!("\u{feff}{}", crlf("Cargo.toml"));
    toy.write("Cargo.toml", &manifest);
    toy.commit("chore: another editor");
    toy.bump("minor").apply(&System).unwrap();
    assert_eq!(toy.read("Cargo.toml"), manifest.replace("0.1.0", "0.2.0"));
    assert_eq!(toy.read("Cargo.lock"), lock.replace("0.1.0", "0.2.0"));
    toy.cargo(&["update", "--workspace", "--locked", "--offline"]);
}

#[test]
fn a_package_of_the_same_name_outside_stays_what_it_is() {
    let toy = Toy::empty();
    toy.write(
        "Cargo.toml",
        "[workspace]\nresolver = \"2\"\nmembers = [\"base\", \"user\"]\nexclude = [\"old\"]\n",
    );
    toy.write("base/Cargo.toml", manifest("base", "0.1.0", ""));
    toy.write("base/src/lib.rs", "");
    toy.write("old/Cargo.toml", manifest("base", "0.1.5", ""));
    toy.write("old/src/lib.rs", "");
    let user = "\n[dependencies]\nbase = { path = \"../base\", version = \"0.1.0\" }\nold = { package = \"base\", path = \"../old\", version = \"0.1.5\" }\n";
    toy.write("user/Cargo.toml", manifest("user", "0.1.0", user));
    toy.write("user/src/lib.rs", "");
    toy.lock();
    toy.commit("feat: begin");
    let before = toy.read("Cargo.lock");
    assert!(
        before.contains(" \"base 0.1.0\",\n \"base 0.1.5\",\n"),
        "{before}"
    );
    apply(&toy, "minor");
    let lock = toy.read("Cargo.lock");
    // What came first comes last now.
    assert!(
        lock.contains(" \"base 0.1.5\",\n \"base 0.2.0\",\n"),
        "{lock}"
    );
    let user = toy.read("user/Cargo.toml");
    assert!(
        user.contains("path = \"../old\", version = \"0.1.5\""),
        "{user}"
    );
    assert_eq!(toy.read("old/Cargo.toml"), manifest("base", "0.1.5", ""));
}

#[test]
fn a_sibling_by_patch_alone_is_one() {
    let toy = Toy::empty();
    toy.write(
        "Cargo.toml",
        "[workspace]\nresolver = \"2\"\nmembers = [\"base\", \"user\"]\n\n[patch.crates-io]\nbase = { path = \"base\" }\n",
    );
    toy.write("base/Cargo.toml", manifest("base", "0.1.0", ""));
    toy.write("base/src/lib.rs", "");
    toy.write(
        "user/Cargo.toml",
        manifest("user", "0.1.0", "\n[dependencies]\nbase = \"0.1.0\"\n"),
    );
    toy.write("user/src/lib.rs", "");
    toy.lock();
    toy.commit("feat: begin");
    toy.bump("minor").apply(&System).unwrap();
    assert!(toy.read("user/Cargo.toml").contains("base = \"0.2.0\""));
}

#[test]
fn what_no_rule_can_rewrite_is_refused() {
    let toy = Toy::independent();
    let text = toy
        .read("left/Cargo.toml")
        .replace("\"0.1\"", "\">=0.1, <0.3\"");
    toy.write("left/Cargo.toml", &text);
    toy.commit("chore: take more");
    let compute = |to: &str| {
        let next = NextVersion::new("base", "0.1.0".parse().unwrap(), to.parse().unwrap());
        Bump::compute(&toy.workspace(), &[next], &System)
    };
    // It allows this one.
    compute("0.2.0").unwrap().apply(&System).unwrap();
    assert!(toy.read("left/Cargo.toml").contains("\">=0.1, <0.3\""));
    toy.git(&["reset", "--quiet", "--hard"]);
    let error = compute("0.3.0").unwrap_err().to_string();
    assert!(
        error.contains("asks for `base >=0.1, <0.3`, which does not allow 0.3.0: a range ends before it; rewrite it by hand, such as \"0.3.0\""),
        "{error}"
    );
    toy.repository().require_clean().unwrap();
}

#[test]
fn a_candidate_is_asked_for_in_full_and_its_release_again_as_it_was() {
    let toy = Toy::independent();
    let apply = |from: &str, to: &str| {
        let next = NextVersion::new("base", from.parse().unwrap(), to.parse().unwrap());
        let bump = Bump::compute(&toy.workspace(), &[next], &System).unwrap();
        bump.apply(&System).unwrap();
        require_current(&toy);
    };
    apply("0.1.0", "0.2.0-rc.1");
    assert!(
        toy.read("left/Cargo.toml")
            .contains("version = \"0.2.0-rc.1\" }")
    );
    apply("0.2.0-rc.1", "0.2.0-rc.2");
    apply("0.2.0-rc.2", "0.2.0");
    assert!(
        toy.read("left/Cargo.toml")
            .contains("version = \"0.2.0\" }")
    );
}

#[test]
fn a_package_without_lock_file_or_repository_is_bumped_too() {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| fs::write(folder.path().join(path), text).unwrap();
    fs::create_dir(folder.path().join("src")).unwrap();
    write("Cargo.toml", &manifest("toy", "0.1.0", ""));
    write("src/lib.rs", "//! `toy = \"0.1\"`\n");
    write("README.md", "`cargo add toy@0.1`\n");
    let workspace = Workspace::load(folder.path(), &System).unwrap();
    let next = NextVersion::new("toy", "0.1.0".parse().unwrap(), "0.2.0".parse().unwrap());
    let bump = Bump::compute(&workspace, &[next], &System).unwrap();
    bump.apply(&System).unwrap();
    let read = |path: &str| fs::read_to_string(folder.path().join(path)).unwrap();
    assert_eq!(read("README.md"), "`cargo add toy@0.2`\n");
    assert!(read("Cargo.toml").contains("0.2.0"));
    assert!(!folder.path().join("Cargo.lock").exists());
}

#[cfg(unix)]
#[test]
fn a_readme_that_is_a_link_stays_one() {
    let toy = Toy::independent();
    toy.write("README.md", "base = \"0.1.0\"\n");
    std::os::unix::fs::symlink("../README.md", toy.path().join("base/README.md")).unwrap();
    toy.commit("docs: one for all");
    let next = NextVersion::new("base", "0.1.0".parse().unwrap(), "0.1.1".parse().unwrap());
    let bump = Bump::compute(&toy.workspace(), &[next], &System).unwrap();
    bump.apply(&System).unwrap();
    assert_eq!(toy.read("README.md"), "base = \"0.1.1\"\n");
    assert!(toy.path().join("base/README.md").is_symlink());
}

#[test]
fn members_that_share_a_version_cannot_get_two() {
    let toy = Toy::lock_step();
    let next = |package: &str, to: &str| {
        NextVersion::new(package, "0.1.0".parse().unwrap(), to.parse().unwrap())
    };
    let compute = |versions: &[NextVersion]| Bump::compute(&toy.workspace(), versions, &System);
    let error = compute(&[next("base", "0.2.0"), next("app", "0.3.0")]).unwrap_err();
    assert!(matches!(error, Error::OutOfStep { .. }), "{error}");
    let error = compute(&[next("bose", "0.2.0")]).unwrap_err().to_string();
    assert!(error.contains("no package `bose`"), "{error}");
    let bump = compute(&[next("base", "0.2.0")]).unwrap();
    assert_eq!(bump.versions.len(), 4);
}

#[test]
fn a_first_release_has_nothing_to_edit() {
    let toy = Toy::lock_step();
    let bump = apply(&toy, "auto");
    assert_eq!((bump.edits.len(), bump.versions.len()), (0, 0));
}
