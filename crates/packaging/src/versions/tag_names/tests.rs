use proptest::prelude::*;

use super::*;

#[test]
fn what_git_would_not_take_is_refused() {
    for text in [
        "",
        "v",
        "{version}{version}",
        "{name}",
        "v{versio}{version}",
        "a b{version}",
        "-{version}",
        "/{version}",
        "x..{version}",
        "{version}/",
        "x:{version}",
        "x@{{version}",
        "a//{version}",
        "{version}.",
    ] {
        let error = text.parse::<TagTemplate>().unwrap_err().to_string();
        assert!(
            error.contains("a good one is v{version}, or {name}-v{version}"),
            "{error}"
        );
    }
}

#[test]
fn the_latest_is_the_highest() {
    let tags: Vec<Tag> = ["v0.10.0", "v0.9.0", "v0.10.0-rc.1", "vx", "w0.11.0", "v1"]
        .map(|name| Tag {
            name: name.to_owned(),
            object: String::new(),
            target: String::new(),
            is_annotated: false,
        })
        .to_vec();
    let template: TagTemplate = "v{version}".parse().unwrap();
    assert_eq!(template.latest("toy", &tags).unwrap().1.name, "v0.10.0");
    let template: TagTemplate = "{name}-{version}".parse().unwrap();
    assert_eq!(template.latest("toy", &tags), None);
}

#[test]
fn all_known_forms_are_forms() {
    for template in known(true) {
        assert_eq!(
            template.to_string().parse::<TagTemplate>().unwrap(),
            template
        );
    }
}

proptest! {
    #[test]
    fn a_name_is_read_as_it_was_made(form in 0..9_usize, package in "[a-z][a-z0-9_-]{0,8}", numbers in any::<(u8, u8, u8)>(), pre in "(-rc\\.[1-9])?") {
        let version: Version = format!("{}.{}.{}{pre}", numbers.0, numbers.1, numbers.2).parse().unwrap();
        let template = &known(true)[form];
        let name = template.name_of(&package, &version);
        prop_assert_eq!(template.version_of(&package, &name), Some(version));
    }
}
