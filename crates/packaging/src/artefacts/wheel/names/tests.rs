use proptest::prelude::*;

use super::*;

#[test]
fn versions_are_written_as_python_does() {
    for (version, expected) in [
        ("1.2.3", Some("1.2.3")),
        ("1.2.3-alpha", Some("1.2.3a0")),
        ("1.2.3-beta.2", Some("1.2.3b2")),
        ("1.2.3-rc10", Some("1.2.3rc10")),
        ("1.2.3-dev.4", Some("1.2.3.dev4")),
        ("1.2.3+g12-ab", Some("1.2.3+g12.ab")),
        ("1.2.3+a--B", Some("1.2.3+a.b")),
        ("1.2.3+-a-", Some("1.2.3+a")),
        ("1.2.3+--", Some("1.2.3")),
        ("1.2.3+20260501.007.0a.00", Some("1.2.3+20260501.7.0a.0")),
        ("1.2.3-nightly.1", None),
        ("1.2.3-rc.1.2", None),
        ("1.2.3-rc.", None),
        ("1.2.3-1", None),
    ] {
        let Ok(version) = version.parse::<Version>() else {
            continue;
        };
        assert_eq!(
            python_version(&version).ok().as_deref(),
            expected,
            "{version}"
        );
    }
}

proptest! {
    #[test]
    fn every_name_that_is_fine_has_a_tag(name in "[A-Za-z0-9][A-Za-z0-9._-]{0,10}[A-Za-z0-9]") {
        prop_assert!(distribution_name(&name).is_ok());
        prop_assert!(is_tag(&normalized(&name, "_")));
    }
}
