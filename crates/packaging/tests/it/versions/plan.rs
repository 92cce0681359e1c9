//! Plans of toy workspaces.

use tuneup_packaging::{
    Error, Impact, PlanOptions, Raise, Reason, ReleasePlan, Scheme, System, Workspace,
};

use crate::toy::{Toy, manifest, told};

#[test]
fn in_lock_step_all_are_released_in_the_order_of_publishing() {
    let toy = Toy::lock_step();
    assert_eq!(
        toy.next("auto"),
        [
            "base 0.1.0 v0.1.0",
            "left 0.1.0 v0.1.0",
            "right 0.1.0 v0.1.0",
            "app 0.1.0 v0.1.0"
        ]
    );
    toy.git(&["tag", "v0.1.0"]);
    toy.change(&["crates/left/src/lib.rs"], "feat(left): more");
    let plan = toy.plan();
    assert_eq!(plan.scheme, Scheme::LockStep);
    let next = plan.next(&Raise::Auto).unwrap();
    assert!(
        next.iter()
            .all(|next| next.tag.as_deref() == Some("v0.1.1"))
    );
    assert_eq!(next[0].reasons, [Reason::InStep]);
    let commits = Reason::Commits {
        count: 1,
        impact: Some(Impact::Feature),
    };
    assert_eq!(
        (&next[1].package[..], &next[1].reasons[..]),
        ("left", &[commits][..])
    );
    assert_eq!(toy.next("minor")[3], "app 0.2.0 v0.2.0");
    assert_eq!(toy.next("1.0.0-rc.1")[0], "base 1.0.0-rc.1 v1.0.0-rc.1");
    toy.change(&["crates/base/src/lib.rs"], "fix!: less");
    assert_eq!(toy.next("auto")[0], "base 0.2.0 v0.2.0");
}

#[test]
fn what_is_private_or_of_no_member_is_no_reason() {
    let toy = Toy::lock_step();
    toy.git(&["tag", "v0.1.0"]);
    let error = toy.refusal("auto");
    assert!(error.contains("no commits since `v0.1.0`"), "{error}");
    assert!(toy.refusal("patch").contains("no commits since `v0.1.0`"));
    toy.change(
        &["xtask/src/main.rs", ".github/ci.yml"],
        "feat: an own tool",
    );
    let error = toy.refusal("auto");
    assert!(
        error.contains("changes a package that is published"),
        "{error}"
    );
    // Who asks for a level knows why.
    assert_eq!(toy.next("patch")[0], "base 0.1.1 v0.1.1");
    toy.change(&["Cargo.lock"], "chore: other versions");
    assert_eq!(
        toy.next("auto").len(),
        4,
        "the program is published with the lock file"
    );
}

#[test]
fn each_on_its_own_takes_those_along_that_need_it() {
    let toy = Toy::independent();
    for tag in ["base-v0.1.0", "left-v0.2.0", "right-v1.3.0", "app-v2.0.0"] {
        toy.git(&["tag", tag]);
    }
    toy.change(&["right/src/lib.rs"], "feat: more");
    assert_eq!(toy.plan().scheme, Scheme::Independent);
    let next = toy.plan().next(&Raise::Auto).unwrap();
    let names: Vec<String> = next.iter().map(told).collect();
    assert_eq!(names, ["right 1.4.0 right-v1.4.0", "app 2.0.1 app-v2.0.1"]);
    let sibling = Reason::Sibling {
        package: "right".to_owned(),
    };
    assert_eq!(next[1].reasons, [sibling]);
    assert_eq!(next[0].reasons[0].to_string(), "1 commit, with a feature");
    toy.change(&["base/src/lib.rs"], "refactor!: other names");
    assert_eq!(
        toy.next("auto"),
        [
            "base 0.2.0 base-v0.2.0",
            "left 0.2.1 left-v0.2.1",
            "right 1.4.0 right-v1.4.0",
            "app 2.0.1 app-v2.0.1"
        ]
    );
    let plan = toy.plan();
    let of_right: Vec<_> = plan
        .changes_of("right")
        .map(|one| &one.description)
        .collect();
    assert_eq!(of_right, ["more"]);
    // A level is for what has changed, not for what merely follows.
    assert_eq!(toy.next("major")[3], "app 2.0.1 app-v2.0.1");
    assert_eq!(toy.next("major")[2], "right 2.0.0 right-v2.0.0");
    let error = toy.refusal("3.0.0");
    assert!(
        error.contains("base, right have versions of their own"),
        "{error}"
    );
}

