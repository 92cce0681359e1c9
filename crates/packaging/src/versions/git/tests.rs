use proptest::prelude::*;

use super::*;

/// As git tells commits: between the message and the names there is a line end, or an empty field for a merge.
fn told(commits: &[Commit]) -> Vec<u8> {
    let mut said = Vec::new();
    for commit in commits {
        let parents = if commit.is_merge { "a b" } else { "a" };
        for field in [
            &format!("//{}", commit.hash)[..],
            &commit.authored_s.to_string(),
            parents,
            &commit.subject,
            &commit.body,
        ] {
            said.extend(field.bytes());
            said.push(0);
        }
        said.push(0);
        if commit.is_merge {
            said.push(0);
        } else if !commit.files.is_empty() {
            said.push(b'\n');
        }
        for file in &commit.files {
            said.extend(file.to_str().unwrap().bytes());
            said.push(0);
        }
    }
    said
}

fn commit() -> impl Strategy<Value = Commit> {
    let name = "[^\0/](/?[^\0/]){0,8}".prop_map(PathBuf::from);
    let files = prop::collection::vec(name, 0..4);
    let texts = (
        "[0-9a-f]{40}",
        any::<i32>(),
        any::<bool>(),
        "[^\0\n]{0,20}",
        "([^\0]{0,20}[^\0\\s])?",
    );
    (texts, files).prop_map(|((hash, time, is_merge, subject, body), files)| Commit {
        hash,
        authored_s: time.into(),
        is_merge,
        subject,
        body,
        files,
    })
}

proptest! {
    #[test]
    fn a_log_is_read_as_it_was_told(commits in prop::collection::vec(commit(), 0..5)) {
        prop_assert_eq!(log::read(&told(&commits)), Some(commits));
    }

    #[test]
    fn what_is_cut_off_or_no_log_at_all_never_panics(commits in prop::collection::vec(commit(), 1..3), cut in any::<prop::sample::Index>()) {
        let said = told(&commits);
        let part = &said[..cut.index(said.len())];
        if let Some(read) = log::read(part) {
            prop_assert!(read.len() <= commits.len());
        }
    }
}

#[test]
fn what_is_no_log_is_none() {
    assert_eq!(log::read(b"fatal: something\0"), None);
    assert_eq!(log::read(b"//abc\0no number\0\0\0\0\0"), None);
    assert_eq!(log::read(b""), Some(Vec::new()));
}

#[test]
fn git_is_asked_of_the_folder_and_nothing_else() {
    let command = git(Path::new("/somewhere"));
    let variables: Vec<_> = command.get_envs().collect();
    assert!(variables.contains(&("GIT_DIR".as_ref(), None)));
    assert!(variables.contains(&("GIT_TERMINAL_PROMPT".as_ref(), Some("0".as_ref()))));
    assert_eq!(command.get_current_dir(), Some(Path::new("/somewhere")));
}
