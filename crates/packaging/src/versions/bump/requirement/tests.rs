use proptest::prelude::*;

use super::*;

fn rewritten(text: &str, from: &str, to: &str) -> Option<String> {
    match after(text, &from.parse().unwrap(), &to.parse().unwrap()) {
        Requirement::Becomes(other) => Some(other),
        Requirement::Stays => Some(text.to_owned()),
        Requirement::Refused(_) => None,
    }
}

#[test]
fn the_form_stays() {
    for (text, from, to, expected) in [
        ("1.51.0", "1.54.1", "1.54.2", "1.51.0"),
        ("1.51.0", "1.54.1", "2.0.0", "2.0.0"),
        ("~2.7.0", "2.7.2", "2.7.3", "~2.7.0"),
        ("~2.7.0", "2.7.2", "2.8.0", "~2.8.0"),
        ("0.1", "0.1.4", "0.1.5", "0.1"),
        ("0.1", "0.1.4", "0.2.0", "0.2"),
        ("0.1.0", "0.1.0", "0.1.1", "0.1.1"),
        ("1", "1.4.0", "1.9.0", "1"),
        ("1", "1.4.0", "2.0.0", "2"),
        ("^0.1.0", "0.1.0", "0.2.0", "^0.2.0"),
        ("~1.2", "1.2.9", "1.3.4", "~1.3"),
        ("=0.1.0", "0.1.0", "0.1.1", "=0.1.1"),
        ("= 0.1.0", "0.1.0", "0.1.1", "= 0.1.1"),
        ("0.1.*", "0.1.7", "0.2.3", "0.2.*"),
        ("1.*", "1.0.0", "2.0.0", "2.*"),
        ("1.x", "1.0.0", "2.0.0", "2.x"),
        ("*", "8.0.0", "9.0.0", "*"),
        (">=0.1", "0.1.0", "0.2.0", ">=0.1"),
        (">=0.1, <0.3", "0.2.8", "0.2.9", ">=0.1, <0.3"),
        ("0.1", "0.1.4", "0.2.0-rc.1", "0.2.0-rc.1"),
        ("0.2.0-rc.1", "0.2.0-rc.1", "0.2.0", "0.2.0"),
        ("~0.1", "0.1.0", "0.2.0-rc.1", "~0.2.0-rc.1"),
        ("1.0.0", "1.0.0", "1.0.1+spec-1.1", "1.0.1"),
    ] {
        assert_eq!(
            rewritten(text, from, to).as_deref(),
            Some(expected),
            "{text} for {to}"
        );
    }
}

#[test]
fn what_is_for_the_author_to_say_is_refused() {
    for (text, to) in [
        (">=0.1, <0.2", "0.2.0"),
        ("<0.2", "0.2.0"),
        ("<=0.1", "0.2.0"),
        (">0.2", "0.2.0"),
        ("*", "1.0.0-rc.1"),
        (">=0.1", "0.2.0-rc.1"),
        ("nonsense", "1.0.0"),
    ] {
        assert_eq!(rewritten(text, "0.1.0", to), None, "{text} for {to}");
    }
}

proptest! {
    #[test]
    fn what_is_written_allows_the_version(sign in "(|\\^|~|=|= )", parts in 1..4_usize, from in any::<(u8, u8, u8)>(), to in any::<(u8, u8, u8)>(), pre in "(-rc\\.[1-9])?") {
        let numbers = [from.0, from.1, from.2].map(|number| number.to_string());
        let text = format!("{sign}{}", numbers[..parts].join("."));
        let from = numbers.join(".");
        let to: Version = format!("{}.{}.{}{pre}", to.0, to.1, to.2).parse().unwrap();
        let written = rewritten(&text, &from, &to.to_string()).unwrap();
        let asked: VersionReq = written.parse().unwrap();
        prop_assert!(asked.matches(&to), "{text} became {written} for {to}");
        prop_assert!(written.starts_with(&sign));
        prop_assert_eq!(rewritten(&written, &from, &to.to_string()), Some(written.clone()));
        if to.pre.is_empty() {
            prop_assert_eq!(written.matches('.').count(), parts - 1);
        }
    }
}
