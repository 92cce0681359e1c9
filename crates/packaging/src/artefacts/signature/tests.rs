use std::fs;

use minisign::KeyPair;
use proptest::prelude::*;
use tempfile::TempDir;

use super::*;

fn date() -> SourceDate {
    SourceDate::from_unix(1_700_000_000).unwrap()
}

fn secret() -> String {
    let pair = KeyPair::generate_unencrypted_keypair().unwrap();
    pair.sk.to_box(None).unwrap().into_string()
}

/// An artefact that was signed, and the public key.
fn signed() -> (TempDir, PathBuf, String) {
    let folder = tempfile::tempdir().unwrap();
    let artefact = folder.path().join("tool.zip");
    fs::write(&artefact, "content").unwrap();
    let key = SigningKey::from_text(&secret(), None).unwrap();
    let signature = key.sign(&artefact, date()).unwrap();
    assert!(
        signature
            .trusted_comment
            .starts_with("timestamp:1700000000\tfile:tool.zip\thashed\tsha256:ed7002b4")
    );
    (folder, artefact, key.public_key())
}

#[test]
fn what_was_changed_is_found_out() {
    let (_folder, artefact, key) = signed();
    verify_signature(&artefact, &key).unwrap();
    let in_a_file = format!("untrusted comment: minisign public key\n{key}\n");
    verify_signature(&artefact, &in_a_file).unwrap();

    let path = beside(&artefact);
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("file:tool.zip", "file:other.zip")).unwrap();
    let error = verify_signature(&artefact, &key).unwrap_err().to_string();
    assert!(error.contains("Comment signature"), "{error}");
    fs::write(&path, &text).unwrap();
    fs::write(&artefact, "Content").unwrap();
    let error = verify_signature(&artefact, &key).unwrap_err().to_string();
    assert!(error.contains("verification failed"), "{error}");
}

#[test]
fn a_signature_that_is_cut_is_found_out() {
    let (_folder, artefact, key) = signed();
    let path = beside(&artefact);
    let text = fs::read_to_string(&path).unwrap();
    for length in 0..text.len() - 1 {
        fs::write(&path, &text[..length]).unwrap();
        let error = verify_signature(&artefact, &key).unwrap_err().to_string();
        assert!(error.contains("no whole signature"), "{length}: {error}");
    }
}

#[test]
fn a_signature_of_another_file_or_key_is_found_out() {
    let (folder, artefact, key) = signed();
    // The same bytes under another name.
    let renamed = folder.path().join("tool-2.zip");
    fs::copy(&artefact, &renamed).unwrap();
    fs::copy(beside(&artefact), beside(&renamed)).unwrap();
    let error = verify_signature(&renamed, &key).unwrap_err().to_string();
    assert!(
        error.contains("the signature of a file named `tool.zip`"),
        "{error}"
    );
    let other = SigningKey::from_text(&secret(), None).unwrap();
    let error = verify_signature(&artefact, &other.public_key())
        .unwrap_err()
        .to_string();
    assert!(error.contains("different from public key"), "{error}");
    fs::remove_file(beside(&artefact)).unwrap();
    let error = verify_signature(&artefact, &key).unwrap_err().to_string();
    assert!(
        error.contains("cannot read") && error.contains("tool.zip.minisig"),
        "{error}"
    );
}

#[test]
fn neither_key_nor_passphrase_is_shown() {
    let text = secret();
    let key = SigningKey::from_text(&text, None).unwrap();
    let letters = text.lines().nth(1).unwrap();
    let shown = format!("{key:?}");
    assert_eq!(shown.len(), "SigningKey()".len() + 16);
    for (text, passphrase, expected) in [
        (text.clone(), Some("hunter2"), "give none"),
        (
            text.replace(letters, &letters[..40]),
            None,
            "no key of minisign",
        ),
        ("hunter2".to_owned(), None, "no key of minisign"),
        (String::new(), Some("hunter2"), "no key of minisign"),
    ] {
        let error = SigningKey::from_text(&text, passphrase).unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(shown.contains(expected), "{shown}");
        assert!(
            !shown.contains("hunter2") && !shown.contains(&letters[..20]),
            "{shown}"
        );
    }
}

#[test]
fn a_key_without_check_sum_that_is_damaged_signs_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let artefact = folder.path().join("tool.zip");
    fs::write(&artefact, "content").unwrap();
    let mut bytes = KeyPair::generate_unencrypted_keypair()
        .unwrap()
        .sk
        .to_bytes();
    bytes[126..].fill(0);
    let sign = |bytes: &[u8]| {
        let text = format!("untrusted comment: x\n{}\n", STANDARD.encode(bytes));
        SigningKey::from_text(&text, None)
            .unwrap()
            .sign(&artefact, date())
    };
    sign(&bytes).unwrap();
    bytes[70] ^= 1;
    fs::remove_file(beside(&artefact)).unwrap();
    let error = sign(&bytes).unwrap_err().to_string();
    assert!(error.contains("Could not verify"), "{error}");
    assert!(!beside(&artefact).exists());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_damage_of_a_signature_is_too_strange(at in 0..300usize, with in "[ -~\n]") {
        let (_folder, artefact, key) = signed();
        let original = verify_signature(&artefact, &key).unwrap();
        let path = beside(&artefact);
        let mut text = fs::read_to_string(&path).unwrap();
        let at = at % text.len();
        text.replace_range(at..=at, &with);
        fs::write(&path, text).unwrap();
        // Nobody has signed the first line and the padding of the others; what was signed is as it was.
        if let Ok(found) = verify_signature(&artefact, &key) {
            prop_assert_eq!(found, original);
        }
    }

    #[test]
    fn no_text_of_a_key_is_too_strange(text in "(untrusted comment: x\n)?[A-Za-z0-9+/=\n]{0,220}") {
        prop_assert!(SigningKey::from_text(&text, None).is_err());
        prop_assert!(verify_signature(Path::new("a"), &text).is_err());
    }
}
