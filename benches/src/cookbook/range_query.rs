//! Sums over many ranges of one array, whose values stay or change in between.

use std::ops::Range;

use tuneup_benchmarking::harness::{Class, Suite};

/// Adds up each range: O(ranges × length).
// ANCHOR: slow
pub fn add_up_each(values: &[u64], ranges: &[Range<usize>]) -> Vec<u64> {
    ranges
        .iter()
        .map(|range| values[range.clone()].iter().sum())
        .collect()
}
// ANCHOR_END: slow

/// Adds up once; a range is then the difference of two sums: O(values + ranges).
// ANCHOR: fast
pub fn prefix_sums(values: &[u64], ranges: &[Range<usize>]) -> Vec<u64> {
    let mut sums = Vec::with_capacity(values.len() + 1);
    sums.push(0);
    let mut sum = 0;
    for value in values {
        sum += value;
        sums.push(sum);
    }
    ranges
        .iter()
        .map(|range| sums[range.end] - sums[range.start])
        .collect()
}
// ANCHOR_END: fast

/// What happens to values that change.
#[derive(Clone, Debug)]
pub enum Step {
    /// Adds to the value at an index.
    Add(usize, u64),
    /// Asks for the sum of a range.
    Sum(Range<usize>),
}

/// Changes the value, adds up each range: O(1) a change, O(length) a sum.
// ANCHOR: changing_slow
pub fn add_up_changing(values: &[u64], steps: &[Step]) -> Vec<u64> {
    let mut values = values.to_vec();
    let mut answers = Vec::new();
    for step in steps {
        match step {
            Step::Add(index, amount) => values[*index] += amount,
            Step::Sum(range) => answers.push(values[range.clone()].iter().sum()),
        }
    }
    answers
}
// ANCHOR_END: changing_slow

/// Keeps prefix sums up to date: O(n) a change, O(1) a sum.
// ANCHOR: changing_prefix
pub fn prefix_sums_changing(values: &[u64], steps: &[Step]) -> Vec<u64> {
    let mut sums = vec![0; values.len() + 1];
    for (i, value) in values.iter().enumerate() {
        sums[i + 1] = sums[i] + value;
    }
    let mut answers = Vec::new();
    for step in steps {
        match step {
            Step::Add(index, amount) => sums[index + 1..].iter_mut().for_each(|sum| *sum += amount),
            Step::Sum(range) => answers.push(sums[range.end] - sums[range.start]),
        }
    }
    answers
}
// ANCHOR_END: changing_prefix

// ANCHOR: changing_fast
/// `tree[i]` holds the sum of the `i & -i` values that end with the i-th, counted from 1.
pub struct Fenwick {
    tree: Vec<u64>,
}

impl Fenwick {
    /// O(n).
    pub fn new(values: &[u64]) -> Self {
        let mut tree = vec![0; values.len() + 1];
        tree[1..].copy_from_slice(values);
        for i in 1..tree.len() {
            let parent = i + (i & i.wrapping_neg());
            if parent < tree.len() {
                tree[parent] += tree[i];
            }
        }
        Self { tree }
    }

    /// O(log n).
    pub fn add(&mut self, index: usize, amount: u64) {
        let mut i = index + 1;
        while i < self.tree.len() {
            self.tree[i] += amount;
            i += i & i.wrapping_neg();
        }
    }

    /// The sum of the first `count` values, in O(log n).
    pub fn sum(&self, count: usize) -> u64 {
        let mut i = count;
        let mut sum = 0;
        while i > 0 {
            sum += self.tree[i];
            i &= i - 1;
        }
        sum
    }
}

/// O(log n) a change and a sum.
pub fn fenwick_changing(values: &[u64], steps: &[Step]) -> Vec<u64> {
    let mut tree = Fenwick::new(values);
    let mut answers = Vec::new();
    for step in steps {
        match step {
            Step::Add(index, amount) => tree.add(*index, *amount),
            Step::Sum(range) => answers.push(tree.sum(range.end) - tree.sum(range.start)),
        }
    }
    answers
}
// ANCHOR_END: changing_fast

/// Values and the ranges to add up.
pub struct Queries {
    /// The array.
    pub values: Vec<u64>,
    /// Ranges within the array.
    pub ranges: Vec<Range<usize>>,
    /// Changes of the array and ranges, in turn.
    pub steps: Vec<Step>,
}

/// `n` values below 1000, `n` ranges, and `n` steps of which every second is a sum.
pub fn input(n: usize) -> Queries {
    let mut random = fastrand::Rng::with_seed(8);
    let values = (0..n).map(|_| random.u64(..1_000)).collect();
    let ranges: Vec<_> = (0..n)
        .map(|_| {
            let (a, b) = (random.usize(..=n), random.usize(..=n));
            a.min(b)..a.max(b)
        })
        .collect();
    let steps = ranges
        .iter()
        .enumerate()
        .map(|(i, range)| {
            if i % 2 == 0 {
                Step::Sum(range.clone())
            } else {
                Step::Add(random.usize(..n), 1)
            }
        })
        .collect();
    Queries {
        values,
        ranges,
        steps,
    }
}

/// Registers an array that stays, with many questions and with few, and one that changes.
pub fn register(suite: &mut Suite) {
    register_staying(suite);
    register_changing(suite);
}

fn register_staying(suite: &mut Suite) {
    suite
        .group("cookbook/range_query")
        .about("the sums over n ranges of n values")
        .size(4_096)
        .sizes(&[64, 128, 256, 512, 1_024, 2_048, 4_096])
        .elements(|n| n as u64)
        .input(input)
        .case("add up each", |queries: &Queries| {
            add_up_each(&queries.values, &queries.ranges)
        })
        .class(Class::Quadratic)
        .case("prefix sums", |queries: &Queries| {
            prefix_sums(&queries.values, &queries.ranges)
        })
        .class(Class::Linear)
        .finish();
    suite
        .group("cookbook/range_query-few")
        .about("the sums over four ranges of n values")
        .size(4_096)
        .elements(|_| 4)
        .input(|n| {
            let mut queries = input(n);
            queries.ranges.truncate(4);
            queries
        })
        .case("add up each", |queries: &Queries| {
            add_up_each(&queries.values, &queries.ranges)
        })
        .case("prefix sums", |queries: &Queries| {
            prefix_sums(&queries.values, &queries.ranges)
        })
        .finish();
}

fn register_changing(suite: &mut Suite) {
    suite
        .group("cookbook/range_query-changing")
        .about("n steps on n values, in turn a sum over a range and a change of a value")
        .size(4_096)
        .sizes(&[64, 128, 256, 512, 1_024, 2_048, 4_096])
        .elements(|n| n as u64)
        .input(input)
        .case("add up each", |queries: &Queries| {
            add_up_changing(&queries.values, &queries.steps)
        })
        .class(Class::Quadratic)
        .case("prefix sums kept", |queries: &Queries| {
            prefix_sums_changing(&queries.values, &queries.steps)
        })
        .class(Class::Quadratic)
        .case("Fenwick tree", |queries: &Queries| {
            fenwick_changing(&queries.values, &queries.steps)
        })
        .finish();
}
