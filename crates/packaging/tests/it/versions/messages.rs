//! What the messages of commits mean for the next version.

use tuneup_packaging::{Changelog, Impact};

use crate::toy::{Toy, manifest};

#[test]
fn auto_needs_messages_that_say_something() {
    let toy = Toy::single("0.1.0");
    toy.git(&["tag", "v0.1.0"]);
    for number in 0..7 {
        toy.change(&["src/lib.rs"], &format!("Do thing {number}"));
    }
    // A word and a colon are no convention.
    toy.change(&["src/lib.rs"], "parser: read less");
    toy.change(&["README.md"], "docs: say how");
    let error = toy.refusal("auto");
    assert!(
        error.contains("\"parser: read less\", \"Do thing 6\""),
        "{error}"
    );
    assert!(
        error.contains("and 3 more; give patch, minor, major or a version"),
        "{error}"
    );
    assert_eq!(toy.next("minor"), ["toy 0.2.0 v0.2.0"]);
    toy.change(&["src/lib.rs"], "feat: one that says it");
    assert_eq!(toy.next("auto"), ["toy 0.1.1 v0.1.1"]);
    let plan = toy.plan();
    let member = plan.member("toy").unwrap();
    assert_eq!((member.commits.len(), member.unclear.len()), (10, 8));
}

#[test]
fn documentation_and_tests_need_no_convention() {
    let toy = Toy::single("0.1.0");
    toy.git(&["tag", "v0.1.0"]);
    toy.change(
        &["README.md", "tests/it.rs", "benches/speed.rs"],
        "Say more, test more",
    );
    assert_eq!(toy.next("auto"), ["toy 0.1.1 v0.1.1"]);
}

#[test]
fn what_was_taken_back_does_not_count() {
    let toy = Toy::single("1.0.0");
    toy.git(&["tag", "v1.0.0"]);
    let feature = toy.change(&["src/lib.rs"], "feat!: break it");
    toy.change(&["src/other.rs"], "fix: something else");
    assert_eq!(toy.next("auto"), ["toy 2.0.0 v2.0.0"]);
    toy.git(&["revert", "--no-edit", &feature]);
    assert_eq!(toy.next("auto"), ["toy 1.0.1 v1.0.1"]);
    // And back again.
    toy.git(&["revert", "--no-edit", "HEAD"]);
    assert_eq!(toy.next("auto"), ["toy 2.0.0 v2.0.0"]);
    let plan = toy.plan();
    assert_eq!(plan.member("toy").unwrap().commits.len(), 2);
    // Of what was released, taking back is a change.
    toy.git(&["tag", "v2.0.0"]);
    toy.write("Cargo.toml", manifest("toy", "2.0.0", ""));
    toy.git(&["revert", "--no-edit", &feature]);
    toy.commit("chore: version");
    assert_eq!(toy.next("patch"), ["toy 2.0.1 v2.0.1"]);
    let plan = toy.plan();
    assert!(
        plan.changes
            .iter()
            .any(|change| change.kind.as_deref() == Some("revert"))
    );
}

#[test]
fn a_merge_says_nothing_of_itself() {
    let toy = Toy::single("0.1.0");
    toy.git(&["tag", "v0.1.0"]);
    toy.git(&["checkout", "--quiet", "-b", "side"]);
    toy.change(&["src/side.rs"], "feat: side");
    toy.git(&["checkout", "--quiet", "main"]);
    toy.change(&["src/lib.rs"], "fix: main");
    toy.git(&[
        "merge",
        "--quiet",
        "--no-ff",
        "-m",
        "Merge branch 'side'",
        "side",
    ]);
    let plan = toy.plan();
    let member = plan.member("toy").unwrap();
    assert_eq!((member.commits.len(), member.unclear.len()), (2, 0));
    assert_eq!(member.impact, Some(Impact::Feature));
}

#[test]
fn a_merge_that_was_taken_back_is_so_with_all_that_it_brought() {
    let toy = Toy::single("0.1.0");
    toy.git(&["tag", "v0.1.0"]);
    toy.git(&["checkout", "-q", "-b", "side"]);
    toy.change(&["src/more.rs"], "feat!: break it");
    toy.change(&["src/more.rs"], "feat: add to it");
    toy.git(&["checkout", "-q", "main"]);
    toy.change(&["src/lib.rs"], "fix: mend it");
    toy.git(&["merge", "-q", "--no-ff", "-m", "Merge side", "side"]);
    assert_eq!(toy.next("auto"), ["toy 0.2.0 v0.2.0"]);
    toy.git(&["revert", "--no-edit", "-m", "1", "HEAD"]);
    assert_eq!(toy.next("auto"), ["toy 0.1.1 v0.1.1"]);
    let plan = toy.plan();
    let mut changelog = Changelog::open(&toy.path().join("CHANGELOG.md")).unwrap();
    changelog.add_changes(&plan.changes);
    assert_eq!(changelog.unreleased(), "### Fixed\n\n- mend it");
    // And all of it once more.
    toy.git(&["revert", "--no-edit", "HEAD"]);
    assert_eq!(toy.next("auto"), ["toy 0.2.0 v0.2.0"]);
    // A message that somebody has made up means nothing.
    let made_up = "This reverts commit 1234567, reversing changes made to 7654321.";
    toy.change(&["src/lib.rs"], &format!("Revert \"x\"\n\n{made_up}"));
    assert_eq!(toy.next("auto"), ["toy 0.2.0 v0.2.0"]);
}
