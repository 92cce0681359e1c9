//! What the registry and the remote repository do not take: before anything is handed over, and in the middle of it.

use std::{fs, os::unix::fs::PermissionsExt as _, process::Command};

use tuneup_packaging::{Fault, Registry, Traffic};

use crate::world::{HASTY, Refusal, World, made, succeed};

#[test]
fn other_contents_on_the_registry_are_found_before_anything_is_tagged() {
    let world = World::new();
    world.publish("toy-base", "0.2.0", "MIT");
    let refusal = world.refused(&HASTY);
    refusal.is_at(
        "preflight",
        &[
            "`toy-base` 0.2.0 has other contents here",
            "on the registry",
            "raise the version",
        ],
    );
    assert!(refusal.said.contains("Nothing has left this machine"));
}

#[test]
fn a_remote_repository_that_has_moved_on_is_found_before_anything_is_tagged() {
    let world = World::new();
    let other = world.clone_into("other", &[]);
    let git = |arguments: &[&str]| succeed(world.command("git", &other).args(arguments));
    git(&["tag", "v0.2.0"]);
    git(&["push", "--quiet", "origin", "v0.2.0"]);
    world.refused(&HASTY).is_at(
        "preflight",
        &[
            "`origin` has the tag `v0.2.0` already",
            "release another version",
        ],
    );
    git(&["push", "--quiet", "origin", ":v0.2.0"]);
    git(&[
        "commit",
        "--quiet",
        "--allow-empty",
        "--message",
        "Be quicker",
    ]);
    git(&["push", "--quiet", "origin", "main"]);
    world
        .refused(&[&HASTY[..], &["--resume"]].concat())
        .is_at("preflight", &["`origin` would not take `main`"]);
}

#[test]
fn a_registry_that_fails_in_the_middle_is_gone_on_with() {
    let registry = Registry::builder().fault(Traffic::Publish, 2, Fault::Unavailable);
    let world = World::with(registry);
    let there = world.git(&["ls-remote", "origin"]);
    let refusal = Refusal::of(&world.release(&HASTY));
    refusal.is_at(
        "publish",
        &[
            "`cargo-tuneup` 0.2.0 cannot be published",
            "503",
            "on the registry: toy-base 0.2.0; not yet: cargo-tuneup 0.2.0",
        ],
    );
    assert_eq!(world.published(), ["toy-base 0.2.0"]);
    // What cannot be taken back comes before what others see first.
    assert_eq!(world.git(&["ls-remote", "origin"]), there);

    let refusal = world.refused(&HASTY);
    refusal.is_at("plan", &["there are no commits since `v0.2.0`"]);
    assert!(refusal.said.contains("The checkout has the commit"));
    let resumed = [&HASTY[..], &["--resume"]].concat();
    world
        .refused(&[&resumed[..], &["--not-applicable=docs=no"]].concat())
        .is_in_no_step(&["give the options that the release was begun with"]);
    let clone = world.place().join("checkout");
    fs::write(clone.join("dirt"), "").unwrap();
    world.git_in(&clone, &["add", "dirt"]);
    let refusal = world.refused(&resumed);
    refusal.is_in_no_step(&["has changed since it was made: `dirt`", "reset --hard"]);
    world.git_in(&clone, &["commit", "--quiet", "--message", "Dirt"]);
    let refusal = world.refused(&resumed);
    refusal.is_in_no_step(&["no longer at the commit of the release", "reset --hard"]);
    // What it advises leads out.
    let mut advised = refusal.said.split('`');
    let advised = advised.find(|word| word.starts_with("git -C")).unwrap();
    succeed(Command::new("sh").args(["-c", advised]));

    for (file, step) in [
        ("artefacts/cargo-tuneup-0.2.0.crate", "crates"),
        ("parts/cargo-tuneup", "program"),
    ] {
        let path = world.place().join(file);
        let before = fs::read(&path).unwrap();
        fs::write(&path, "something else").unwrap();
        let refusal = world.refused(&resumed);
        refusal.is_in_no_step(&[
            file,
            &format!("since the step `{step}` made it"),
            "remove it: with --resume, its step and those after it run again",
        ]);
        assert!(refusal.said.contains("The checkout has the commit"));
        fs::write(&path, before).unwrap();
    }
    // All that follows is made of the program, and is made again.
    fs::remove_file(world.place().join("parts/cargo-tuneup")).unwrap();
    fs::remove_file(world.place().join("artefacts/cargo-tuneup-0.2.0.crate")).unwrap();

    made(&world.release(&resumed));
    assert_eq!(world.published(), ["cargo-tuneup 0.2.0", "toy-base 0.2.0"]);
    assert_eq!(world.registry.requests(Traffic::Publish), 3);
    let there = world.git(&["ls-remote", "origin"]);
    assert!(there.contains("refs/tags/v0.2.0"), "{there}");
    assert_eq!(world.git(&["status", "--porcelain"]), "");
}

