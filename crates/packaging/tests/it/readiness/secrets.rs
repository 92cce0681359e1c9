use std::{collections::BTreeSet, fs, process::Command, time::Duration};

use tuneup_packaging::{
    AllowedSecrets, Error, FoundSecret, SecretsReport, TimeLimit, find_secrets,
};

use super::{LONG, Toy};
#[cfg(feature = "full")]
use crate::programs::{judges, output, skip};

/// Put together here, so that this file has no secret in it.
fn aws() -> String {
    ["AKIA", "Q7RMT3ZK5WYUB2LN"].concat()
}

fn github() -> String {
    ["ghp_", "x7Kq2mB9vR4tY6wZ1nC8pL3sD5fG0hJaUeTi"].concat()
}

fn search(toy: &Toy, allowed: &AllowedSecrets) -> Result<SecretsReport, Error> {
    find_secrets(toy.path(), allowed, &TimeLimit::new(LONG))
}

fn found(toy: &Toy) -> Vec<FoundSecret> {
    search(toy, &AllowedSecrets::default()).unwrap().found
}

#[test]
fn a_secret_in_an_old_commit_is_named_with_its_commit_and_not_shown() {
    let toy = Toy::package();
    toy.write(
        "deploy/run.sh",
        format!("#!/bin/sh\n\nexport KEY={}\n", aws()),
    );
    let guilty = toy.commit("Deploy");
    toy.write(
        "deploy/run.sh",
        format!("#!/bin/sh\n# moved\n\nexport KEY={}\n", aws()),
    );
    toy.commit("Move it");
    toy.remove("deploy/run.sh");
    toy.commit("Forget it");
    let report = search(&toy, &AllowedSecrets::default()).unwrap();
    let [secret] = &report.found[..] else {
        panic!("{:?}", report.found);
    };
    assert_eq!(secret.rule, "aws-access-key");
    assert_eq!(secret.path, "deploy/run.sh");
    assert_eq!(secret.commit.as_ref(), Some(&guilty));
    assert_eq!((secret.is_current, secret.times), (false, 2));
    assert_eq!(report.commits, 4);
    let told = format!(
        "{report:?} {} {}",
        secret.line(),
        serde_json::to_string(&report).unwrap()
    );
    assert!(!told.contains(&aws()[4..]), "{told}");
    let line = secret.line();
    assert!(
        line.starts_with(&format!(
            "deploy/run.sh:4 since commit {}, not there any more: ",
            &guilty[..10]
        )),
        "{line}"
    );
}

#[test]
fn a_text_in_utf_16_is_read() {
    let toy = Toy::package();
    let text = format!("\u{feff}$key = '{}'\r\n$token = '{}'\r\n", aws(), github());
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let find = |bytes: &[u8]| {
        toy.write("deploy.ps1", bytes);
        let found = found(&toy).into_iter();
        found
            .map(|secret| (secret.line, secret.rule, secret.masked))
            .collect::<Vec<_>>()
    };
    let as_utf8 = find(text.as_bytes());
    assert!(as_utf8.len() > 1);
    assert_eq!(find(&bytes), as_utf8);
}

#[test]
fn a_repository_without_secrets_has_none() {
    let toy = Toy::package();
    let report = search(&toy, &AllowedSecrets::default()).unwrap();
    assert_eq!(report.found, []);
    assert_eq!((report.blobs, report.commits, report.files), (7, 1, 0));
}

#[test]
fn whatever_git_can_reach_is_read_and_what_it_ignores_is_not() {
    let toy = Toy::package();
    // On another branch, in a message, in a stash, in a binary file, and beside what is committed.
    toy.git(&["checkout", "--quiet", "-b", "other"]);
    toy.write("on-branch", aws());
    toy.commit("Work");
    toy.git(&["checkout", "--quiet", "main"]);
    let spoken = toy.commit(&format!("Use {} for now", github()));
    let npm = ["npm_", "x7Kq2mB9vR4tY6wZ1nC8pL3sD5fG0hJaUeTi"].concat();
    toy.write("README.md", &npm);
    toy.git(&["stash"]);
    let stripe = ["sk_live_", "x7Kq2mB9vR4tY6wZ1nC8pL3s"].concat();
    toy.write(
        "data.bin",
        [b"\0\xff\xfe\0", stripe.as_bytes(), b"\0\0"].concat(),
    );
    toy.commit("Data");
    let cio = ["cio", "x7Kq2mB9vR4tY6wZ1nC8pL3sD5fG0hJa"].concat();
    toy.write("notes.txt", &cio);
    toy.write(
        "target/ignored.txt",
        ["glpat-", "x7Kq2mB9vR4tY6wZ1nC8"].concat(),
    );
    let found = found(&toy);
    let rules: BTreeSet<&str> = found.iter().map(|secret| &secret.rule[..]).collect();
    assert_eq!(
        rules,
        BTreeSet::from([
            "aws-access-key",
            "crates-io-token",
            "github-token",
            "npm-token",
            "stripe-key"
        ])
    );
    let of = |rule: &str| found.iter().find(|secret| secret.rule == rule).unwrap();
    assert_eq!(of("github-token").path, "(message)");
    assert_eq!(of("github-token").commit.as_ref(), Some(&spoken));
    assert_eq!(
        (
            of("crates-io-token").commit.as_ref(),
            of("crates-io-token").is_current
        ),
        (None, true)
    );
    assert!(of("stripe-key").is_current && !of("aws-access-key").is_current);
}

