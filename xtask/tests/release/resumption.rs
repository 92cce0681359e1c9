//! A release that has stopped, and that goes on with what it has left, or not.

use std::{fs, fs::File, os::unix::fs::PermissionsExt as _};

use crate::world::{HASTY, Refusal, World, made, succeed};

/// A release that has stopped because somebody else has taken the tag, which is then free again.
fn stopped(world: &World) {
    world.git(&["push", "--quiet", "origin", "HEAD:refs/tags/v0.2.0"]);
    world
        .refused(&HASTY)
        .is_at("preflight", &["has the tag `v0.2.0` already"]);
    world.git(&["push", "--quiet", "origin", ":refs/tags/v0.2.0"]);
}

#[test]
fn what_has_changed_since_a_release_stopped_is_named() {
    let world = World::new();
    stopped(&world);
    let resumed = [&HASTY[..], &["--resume"]].concat();

    let bill = world.place().join("artefacts/cargo-tuneup.cdx.json");
    let before = fs::read(&bill).unwrap();
    fs::write(&bill, [&before[..], b" "].concat()).unwrap();
    world.refused(&resumed).is_in_no_step(&[
        "artefacts/cargo-tuneup.cdx.json",
        "since the step `bills` made it",
        "run without resuming",
    ]);
    fs::write(&bill, before).unwrap();

    let clone = world.place().join("checkout");
    let source = clone.join("crates/base/src/lib.rs");
    let before = fs::read(&source).unwrap();
    fs::write(&source, "").unwrap();
    let changed = [
        "has changed since it was made: `crates/base/src/lib.rs`",
        "begin again without --resume",
    ];
    world.refused(&resumed).is_in_no_step(&changed);
    let git = |arguments: &[&str]| world.git_in(&clone, arguments);
    git(&["commit", "--quiet", "--all", "--message", "One more"]);
    let moved = ["no longer at the commit of the release", "begin again"];
    world.refused(&resumed).is_in_no_step(&moved);
    git(&["reset", "--quiet", "--soft", "HEAD~1"]);
    fs::write(&source, before).unwrap();
    git(&["add", "--all"]);

    let files = made(&world.release(&resumed));
    assert!(files.contains_key("SHA256SUMS"), "{files:#?}");
}

#[test]
fn a_release_of_another_commit_is_not_gone_on_with() {
    let world = World::new();
    stopped(&world);
    let of = world.git(&["rev-parse", "HEAD"]);
    world.write("crates/base/src/more.rs", "");
    world.commit("More");
    world
        .refused(&[&HASTY[..], &["--resume"]].concat())
        .is_in_no_step(&[of.trim(), "run without resuming"]);
}

#[test]
fn a_release_goes_on_with_what_was_made_of_the_same_options_alone() {
    let world = World::new();
    let options = [
        "--skip=readiness",
        "--skip=rehearsal",
        "--not-applicable=docs=b",
        "--not-applicable=msrv=a",
    ];
    let first = made(&world.release(&options));
    assert!(first.keys().any(|name| name.ends_with(".whl")));
    let artefacts = world.place().join("artefacts");
    fs::write(artefacts.join(".unfinished-1-0"), "").unwrap();

    let resumed = [&options[..], &["--resume"]].concat();
    let other = ["run without resuming", "unsigned"];
    world
        .refused(&[&resumed[..], &["--not-applicable=yanked=c"]].concat())
        .is_in_no_step(&other);
    let mut later = world.command_in(&world.checkout(), &resumed);
    later.env("SOURCE_DATE_EPOCH", "1000000000");
    world.refused_by(&mut later).is_in_no_step(&other);

    // What is left out now is nowhere, and the order of what does not apply says nothing.
    let bare = [&HASTY[..], &["--resume"]].concat();
    let less = ["--not-applicable=msrv=a", "--not-applicable=docs=b"];
    let files = made(&world.release(&[&bare[..], &less].concat()));
    assert_eq!(world.published(), ["cargo-tuneup 0.2.0", "toy-base 0.2.0"]);
    let archive = |name: &&String| name.ends_with(".tar.gz");
    let name = first.keys().find(archive).unwrap();
    assert_eq!(files.get(name), first.get(name));
    for text in ["SHA256SUMS", "evidence.json"] {
        let text = fs::read_to_string(artefacts.join(text)).unwrap();
        for ending in [".whl", ".deb", ".unfinished"] {
            assert!(!text.contains(ending), "{text}");
        }
    }
    let names = fs::read_dir(&artefacts).unwrap();
    let mut names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert!(names.all(|name| !name.ends_with(".whl") && !name.starts_with(".unfinished")));
}

/// A toy whose release stops as soon as the clone is there.
fn that_does_not_build() -> World {
    let world = World::new();
    world.write("crates/cargo-tuneup/src/main.rs", "fn main() { no }\n");
    world.commit("Break it");
    world
}