#[test]
fn a_release_that_is_published_in_part_is_not_left_behind() {
    let registry = Registry::builder().fault(Traffic::Publish, 2, Fault::Unavailable);
    let world = World::with(registry);
    Refusal::of(&world.release(&HASTY)).is_at("publish", &["503"]);
    world.write("crates/base/src/more.rs", "");
    world.commit("More");
    let resumed = [&HASTY[..], &["--resume"]].concat();
    let words = ["published in part", "git switch --detach", "--resume"];
    world.refused(&HASTY).is_in_no_step(&words);
    let refusal = world.refused(&resumed);
    refusal.is_in_no_step(&words);

    // What it advises leads out.
    let mut advised = refusal.said.split('`');
    let advised = advised.find(|word| word.starts_with("git switch"));
    world.git(&advised.unwrap().split(' ').skip(1).collect::<Vec<_>>());
    made(&world.release(&resumed));
    assert_eq!(world.published(), ["cargo-tuneup 0.2.0", "toy-base 0.2.0"]);
    world.git(&["switch", "--quiet", "-"]);
    assert_eq!(world.git(&["log", "-1", "--format=%s"]), "More\n");
    let refusal = world.refused(&HASTY[..4]);
    refusal.is_at("scratch", &["nothing under its heading"]);
}

#[test]
fn a_tag_where_a_push_goes_is_found_before_anything_is_tagged() {
    let world = World::new();
    let elsewhere = world.folder.path().join("elsewhere.git");
    succeed(
        world
            .command("git", world.folder.path())
            .args(["clone", "--quiet", "--bare"])
            .args([world.origin(), elsewhere.clone()]),
    );
    succeed(world.command("git", &elsewhere).args(["tag", "v0.2.0"]));
    let address = elsewhere.to_str().unwrap();
    world.git(&["remote", "set-url", "--push", "origin", address]);
    world
        .refused(&HASTY)
        .is_at("preflight", &["`origin` has the tag `v0.2.0` already"]);
}

#[test]
fn a_tag_that_somebody_else_has_made_is_not_the_one_of_a_release() {
    let world = World::new();
    world.git(&["config", "user.signingkey", "somebody"]);
    world.git(&["config", "gpg.program", "false"]);
    let signed = [&HASTY[..], &["--sign-tag"]].concat();
    Refusal::of(&world.release(&signed)).is_at("tag", &["gpg"]);
    let resumed = [&HASTY[..], &["--resume"]].concat();
    world.git(&["tag", "v0.2.0"]);
    let refusal = world.refused(&resumed);
    refusal.is_at("tag", &["`v0.2.0` has no message", "git tag -d v0.2.0"]);
    world.git(&["tag", "--force", "--annotate", "-m", "Unsigned", "v0.2.0"]);
    let resumed = [&signed[..], &["--resume"]].concat();
    let refusal = world.refused(&resumed);
    refusal.is_at("tag", &["`v0.2.0` is not signed", "git tag -d v0.2.0"]);
}

