//! Trees that would end a program that recurses, and profiles that do not fit together.

use super::super::call_paths::MOST_FRAMES;
use super::{empty, encoded, node, sample};
use crate::{Function, FunctionKind, Profile};

const LEVELS: usize = 100_000;

fn chain() -> Profile {
    let mut profile = empty();
    profile
        .functions
        .push(Function::named("descend", FunctionKind::Function));
    profile
        .nodes
        .extend((0..LEVELS).map(|parent| node(Some(parent), 1, 1)));
    profile
}

/// Everything that this build can write.
fn names() -> Vec<&'static str> {
    let mut names = vec!["p.folded", "p.svg", "p.txt"];
    if cfg!(feature = "json") {
        names.extend(["p.json", "p.speedscope.json", "p.trace.json"]);
    }
    if cfg!(feature = "pprof") {
        names.push("p.pb.gz");
    }
    if cfg!(feature = "html") {
        names.push("p.html");
    }
    names
}

#[test]
fn no_format_recurses() {
    let write_all = || {
        let profile = chain();
        for name in names() {
            let size = encoded(&profile, name).len();
            // A list of stacks grows with their depth, but no further than to the deepest that is written.
            assert!(size < 30_000_000, "{name}: {size}");
        }
    };
    // Less than 11 bytes for each level.
    let small = std::thread::Builder::new().stack_size(1 << 20);
    small.spawn(write_all).unwrap().join().unwrap();
}

#[test]
fn what_is_too_deep_for_a_stack_is_counted_under_one_name() {
    let folded = String::from_utf8(encoded(&chain(), "p.folded")).unwrap();
    let last = folded.lines().last().unwrap();
    let (stack, weight) = last.rsplit_once(' ').unwrap();
    assert!(stack.ends_with(";descend;(deeper)"));
    assert_eq!(stack.split(';').count(), MOST_FRAMES + 1);
    assert_eq!(weight, (LEVELS - MOST_FRAMES).to_string());
    assert_eq!(folded.lines().count(), MOST_FRAMES + 1);
    let mut shallow = chain();
    shallow.nodes.truncate(MOST_FRAMES + 1);
    let folded = String::from_utf8(encoded(&shallow, "p.folded")).unwrap();
    assert!(!folded.contains("(deeper)"));
}

#[test]
fn a_tree_that_does_not_fit_together_ends_no_program() {
    let mut profile = sample();
    profile.nodes[1].parent = Some(99);
    profile.nodes[2].parent = Some(5);
    profile.nodes[3].function = 77;
    profile.nodes[4].parent = None;
    profile.line_tables = vec![super::lines()];
    for name in names().into_iter().filter(|name| *name != "p.json") {
        encoded(&profile, name);
    }
    let folded = String::from_utf8(encoded(&profile, "p.folded")).unwrap();
    assert!(folded.contains("(unknown) 300000\n"), "{folded}");
    profile.functions.clear();
    for name in names().into_iter().filter(|name| *name != "p.json") {
        encoded(&profile, name);
    }
    profile.nodes.clear();
    for name in names()
        .into_iter()
        .filter(|name| !["p.json", "p.svg"].contains(name))
    {
        encoded(&profile, name);
    }
}