#[test]
fn some_may_share_a_version_where_others_have_their_own() {
    let toy = Toy::independent();
    toy.write(
        "Cargo.toml",
        "[workspace]\nresolver = \"2\"\nmembers = [\"base\", \"left\", \"right\", \"app\"]\n\n[workspace.package]\nversion = \"0.7.0\"\n",
    );
    for name in ["left", "right"] {
        let text = toy.read(&format!("{name}/Cargo.toml"));
        let text = text.replace("version = \"0.2.0\"\ne", "version.workspace = true\ne");
        toy.write(
            &format!("{name}/Cargo.toml"),
            text.replace(
                "version = \"1.3.0\"\ne",
                "version = { workspace = true }\ne",
            ),
        );
    }
    let app = toy
        .read("app/Cargo.toml")
        .replace("\"0.2.0\"", "\"0.7\"")
        .replace("\"1\"", "\"0.7\"");
    toy.write("app/Cargo.toml", &app);
    toy.lock();
    toy.commit("chore: share");
    for tag in ["base-v0.1.0", "left-v0.7.0", "right-v0.7.0", "app-v2.0.0"] {
        toy.git(&["tag", tag]);
    }
    toy.change(&["left/src/lib.rs"], "fix: one of two");
    let plan = toy.plan();
    assert_eq!(plan.trains.len(), 3);
    assert_eq!(
        toy.next("auto"),
        [
            "left 0.7.1 left-v0.7.1",
            "right 0.7.1 right-v0.7.1",
            "app 2.0.1 app-v2.0.1"
        ]
    );
}

#[test]
fn tags_are_named_as_they_were() {
    for (tags, expected) in [
        (
            ["base-0.1.0", "left-0.2.0", "right-1.3.0"],
            ["base-0.1.1", "app-2.0.0"],
        ),
        (
            ["base@0.1.0", "left@0.2.0", "right@1.3.0"],
            ["base@0.1.1", "app@2.0.0"],
        ),
        (
            ["base/v0.1.0", "left/v0.2.0", "right/v1.3.0"],
            ["base/v0.1.1", "app/v2.0.0"],
        ),
    ] {
        let toy = Toy::independent();
        for tag in tags {
            toy.git(&["tag", tag]);
        }
        // Of something else, or of another package whose name begins alike.
        toy.git(&["tag", "nightly"]);
        toy.git(&["tag", "base-extra-9.0.0"]);
        toy.change(&["base/src/lib.rs"], "fix: it");
        let next = toy.next("auto");
        assert!(next[0].ends_with(expected[0]), "{next:?}");
        // One that was never released goes by what the others do.
        assert!(next[3].ends_with(expected[1]), "{next:?}");
    }
    let toy = Toy::single("0.1.0");
    toy.git(&["tag", "0.1.0"]);
    toy.change(&["src/lib.rs"], "fix: it");
    assert_eq!(toy.next("auto"), ["toy 0.1.1 0.1.1"]);
    let options = PlanOptions::new().with_tags("release/{version}".parse().unwrap());
    let plan = ReleasePlan::load(&toy.workspace(), &options, &System).unwrap();
    assert_eq!(
        told(&plan.next(&Raise::Auto).unwrap()[0]),
        "toy 0.1.0 release/0.1.0"
    );
}

#[test]
fn only_tags_that_the_head_follows_from_count() {
    let toy = Toy::single("1.0.0");
    toy.git(&["tag", "v1.0.0"]);
    toy.git(&["tag", "v0.9.0"]);
    toy.git(&["checkout", "--quiet", "-b", "future"]);
    toy.commit("feat: later");
    toy.git(&["tag", "v2.0.0"]);
    toy.git(&["checkout", "--quiet", "main"]);
    toy.change(&["src/lib.rs"], "fix: it");
    let plan = toy.plan();
    assert_eq!(plan.trains[0].released.as_ref().unwrap().tag, "v1.0.0");
    assert_eq!(toy.next("auto"), ["toy 1.0.1 v1.0.1"]);
}

#[test]
fn a_version_that_was_raised_by_hand_is_kept_if_it_is_enough() {
    let toy = Toy::single("0.1.0");
    toy.git(&["tag", "v0.1.0"]);
    let raise = |version: &str, message: &str| {
        toy.write("Cargo.toml", manifest("toy", version, ""));
        toy.commit(message);
    };
    raise("0.2.0", "fix: a small thing");
    let next = toy.plan().next(&Raise::Auto).unwrap();
    assert_eq!(told(&next[0]), "toy 0.2.0 v0.2.0");
    assert_eq!(next[0].reasons[0], Reason::RaisedByHand);
    assert_eq!(toy.next("0.2.0"), ["toy 0.2.0 v0.2.0"]);
    assert_eq!(toy.next("minor"), ["toy 0.3.0 v0.3.0"]);
    raise("0.2.0-rc.1", "feat!: another thing");
    assert_eq!(toy.next("auto"), ["toy 0.2.0-rc.1 v0.2.0-rc.1"]);
    raise("0.1.1", "fix: a step back");
    assert_eq!(toy.next("auto"), ["toy 0.2.0 v0.2.0"]);
    raise("0.0.9", "fix: far back");
    for raise in ["auto", "patch", "3.0.0"] {
        let error = toy.refusal(raise);
        assert!(
            error.contains("toy has version 0.0.9, and the tag `v0.1.0`"),
            "{error}"
        );
    }
}

