use std::collections::HashMap;

use proptest::prelude::*;

use super::*;

/// The stacks with their counts, from the outermost frame inwards; `true` for those that were folded.
fn counted(tree: &StackTree) -> HashMap<(Vec<u64>, bool), u64> {
    let nodes = &tree.stacks().nodes;
    let mut counts = HashMap::new();
    for (place, node) in nodes.iter().enumerate() {
        let mut path = Vec::new();
        let mut at = place;
        while at != ROOT {
            path.push(nodes[at].address);
            at = nodes[at].parent as usize;
        }
        path.reverse();
        for (samples, folded) in [(node.samples, false), (node.folded, true)] {
            if samples > 0 {
                counts.insert((path.clone(), folded), samples);
            }
        }
    }
    counts
}

#[test]
fn equal_stacks_are_counted_together() {
    let mut tree = StackTree::new(100, 100);
    for stack in [&[3, 2, 1][..], &[4, 2, 1], &[3, 2, 1], &[2, 1], &[]] {
        tree.add(7, stack);
    }
    let expected = [
        ((vec![1, 2, 3], false), 2),
        ((vec![1, 2, 4], false), 1),
        ((vec![1, 2], false), 1),
        ((vec![], false), 1),
    ];
    assert_eq!(counted(&tree), expected.into());
    assert_eq!(tree.stacks().nodes.len(), 5, "the outer frames are shared");
}

#[test]
fn a_full_tree_folds_where_a_stack_leaves_it() {
    let mut tree = StackTree::new(4, 100);
    tree.add(7, &[3, 2, 1]);
    for stack in [
        &[9, 3, 2, 1][..],
        &[8, 2, 1],
        &[7, 8, 2, 1],
        &[5],
        &[3, 2, 1],
    ] {
        tree.add(7, stack);
    }
    assert_eq!(tree.stacks().nodes.len(), 4);
    let expected = [
        ((vec![1, 2, 3], false), 2),
        ((vec![1, 2, 3], true), 1),
        ((vec![1, 2], true), 2),
        ((vec![], true), 1),
    ];
    assert_eq!(counted(&tree), expected.into());
}

#[test]
fn threads_are_kept_up_to_a_number() {
    let mut tree = StackTree::new(100, 3);
    for thread in [1, 2, 1, 3, 4, 5] {
        tree.add(thread, &[1]);
    }
    let threads = tree.stacks().threads.iter().map(|(_, thread)| *thread);
    let mut threads = threads.collect::<Vec<_>>();
    threads.sort_unstable();
    assert_eq!(threads, [1, 2, 3]);
    assert_eq!(counted(&tree)[&(vec![1], false)], 6);
}

#[test]
fn addresses_leave_the_root_out() {
    let mut tree = StackTree::new(100, 100);
    tree.add(1, &[5, 6]);
    assert_eq!(tree.stacks().addresses().collect::<Vec<_>>(), [6, 5]);
}

proptest! {
    #[test]
    fn nothing_is_lost_and_what_fits_is_exact(
        stacks in prop::collection::vec(prop::collection::vec(1_u64..4, 0..6), 0..80),
        most_nodes in 1_usize..60,
    ) {
        let mut tree = StackTree::new(most_nodes, 1000);
        let mut naive = HashMap::<Vec<u64>, u64>::new();
        for stack in &stacks {
            tree.add(1, stack);
            *naive.entry(stack.iter().rev().copied().collect()).or_default() += 1;
        }
        let counts = counted(&tree);
        prop_assert!(tree.stacks().nodes.len() <= most_nodes);
        prop_assert_eq!(counts.values().sum::<u64>(), stacks.len() as u64);
        for ((path, folded), samples) in counts {
            match folded {
                // A stack may have been folded before its place was there, never the other way round.
                false => prop_assert!(samples <= naive[&path]),
                true => prop_assert_eq!(tree.stacks().nodes.len(), most_nodes),
            }
        }
        if tree.stacks().nodes.len() < most_nodes {
            let expected = naive.into_iter().map(|(path, samples)| ((path, false), samples));
            prop_assert_eq!(counted(&tree), expected.collect());
        }
    }
}
