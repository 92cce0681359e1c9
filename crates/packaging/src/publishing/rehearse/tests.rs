use super::*;
use crate::Member;

fn member(name: &str, is_published: bool, needs: &[(&str, bool, &str)]) -> Member {
    Member {
        is_published,
        ..crate::workspace::tests::member(name, needs)
    }
}

fn outcome(members: Vec<Member>) -> RehearsalOutcome {
    order(&Workspace {
        root: PathBuf::new(),
        target: PathBuf::new(),
        members,
    })
}

#[test]
fn what_is_needed_for_tests_by_path_alone_may_be_private() {
    let members = vec![
        member("app", true, &[("private", true, "*")]),
        member("private", false, &[]),
    ];
    assert_eq!(outcome(members), RehearsalOutcome::Passed);
}

#[test]
fn whoever_needs_a_private_member_is_named() {
    for needs in [
        ("private", false, "*"),
        ("private", false, "^0.1"),
        ("private", true, "^0.1"),
    ] {
        let members = vec![member("app", true, &[needs]), member("private", false, &[])];
        let RehearsalOutcome::Failed { reason } = outcome(members) else {
            panic!("{needs:?}")
        };
        assert!(
            reason.starts_with("`app` needs `private`, which is not published;"),
            "{reason}"
        );
    }
}
