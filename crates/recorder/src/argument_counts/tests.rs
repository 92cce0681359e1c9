//! Estimates beside exact counts, and arguments of all kinds.

use std::{cell::RefCell, collections::HashSet, rc::Rc};

use proptest::prelude::*;

use super::*;

/// What is counted of these, whether a session records or not.
fn counted(values: impl Iterator<Item = u64>) -> ArgumentReading {
    let mut ranks = vec![0_u8; REGISTERS];
    let mut hashed = 0;
    for value in values {
        let mut arguments = Arguments::new();
        arguments.add(&value);
        let hash = arguments.hasher.unwrap().finish();
        let index = (hash >> (64 - INDEX_BITS)) as usize;
        let rank = ((hash << INDEX_BITS).leading_zeros().min(64 - INDEX_BITS) + 1) as u8;
        ranks[index] = ranks[index].max(rank);
        hashed += 1;
    }
    let counts = ArgumentCounts::new();
    counts.hashed.store(hashed, Relaxed);
    for (register, rank) in counts.registers.iter().zip(ranks) {
        register.store(rank, Relaxed);
    }
    counts.read()
}

#[test]
fn nothing_is_none() {
    assert_eq!(ArgumentCounts::new().read(), ArgumentReading::default());
}

#[test]
fn estimates_are_within_five_standard_errors_from_one_to_millions() {
    for distinct in [1_u64, 2, 31, 1_000, 4_096, 12_000, 100_000, 500_000] {
        let reading = counted((0..distinct).chain(0..distinct / 2));
        let error = reading.distinct.abs_diff(distinct) as f64 / distinct as f64;
        assert!(error <= 5.0 * 0.0163, "{} of {distinct}", reading.distinct);
    }
    assert_eq!(counted((0..1_000_000).map(|n| n % 31)).distinct, 31);
}

#[test]
fn registers_that_cannot_be_are_estimated_all_the_same() {
    for rank in [0, 1, 53, 64, 255] {
        let counts = ArgumentCounts::new();
        counts.hashed.store(u64::MAX, Relaxed);
        for register in &counts.registers {
            register.store(rank, Relaxed);
        }
        let reading = counts.read();
        assert_eq!(reading.distinct == 0, rank == 0, "{rank}");
    }
}

proptest! {
    #[test]
    fn few_are_counted_nearly_exactly(values in prop::collection::vec(any::<u64>(), 0..300)) {
        let exact = values.iter().collect::<HashSet<_>>().len() as u64;
        let reading = counted(values.iter().copied());
        prop_assert_eq!(reading.hashed, values.len() as u64);
        // Two of three hundred may share a register: seldom more than a few of them do.
        prop_assert!(reading.distinct.abs_diff(exact) <= 1 + exact / 20, "{} of {exact}", reading.distinct);
    }
}

/// Whether an argument of this type has a hash, and which.
macro_rules! hash_of {
    ($value:expr) => {{
        let value = $value;
        let mut arguments = Arguments::new();
        #[allow(clippy::needless_borrow)]
        (&Argument(&value)).add_to(&mut arguments);
        arguments.hasher.map(|hasher| hasher.finish())
    }};
}

#[test]
fn what_has_a_hash_is_hashed_by_its_value_and_nothing_else_is() {
    let text = String::from("text");
    assert_eq!(hash_of!(text.clone()), hash_of!(&text[..]));
    assert_eq!(hash_of!(&&text), hash_of!("text"));
    assert_ne!(hash_of!("text"), hash_of!("texts"));
    assert_ne!(hash_of!(vec![1, 2]), hash_of!(vec![2, 1]));
    assert_eq!(hash_of!(1.5_f64), hash_of!(1.5_f64.to_bits()));
    assert_eq!(hash_of!(0.25_f32), hash_of!(0.25_f32.to_bits()));
    assert!(hash_of!((1_u8, 'a', Some(Rc::new([1])))).is_some());
    struct Plain;
    assert_eq!(hash_of!(Plain), None);
    assert_eq!(hash_of!(&Plain), None);
    assert_eq!(hash_of!(RefCell::new(1)), None);
    assert_eq!(hash_of!(vec![1.5]), None);
    assert_eq!(hash_of!(|| 1), None);
}

#[test]
fn one_without_a_hash_is_enough() {
    let mut arguments = Arguments::new();
    arguments.give_up();
    arguments.add(&1);
    assert!(arguments.hasher.is_none());
}