#[test]
fn a_candidate_goes_on_and_becomes_a_release() {
    let toy = Toy::single("1.0.0-rc.1");
    toy.git(&["tag", "v1.0.0-rc.1"]);
    assert!(toy.refusal("auto").contains("no commits since"));
    assert!(toy.refusal("prerelease").contains("no commits since"));
    assert_eq!(toy.next("major"), ["toy 1.0.0 v1.0.0"]);
    assert_eq!(toy.next("1.0.0"), ["toy 1.0.0 v1.0.0"]);
    toy.change(&["src/lib.rs"], "feat!: still time for it");
    assert_eq!(toy.next("auto"), ["toy 1.0.0-rc.2 v1.0.0-rc.2"]);
}

#[test]
fn a_member_at_the_root_does_not_own_the_others() {
    let toy = Toy::empty();
    toy.write(
        "Cargo.toml",
        format!(
            "{}\n[workspace]\nmembers = [\"inner\"]\n\n[dependencies]\ninner = {{ path = \"inner\", version = \"0.4\" }}\n",
            manifest("outer", "15.2.0", "")
        ),
    );
    toy.write("src/lib.rs", "");
    toy.write("inner/Cargo.toml", manifest("inner", "0.4.1", ""));
    toy.write("inner/src/lib.rs", "");
    toy.lock();
    toy.commit("feat: begin");
    toy.git(&["tag", "15.2.0"]);
    toy.git(&["tag", "inner-0.4.1"]);
    toy.change(&["src/lib.rs"], "feat: outside");
    assert_eq!(toy.next("auto"), ["outer 15.3.0 15.3.0"]);
    toy.change(&["inner/src/lib.rs"], "fix!: inside");
    assert_eq!(
        toy.next("auto"),
        ["inner 0.5.0 inner-0.5.0", "outer 15.3.0 15.3.0"]
    );
    toy.git(&["tag", "15.3.0"]);
    toy.write(
        "Cargo.toml",
        toy.read("Cargo.toml").replace("15.2.0", "15.3.0"),
    );
    toy.change(&["Cargo.toml"], "chore: a comment outside");
    let plan = toy.plan();
    assert_eq!(plan.member("inner").unwrap().commits.len(), 1);
}

#[test]
fn a_workspace_below_the_root_of_the_repository_is_found() {
    let toy = Toy::empty();
    toy.write("rust/Cargo.toml", manifest("toy", "0.1.0", ""));
    toy.write("rust/src/lib.rs", "");
    toy.commit("feat: begin");
    toy.git(&["tag", "v0.1.0"]);
    toy.change(&["python/setup.py"], "feat: for another language");
    let workspace = Workspace::load(&toy.path().join("rust"), &System).unwrap();
    let plan = || ReleasePlan::load(&workspace, &PlanOptions::new(), &System).unwrap();
    assert!(matches!(
        plan().next(&Raise::Auto),
        Err(Error::NothingChanged { .. })
    ));
    toy.change(&["rust/src/lib.rs"], "feat: for this one");
    assert_eq!(
        told(&plan().next(&Raise::Auto).unwrap()[0]),
        "toy 0.1.1 v0.1.1"
    );
}

#[test]
fn versions_out_of_step_are_named() {
    let toy = Toy::independent();
    let options = PlanOptions::new().with_scheme(Scheme::LockStep);
    let error = ReleasePlan::load(&toy.workspace(), &options, &System).unwrap_err();
    assert_eq!(
        error.to_string(),
        "versions are out of step: app 2.0.0, base 0.1.0, left 0.2.0, right 1.3.0; give all of them one version, or choose independent versions"
    );
}

#[test]
fn a_version_has_to_come_after_the_last_one() {
    let toy = Toy::single("0.2.0");
    toy.git(&["tag", "v0.2.0"]);
    toy.change(&["src/lib.rs"], "fix: it");
    for version in ["0.2.0", "0.1.9", "0.2.0-rc.1", "0.2.0+build"] {
        let error = toy.refusal(version);
        assert!(
            error.contains("does not come after 0.2.0, which toy has"),
            "{error}"
        );
    }
}

#[test]
fn a_shallow_clone_is_refused() {
    let toy = Toy::single("0.1.0");
    toy.change(&["src/lib.rs"], "fix: more");
    let (_folder, clone) = toy.shallow_clone();
    let workspace = Workspace::load(&clone, &System).unwrap();
    let error = ReleasePlan::load(&workspace, &PlanOptions::new(), &System).unwrap_err();
    assert!(matches!(error, Error::ShallowClone { .. }), "{error}");
}

#[test]
fn a_plan_is_data() {
    let toy = Toy::lock_step();
    assert_eq!(toy.plan().member("xtask").unwrap().commits, [] as [&str; 0]);
    let told = serde_json::to_value(toy.plan()).unwrap();
    assert_eq!(told["scheme"], "lock-step");
    assert_eq!(told["trains"][0]["tags"], "v{version}");
    assert_eq!(told["members"][0]["package"], "base");
    let next = serde_json::to_value(toy.plan().next(&Raise::Auto).unwrap()).unwrap();
    assert_eq!(next[0]["reasons"][0]["reason"], "first-release");
}
