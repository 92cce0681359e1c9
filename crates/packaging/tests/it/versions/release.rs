//! A release from the plan to the pushed tag, and the next one.

use tuneup_packaging::{Changelog, Error, Raise, System, TagSignature, create_tag, push_tags};

use crate::toy::{Toy, run};

/// What an xtask does, and the tag that it makes.
fn release(toy: &Toy, raise: &str) -> String {
    let plan = toy.plan();
    let next = plan.next(&raise.parse::<Raise>().unwrap()).unwrap();
    let tag = next[0].tag.clone().unwrap();
    let mut bump = toy.bump(raise);
    let mut changelog = Changelog::open(&toy.path().join("CHANGELOG.md")).unwrap();
    changelog.add_changes(&plan.changes);
    changelog.release(&next[0].to, "2026-05-01", &tag).unwrap();
    let notes = changelog.notes(&next[0].to).unwrap();
    bump.edits.push(changelog.edit());
    bump.apply(&System).unwrap();
    toy.commit(&format!("chore: release {}", next[0].to));
    create_tag(&toy.repository(), &tag, &notes, TagSignature::Unsigned).unwrap();
    tag
}

#[test]
fn one_release_follows_the_other() {
    let toy = Toy::lock_step();
    let server = tempfile::tempdir().unwrap();
    run(
        server.path(),
        "git",
        &["init", "--quiet", "--bare", "--initial-branch=main"],
    );
    toy.git(&["remote", "add", "origin", server.path().to_str().unwrap()]);
    assert_eq!(release(&toy, "auto"), "v0.1.0");
    let error = toy.plan().next(&Raise::Auto).unwrap_err();
    assert!(
        matches!(
            error,
            Error::NothingChanged {
                is_any_commit: false,
                ..
            }
        ),
        "{error}"
    );
    toy.change(
        &["crates/base/src/lib.rs"],
        "feat(base): parse `Vec<T>` and Vec<U>",
    );
    let undone = toy.change(&["crates/left/src/lib.rs"], "feat!: a mistake");
    toy.git(&["revert", "--no-edit", &undone]);
    toy.change(
        &["crates/right/src/lib.rs"],
        "fix: it\n\nBREAKING CHANGE: the old way is gone",
    );
    assert_eq!(release(&toy, "auto"), "v0.2.0");
    push_tags(
        &toy.repository(),
        "origin",
        &["v0.1.0", "v0.2.0"],
        Some("main"),
    )
    .unwrap();
    let log = toy.read("CHANGELOG.md");
    let (_, sections) = log.split_once("## [Unreleased]\n").unwrap();
    assert_eq!(
        sections,
        "\n## [0.2.0] - 2026-05-01\n\n### Added\n\n- base: parse `Vec<T>` and Vec\\<U>\n\n### Fixed\n\n- **Breaking:** it (the old way is gone)\n\n\
         ## [0.1.0] - 2026-05-01\n\n### Added\n\n- begin\n"
    );
    let message = run(
        server.path(),
        "git",
        &["tag", "-l", "--format=%(contents)", "v0.2.0"],
    );
    assert!(
        message.starts_with("v0.2.0\n\n### Added\n\n- base: parse"),
        "{message}"
    );
    toy.repository().require_clean().unwrap();
    toy.cargo(&["update", "--workspace", "--locked", "--offline"]);
}