#[test]
fn a_hook_that_refuses_a_push_without_a_branch_is_found_before_anything_is_tagged() {
    let world = World::new();
    world.git(&["checkout", "--quiet", "--detach"]);
    let hook = world.checkout().join(".git/hooks/pre-push");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    fs::write(&hook, "#!/bin/sh\necho not on a Sunday >&2; exit 1\n").unwrap();
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
    let words = ["`origin` would not take `v0.2.0`", "not on a Sunday"];
    world.refused(&HASTY).is_at("preflight", &words);
}

#[test]
fn a_hook_that_refuses_a_push_is_found_before_anything_is_tagged() {
    let world = World::new();
    let hook = world.checkout().join(".git/hooks/pre-push");
    let hang = |text: &str| {
        fs::create_dir_all(hook.parent().unwrap()).unwrap();
        fs::write(&hook, format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
    };
    hang("echo not on a Sunday >&2; exit 1");
    world.refused(&HASTY).is_at(
        "preflight",
        &["`origin` would not take `main`", "not on a Sunday"],
    );
    // Between the preflight and the tag, the checkout changes.
    hang("touch dirt");
    let refusal = Refusal::of(&world.release(&[&HASTY[..], &["--resume"]].concat()));
    refusal.is_at("tag", &["not committed: `dirt`"]);
    assert!(refusal.said.contains("Nothing has left this machine"));
}

#[test]
fn a_release_that_was_taken_over_and_not_tagged_is_gone_on_with_or_given_up() {
    let world = World::new();
    let before = world.git(&["rev-parse", "HEAD"]);
    world.git(&["config", "user.signingkey", "somebody"]);
    world.git(&["config", "gpg.program", "false"]);
    let signed = [&HASTY[..], &["--sign-tag"]].concat();
    let refusal = Refusal::of(&world.release(&signed));
    refusal.is_at("tag", &["gpg"]);
    assert!(refusal.said.contains("The checkout has the commit"));

    let refusal = world.refused(&HASTY);
    refusal.is_at("plan", &["never tagged", "--resume", "git reset --keep"]);
    // Both of what it advises lead out.
    let mut advised = refusal.said.split('`');
    let advised = advised.find(|word| word.starts_with("git reset")).unwrap();
    world.git(&advised.split(' ').skip(1).collect::<Vec<_>>());
    assert_eq!(world.git(&["rev-parse", "HEAD"]), before);
    Refusal::of(&world.release(&signed)).is_at("tag", &["gpg"]);
    made(&world.release(&[&HASTY[..], &["--resume"]].concat()));
    let there = world.git(&["ls-remote", "origin"]);
    assert!(there.contains("refs/tags/v0.2.0"), "{there}");
}

#[test]
fn what_cannot_be_used_from_the_registry_is_not_pushed() {
    let world = World::new();
    let fails = r#"fn main() {
    println!("cargo::rerun-if-env-changed=TOY_BROKEN");
    let is_published = std::env::var("OUT_DIR").unwrap().contains("tuneup-published-");
    assert!(!is_published || std::env::var_os("TOY_BROKEN").is_none(), "broken");
}
"#;
    world.write("crates/base/build.rs", fails);
    world.commit("Fail where it is used");
    let there = world.git(&["ls-remote", "origin"]);
    let mut broken = world.command_in(&world.checkout(), &HASTY);
    let output = broken.env("TOY_BROKEN", "1").output().unwrap();
    Refusal::of(&output).is_at(
        "publish",
        &[
            "all packages are on the registry, and cannot be used from there",
            "broken",
            "`cargo xtask yank 0.2.0 --registry loopback`",
        ],
    );
    assert_eq!(world.git(&["ls-remote", "origin"]), there);

    made(&world.release(&[&HASTY[..], &["--resume"]].concat()));
    let there = world.git(&["ls-remote", "origin"]);
    assert!(there.contains("refs/tags/v0.2.0"), "{there}");
}
