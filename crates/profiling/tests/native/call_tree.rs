//! Questions that the tests ask of a profile.

use tuneup_profiling::Profile;

/// The samples in which a function was anywhere in the stack.
pub(crate) fn cumulative(profile: &Profile, name: &str) -> u64 {
    let named = profile
        .functions
        .iter()
        .filter(|function| function.name == name);
    named
        .map(|function| function.samples.unwrap().cumulative_cpu)
        .sum()
}

/// All samples.
pub(crate) fn all(profile: &Profile) -> u64 {
    profile.nodes[0].samples.unwrap().cumulative_cpu
}

/// The samples whose stack has these functions in this order from the outermost on, others between them.
pub(crate) fn along(profile: &Profile, path: &[&str]) -> u64 {
    let name = |node: usize| {
        profile.functions[profile.nodes[node].function]
            .name
            .as_str()
    };
    let is_along = |node: usize| {
        let mut expected = path.iter().rev().peekable();
        let mut at = Some(node);
        while let Some(node) = at {
            expected.next_if(|expected| **expected == name(node));
            at = profile.nodes[node].parent;
        }
        expected.peek().is_none()
    };
    let nodes = profile
        .nodes
        .iter()
        .enumerate()
        .filter(|(node, _)| is_along(*node));
    nodes.map(|(_, node)| node.samples.unwrap().self_cpu).sum()
}

#[track_caller]
pub(crate) fn assert_share(part: u64, whole: u64, range: std::ops::RangeInclusive<f64>) {
    let share = part as f64 / whole as f64;
    assert!(
        range.contains(&share),
        "{part} of {whole} is {share:.3}, not in {range:?}"
    );
}
