use super::*;

/// A member and what it needs: each package, whether for development alone, and the version that is asked for.
pub(crate) fn member(name: &str, siblings: &[(&str, bool, &str)]) -> Member {
    let siblings = siblings
        .iter()
        .map(|(package, is_development, requirement)| Sibling {
            package: (*package).to_owned(),
            alias: (*package).to_owned(),
            is_development: *is_development,
            requirement: requirement.parse().unwrap(),
        });
    Member {
        name: name.to_owned(),
        version: Version::new(0, 1, 0),
        manifest: PathBuf::from(name).join("Cargo.toml"),
        is_published: true,
        siblings: siblings.collect(),
        programs: Vec::new(),
        readme: None,
    }
}

fn workspace(members: Vec<Member>) -> Workspace {
    Workspace {
        root: PathBuf::new(),
        target: PathBuf::new(),
        members,
    }
}

fn order(workspace: &Workspace) -> Vec<&str> {
    let order = workspace.publish_order().unwrap();
    order.iter().map(|member| &member.name[..]).collect()
}

#[test]
fn what_is_needed_comes_first() {
    let diamond = workspace(vec![
        member("app", &[("left", false, "^0.1"), ("right", false, "^0.1")]),
        member("base", &[]),
        member("left", &[("base", false, "^0.1")]),
        member("right", &[("base", false, "^0.1")]),
    ]);
    assert_eq!(order(&diamond), ["base", "left", "right", "app"]);
}

#[test]
fn a_private_member_is_not_published() {
    let mut private = member("xtask", &[("base", false, "*")]);
    private.is_published = false;
    let workspace = workspace(vec![member("base", &[]), private]);
    assert_eq!(order(&workspace), ["base"]);
}

#[test]
fn a_dev_dependency_by_path_alone_makes_no_circle() {
    let back = |requirement| {
        workspace(vec![
            member("base", &[("facade", true, requirement)]),
            member("facade", &[("base", false, "^0.1")]),
        ])
    };
    assert_eq!(order(&back("*")), ["base", "facade"]);
    let error = back("^0.1").publish_order().unwrap_err().to_string();
    assert!(error.contains("base needs facade needs base"), "{error}");
}

#[test]
fn a_circle_is_named_without_what_only_waits_for_it() {
    let workspace = workspace(vec![
        member("a", &[("b", false, "^0.1")]),
        member("b", &[("c", false, "^0.1")]),
        member("c", &[("b", false, "^0.1")]),
    ]);
    let error = workspace.publish_order().unwrap_err().to_string();
    assert!(error.contains(": b needs c needs b;"), "{error}");
}

#[test]
fn who_is_out_of_step_is_named() {
    let with = |change: fn(&mut Vec<Member>)| {
        let mut members = vec![
            member("app", &[("left", false, "^0.1"), ("right", true, "*")]),
            member("left", &[("right", false, "=0.1.0")]),
            member("right", &[]),
        ];
        change(&mut members);
        let checked = workspace(members).require_lock_step();
        checked.map_err(|error| error.to_string())
    };
    assert_eq!(with(|_| {}), Ok(()));
    assert_eq!(with(Vec::clear), Ok(()));
    let said = with(|members| members[1].version = Version::new(0, 1, 1)).unwrap_err();
    assert!(
        said.contains("out of step: left has 0.1.1, otherwise it is 0.1.0;"),
        "{said}"
    );
    let said = with(|members| {
        members[0].siblings[0].requirement = VersionReq::parse("0.0.9").unwrap();
    });
    assert!(said.unwrap_err().contains("app asks for left ^0.0.9"));
}

#[test]
fn a_requirement_asks_for_a_version_in_full_or_shortened() {
    let version = Version::new(0, 1, 0);
    let asks = |requirement: &str| asks_for(&requirement.parse().unwrap(), &version);
    for requirement in ["0.1.0", "0.1", "0", "=0.1.0", "~0.1"] {
        assert!(asks(requirement), "{requirement}");
    }
    for requirement in [
        "0.0.9",
        "0.1.1",
        "1",
        ">=0.1",
        "0.1.0, <0.1.5",
        "0.1.0-rc.1",
        "*",
    ] {
        assert!(!asks(requirement), "{requirement}");
    }
}

#[test]
fn of_two_versions_the_one_that_is_asked_for_is_the_usual_one() {
    let mut base = member("base", &[]);
    base.version = Version::new(0, 2, 0);
    let pair = workspace(vec![member("app", &[("base", false, "^0.1")]), base]);
    let said = pair.require_lock_step().unwrap_err().to_string();
    assert!(
        said.contains("out of step: base has 0.2.0, otherwise it is 0.1.0;"),
        "{said}"
    );
}
