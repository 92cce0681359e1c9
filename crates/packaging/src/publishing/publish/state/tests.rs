use proptest::prelude::*;

use super::*;

fn packaged(checksums: &[&str]) -> Vec<Packaged> {
    let checksums = checksums.iter().enumerate();
    let packaged = checksums.map(|(number, checksum)| Packaged {
        name: format!("toy-{number}"),
        version: Version::new(0, 1, 0),
        checksum: (*checksum).to_owned(),
    });
    packaged.collect()
}

fn begin(path: &Path, checksums: &[&str]) -> Result<StateFile, Error> {
    StateFile::begin(path, None, &packaged(checksums))
}

#[test]
fn what_was_uploaded_is_known_the_next_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("below/state.json");
    let mut state = begin(&path, &["aa", "bb"]).unwrap();
    state.set("toy-0", PublishState::Uploaded);
    state.write().unwrap();
    let state = begin(&path, &["aa", "bb"]).unwrap();
    assert_eq!(
        (state.of("toy-0"), state.of("toy-1")),
        (PublishState::Uploaded, PublishState::Waiting)
    );
    assert_eq!(
        state.sides(),
        (
            vec!["toy-0 0.1.0".to_owned()],
            vec!["toy-1 0.1.0".to_owned()]
        )
    );
    state.remove().unwrap();
    state.remove().unwrap();
    assert!(!path.exists());
}

#[test]
fn a_file_in_which_nothing_was_uploaded_counts_for_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.json");
    begin(&path, &["aa"]).unwrap().write().unwrap();
    begin(&path, &["other", "more"]).unwrap();
}

#[test]
fn a_file_of_something_else_is_refused_with_what_it_is_of() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.json");
    let mut state = begin(&path, &["aa", "bb"]).unwrap();
    state.set("toy-0", PublishState::Uploaded);
    state.write().unwrap();
    let error = begin(&path, &["aa", "cc"]).unwrap_err();
    assert!(
        matches!(&error, Error::OtherContents { package, .. } if package == "toy-1"),
        "{error}"
    );
    let error = begin(&path, &["aa"]).unwrap_err().to_string();
    assert!(
        error.contains("toy-0 0.1.0, toy-1 0.1.0 to the public registry"),
        "{error}"
    );
    let error = StateFile::begin(&path, Some("mine"), &packaged(&["aa", "bb"])).unwrap_err();
    assert!(matches!(error, Error::StateFile { .. }), "{error}");
    let text = fs::read(&path).unwrap();
    fs::write(&path, &text[..text.len() / 2]).unwrap();
    let error = begin(&path, &["aa", "bb"]).unwrap_err().to_string();
    assert!(
        error.contains("cannot be read") && error.contains("remove the file"),
        "{error}"
    );
}

proptest! {
    #[test]
    fn a_file_that_was_cut_off_is_refused_or_not_begun(at in 0_usize..600) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        let mut state = begin(&path, &["aa", "bb"]).unwrap();
        state.set("toy-0", PublishState::Uploaded);
        state.write().unwrap();
        let text = fs::read(&path).unwrap();
        let end = at.min(text.len());
        fs::write(&path, &text[..end]).unwrap();
        prop_assert_eq!(begin(&path, &["aa", "bb"]).is_ok(), end == text.len());
    }
}
