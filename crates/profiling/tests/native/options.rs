//! What the builder takes, on every platform.

use tuneup_profiling::{Error, NativeSampler, NativeSamplerBuilder};

fn out_of_range(builder: NativeSamplerBuilder) -> String {
    match builder.start() {
        Err(error @ Error::OutOfRange { .. }) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn values_outside_of_their_range() {
    let builder = NativeSampler::builder;
    assert_eq!(
        out_of_range(builder().rate_hz(0)),
        "rate_hz is 0; allowed is 1 to 10000"
    );
    assert_eq!(
        out_of_range(builder().rate_hz(10_001)),
        "rate_hz is 10001; allowed is 1 to 10000"
    );
    assert_eq!(
        out_of_range(builder().max_depth(0)),
        "max_depth is 0; allowed is 1 to 1024"
    );
    assert_eq!(
        out_of_range(builder().max_depth(1025)),
        "max_depth is 1025; allowed is 1 to 1024"
    );
    assert_eq!(
        out_of_range(builder().user_stack_bytes(61_441)),
        "user_stack_bytes is 61441; allowed is 0 to 61440"
    );
}

#[cfg(not(target_os = "linux"))]
#[test]
fn another_platform_is_told_so() {
    let error = NativeSampler::builder().start().unwrap_err();
    assert!(
        error.to_string().contains("need the perf events of Linux"),
        "{error}"
    );
}
