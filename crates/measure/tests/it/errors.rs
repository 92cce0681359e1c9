//! What the messages say, one of every kind.

use tuneup_measure::{Error, Histogram, Scale, Summary, TheilSen, mann_whitney_u, parse_duration};

fn with_error(relative_error: f64) -> Histogram {
    let mut histogram = Histogram::builder()
        .relative_error(relative_error)
        .build()
        .unwrap();
    histogram.record(1);
    histogram
}

#[test]
fn each_says_what_is_wrong_and_what_to_do() {
    let cases: [(Error, &str); 9] = [
        (
            Summary::of(&[]).unwrap_err(),
            "1 or more values are needed and there are 0; measure more often",
        ),
        (
            mann_whitney_u(&[1.0], &[2.0, f64::INFINITY]).unwrap_err(),
            "value 1 of the sample is inf; remove values that are not finite",
        ),
        (
            TheilSen::fit(&[1.0, 2.0], &[1.0]).unwrap_err(),
            "the slices hold 2 and 1 values; give one y for every x",
        ),
        (
            TheilSen::fit(&[1.0, 1.0], &[1.0, 2.0]).unwrap_err(),
            "all points have the same x; measure at two sizes or more",
        ),
        (
            Histogram::builder()
                .relative_error(2.0)
                .build()
                .unwrap_err(),
            "relative error is 2; give a part between 0.0000077 (2⁻¹⁷) and 0.5, such as 0.01 for 1 %",
        ),
        (
            Scale::from_ratio(5, 0).unwrap_err(),
            "number of ticks of a scale is 0; give the ticks of some time that has passed",
        ),
        (
            with_error(0.25).merge(&with_error(0.5)).unwrap_err(),
            "the histograms have relative errors 0.25 and 0.5 and largest values 18446744073709551615 \
             and 18446744073709551615; build both with the same options",
        ),
        (
            Histogram::builder()
                .relative_error(0.5)
                .build()
                .and_then(|mut empty| empty.subtract(&with_error(0.5)))
                .unwrap_err(),
            "the count of a bucket would become negative; subtract only an earlier state of the same \
             histogram",
        ),
        (
            parse_duration("5 parsecs").unwrap_err(),
            "cannot read \"5 parsecs\" as a duration: there is no unit \"parsecs\"; expected numbers \
             with units from ns, us or µs, ms, s, min or m, h and d, such as `1.5ms` or `2min 5s`",
        ),
    ];
    for (error, message) in cases {
        assert_eq!(error.to_string(), message);
        // The text says everything; there is nothing below it.
        assert!(std::error::Error::source(&error).is_none());
    }
}