#[test]
fn a_secret_that_a_merge_has_brought_is_found_with_the_merge() {
    let toy = Toy::package();
    toy.git(&["checkout", "--quiet", "-b", "side"]);
    toy.write("side", "x");
    toy.commit("Side");
    toy.git(&["checkout", "--quiet", "main"]);
    toy.write("main", "x");
    toy.commit("Main");
    toy.git(&["merge", "--quiet", "--no-commit", "side"]);
    toy.write("main", aws());
    let merge = toy.commit("Merge");
    assert_eq!(found(&toy)[0].commit.as_ref(), Some(&merge));
}

#[test]
fn what_was_thrown_away_before_it_was_shared_does_not_count() {
    let toy = Toy::package();
    toy.write("key", aws());
    toy.commit("Oops");
    toy.git(&["reset", "--quiet", "--hard", "HEAD~1"]);
    assert_eq!(found(&toy), []);
}

#[test]
fn a_repository_without_commits_is_searched() {
    let toy = Toy::empty();
    toy.write("staged", aws());
    toy.git(&["add", "staged"]);
    toy.write("other", github());
    let paths: Vec<String> = found(&toy).into_iter().map(|secret| secret.path).collect();
    assert_eq!(paths, ["other", "staged"]);
}

#[test]
fn what_is_allowed_is_let_be_and_what_is_not_there_any_more_is_told() {
    let toy = Toy::package();
    toy.write("fixture", aws());
    toy.commit("Fixture");
    let fingerprint = &found(&toy)[0].fingerprint;
    let list = format!(
        "[[allowed]]\nfingerprint = \"{fingerprint}\"\nreason = \"made up\"\n\n[[allowed]]\nfingerprint = \"npm-token:00\"\nreason = \"gone\"\n"
    );
    let report = search(&toy, &AllowedSecrets::parse(&list).unwrap()).unwrap();
    assert_eq!((report.found.len(), report.allowed), (0, 1));
    assert_eq!(report.stale, ["npm-token:00"]);
    // Another key is not allowed with it.
    toy.write("fixture", aws().replace("Q7", "Z7"));
    assert_eq!(
        search(&toy, &AllowedSecrets::parse(&list).unwrap())
            .unwrap()
            .found
            .len(),
        1
    );
}

#[test]
fn paths_with_spaces_lines_and_other_letters_are_named() {
    let toy = Toy::package();
    toy.write("a b/schlüssel.txt", aws());
    toy.commit("Odd");
    assert_eq!(found(&toy)[0].path, "a b/schlüssel.txt");
}

#[test]
fn a_shallow_clone_says_that_it_cannot_know() {
    let toy = Toy::package();
    toy.commit("More");
    let clone = tempfile::tempdir().unwrap();
    let address = format!("file://{}", toy.path().display());
    let status = Command::new("git")
        .args(["clone", "--quiet", "--depth", "1", &address])
        .arg(clone.path())
        .status();
    assert!(status.unwrap().success());
    let error = find_secrets(
        clone.path(),
        &AllowedSecrets::default(),
        &TimeLimit::new(LONG),
    )
    .unwrap_err();
    assert!(
        error.to_string().contains("git fetch --unshallow"),
        "{error}"
    );
}

#[test]
fn a_repository_that_lacks_an_object_says_so() {
    let toy = Toy::package();
    let object = toy.git(&["rev-parse", "HEAD:README.md"]);
    fs::remove_file(
        toy.path()
            .join(".git/objects")
            .join(&object[..2])
            .join(&object[2..]),
    )
    .unwrap();
    let error = search(&toy, &AllowedSecrets::default())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("git rev-list") && error.contains(&object),
        "{error}"
    );
}

#[test]
fn a_folder_without_repository_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let error = find_secrets(
        folder.path(),
        &AllowedSecrets::default(),
        &TimeLimit::new(LONG),
    )
    .unwrap_err();
    assert!(
        error.to_string().contains("not a git repository"),
        "{error}"
    );
}

