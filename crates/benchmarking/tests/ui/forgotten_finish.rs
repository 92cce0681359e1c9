//! Nothing is registered until `finish` is called.
#![deny(unused_must_use)]

use tuneup_benchmarking::harness::Suite;

fn register(suite: &mut Suite) {
    suite.group("a/b").size(3);
    suite
        .group("a/c")
        .input(|n| n)
        .case("same", |n: &usize| *n)
        .case("copied", |n: &usize| n.clone());
}

fn main() {
    register(&mut Suite::new());
}
