//! What is written can be read, and what cannot be read says why.

use std::time::Duration;

use proptest::prelude::*;
use tuneup_measure::{
    Bytes, Count, Error, Percent, Rate, RateUnit, format_duration, format_ns, parse_bytes,
    parse_count, parse_duration, parse_percent, parse_rate,
};

/// `got` is `expected` rounded to some significant digits: off by at most half a unit of the last
/// one.
fn is_rounded(got: f64, expected: f64, digits: i32) -> bool {
    (got - expected).abs() <= 0.501 * 10_f64.powi(1 - digits) * expected.abs()
}

fn any_magnitude() -> impl Strategy<Value = u64> {
    (0_u32..64, any::<u64>()).prop_map(|(shift, value)| value >> shift)
}

proptest! {
    #[test]
    fn a_duration_is_read_as_it_is_written(ns in any_magnitude()) {
        let text = format_duration(Duration::from_nanos(ns));
        let read = parse_duration(&text).unwrap().as_nanos() as f64;
        if ns < 60_000_000_000 {
            prop_assert!(is_rounded(read, ns as f64, 4), "{} became {}", ns, text);
        } else {
            // Half of the second unit is at most 1/48 of the first.
            prop_assert!((read / ns as f64 - 1.0).abs() <= 1.0 / 48.0, "{} became {}", ns, text);
        }
        // What was rounded is not rounded again.
        prop_assert_eq!(format_duration(parse_duration(&text).unwrap()).parse_back(), text.parse_back());
    }

    #[test]
    fn whole_nanoseconds_are_read_exactly(ns in any_magnitude()) {
        prop_assert_eq!(parse_duration(&format!("{ns}ns")).unwrap(), Duration::from_nanos(ns));
        let seconds = format!("{}.{:09}s", ns / 1_000_000_000, ns % 1_000_000_000);
        prop_assert_eq!(parse_duration(&seconds).unwrap(), Duration::from_nanos(ns));
    }

    #[test]
    fn a_size_is_read_as_it_is_written(bytes in any_magnitude()) {
        for text in [Bytes(bytes).to_string(), format!("{:#}", Bytes(bytes))] {
            let Ok(read) = parse_bytes(&text) else {
                // 2⁶⁴ − 1 rounds up to 16 EiB, which no u64 holds.
                prop_assert!(bytes > u64::MAX / 1_000 * 996, "{} became {}", bytes, text);
                continue;
            };
            prop_assert!(is_rounded(read.0 as f64, bytes as f64, 3), "{} became {}", bytes, text);
        }
        prop_assert_eq!(parse_bytes(&format!("{bytes} B")).unwrap(), Bytes(bytes));
    }

    #[test]
    fn a_count_is_read_as_it_is_written(count in 0..=u64::MAX / 2) {
        let text = Count(count).to_string();
        let read = parse_count(&text).unwrap();
        prop_assert!(is_rounded(read.0 as f64, count as f64, 3), "{} became {}", count, text);
    }

    #[test]
    fn a_rate_is_read_as_it_is_written(per_second in 1.0..1e18_f64, bytes in any::<bool>()) {
        let unit = if bytes { RateUnit::Bytes } else { RateUnit::Items };
        let text = Rate::new(per_second, unit).to_string();
        let read = parse_rate(&text).unwrap();
        prop_assert_eq!(read.unit, unit);
        prop_assert!(is_rounded(read.per_second, per_second, 3), "{} became {}", per_second, text);
    }

    #[test]
    fn a_percentage_is_read_as_it_is_written(part in -10.0..10.0_f64) {
        let read = parse_percent(&Percent(part).to_string()).unwrap().0;
        // Three digits, and at most two decimals of a percent.
        prop_assert!((read - part).abs() <= (0.5e-2 * part.abs()).max(0.501e-4), "{} became {}", part, read);
    }

    #[test]
    fn no_text_makes_a_reader_panic(text in "[0-9. +/%a-zA-Zµ-]{0,12}") {
        let _ = (parse_duration(&text), parse_bytes(&text), parse_rate(&text), parse_percent(&text), parse_count(&text));
    }
}

