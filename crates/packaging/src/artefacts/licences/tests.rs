use super::*;

#[test]
fn one_text_of_many_stands_there_once() {
    let mut collected = Vec::new();
    texts::collect(&mut collected, "Do as\r\nyou like.\n", "a 1.0.0");
    texts::collect(&mut collected, "Don't.", "b 1.0.0");
    texts::collect(&mut collected, "  Do as you like.", "c 1.0.0");
    texts::collect(&mut collected, "do as you like.", "c 1.0.0");
    assert_eq!(collected.len(), 2);
    assert_eq!(collected[0].text, "Do as\nyou like.\n");
    assert_eq!(collected[0].packages, ["a 1.0.0", "c 1.0.0"]);
}

#[test]
fn a_notice_is_no_licence() {
    for (name, expected) in [
        ("LICENSE", true),
        ("LICENSES/MIT.txt", true),
        ("docs/terms.txt", true),
        ("NOTICE", false),
        ("Copyright.txt", false),
    ] {
        assert_eq!(texts::is_licence(name), expected, "{name}");
    }
}

#[test]
fn lines_of_names_are_not_too_long() {
    let names: Vec<String> = (0..30)
        .map(|number| format!("package{number} 1.0.{number}"))
        .collect();
    let text = wrapped(&names);
    assert!(text.lines().all(|line| line.len() <= 80), "{text}");
    assert_eq!(
        text.replace('\n', " ").split(", ").collect::<Vec<_>>(),
        names
    );
    assert_eq!(wrapped(&[]), "");
}

#[test]
fn a_policy_that_is_none_is_refused() {
    let error = LicencePolicy::new(["MIT", "Mine"])
        .compile()
        .err()
        .unwrap()
        .to_string();
    assert!(
        error.contains("the licence `Mine` of the policy"),
        "{error}"
    );
    let policy = LicencePolicy::new(["MIT"]).except("a", "GPL-3.0-only", " ");
    let error = policy.compile().err().unwrap().to_string();
    assert!(
        error.contains("the exception for `a`: give it a reason"),
        "{error}"
    );
}
