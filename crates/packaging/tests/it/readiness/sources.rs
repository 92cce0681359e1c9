use std::fs;

use tuneup_packaging::{AllowedSource, SourcesReport, audit_sources};

use super::{Clean, MANIFEST, Toy};

fn audit(toy: &Toy, allowed: &[AllowedSource]) -> SourcesReport {
    audit_sources(toy.path(), allowed, &Clean).unwrap()
}

fn problem(toy: &Toy) -> String {
    let report = audit(toy, &[]);
    assert_eq!(report.problems.len(), 1, "{:?}", report.problems);
    report.problems[0].clone()
}

#[test]
fn a_committed_and_complete_lock_file_is_well() {
    let toy = Toy::package();
    let report = audit(&toy, &[]);
    assert_eq!(
        (report.packages, report.problems.len()),
        (1, 0),
        "{report:?}"
    );
}

#[test]
fn a_lock_file_that_is_not_there_or_not_committed_is_named() {
    let toy = Toy::package();
    toy.git(&["rm", "--quiet", "--cached", "Cargo.lock"]);
    toy.write(".gitignore", "/target\nCargo.lock\n");
    toy.commit("Ignore it");
    assert!(problem(&toy).starts_with("Cargo.lock is not in Git"));
    toy.remove("Cargo.lock");
    assert!(problem(&toy).starts_with("Cargo.lock is missing"));
}

#[test]
fn a_lock_file_with_changes_is_not_the_committed_one() {
    let toy = Toy::package();
    toy.write("inner/Cargo.toml", MANIFEST.replace("\"toy\"", "\"inner\""));
    toy.write("inner/src/lib.rs", "");
    toy.write("inner/README.md", "");
    toy.write(
        "Cargo.toml",
        format!("{MANIFEST}\n[dependencies]\ninner = {{ path = \"inner\" }}\n"),
    );
    toy.git(&["add", "inner", "Cargo.toml"]);
    toy.git(&["commit", "--quiet", "--message", "Depend"]);
    toy.cargo(&["generate-lockfile", "--offline"]);
    for _ in 0..2 {
        assert!(problem(&toy).starts_with("Cargo.lock has changes that are not committed"));
        toy.git(&["add", "Cargo.lock"]);
    }
    toy.commit("Lock");
    assert_eq!(audit(&toy, &[]).problems, [""; 0]);
}

#[test]
fn a_lock_file_behind_the_manifest_is_named() {
    let toy = Toy::package();
    toy.write("Cargo.toml", MANIFEST.replace("0.1.0", "0.2.0"));
    toy.commit("Bump");
    let problem = problem(&toy);
    assert!(
        problem.contains("cargo update --workspace") && problem.contains("--locked"),
        "{problem}"
    );
}

/// A package outside of the toy, in a repository of its own.
fn outside() -> Toy {
    let outside = Toy::package();
    outside.write("Cargo.toml", MANIFEST.replace("\"toy\"", "\"outside\""));
    outside.write("src/lib.rs", "");
    outside.commit("Outside");
    outside
}

#[test]
fn a_folder_outside_of_the_workspace_is_named() {
    let (toy, outside) = (Toy::package(), outside());
    let path = fs::canonicalize(outside.path()).unwrap();
    toy.write(
        "Cargo.toml",
        format!("{MANIFEST}\n[dependencies]\noutside = {{ path = {path:?} }}\n"),
    );
    toy.cargo(&["generate-lockfile", "--offline"]);
    toy.commit("Depend");
    let problem = problem(&toy);
    assert!(
        problem.starts_with("outside 0.1.0 comes from the folder "),
        "{problem}"
    );
    let allowed = AllowedSource::new(format!("path+{}", path.display()), "ours");
    let report = audit(&toy, &[allowed]);
    assert_eq!(
        (report.problems.len(), report.allowed.len()),
        (0, 1),
        "{report:?}"
    );
    // A reason that says nothing is none.
    let empty = AllowedSource::new("path+", " ");
    assert_eq!(audit(&toy, &[empty]).problems.len(), 1);
}

#[test]
fn a_git_repository_is_no_known_source() {
    let (toy, outside) = (Toy::package(), outside());
    let home = tempfile::tempdir().unwrap();
    let address = format!("file://{}", outside.path().display());
    toy.write(
        "Cargo.toml",
        format!("{MANIFEST}\n[dependencies]\noutside = {{ git = \"{address}\" }}\n"),
    );
    let runner = WithHome(home.path().to_owned());
    let mut command = std::process::Command::new("cargo");
    command.arg("generate-lockfile").current_dir(toy.path());
    assert!(
        tuneup_packaging::Runner::run(&runner, &mut command)
            .unwrap()
            .status
            .success()
    );
    toy.commit("Depend");
    let report = audit_sources(toy.path(), &[], &runner).unwrap();
    assert_eq!(report.problems.len(), 1, "{report:?}");
    assert!(
        report.problems[0].starts_with(&format!("outside 0.1.0 comes from git+{address}")),
        "{report:?}"
    );
    let allowed = AllowedSource::new(format!("git+{address}"), "until it is released");
    assert_eq!(
        audit_sources(toy.path(), &[allowed], &runner)
            .unwrap()
            .problems,
        [""; 0]
    );
}

/// A folder of Cargo for this test alone.
pub(super) struct WithHome(pub(super) std::path::PathBuf);

impl tuneup_packaging::Runner for WithHome {
    fn run(&self, command: &mut std::process::Command) -> std::io::Result<std::process::Output> {
        command
            .env("CARGO_HOME", &self.0)
            .env("CARGO_NET_RETRY", "0");
        Clean.run(command)
    }
}
