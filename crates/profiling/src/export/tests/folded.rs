use proptest::prelude::*;

use super::{HOSTILE, any_profile, encoded, full, sample, sampled, self_times};
use crate::Profile;

fn folded(profile: &Profile) -> String {
    String::from_utf8(encoded(profile, "p.folded")).unwrap()
}

/// Reads a stack and its weight as flame graph tools do.
fn weight(line: &str) -> (&str, u64) {
    let (stack, weight) = line.rsplit_once(' ').unwrap();
    (stack, weight.parse().unwrap())
}

/// What inferno draws of it.
fn inferno(folded: &str) -> String {
    let mut options = inferno::flamegraph::Options::default();
    let mut svg = Vec::new();
    inferno::flamegraph::from_lines(&mut options, folded.lines(), &mut svg).unwrap();
    String::from_utf8(svg).unwrap()
}

#[test]
fn a_line_is_a_stack_and_its_own_time() {
    assert_eq!(
        folded(&sample()),
        "(root) 7\n\
         shop::load 1000\n\
         shop::load;shop::parse 20000\n\
         shop::load;shop::parse;shop::parse 300000\n\
         shop::load;shop::parse;shop::parse;next 4000000\n"
    );
}

#[test]
fn a_profile_without_times_is_weighed_in_samples() {
    let folded = folded(&sampled());
    assert_eq!(folded.lines().nth(1), Some("shop::load 20"));
    assert_eq!(folded.lines().last(), Some("shop::idle 60"));
    // With times, samples are not what is written.
    assert!(!self::folded(&full()).contains("shop::idle"));
}

#[test]
fn inferno_draws_it() {
    let folded = folded(&sample());
    let svg = inferno(&folded);
    let options = roxmltree::ParsingOptions {
        allow_dtd: true,
        ..Default::default()
    };
    let document = roxmltree::Document::parse_with_options(&svg, options).unwrap();
    let titles: Vec<&str> = document
        .descendants()
        .filter(|node| node.has_tag_name("title"))
        .filter_map(|node| node.text())
        .collect();
    assert!(
        titles.contains(&"all (4,321,007 samples, 100%)"),
        "{titles:?}"
    );
    assert!(
        titles.contains(&"shop::load (4,321,000 samples, 100.00%)"),
        "{titles:?}"
    );
    assert!(
        titles.contains(&"next (4,000,000 samples, 92.57%)"),
        "{titles:?}"
    );
}

#[test]
fn a_name_is_neither_two_nor_a_line() {
    let mut profile = sample();
    profile.functions[1].name = HOSTILE.to_owned();
    profile.functions[4].name = " \n".to_owned();
    profile.nodes[5].self_time = super::ns(8);
    profile.functions[3].name = "#3".to_owned();
    let folded = folded(&profile);
    let lines: Vec<_> = folded.lines().map(weight).collect();
    assert_eq!(
        lines[1],
        (
            "<script>document.title='ran'</script>:\"&amp: 7 ]]> [31m",
            1_000
        )
    );
    assert_eq!(lines[2].0.split(';').count(), 2);
    assert!(lines[4].0.ends_with(";\\#3"));
    assert_eq!(lines[5], ("(unnamed)", 8));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn weights_add_up_to_the_self_times(profile in any_profile()) {
        let folded = folded(&profile);
        let sum: u64 = folded.lines().map(|line| weight(line).1).sum();
        prop_assert_eq!(sum, self_times(&profile));
        if sum > 0 {
            let total = tuneup_report::Unit::Count.format(sum as f64);
            let whole = format!("all ({total} samples, 100%)");
            prop_assert!(inferno(&folded).contains(&whole));
        }
    }
}
