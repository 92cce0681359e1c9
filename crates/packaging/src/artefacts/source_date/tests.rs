use proptest::prelude::*;

use super::*;

fn date(seconds: u64) -> SourceDate {
    SourceDate::from_unix(seconds).unwrap()
}

#[test]
fn a_date_is_written_as_each_format_wants_it() {
    let date = date(1_000_000_001);
    assert_eq!(date.to_string(), "2001-09-09T01:46:41Z");
    assert_eq!(date.rfc2822(), "Sun, 09 Sep 2001 01:46:41 +0000");
    let dos = date.dos();
    assert_eq!(
        (dos.year(), dos.month(), dos.day(), dos.hour(), dos.second()),
        (2001, 9, 9, 1, 40)
    );
}

#[test]
fn what_a_zip_file_cannot_say_is_the_nearest_date() {
    assert_eq!(date(0).dos().year(), 1980);
    assert_eq!(date(200_000_000_000).dos().year(), 2107);
}

#[test]
fn what_is_no_date_is_said() {
    for (digits, expected) in [
        ("", "no number"),
        ("yesterday", "no number"),
        ("-1", "no number"),
        ("253402300800", "9999"),
        ("18446744073709551615", "9999"),
    ] {
        let error = SourceDate::of_digits(digits, VARIABLE).unwrap_err();
        assert!(error.to_string().contains(expected), "{digits}: {error}");
    }
}

proptest! {
    #[test]
    fn every_date_is_written_and_none_is_changed(seconds in 0..253_402_300_800u64) {
        let date = date(seconds);
        prop_assert_eq!(date.unix(), seconds);
        prop_assert!(date.to_string().ends_with('Z'));
        prop_assert!(date.rfc2822().ends_with("+0000"));
        prop_assert!((1980..=2107).contains(&date.dos().year()));
    }
}
