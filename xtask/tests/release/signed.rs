//! A release with a signing key, in the hands of minisign.

use std::{fs, process::Command};

use crate::{
    tools::{self, LINTERS, SIGNERS},
    world::{HASTY, World, made, succeed},
};

/// All that says nothing of a toy, but for what is looked at here.
const ELSEWHERE: [&str; 9] = [
    "advisories",
    "yanked",
    "unsafe",
    "lints",
    "tests",
    "unpacked",
    "docs",
    "readme",
    "msrv",
];

#[test]
fn all_that_others_download_is_signed_and_the_readiness_looks_at_it() {
    let test = "all_that_others_download_is_signed_and_the_readiness_looks_at_it";
    if !tools::are_there(test, &[LINTERS, SIGNERS]) {
        return;
    }
    let world = World::new();
    let looks = "fn main() {\n    let key = std::env::var_os(\"TUNEUP_SIGNING_KEY\");\n    assert!(key.is_none());\n}\n";
    world.write("crates/cargo-tuneup/build.rs", looks);
    world.commit("Look for a key");
    let keys = tempfile::tempdir().unwrap();
    let generate = ["-GW", "-p", "key.pub", "-s", "key"];
    succeed(
        Command::new("minisign")
            .args(generate)
            .current_dir(keys.path()),
    );
    let key = fs::read_to_string(keys.path().join("key")).unwrap();

    let mut release = world.command_in(&world.checkout(), &["--skip", "rehearsal"]);
    for check in ELSEWHERE {
        release.args([
            "--not-applicable",
            &format!("{check}=it is tested elsewhere"),
        ]);
    }
    let output = release.env("TUNEUP_SIGNING_KEY", &key).output().unwrap();
    let secret = key.lines().last().unwrap();
    for stream in [&output.stdout, &output.stderr] {
        assert!(!String::from_utf8_lossy(stream).contains(secret));
    }
    let place = world.checkout().join("target/tuneup/release");
    let files = made(&output);
    let artefacts = place.join("artefacts");
    let mut signed = 0;
    for name in files.keys().filter(|name| artefacts.join(name).is_file()) {
        if name.ends_with(".minisig") {
            continue;
        }
        let mut minisign = Command::new("minisign");
        minisign.arg("-Vm").arg(artefacts.join(name)).arg("-p");
        succeed(minisign.arg(keys.path().join("key.pub")));
        signed += 1;
    }
    assert!(signed > 8, "{files:#?}");
    assert!(
        files.contains_key("SHA256SUMS.minisig") && files.contains_key("evidence.json.minisig")
    );
    let readiness = fs::read_to_string(place.join("readiness/readiness.md")).unwrap();
    let row = readiness
        .lines()
        .find(|line| line.starts_with("| signatures | pass |"));
    // Checksums and evidence come after the readiness.
    let all = format!("{} artefacts", signed - 2);
    assert!(row.unwrap().contains(&all), "{readiness}");

    let skips = [&HASTY[..HASTY.len() - 1], &["--skip=signatures"]].concat();
    let mut release = world.command_in(&world.checkout(), &skips);
    let unsigned = made(&release.env("TUNEUP_SIGNING_KEY", &key).output().unwrap());
    assert!(!unsigned.keys().any(|name| name.ends_with(".minisig")));
    assert!(unsigned.contains_key("SHA256SUMS"), "{unsigned:#?}");
}
