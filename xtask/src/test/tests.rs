//! Which steps are run.

use super::{Options, StepName};

fn options(only: &[StepName], skip: &[StepName]) -> Options {
    Options {
        list: false,
        only: only.to_vec(),
        skip: skip.to_vec(),
        keep_going: false,
    }
}

#[test]
fn only_and_skip_choose_steps() {
    assert!(options(&[], &[]).wants(StepName::Fmt));
    assert!(options(&[StepName::Fmt], &[]).wants(StepName::Fmt));
    assert!(!options(&[StepName::Fmt], &[]).wants(StepName::Clippy));
    assert!(!options(&[], &[StepName::Fmt]).wants(StepName::Fmt));
    assert!(!options(&[], &[]).wants(StepName::Projects));
    assert!(options(&[StepName::Projects], &[]).wants(StepName::Projects));
}
