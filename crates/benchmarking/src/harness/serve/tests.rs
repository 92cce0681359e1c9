//! Requests and answers, without a process in between.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::*;
use crate::protocol::VERSION;

/// Whoever lists or counts holds it: a process has one dhat profiler at most.
static PROFILER: Mutex<()> = Mutex::new(());

fn profiler() -> MutexGuard<'static, ()> {
    PROFILER.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a server does with a request, as text.
fn ask(server: &mut Server<'_>, request: &str) -> String {
    serde_json::to_string(&server.answer(request)).unwrap()
}

fn server(suite: &Suite) -> Server<'_> {
    Server {
        suite,
        prepared: None,
    }
}

/// A suite whose inputs and calls are recorded.
fn suite(record: &Rc<RefCell<Vec<String>>>) -> Suite {
    let (made, called) = (Rc::clone(record), Rc::clone(record));
    let mut suite = Suite::new();
    suite.note("corpus", || "3 files".to_owned());
    suite
        .group("test/a")
        .input(move |n| {
            made.borrow_mut().push(format!("input {n}"));
            n
        })
        .case("fine", move |n: &usize| {
            called.borrow_mut().push(format!("call {n}"));
            *n
        })
        .case("fails at 13", |n: &usize| {
            assert!(*n != 13, "{n} is unlucky");
            *n
        })
        .case("other at 5", |n: &usize| *n + usize::from(*n == 5))
        .finish();
    suite
        .group("test/b")
        .input(|n| n)
        .case("a word", |n: &usize| {
            if *n == 2 {
                std::panic::panic_any("two");
            }
        })
        .case("no word", |n: &usize| {
            if *n == 2 {
                std::panic::panic_any(2_u8);
            }
        })
        .finish();
    suite
}

#[test]
fn it_lists_what_there_is() {
    let _profiler = profiler();
    let suite = suite(&Rc::default());
    let Response::Listing(listing) = server(&suite).answer(r#""List""#) else {
        panic!("no listing");
    };
    assert_eq!((listing.version, listing.heap), (VERSION, false));
    let names: Vec<_> = listing.groups.iter().map(|group| &group.name).collect();
    assert_eq!(names, ["test/a", "test/b"]);
}

#[test]
fn it_tells_the_notes_when_asked() {
    let suite = suite(&Rc::default());
    assert_eq!(
        ask(&mut server(&suite), r#""Notes""#),
        r#"{"Notes":[["corpus","3 files"]]}"#
    );
}

#[test]
fn it_checks_answers_at_a_size() {
    let suite = suite(&Rc::default());
    let mut server = server(&suite);
    let check = |size: usize| format!(r#"{{"Check":{{"group":0,"size":{size}}}}}"#);
    assert_eq!(ask(&mut server, &check(4)), r#""Checked""#);
    assert_eq!(
        ask(&mut server, &check(5)),
        r#"{"Failed":{"message":"`other at 5` and `fine` answer differently in `test/a`: 6 against 5; make them agree before comparing their speed"}}"#
    );
}

#[test]
fn it_keeps_the_input_of_one_group_at_one_size() {
    let record = Rc::default();
    let suite = suite(&record);
    let mut server = server(&suite);
    let mut run = |group: usize, case: usize, size: usize, iterations: u64| {
        let request = format!(
            r#"{{"Run":{{"group":{group},"case":{case},"size":{size},"iterations":{iterations}}}}}"#
        );
        assert!(matches!(server.answer(&request), Response::Ran { ns } if ns >= 0.0));
    };
    run(0, 0, 4, 2);
    run(0, 1, 4, 1);
    run(0, 0, 4, 1);
    run(0, 0, 6, 1);
    run(1, 0, 6, 1);
    run(0, 0, 6, 0);
    assert_eq!(
        *record.borrow(),
        [
            "input 4", "call 4", "call 4", "call 4", "input 6", "call 6", "input 6"
        ]
    );
}

#[test]
fn a_panic_is_an_answer_and_the_server_lives_on() {
    let record = Rc::default();
    let suite = suite(&record);
    let mut server = server(&suite);
    let run = |group: usize, case: usize, size: usize| {
        format!(r#"{{"Run":{{"group":{group},"case":{case},"size":{size},"iterations":1}}}}"#)
    };
    let failed = |message: &str| format!(r#"{{"Failed":{{"message":"{message}"}}}}"#);
    assert_eq!(
        ask(&mut server, &run(0, 1, 13)),
        failed("`test/a/fails at 13` panicked: 13 is unlucky")
    );
    // What the panic may have left half done is not used again.
    assert!(ask(&mut server, &run(0, 0, 13)).starts_with(r#"{"Ran":"#));
    assert_eq!(*record.borrow(), ["input 13", "input 13", "call 13"]);
    assert_eq!(
        ask(&mut server, r#"{"Check":{"group":0,"size":13}}"#),
        failed("`test/a/fails at 13` panicked: 13 is unlucky")
    );
    assert_eq!(
        ask(&mut server, &run(1, 0, 2)),
        failed("`test/b/a word` panicked: two")
    );
    assert_eq!(
        ask(&mut server, &run(1, 1, 2)),
        failed("`test/b/no word` panicked: no message")
    );
}

#[test]
fn a_request_for_what_is_not_there_is_an_answer_too() {
    let _profiler = profiler();
    let suite = suite(&Rc::default());
    let mut server = server(&suite);
    for request in [
        r#"{"Check":{"group":2,"size":1}}"#,
        r#"{"Run":{"group":0,"case":9,"size":1,"iterations":1}}"#,
        r#"{"Heap":{"group":7,"case":0,"size":1}}"#,
    ] {
        let answer = ask(&mut server, request);
        assert!(
            answer.contains("it panicked: index out of bounds"),
            "{answer}"
        );
    }
    for request in ["", "{", r#""Stop""#, r#"{"Run":{"group":-1}}"#] {
        let answer = ask(&mut server, request);
        assert!(answer.contains("unreadable request: "), "{answer}");
    }
    assert!(ask(&mut server, r#""List""#).starts_with(r#"{"Listing":"#));
}

#[test]
fn without_dhat_nothing_is_counted() {
    let _profiler = profiler();
    let suite = suite(&Rc::default());
    assert_eq!(
        ask(
            &mut server(&suite),
            r#"{"Heap":{"group":0,"case":0,"size":1}}"#
        ),
        r#"{"Failed":{"message":"this executable's global allocator is not dhat::Alloc"}}"#
    );
}
