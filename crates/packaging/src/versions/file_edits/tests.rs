use proptest::prelude::*;

use super::*;

#[test]
fn a_diff_is_one_that_git_takes() {
    let folder = tempfile::tempdir().unwrap();
    let (old, new) = ("a\nb\nc\nd\n", "a\nb\nx\nd\n");
    let git = |arguments: &[&str]| {
        let mut command = std::process::Command::new("git");
        let status = command
            .args(arguments)
            .current_dir(folder.path())
            .status()
            .unwrap();
        assert!(status.success());
    };
    git(&["init", "--quiet"]);
    fs::write(folder.path().join("file"), old).unwrap();
    let edits = [
        FileEdit::new(
            folder.path().join("file"),
            Some(old.to_owned()),
            new.to_owned(),
        ),
        FileEdit::new(folder.path().join("made"), None, "made".to_owned()),
    ];
    let diff: String = edits.iter().map(|edit| edit.diff(folder.path())).collect();
    fs::write(folder.path().join("diff"), diff).unwrap();
    git(&["apply", "diff"]);
    assert_eq!(fs::read_to_string(folder.path().join("file")).unwrap(), new);
    assert_eq!(
        fs::read_to_string(folder.path().join("made")).unwrap(),
        "made"
    );
}

#[cfg(unix)]
#[test]
fn permissions_stay() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("script");
    fs::write(&path, "before").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o750)).unwrap();
    let edit = FileEdit::new(&path, Some("before".to_owned()), "after".to_owned());
    apply_edits(&[edit], || Ok(())).unwrap();
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o750
    );
}

proptest! {
    #[test]
    fn around_the_places_all_stays(parts in prop::collection::vec(("[a-z\r\né]{0,5}", "[A-Zé]{1,3}", "[0-9]{0,4}"), 0..6), end in "[a-z]{0,3}") {
        let (mut text, mut expected, mut places) = (String::new(), String::new(), Vec::new());
        for (before, old, new) in &parts {
            text.push_str(before);
            places.push((text.len()..text.len() + old.len(), new.clone()));
            text.push_str(old);
            expected.push_str(before);
            expected.push_str(new);
        }
        places.reverse();
        prop_assert_eq!(splice(&(text + &end), places), expected + &end);
    }
}
