//! A bench file for the tests: groups whose outcome is known.

mod both;

use std::env;
use std::fs;
use std::hint::black_box;
use std::thread;

use tuneup_benchmarking::harness::{self, Class, Suite};

fn main() {
    harness::main(|suite| {
        suite.note("greeting", || {
            env::var("TUNEUP_TEST_GREETING").unwrap_or_default()
        });
        suite.note("leads its process group", leads_its_process_group);
        tiny(suite);
        fail(suite);
        both::vectors(suite);
        both::gate(suite);
    });
}

/// Whether a Ctrl-C on the terminal passes this process by: the fifth field of its status is its own number. Only Linux
/// can be asked; elsewhere this is false.
fn leads_its_process_group() -> String {
    let status = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let group = status.split(' ').nth(4).unwrap_or_default();
    (group == std::process::id().to_string()).to_string()
}

fn tiny(suite: &mut Suite) {
    suite
        .group("tiny/sum")
        .about("the sum of the numbers below n")
        .size(1_000)
        .sizes(&[64, 256, 1_024, 4_096, 16_384])
        .elements(|n| n as u64)
        .input(|n| n as u64)
        .case("loop", |&n: &u64| {
            (0..n).fold(0, |sum, i| black_box(sum + i))
        })
        .class(Class::Linear)
        .peer("formula", |&n: &u64| n * n.saturating_sub(1) / 2)
        .class(Class::Constant)
        .at_most(0.9, "loop")
        .at_most(0.9, "a case that is not there")
        .finish();
    // Names that mean something in regular expressions and in Criterion's folders.
    suite
        .group("tiny/Vec<u8> × (2 + n)? [^a-z]$")
        .bytes(|_| 3)
        .input(|_| vec![1_u8, 2, 3])
        .case("new", |v: &Vec<u8>| v.len())
        .case("base/old|older", |v: &Vec<u8>| v.iter().map(|_| 1).sum())
        .finish();
    suite
        .group("tiny/prints")
        .input(|n| n)
        .case("without an end", |n: &usize| {
            print!("tune");
            *n
        })
        .concurrent(
            "from two threads",
            2,
            |_| thread::current().id(),
            |main, n: &usize| {
                if thread::current().id() != *main {
                    println!("elsewhere");
                }
                *n
            },
        )
        .finish();
}

fn fail(suite: &mut Suite) {
    suite
        .group("fail/answers")
        .input(|n| n)
        .case("right", |n: &usize| *n)
        .case("wrong", |n: &usize| n + 1)
        .finish();
    suite
        .group("fail/panics")
        .input(|n| n)
        .case("fine", |n: &usize| *n)
        .case("boom", |n: &usize| {
            assert!(*n == 0, "no room for {n}");
            *n
        })
        .finish();
    suite
        .group("fail/late")
        .input(|n| n)
        .case("fine", |n: &usize| *n)
        .stateful(
            "worn out",
            |_| 0,
            |calls: &mut u32, n: &usize| {
                *calls += 1;
                assert!(*calls < 10, "worn out after {calls} calls");
                *n
            },
        )
        .finish();
}
