use proptest::prelude::*;

use super::{Callees, Step, walk};
use crate::{
    Node,
    sample::{self, call},
};

fn steps(nodes: &[Node]) -> Vec<Step> {
    let mut steps = Vec::new();
    walk(nodes, |step| steps.push(step));
    steps
}

/// The same walk by recursion, and by looking through all nodes for those that a node called.
fn naive(nodes: &[Node], index: usize, steps: &mut Vec<Step>) {
    steps.push(Step::Enter(index));
    for callee in 0..nodes.len() {
        if nodes[callee].parent == Some(index) {
            naive(nodes, callee, steps);
        }
    }
    steps.push(Step::Leave(index));
}

#[test]
fn callers_are_around_what_they_call() {
    let profile = sample::profile([
        call("a", 1, 1).calling([call("b", 1, 1), call("c", 1, 1)]),
        call("d", 1, 1),
    ]);
    use Step::{Enter, Leave};
    assert_eq!(
        steps(&profile.nodes),
        [
            Enter(0),
            Enter(1),
            Enter(2),
            Leave(2),
            Enter(3),
            Leave(3),
            Leave(1),
            Enter(4),
            Leave(4),
            Leave(0)
        ]
    );
    assert_eq!(steps(&[]), []);
}

#[test]
fn a_hundred_thousand_calls_deep_is_not_too_deep() {
    let profile = sample::chain(100_000, &["a"]);
    assert_eq!(steps(&profile.nodes).len(), 2 * 100_001);
}

#[test]
fn who_names_no_caller_before_it_has_none() {
    let mut nodes = sample::chain(3, &["a"]).nodes;
    nodes[1].parent = Some(2);
    nodes[3].parent = Some(99);
    let callees = Callees::of(&nodes);
    assert_eq!(callees.tops(), [0, 1, 3]);
    assert_eq!(callees.of_node(1), [2]);
    assert_eq!(steps(&nodes).len(), 8, "every node once");
}

proptest! {
    #[test]
    fn a_walk_is_that_of_recursion(places in sample::any_places()) {
        let nodes = sample::from_places(&places).nodes;
        let mut expected = Vec::new();
        naive(&nodes, 0, &mut expected);
        prop_assert_eq!(steps(&nodes), expected);
    }
}
