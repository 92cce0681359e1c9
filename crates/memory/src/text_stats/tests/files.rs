//! Files by stripes.

use proptest::prelude::*;

use super::{
    super::parallel::{self, Plan},
    oracle, samples,
};
use crate::positioned::PositionedFile;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn stripes_of_any_length_give_the_counts_of_the_whole(
        text in samples::text(), stripe_bytes in 6..90_u64, threads in 1..4_usize,
    ) {
        prop_assume!(!text.is_empty());
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("text");
        std::fs::write(&path, &text)?;
        let file = PositionedFile::open(&path).unwrap();
        let plan = Plan { length: text.len() as u64, stripe_bytes, threads, chunk_bytes: 64 };
        let mut last = 0;
        let tally = parallel::count(&file, &plan, |done| {
            assert!(done >= last);
            last = done;
        }).unwrap();
        prop_assert_eq!(tally.stats(), oracle::stats(&text));
        prop_assert_eq!(last, text.len() as u64);
    }
}

#[test]
fn a_plan_covers_the_file_with_few_stripes() {
    for length in [
        1,
        1 << 20,
        (1 << 20) + 1,
        1 << 30,
        1 << 40,
        u64::from(u32::MAX),
    ] {
        let plan = Plan::new(length, 3, 128 * 1024);
        assert!(plan.stripes() <= 3 * 64);
        let mut end = 0;
        for index in 0..plan.stripes() {
            let stripe = plan.stripe(index);
            assert_eq!(stripe.start, end);
            assert!(stripe.end > stripe.start);
            end = stripe.end;
        }
        assert_eq!(end, length);
    }
}
