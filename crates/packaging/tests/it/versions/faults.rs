//! Faults in the middle of a bump: nothing half-done stays.

use std::{
    cell::Cell,
    env, fs, io,
    path::Path,
    process::{Command, Output},
    sync::Mutex,
};

use tuneup_packaging::{
    Bump, Error, FileEdit, NextVersion, Runner, System, Workspace, apply_edits,
};

use crate::{programs::name_of, toy::Toy};

fn bump(toy: &Toy, version: &str) -> Bump {
    let next = NextVersion::new("base", "0.1.0".parse().unwrap(), version.parse().unwrap());
    Bump::compute(&toy.workspace(), &[next], &System).unwrap()
}

/// Does what `System` does until a program is asked for that fails.
struct Broken<'a> {
    argument: &'a str,
    asked: Mutex<Vec<String>>,
}

impl Runner for Broken<'_> {
    fn run(&self, command: &mut Command) -> io::Result<Output> {
        let asked = command.get_args().any(|argument| argument == self.argument);
        if asked {
            self.asked.lock().unwrap().push(format!("{command:?}"));
            return System
                .run(Command::new("sh").args(["-c", "echo 'a planted fault' >&2; exit 101"]));
        }
        System.run(command)
    }
}

#[test]
fn what_cargo_refuses_is_taken_back() {
    let toy = Toy::independent();
    let broken = Broken {
        argument: "update",
        asked: Mutex::default(),
    };
    let bump = bump(&toy, "0.2.0");
    let error = bump.apply(&broken).unwrap_err();
    assert!(matches!(error, Error::LockFileRefused { .. }), "{error}");
    assert!(error.to_string().contains("a planted fault"), "{error}");
    assert_eq!(broken.asked.lock().unwrap().len(), 1);
    toy.repository().require_clean().unwrap();
    bump.apply(&System).unwrap();
}

#[test]
fn a_lock_file_that_was_stale_before_is_no_base() {
    let toy = Toy::independent();
    let text = toy.read("app/Cargo.toml").replace(
        "[dependencies]\n",
        "[dependencies]\nbase = { path = \"../base\" }\n",
    );
    toy.write("app/Cargo.toml", &text);
    toy.commit("chore: forget the lock file");
    let error = bump(&toy, "0.2.0").apply(&System).unwrap_err().to_string();
    assert!(
        error.contains("if `cargo update --workspace` changes something already now"),
        "{error}"
    );
    toy.repository().require_clean().unwrap();
}

#[test]
fn a_file_that_has_changed_in_between_is_left_alone() {
    let toy = Toy::independent();
    let bump = bump(&toy, "0.2.0");
    toy.touch("right/Cargo.toml");
    let error = bump.apply(&System).unwrap_err();
    assert!(
        matches!(&error, Error::ChangedMeanwhile { path } if path.ends_with("right/Cargo.toml")),
        "{error}"
    );
    assert_eq!(
        toy.repository().changed_files().unwrap(),
        [Path::new("right/Cargo.toml")]
    );
    fs::remove_file(toy.path().join("right/Cargo.toml")).unwrap();
    let error = bump.apply(&System).unwrap_err();
    assert!(matches!(error, Error::ChangedMeanwhile { .. }), "{error}");
}

#[test]
fn a_manifest_that_is_broken_is_named() {
    let toy = Toy::independent();
    let workspace = toy.workspace();
    toy.write("left/Cargo.toml", "[package\nname = 1");
    let next = NextVersion::new("base", "0.1.0".parse().unwrap(), "0.2.0".parse().unwrap());
    let error = Bump::compute(&workspace, &[next], &System).unwrap_err();
    assert!(
        error.to_string().contains("left/Cargo.toml` is no TOML"),
        "{error}"
    );
    assert!(Workspace::load(toy.path(), &System).is_err());
}

/// Bumps in a process that may not write files above a size, as on a disk that fills up: the small manifests fit, the lock file does not.
#[cfg(unix)]
#[test]
fn a_full_disk_leaves_everything_as_it_was() {
    const FOLDER: &str = "TUNEUP_TEST_FULL_DISK";
    if let Some(folder) = env::var_os(FOLDER) {
        let workspace = Workspace::load(Path::new(&folder), &System).unwrap();
        let next = NextVersion::new("base", "0.1.0".parse().unwrap(), "0.2.0".parse().unwrap());
        let bump = Bump::compute(&workspace, &[next], &System).unwrap();
        let error = bump.apply(&System).unwrap_err();
        assert!(
            matches!(&error, Error::File { action: "write", path, .. } if path.ends_with("README.md")),
            "{error:?}"
        );
        return;
    }
    let toy = Toy::independent();
    toy.write(
        "README.md",
        format!("base = \"0.1.0\"\n{}", "x".repeat(10_000)),
    );
    toy.commit("docs: a lot");
    let script = "trap '' XFSZ; ulimit -f 8; exec \"$0\" \"$@\"";
    let output = Command::new("bash")
        .args(["-c", script])
        .arg(env::current_exe().unwrap())
        .args([
            &name_of(module_path!(), "a_full_disk_leaves_everything_as_it_was"),
            "--exact",
        ])
        .env(FOLDER, toy.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}"
    );
    toy.repository().require_clean().unwrap();
}

#[test]
fn what_a_check_refuses_is_taken_back_file_by_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("there"), "before").unwrap();
    let edits = [
        FileEdit::new(path("there"), Some("before".to_owned()), "after".to_owned()),
        FileEdit::new(path("made"), None, "after".to_owned()),
    ];
    let seen = Cell::new(false);
    let refuse = || {
        seen.set(fs::read_to_string(path("there")).unwrap() == "after" && path("made").exists());
        Err(Error::NoSigningKey)
    };
    let error = apply_edits(&edits, refuse).unwrap_err();
    assert!(
        seen.get() && matches!(error, Error::NoSigningKey),
        "{error}"
    );
    assert_eq!(fs::read_to_string(path("there")).unwrap(), "before");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    // A folder that vanishes meanwhile cannot be put back into.
    let vanish = || {
        fs::remove_dir_all(folder.path()).unwrap();
        Err(Error::NoSigningKey)
    };
    let error = apply_edits(&edits, vanish).unwrap_err();
    assert!(
        matches!(&error, Error::NotUndone { paths, .. } if paths.len() == 2),
        "{error}"
    );
}

#[test]
fn a_program_that_is_not_there_is_named() {
    struct Nothing;

    impl Runner for Nothing {
        fn run(&self, _: &mut Command) -> io::Result<Output> {
            Err(io::ErrorKind::NotFound.into())
        }
    }

    let error = tuneup_packaging::Repository::open(Path::new("."), &Nothing)
        .err()
        .unwrap();
    assert!(
        error.to_string().starts_with("cannot start `git"),
        "{error}"
    );
}
