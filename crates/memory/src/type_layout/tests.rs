//! The arithmetic against the compiler's.

use proptest::prelude::*;

use super::*;

fn part() -> impl Strategy<Value = Part> {
    (0u32..5, 0usize..4).prop_map(|(log, times)| ((times << log), 1 << log))
}

/// What a `repr(C)` struct takes.
fn size_in_order(parts: &[Part]) -> usize {
    let after = |end: usize, part: &Part| end.next_multiple_of(part.1) + part.0;
    let align = parts.iter().map(|part| part.1).max().unwrap_or(1);
    parts.iter().fold(0, after).next_multiple_of(align)
}

fn permutations(parts: &[Part]) -> Vec<Vec<Part>> {
    if parts.is_empty() {
        return vec![Vec::new()];
    }
    let with_first = |at: usize| {
        let mut rest = parts.to_vec();
        let first = rest.remove(at);
        permutations(&rest).into_iter().map(move |mut order| {
            order.push(first);
            order
        })
    };
    (0..parts.len()).flat_map(with_first).collect()
}

proptest! {
    #[test]
    fn no_order_is_better_than_the_best(parts in prop::collection::vec(part(), 0..6)) {
        let least = permutations(&parts).iter().map(|order| size_in_order(order)).min();
        prop_assert_eq!(Some(best_size(parts.iter().copied())), least);
        let mut by_align = parts;
        by_align.sort_by_key(|part| std::cmp::Reverse(part.1));
        prop_assert_eq!(Some(size_in_order(&by_align)), least);
    }
}

#[test]
fn an_enum_is_its_largest_part_and_a_byte() {
    assert_eq!(tagged_size([(24, 8), (3, 1)].into_iter()), 32);
    assert_eq!(tagged_size([(3, 1), (2, 2)].into_iter()), 4);
    assert_eq!(tagged_size([].into_iter()), 1);
}
