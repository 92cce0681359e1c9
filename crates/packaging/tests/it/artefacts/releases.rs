//! A whole release of artefacts: what binds them together.

use std::{
    fs, io,
    path::PathBuf,
    process::{Command, Output},
};

use tuneup_packaging::{
    Checksums, Contents, Evidence, EvidenceOutcome, Runner, SourceDate, System, verify_evidence,
    write_archive,
};

use crate::toy::Toy;

/// A repository with one commit.
struct Checkout(Toy);

impl Checkout {
    fn new() -> Self {
        let toy = Toy::new(&[
            (
                "README.md",
                "# Tool
",
            ),
            (
                "Cargo.lock",
                "version = 4
",
            ),
        ]);
        toy.commit_dated();
        Self(toy)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// An archive, checksums, and evidence that comes last.
    fn release(&self) -> Evidence {
        let dist = self.path("dist");
        let date = SourceDate::of_commit(self.0.path(), &System).unwrap();
        let mut contents = Contents::new();
        contents
            .add_file("README.md", self.path("README.md"))
            .unwrap();
        write_archive(&dist.join("tool.tar.gz"), "tool", &contents, date).unwrap();
        let sums = Checksums::of(&dist, &["tool.tar.gz"]).unwrap();
        sums.write(&dist.join("SHA256SUMS")).unwrap();
        let mut evidence = Evidence::gather(self.0.path(), &dist, date, &System).unwrap();
        evidence.set_repository("https://ada:hunter2@example.org/tool");
        evidence.add_check("archive", "tar -tf tool.tar.gz", EvidenceOutcome::Passed);
        evidence.write(&dist).unwrap();
        evidence
    }
}

#[test]
fn evidence_is_the_same_bytes_from_two_folders_and_names_a_changed_byte() {
    let [here, there] = [Checkout::new(), Checkout::new()];
    let (one, other) = (here.release(), there.release());
    assert_eq!(one, other);
    let text =
        |checkout: &Checkout| fs::read_to_string(checkout.path("dist/evidence.json")).unwrap();
    assert_eq!(text(&here), text(&there));
    assert!(!text(&here).contains("hunter2"));
    assert_eq!(one.repository.as_deref(), Some("https://example.org/tool"));
    assert_eq!(one.date, "2023-11-14T22:13:20Z");
    assert_eq!(verify_evidence(&here.path("dist")).unwrap(), one);
    // Once more over what is there: the evidence is no artefact of itself.
    assert_eq!(here.release(), one);

    let archive = here.path("dist/tool.tar.gz");
    let mut bytes = fs::read(&archive).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&archive, bytes).unwrap();
    let error = verify_evidence(&here.path("dist")).unwrap_err().to_string();
    assert!(error.contains("`tool.tar.gz` has changed"), "{error}");
}

/// Runs programs as a hook of another repository would.
struct Hook(PathBuf);

impl Runner for Hook {
    fn run(&self, command: &mut Command) -> io::Result<Output> {
        let is_taken_away = command.get_envs().any(|(name, _)| name == "GIT_DIR");
        if !is_taken_away {
            command.env("GIT_DIR", self.0.join(".git"));
        }
        System.run(command)
    }
}

#[test]
fn a_hook_of_another_repository_changes_nothing() {
    let checkout = Checkout::new();
    checkout.release();
    let other = Toy::single("0.1.0");
    let hook = Hook(other.path().to_owned());
    let date = SourceDate::of_commit(checkout.0.path(), &hook).unwrap();
    assert_eq!(date.unix(), 1_700_000_000);
    let dist = checkout.path("dist");
    let evidence = Evidence::gather(checkout.0.path(), &dist, date, &hook).unwrap();
    assert_eq!(evidence.commit, checkout.0.git(&["rev-parse", "HEAD"]));
}

#[test]
fn without_a_commit_that_stands_for_it_there_is_no_evidence() {
    let checkout = Checkout::new();
    checkout.release();
    let date = SourceDate::of_commit(checkout.0.path(), &System).unwrap();
    let gather = |folder: &str| {
        Evidence::gather(checkout.0.path(), &checkout.path(folder), date, &System)
            .unwrap_err()
            .to_string()
    };
    fs::create_dir(checkout.path("empty")).unwrap();
    assert!(gather("empty").contains("there is no artefact"));
    assert!(gather("missing").contains("cannot read"));
    fs::write(checkout.path("README.md"), "# Changed\n").unwrap();
    let error = gather("dist");
    assert!(
        error.contains("`README.md` has changes that are not committed"),
        "{error}"
    );
    let nowhere = tempfile::tempdir().unwrap();
    let error = SourceDate::of_commit(nowhere.path(), &System)
        .unwrap_err()
        .to_string();
    assert!(error.contains("not a git repository"), "{error}");
}
