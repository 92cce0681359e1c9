use super::*;
use crate::whole_file::WholeFile;

fn evidence() -> Evidence {
    Evidence {
        commit: "0123456789abcdef0123456789abcdef01234567".to_owned(),
        repository: Some("https://example.org/tool".to_owned()),
        tag: Some("v1.0.0".to_owned()),
        date: "2023-11-14T22:13:20Z".to_owned(),
        builder: BTreeMap::from([("cargo".to_owned(), "cargo 1.95.0".to_owned())]),
        host: "x86_64-unknown-linux-gnu".to_owned(),
        lock_file: Some("ab".repeat(32)),
        artefacts: BTreeMap::new(),
        checks: Vec::new(),
    }
}

/// A folder with two artefacts and their evidence.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("deb")).unwrap();
    fs::write(folder.path().join("tool.zip"), "zip").unwrap();
    fs::write(folder.path().join("deb/tool.deb"), "deb").unwrap();
    let mut evidence = evidence();
    evidence.artefacts = artefacts(folder.path()).unwrap();
    evidence.add_check("tests", "cargo test", EvidenceOutcome::Passed);
    evidence.add_check("benches", "cargo bench", EvidenceOutcome::NotApplicable);
    evidence.write(folder.path()).unwrap();
    fs::write(folder.path().join("evidence.json.minisig"), "signed").unwrap();
    assert_eq!(verify_evidence(folder.path()).unwrap(), evidence);
    folder
}

fn problems(folder: &tempfile::TempDir) -> Vec<String> {
    match verify_evidence(folder.path()).unwrap_err() {
        Error::Faulty { problems, .. } => problems,
        other => panic!("{other}"),
    }
}

#[test]
fn the_statement_is_in_toto_with_provenance_of_slsa() {
    let mut evidence = evidence();
    let artefact = EvidenceArtefact {
        sha256: "cd".repeat(32),
        bytes: 7,
    };
    evidence.artefacts.insert("tool.zip".to_owned(), artefact);
    evidence.add_check("tests", "cargo test", EvidenceOutcome::Passed);
    let expected = serde_json::json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "tool.zip", "digest": {"sha256": "cd".repeat(32)}, "annotations": {"bytes": 7}}],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": "urn:tuneup-packaging:evidence:v1",
                "externalParameters": {"tag": "v1.0.0"},
                "internalParameters": {"date": "2023-11-14T22:13:20Z", "host": "x86_64-unknown-linux-gnu"},
                "resolvedDependencies": [
                    {"uri": "git+https://example.org/tool", "digest": {"gitCommit": "0123456789abcdef0123456789abcdef01234567"}},
                    {"name": "Cargo.lock", "digest": {"sha256": "ab".repeat(32)}},
                ],
            },
            "runDetails": {"builder": {"id": "urn:tuneup-packaging:local", "version": {"cargo": "cargo 1.95.0"}}},
            "tuneup_checks": [{"name": "tests", "command": "cargo test", "outcome": "passed"}],
        },
    });
    let text = Statement::of(&evidence).text();
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&text).unwrap(),
        expected
    );
    let read: Statement = serde_json::from_str(&text).unwrap();
    assert_eq!(read.evidence().unwrap(), evidence);
}

#[test]
fn a_changed_byte_a_missing_file_and_a_strange_one_are_named() {
    let folder = folder();
    fs::write(folder.path().join("tool.zip"), "zup").unwrap();
    fs::remove_file(folder.path().join("deb/tool.deb")).unwrap();
    fs::write(folder.path().join("deb/more.deb"), "").unwrap();
    let problems = problems(&folder);
    assert_eq!(problems.len(), 3, "{problems:?}");
    assert_eq!(problems[0], "`deb/tool.deb` is missing");
    assert!(
        problems[1].starts_with("`tool.zip` has changed: SHA-256 "),
        "{problems:?}"
    );
    assert_eq!(problems[2], "`deb/more.deb` is not in the evidence");
}

#[test]
fn a_check_that_has_not_passed_is_named() {
    let folder = folder();
    let mut evidence = Evidence::read(folder.path()).unwrap();
    evidence.add_check("lints", "cargo clippy", EvidenceOutcome::Failed);
    evidence.add_check("advisories", "cargo audit", EvidenceOutcome::Unknown);
    evidence.write(folder.path()).unwrap();
    assert_eq!(
        problems(&folder),
        [
            "the check `lints` has not passed: cargo clippy",
            "the check `advisories` has not passed: cargo audit"
        ]
    );
}

#[test]
fn what_is_no_evidence_is_said() {
    let folder = folder();
    let path = folder.path().join(NAME);
    let text = fs::read_to_string(&path).unwrap();
    for (before, after, expected) in [
        (
            "slsa.dev/provenance/v1",
            "slsa.dev/provenance/v0.2",
            "of another kind",
        ),
        ("gitCommit", "gitTree", "it names no commit"),
        ("\"sha256\"", "\"md5\"", "has no SHA-256"),
        ("\"bytes\"", "\"length\"", "has no length"),
        (
            "\"deb/tool.deb\"",
            "\"tool.zip\"",
            "`tool.zip` is in it more than once",
        ),
        ("{", "", "it is no evidence"),
        ("\"passed\"", "\"perhaps\"", "it is no evidence"),
    ] {
        fs::write(&path, text.replace(before, after)).unwrap();
        let problems = problems(&folder).join("; ");
        assert!(problems.contains(expected), "{problems}");
    }
}

#[test]
fn what_a_killed_program_has_left_is_no_artefact() {
    let folder = folder();
    let left = WholeFile::begin(&folder.path().join("big.zip")).unwrap();
    let error = verify_evidence(folder.path()).unwrap_err().to_string();
    assert!(error.contains("a program that was killed"), "{error}");
    drop(left);
    verify_evidence(folder.path()).unwrap();
}

#[cfg(unix)]
#[test]
fn a_link_is_no_artefact() {
    let folder = folder();
    std::os::unix::fs::symlink("tool.zip", folder.path().join("latest.zip")).unwrap();
    let error = verify_evidence(folder.path()).unwrap_err().to_string();
    assert!(
        error.contains("`latest.zip`: it is neither a file"),
        "{error}"
    );
}

#[test]
fn an_address_loses_its_password() {
    for (address, expected) in [
        (
            "https://ada:secret@example.org/tool.git",
            "https://example.org/tool.git",
        ),
        (
            "https://secret@example.org:8080/a@b?token=secret#secret",
            "https://example.org:8080/a@b",
        ),
        ("ssh://git@example.org/tool", "ssh://example.org/tool"),
        ("git@example.org:tool", "git@example.org:tool"),
        ("/srv/git/tool", "/srv/git/tool"),
    ] {
        assert_eq!(without_secrets(address), expected);
    }
}