#[test]
fn a_release_without_an_author_goes_on_when_there_is_one() {
    let world = that_does_not_build();
    let release = |arguments: &[&str]| {
        let mut release = world.command_in(&world.checkout(), arguments);
        release
            .env("GIT_CONFIG_COUNT", "3")
            .env("GIT_CONFIG_KEY_0", "user.useConfigOnly")
            .env("GIT_CONFIG_VALUE_0", "true")
            // Signed, the same release would be another commit each time.
            .env("GIT_CONFIG_KEY_1", "commit.gpgSign")
            .env("GIT_CONFIG_VALUE_1", "true")
            .env("GIT_CONFIG_KEY_2", "gpg.program")
            .env("GIT_CONFIG_VALUE_2", "false");
        Refusal::of(&release.output().unwrap())
    };
    for key in ["user.name", "user.email"] {
        world.git(&["config", "--unset", key]);
    }
    release(&[]).is_at("scratch", &["git config", "user.email"]);
    // Somebody of before is not the author of what is made now.
    world.sign_commits_in(&world.place().join("checkout"));
    release(&[]).is_at("scratch", &["user.email"]);

    world.sign_commits_in(&world.checkout());
    release(&["--resume"]).is_at("program", &[]);
}

#[test]
fn what_was_built_of_another_version_does_not_pile_up() {
    let world = that_does_not_build();
    world.refused(&[]).is_at("program", &[]);
    let built = world.place().join("checkout/target/built");
    fs::create_dir_all(built.parent().unwrap()).unwrap();
    fs::write(&built, "").unwrap();
    world.refused(&[]).is_at("program", &[]);
    assert!(built.exists());

    let mut major = world.command(env!("CARGO_BIN_EXE_xtask"), &world.checkout());
    major.args(["release", "major", "--json"]);
    world.refused_by(&mut major).is_at("program", &[]);
    assert!(!built.exists());
}

#[test]
fn a_clone_that_was_killed_as_it_began_is_made_again() {
    let world = that_does_not_build();
    // Without a head it is no repository, and the one around it is the checkout.
    fs::create_dir_all(world.place().join("checkout/.git")).unwrap();
    world.refused(&[]).is_at("program", &[]);
}

#[test]
fn hooks_of_who_commits_elsewhere_do_not_meddle_with_the_clone() {
    let world = that_does_not_build();
    let hooks = world.folder.path().join("hooks");
    fs::create_dir(&hooks).unwrap();
    for name in ["prepare-commit-msg", "post-commit"] {
        let hook = hooks.join(name);
        fs::write(&hook, "#!/bin/sh\necho meddled >> ${1:-meddled}\n").unwrap();
        fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let settings = world.folder.path().join("gitconfig");
    let text = format!("[core]\n\thooksPath = {}\n", hooks.display());
    fs::write(&settings, text).unwrap();
    let clone = world.place().join("checkout");
    // Of a clone that is new, and of one that was there.
    for _ in 0..2 {
        let mut release = world.command_in(&world.checkout(), &[]);
        release.env("GIT_CONFIG_GLOBAL", &settings);
        world.refused_by(&mut release).is_at("program", &[]);
        let message = world.git_in(&clone, &["log", "-1", "--format=%B"]);
        assert_eq!(message.trim(), "Release 0.2.0");
        world.git_in(&clone, &["config", "--unset-all", "core.hooksPath"]);
    }
}

#[test]
fn ends_of_lines_are_those_of_the_commit() {
    let world = that_does_not_build();
    let settings = world.folder.path().join("gitconfig");
    fs::write(&settings, "[core]\n\tautocrlf = true\n").unwrap();
    let mut release = world.command_in(&world.checkout(), &[]);
    release.env("GIT_CONFIG_GLOBAL", &settings);
    world.refused_by(&mut release).is_at("program", &[]);
    let source = world.place().join("checkout/crates/base/src/lib.rs");
    assert!(!fs::read_to_string(source).unwrap().contains('\r'));
}

#[test]
fn two_releases_do_not_go_on_in_one_folder() {
    let world = World::new();
    fs::create_dir_all(world.place()).unwrap();
    let lock = File::create(world.place().join("lock")).unwrap();
    lock.try_lock().unwrap();
    world
        .refused(&[])
        .is_in_no_step(&["another release is going on"]);
}

#[test]
fn neither_a_hook_nor_another_target_leads_a_release_astray() {
    let world = World::new();
    let target = succeed(world.command("rustc", &world.checkout()).arg("-vV"));
    let target = target.lines().find_map(|line| line.strip_prefix("host: "));
    let mut release = world.command_in(&world.checkout(), &HASTY[..4]);
    release
        .env("GIT_DIR", world.origin())
        .env("CARGO_BUILD_TARGET", target.unwrap());
    let before = world.traces();
    made(&release.output().unwrap());
    assert_eq!(world.traces(), before);
    let built = world.place().join("target/release/cargo-tuneup");
    assert!(!built.exists(), "it was not built for a target");
}
