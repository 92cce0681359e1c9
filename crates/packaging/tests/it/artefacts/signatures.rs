//! Signatures, in the hands of minisign, and its own in ours.

use std::{fs, process::Command};

use minisign::KeyPair;
use tuneup_packaging::{SigningKey, verify_signature};

use super::tool::{Tool, date};
use crate::programs::{outcome, output, skip};

fn is_installed() -> bool {
    Command::new("minisign").arg("-v").output().is_ok()
}

#[test]
fn minisign_verifies_our_signature() {
    const TEST: &str = "minisign_verifies_our_signature";
    if !is_installed() {
        return skip(TEST, "minisign is not installed");
    }
    let tool = Tool::new();
    let pair = KeyPair::generate_unencrypted_keypair().unwrap();
    let key = SigningKey::from_text(&pair.sk.to_box(None).unwrap().into_string(), None).unwrap();
    let signature = key.sign(&tool.path("README.md"), date()).unwrap();
    let verify = || {
        let mut minisign = Command::new("minisign");
        minisign.args(["-Vm", "README.md", "-P", &key.public_key()]);
        outcome(minisign.current_dir(tool.path("")))
    };
    let (succeeded, said) = verify();
    assert!(succeeded, "{said}");
    assert!(said.contains(&signature.trusted_comment), "{said}");
    fs::write(tool.path("README.md"), "# Another\n").unwrap();
    assert!(!verify().0);
}

#[test]
fn we_verify_the_signature_of_minisign_and_use_its_keys() {
    const TEST: &str = "we_verify_the_signature_of_minisign_and_use_its_keys";
    if !is_installed() {
        return skip(TEST, "minisign is not installed");
    }
    let tool = Tool::new();
    let minisign = |arguments: &[&str]| {
        let mut minisign = Command::new("minisign");
        output(minisign.args(arguments).current_dir(tool.path("")))
    };
    minisign(&["-GW", "-p", "key.pub", "-s", "key"]);
    minisign(&["-S", "-s", "key", "-m", "README.md"]);
    let public = fs::read_to_string(tool.path("key.pub")).unwrap();
    let theirs = verify_signature(&tool.path("README.md"), &public).unwrap();
    // minisign leaves zeros out that are in front: of one key in sixteen, the comment is shorter.
    let comment = public.lines().next().unwrap();
    let named = comment.rsplit(' ').next().unwrap();
    assert_eq!(format!("{named:0>16}"), theirs.key, "{public}");
    assert!(
        theirs.trusted_comment.contains("\tfile:README.md\thashed"),
        "{theirs:?}"
    );

    let key = SigningKey::from_file(&tool.path("key"), None).unwrap();
    let ours = key.sign(&tool.path("LICENSE-MIT"), date()).unwrap();
    assert_eq!(ours.key, theirs.key);
    minisign(&["-V", "-p", "key.pub", "-m", "LICENSE-MIT"]);
}

#[test]
fn a_passphrase_opens_a_key_and_a_wrong_one_does_not() {
    let tool = Tool::new();
    let pair = KeyPair::generate_encrypted_keypair(Some("hunter2".to_owned())).unwrap();
    fs::write(
        tool.path("key"),
        pair.sk.to_box(None).unwrap().into_string(),
    )
    .unwrap();
    let key = SigningKey::from_file(&tool.path("key"), Some("hunter2")).unwrap();
    key.sign(&tool.path("README.md"), date()).unwrap();
    verify_signature(&tool.path("README.md"), &pair.pk.to_base64()).unwrap();
    for (passphrase, expected) in [
        (None, "give that too"),
        (Some("hunter3"), "the passphrase is wrong"),
    ] {
        let error = SigningKey::from_file(&tool.path("key"), passphrase)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains(expected) && !error.contains("hunter"),
            "{error}"
        );
    }
}
