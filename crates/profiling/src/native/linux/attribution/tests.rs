use super::*;
use tuneup_symbols::Symbol;

use crate::native::linux::stack_tree::StackTree;

/// Names by address, from the innermost outwards.
const NAMES: &[(u64, &[&str])] = &[
    (1, &["main"]),
    (2, &["work"]),
    (3, &["heavy"]),
    (4, &["step", "heavy"]),
    (5, &["light"]),
];

fn symbols() -> Symbols {
    let mut symbols = Symbols::default();
    for (address, names) in NAMES {
        let symbol = |name: &&str| Symbol::named(name, "src/main.rs", 10);
        symbols.insert(*address, names.iter().map(symbol).collect());
    }
    symbols
}

fn profile_of(tree: &StackTree) -> Profile {
    let run = Run {
        program: "program".to_owned(),
        started_unix_ns: 5,
        duration: Duration::from_secs(3),
        sampling: Sampling {
            rate_hz: 99.0,
            ticks: 7,
            missed: 2,
        },
    };
    profile(run, tree.stacks(), &symbols())
}

/// Self and cumulative samples of a function, and its threads.
fn counts(profile: &Profile, name: &str) -> (u64, u64, u64) {
    let mut functions = profile
        .functions
        .iter()
        .filter(|function| function.name == name);
    let function = functions.next().unwrap();
    assert!(functions.next().is_none(), "{name} is there once");
    let samples = function.samples.unwrap();
    assert_eq!(samples.self_cpu, samples.self_wall);
    assert_eq!(samples.cumulative_cpu, samples.cumulative_wall);
    (samples.self_cpu, samples.cumulative_cpu, function.threads)
}

/// The tree as text: names with self samples, a level for each indentation.
fn drawn(profile: &Profile) -> Vec<String> {
    let depth = |mut node: usize| {
        let mut depth = 0;
        while let Some(parent) = profile.nodes[node].parent {
            assert!(parent < node, "parents stand before their children");
            node = parent;
            depth += 1;
        }
        depth
    };
    let line = |(place, node): (usize, &Node)| {
        let samples = node.samples.unwrap();
        format!(
            "{}{} {} {}",
            "  ".repeat(depth(place)),
            profile.functions[node.function].name,
            samples.self_cpu,
            samples.cumulative_cpu
        )
    };
    profile.nodes.iter().enumerate().map(line).collect()
}

#[test]
fn callers_stand_above_what_they_call() {
    let mut tree = StackTree::new(100, 100);
    for stack in [&[3, 2, 1][..], &[4, 2, 1], &[5, 2, 1], &[3, 2, 1]] {
        tree.add(7, stack);
    }
    let profile = profile_of(&tree);
    assert_eq!(
        drawn(&profile),
        [
            "(root) 0 4",
            "  main 0 4",
            "    work 0 4",
            "      heavy 2 3",
            "        step 1 1",
            "      light 1 1",
        ]
    );
    assert_eq!(counts(&profile, "heavy"), (2, 3, 1));
    assert_eq!(counts(&profile, "step"), (1, 1, 1));
    assert_eq!(counts(&profile, "(root)"), (0, 4, 1));
    assert_eq!(profile.nodes[0].parent, None);
    assert_eq!(
        profile.functions[profile.nodes[0].function].kind,
        FunctionKind::Root
    );
}

#[test]
fn recursion_is_not_counted_twice() {
    let mut tree = StackTree::new(100, 100);
    tree.add(7, &[3, 5, 3, 3, 1]);
    tree.add(7, &[3, 1]);
    let profile = profile_of(&tree);
    assert_eq!(counts(&profile, "heavy"), (2, 2, 1));
    assert_eq!(counts(&profile, "light"), (0, 1, 1));
}

#[test]
fn what_did_not_fit_is_under_the_place_where_it_left() {
    let mut tree = StackTree::new(3, 100);
    tree.add(7, &[2, 1]);
    tree.add(7, &[3, 2, 1]);
    tree.add(7, &[5, 1]);
    let profile = profile_of(&tree);
    assert_eq!(
        drawn(&profile),
        [
            "(root) 0 3",
            "  main 0 3",
            "    (other) 1 1",
            "    work 1 2",
            "      (other) 1 1"
        ]
    );
    assert_eq!(counts(&profile, "(other)").1, 2);
    let folded = profile
        .functions
        .iter()
        .find(|function| function.name == "(other)")
        .unwrap();
    assert_eq!(folded.kind, FunctionKind::Folded);
}

#[test]
fn threads_are_counted_once_for_each_function() {
    let mut tree = StackTree::new(100, 100);
    tree.add(7, &[3, 2, 1]);
    tree.add(8, &[5, 2, 1]);
    tree.add(8, &[4, 2, 1]);
    tree.add(9, &[5, 1]);
    let profile = profile_of(&tree);
    let threads = |name| counts(&profile, name).2;
    assert_eq!(profile.threads, 3);
    let seen = ["main", "work", "heavy", "light", "step", "(root)"].map(threads);
    assert_eq!(seen, [3, 2, 2, 2, 1, 3]);
}

#[test]
fn functions_are_native_and_have_no_times() {
    let mut tree = StackTree::new(100, 100);
    tree.add(7, &[1]);
    let profile = profile_of(&tree);
    let main = profile
        .functions
        .iter()
        .find(|function| function.name == "main")
        .unwrap();
    assert_eq!(
        (main.kind, main.untimed, main.calls),
        (FunctionKind::Native, true, 0)
    );
    assert_eq!((main.file.as_str(), main.line), ("src/main.rs", 10));
    assert_eq!(main.self_time + main.cumulative, Duration::ZERO);
    assert_eq!(profile.duration, Duration::from_secs(3));
    assert_eq!(
        profile
            .sampling
            .map(|sampling| (sampling.ticks, sampling.missed)),
        Some((7, 2))
    );
}

#[test]
fn samples_without_a_stack_are_the_roots() {
    let mut tree = StackTree::new(100, 100);
    tree.add(7, &[]);
    assert_eq!(drawn(&profile_of(&tree)), ["(root) 1 1"]);
}