trait ParseBack {
    fn parse_back(&self) -> Duration;
}

impl ParseBack for String {
    fn parse_back(&self) -> Duration {
        parse_duration(self).unwrap()
    }
}

#[test]
fn durations_are_written_with_four_digits_and_the_fitting_unit() {
    for (ns, text) in [
        (0, "0 ns"),
        (999, "999 ns"),
        (1_000, "1.000 µs"),
        (999_940, "999.9 µs"),
        (999_960, "1.000 ms"),
        (12_345_678, "12.35 ms"),
        (59_990_000_000, "59.99 s"),
        (59_996_000_000, "1 min"),
        (125_400_000_000, "2 min 5 s"),
        (3_599_600_000_000, "1 h"),
        (5_400_000_000_000, "1 h 30 min"),
        (7_199_000_000_000, "2 h"),
        (90_000_000_000_000, "1 d 1 h"),
    ] {
        assert_eq!(format_duration(Duration::from_nanos(ns)), text);
    }
    assert_eq!(format_duration(Duration::MAX), "213503982334601 d 7 h");
}

#[test]
fn nanoseconds_may_be_parts_negative_or_not_finite() {
    for (ns, text) in [
        (0.25, "0.250 ns"),
        (812.34, "812.3 ns"),
        (-1_500.0, "-1.500 µs"),
        (-120e9, "-2 min"),
        (f64::NAN, "NaN ns"),
        (f64::NEG_INFINITY, "-inf ns"),
        (1e300, "213503982334601 d 7 h"),
    ] {
        assert_eq!(format_ns(ns), text);
    }
}

#[test]
fn durations_are_read_in_every_unit() {
    for (text, ns) in [
        ("0", 0),
        ("7ns", 7),
        ("7us", 7_000),
        ("7 \u{b5}s", 7_000),
        ("7\u{3bc}s", 7_000),
        (" 7 ms ", 7_000_000),
        (".5s", 500_000_000),
        ("2m", 120_000_000_000),
        ("2min5s", 125_000_000_000),
        ("1d 2h 3min 4.5s", 93_784_500_000_000),
        ("0.4ns", 0),
        ("0.5ns", 1),
        ("0.9999999999s", 1_000_000_000),
    ] {
        assert_eq!(parse_duration(text), Ok(Duration::from_nanos(ns)), "{text}");
    }
}

#[test]
fn sizes_rates_counts_and_percentages_are_written() {
    for (bytes, iec, si) in [
        (0, "0 B", "0 B"),
        (999, "999 B", "999 B"),
        (1_000, "1000 B", "1 kB"),
        (1_023, "1023 B", "1.02 kB"),
        (1_048_575, "1 MiB", "1.05 MB"),
        (1_047_000, "1022 KiB", "1.05 MB"),
        (u64::MAX, "16 EiB", "18.4 EB"),
    ] {
        assert_eq!(
            (
                Bytes(bytes).to_string().as_str(),
                format!("{:#}", Bytes(bytes)).as_str()
            ),
            (iec, si)
        );
    }
    assert_eq!(Rate::new(999.6, RateUnit::Items).to_string(), "1 k/s");
    assert_eq!(Rate::new(0.25, RateUnit::Items).to_string(), "0.25 /s");
    assert_eq!(Rate::bytes(5, Duration::ZERO).to_string(), "inf B/s");
    assert_eq!(Count(999_500).to_string(), "1 M");
    assert_eq!(Percent(-0.00001).to_string(), "0 %");
    assert_eq!(Percent(1.234).to_string(), "123 %");
    assert_eq!(format!("{:+}", Percent(-0.05)), "-5 %");
}

#[test]
fn width_alignment_fill_and_precision_are_kept() {
    assert_eq!(format!("[{:8}]", Bytes(2_048)), "[2 KiB   ]");
    assert_eq!(format!("[{:>8}]", Percent(0.5)), "[    50 %]");
    assert_eq!(format!("[{:*^9}]", Count(1_500)), "[**1.5 k**]");
    assert_eq!(
        format!("[{:>12.3}]", Rate::new(1_500.0, RateUnit::Items)),
        "[   1.500 k/s]"
    );
    assert_eq!(format!("[{:2}]", Count(1_500)), "[1.5 k]");
}

