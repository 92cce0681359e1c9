use proptest::prelude::*;

use super::*;

fn version(text: &str) -> Version {
    text.parse().unwrap()
}

fn next(text: &str, level: Level) -> String {
    level.next(&version(text)).unwrap().to_string()
}

#[test]
fn levels_are_parts_of_the_version() {
    for (from, patch, minor, major) in [
        ("1.2.3", "1.2.4", "1.3.0", "2.0.0"),
        ("0.2.3", "0.2.4", "0.3.0", "1.0.0"),
        ("0.0.3", "0.0.4", "0.1.0", "1.0.0"),
        ("1.0.0-rc.1", "1.0.0", "1.0.0", "1.0.0"),
        ("1.2.0-rc.1", "1.2.0", "1.2.0", "2.0.0"),
        ("1.2.3-rc.1", "1.2.3", "1.3.0", "2.0.0"),
        (
            "1.2.3+spec-1.1",
            "1.2.4+spec-1.1",
            "1.3.0+spec-1.1",
            "2.0.0+spec-1.1",
        ),
    ] {
        assert_eq!(next(from, Level::Patch), patch, "patch of {from}");
        assert_eq!(next(from, Level::Minor), minor, "minor of {from}");
        assert_eq!(next(from, Level::Major), major, "major of {from}");
    }
}

#[test]
fn a_prerelease_goes_on_to_the_next() {
    for (from, to) in [
        ("rc.1", "rc.2"),
        ("rc.9", "rc.10"),
        ("rc1", "rc2"),
        ("rc9", "rc9.1"),
        ("rc09", "rc10"),
        ("alpha", "alpha.1"),
        ("0", "1"),
        ("18446744073709551615", "18446744073709551615.1"),
        ("x-99999999999999999999999", "x-99999999999999999999999.1"),
    ] {
        let from = format!("1.0.0-{from}");
        assert_eq!(next(&from, Level::Prerelease), format!("1.0.0-{to}"));
    }
    let error = Level::Prerelease.next(&version("1.2.3")).unwrap_err();
    assert!(matches!(error, Error::NotAPrerelease { .. }), "{error}");
}

#[test]
fn what_cannot_go_up_is_an_error() {
    let largest = Version::new(u64::MAX, u64::MAX, u64::MAX);
    for level in [Level::Patch, Level::Minor, Level::Major] {
        let error = level.next(&largest).unwrap_err();
        assert!(matches!(error, Error::VersionTooLarge { .. }), "{error}");
    }
}

#[test]
fn what_is_asked_for_is_read() {
    for (text, raise) in [
        ("auto", Raise::Auto),
        ("prerelease", Raise::Level(Level::Prerelease)),
        ("patch", Raise::Level(Level::Patch)),
        ("major", Raise::Level(Level::Major)),
        ("0.2.0", Raise::To(version("0.2.0"))),
    ] {
        assert_eq!(text.parse::<Raise>().unwrap(), raise);
    }
    for text in ["", "Minor", "1.2", "v1.2.3"] {
        let error = text.parse::<Raise>().unwrap_err().to_string();
        assert!(error.contains("patch, minor, major"), "{error}");
    }
}

fn numbers() -> impl Strategy<Value = Version> {
    let number = || prop_oneof![Just(0_u64), 0..3_u64, 0..1_000_000_u64];
    (number(), number(), number())
        .prop_map(|(major, minor, patch)| Version::new(major, minor, patch))
}

fn any_version() -> impl Strategy<Value = Version> {
    let pre = prop_oneof![
        Just(String::new()),
        "-(alpha|beta|rc)",
        "-(alpha|beta|rc)\\.(0|[1-9][0-9]{0,3})",
        "-[a-z]{1,3}[0-9]{1,3}",
        "-(0|[1-9][0-9]{0,20})"
    ];
    let build = prop_oneof![Just(String::new()), "\\+[a-z0-9-]{1,6}(\\.[a-z0-9]{1,3})?"];
    (numbers(), pre, build)
        .prop_map(|(numbers, pre, build)| version(&format!("{numbers}{pre}{build}")))
}

fn level() -> impl Strategy<Value = Level> {
    prop_oneof![
        Just(Level::Prerelease),
        Just(Level::Patch),
        Just(Level::Minor),
        Just(Level::Major)
    ]
}

fn impact() -> impl Strategy<Value = Impact> {
    prop_oneof![
        Just(Impact::Fix),
        Just(Impact::Feature),
        Just(Impact::Breaking)
    ]
}

proptest! {
    #[test]
    fn the_next_version_comes_after(version in any_version(), level in level()) {
        match level.next(&version) {
            Ok(next) => {
                prop_assert!(comes_after(&next, &version), "{version} to {next}");
                prop_assert!(!comes_after(&version, &next));
                prop_assert_eq!(next.build, version.build);
            }
            Err(_) => prop_assert!(level == Level::Prerelease && version.pre.is_empty()),
        }
    }

    #[test]
    fn a_larger_level_is_never_before_a_smaller_one(version in any_version(), one in level(), other in level()) {
        let (smaller, larger) = (one.min(other), one.max(other));
        if let (Ok(smaller), Ok(larger)) = (smaller.next(&version), larger.next(&version)) {
            prop_assert!(!comes_after(&smaller, &larger));
        }
    }

    #[test]
    fn cargo_gives_what_is_compatible_and_nothing_that_breaks(version in numbers(), impact in impact()) {
        let next = Level::of(&version, impact).next(&version).unwrap();
        // What Cargo itself would read in a manifest.
        let asked: VersionReq = version.to_string().parse().unwrap();
        let promises_nothing = version.major == 0 && version.minor == 0;
        prop_assert_eq!(asked.matches(&next), impact < Impact::Breaking && !promises_nothing);
        prop_assert_eq!(is_compatible(&version, &next), asked.matches(&next));
    }

    #[test]
    fn a_prerelease_that_goes_on_stays_one_of_the_same_release(version in any_version(), impact in impact()) {
        if !version.pre.is_empty() {
            let next = Level::of(&version, impact).next(&version).unwrap();
            prop_assert!(!next.pre.is_empty());
            prop_assert_eq!((next.major, next.minor, next.patch), (version.major, version.minor, version.patch));
        }
    }
}
