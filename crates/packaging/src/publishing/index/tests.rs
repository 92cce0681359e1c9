use super::*;

fn failure(said: &str) -> Failure {
    Failure {
        command: "cargo generate-lockfile".to_owned(),
        said: said.to_owned(),
    }
}

#[test]
fn what_is_not_there_is_told_from_what_cannot_be_asked() {
    let version = Version::new(1, 2, 0);
    let missing = [
        "error: no matching package named `mine` found\nlocation searched: x",
        "error: no matching package found\nsearched package name: `mine`\nperhaps you meant: min",
        "error: failed to select a version for the requirement `mine = \"=1.2.0\"`\ncandidate versions found which didn't match: 1.1.0",
    ];
    for said in missing {
        assert_eq!(
            understand(failure(said), "mine", &version).unwrap(),
            None,
            "{said}"
        );
    }
    let yanked = "error: failed to select a version for the requirement `mine = \"=1.2.0\"`\n  version 1.2.0 is yanked\n";
    assert!(
        understand(failure(yanked), "mine", &version)
            .unwrap()
            .unwrap()
            .is_yanked
    );
    // Of what it needs, in the same version.
    let needed = "error: failed to select a version for the requirement `other = \"^1.2.0\"`\n  version 1.2.0 is yanked\nrequired by package `mine v1.2.0`";
    let error = understand(failure(needed), "mine", &version).unwrap_err();
    assert!(error.to_string().contains("`other"), "{error}");
    let other = "error: no matching package named `other` found\nrequired by package `mine v1.2.0`";
    let error = understand(failure(other), "mine", &version).unwrap_err();
    assert!(error.to_string().contains("`other`"), "{error}");
    let network = "error: failed to get `mine` as a dependency\nCaused by: Could not resolve host";
    assert!(matches!(
        understand(failure(network), "mine", &version),
        Err(Error::CommandFailed { .. })
    ));
}