#[test]
fn sizes_rates_and_percentages_are_read() {
    assert_eq!(parse_bytes("64kib"), Ok(Bytes(65_536)));
    assert_eq!(parse_bytes("1.5 GB"), Ok(Bytes(1_500_000_000)));
    assert_eq!(parse_bytes("12"), Ok(Bytes(12)));
    assert_eq!(parse_bytes("12 bytes"), Ok(Bytes(12)));
    assert_eq!(parse_bytes("18446744073709551615"), Ok(Bytes(u64::MAX)));
    assert_eq!(
        parse_rate("800kB/s"),
        Ok(Rate::new(800_000.0, RateUnit::Bytes))
    );
    assert_eq!(parse_rate("12 /s"), Ok(Rate::new(12.0, RateUnit::Items)));
    assert_eq!(parse_percent("-2.5%"), Ok(Percent(-0.025)));
    assert_eq!(parse_percent("+100 %"), Ok(Percent(1.0)));
    assert_eq!(parse_count("1.2 M"), Ok(Count(1_200_000)));
}

/// Each message shows what was read, says why it was refused, what is allowed, and gives an
/// example.
#[test]
fn errors_help() {
    let cases: [(Result<(), Error>, &str); 21] = [
        (
            parse_duration("").map(drop),
            "cannot read \"\" as a duration: it is empty; expected numbers with units",
        ),
        (
            parse_duration("15").map(drop),
            "\"15\" as a duration: 15 has no unit; ",
        ),
        (
            parse_duration("fast").map(drop),
            "\"fast\" does not begin with a number",
        ),
        (
            parse_duration("-3ms").map(drop),
            "\"-3ms\" does not begin with a number",
        ),
        (
            parse_duration("3 weeks").map(drop),
            "there is no unit \"weeks\"",
        ),
        (
            parse_duration("3ms 2s").map(drop),
            "\"s\" stands after a unit that is not larger",
        ),
        (
            parse_duration("3s 2s").map(drop),
            "\"s\" stands after a unit that is not larger",
        ),
        (
            parse_duration("99999999999999999d").map(drop),
            "it is too long",
        ),
        (
            parse_duration("5e3ms").map(drop),
            "such as `1.5ms` or `2min 5s`",
        ),
        (
            parse_bytes("64K").map(drop),
            "\"K\" may mean 1000 or 1024; write KiB (1024) or KB (1000)",
        ),
        (
            parse_bytes("12 parsecs").map(drop),
            "there is no unit \"parsecs\"; expected a number with B, KiB",
        ),
        (
            parse_bytes("KiB").map(drop),
            "it does not begin with a number",
        ),
        (parse_bytes("").map(drop), "it is empty"),
        (parse_bytes("16EiB").map(drop), "it is 16 EiB or more"),
        (
            parse_rate("12 MB").map(drop),
            "cannot read \"12 MB\" as a rate: it does not end with \"/s\"; expected a size or a count",
        ),
        (parse_rate("5 x/s").map(drop), "there is no unit \"x\""),
        (parse_rate("5 K B/s").map(drop), "there is no unit \"K B\""),
        (
            parse_percent("0.03").map(drop),
            "it does not end with \"%\"; expected a number with a percent sign, such as `3%`",
        ),
        (
            parse_percent("3 of 4 %").map(drop),
            "\"of 4\" stands between the number and the sign",
        ),
        (
            parse_count("12Q").map(drop),
            "there is no unit \"Q\"; expected a number, alone or with k",
        ),
        (
            parse_count("19E").map(drop),
            "it is above 18446744073709551615",
        ),
    ];
    for (result, part) in cases {
        let message = result.unwrap_err().to_string();
        assert!(message.contains(part), "{message}");
    }
}