#[test]
fn when_the_time_is_over_it_says_so() {
    let toy = Toy::package();
    let error = find_secrets(
        toy.path(),
        &AllowedSecrets::default(),
        &TimeLimit::new(Duration::ZERO),
    )
    .unwrap_err();
    assert!(matches!(error, Error::TookTooLong { .. }), "{error}");
}

/// Yelp's detect-secrets looks at the same files.
#[test]
#[cfg(feature = "full")]
fn detect_secrets_finds_nothing_that_this_does_not_find() {
    let Some(bin) = judges() else {
        skip(
            "detect_secrets_finds_nothing_that_this_does_not_find",
            "Python cannot install detect-secrets",
        );
        return;
    };
    let toy = Toy::package();
    let planted = [
        ("aws.sh", format!("export AWS_KEY={}", aws())),
        (
            "github.rs",
            format!("const TOKEN: &str = \"{}\";", github()),
        ),
        (
            "stripe.py",
            format!(
                "stripe.api_key = \"{}\"",
                ["sk_live_", "x7Kq2mB9vR4tY6wZ1nC8pL3s"].concat()
            ),
        ),
        (
            "slack.txt",
            [
                "xoxb-",
                "123456789012-1234567890123-x7Kq2mB9vR4tY6wZ1nC8pL3s",
            ]
            .concat(),
        ),
        (
            "key.pem",
            format!(
                "-----BEGIN RSA PRIVATE{}\n{}\n-----END RSA PRIVATE{}\n",
                " KEY-----",
                "x7Kq2mB9vR4tY6wZ1nC8pL3sD5fG0hJa".repeat(12),
                " KEY-----"
            ),
        ),
        (
            "settings.toml",
            format!(
                "client_{} = \"{}\"",
                "secret", "x7Kq2mB9vR4tY6wZ1nC8pL3sD5fG0hJa"
            ),
        ),
        ("plain.txt", "nothing".to_owned()),
    ];
    for (name, text) in &planted {
        toy.write(name, text);
    }
    toy.commit("Plant");
    let mut scan = Command::new(bin.join("detect-secrets"));
    let scanned = output(scan.arg("scan").current_dir(toy.path()));
    let scanned: serde_json::Value = serde_json::from_str(&scanned).unwrap();
    let theirs = scanned["results"].as_object().unwrap();
    let theirs: BTreeSet<&str> = theirs.keys().map(|path| &path[..]).collect();
    let ours = found(&toy);
    let ours: BTreeSet<&str> = ours.iter().map(|secret| &secret.path[..]).collect();
    assert!(theirs.len() >= 5, "{theirs:?}");
    assert!(
        theirs.is_subset(&ours),
        "only theirs: {:?}",
        theirs.difference(&ours)
    );
}

#[test]
fn the_message_of_a_tag_is_read() {
    let toy = Toy::package();
    let message = format!("Released with {}", github());
    toy.git(&["tag", "--annotate", "v1", "--message", &message]);
    let tag = toy.git(&["rev-parse", "v1"]);
    // A tag of a tag is reached through it alone.
    toy.git(&["tag", "--annotate", "v2", "--message", &aws(), "v1"]);
    toy.git(&["tag", "--delete", "v1"]);
    let found = found(&toy);
    let rules: Vec<&str> = found.iter().map(|secret| &secret.rule[..]).collect();
    assert_eq!(rules.len(), 2, "{rules:?}");
    let github = found.iter().find(|secret| secret.rule == "github-token");
    let github = github.unwrap();
    assert_eq!(
        (&github.path[..], github.commit.as_ref()),
        ("(tag v1)", Some(&tag))
    );
}

#[test]
fn each_stash_is_read_and_not_the_last_alone() {
    let toy = Toy::package();
    for text in [aws(), "nothing".to_owned()] {
        toy.write("README.md", text);
        toy.git(&["stash"]);
    }
    let found = found(&toy);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].path, "README.md");
    assert!(found[0].commit.is_some());
}

/// Whoever clones the repository gets what was replaced, and not the replacement.
#[test]
fn what_git_replaces_is_read_as_it_is() {
    let toy = Toy::package();
    toy.write("key", aws());
    toy.commit("Key");
    let guilty = toy.git(&["rev-parse", "HEAD:key"]);
    let harmless = toy.git(&["rev-parse", "HEAD:LICENSE"]);
    toy.git(&["replace", &guilty, &harmless]);
    toy.git(&["checkout", "--quiet", "--force", "HEAD"]);
    assert_eq!(found(&toy).len(), 1);
}

#[test]
#[cfg(target_os = "linux")]
fn a_file_whose_name_is_no_text_is_read() {
    use std::os::unix::ffi::OsStrExt as _;

    let toy = Toy::package();
    let name = std::ffi::OsStr::from_bytes(b"schl\xfcssel.txt");
    fs::write(toy.path().join(name), aws()).unwrap();
    assert_eq!(found(&toy).len(), 1);
}
