//! What registering leaves behind.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use super::*;

/// A group with one case of each kind.
fn register(suite: &mut Suite) {
    suite
        .group("test/sum")
        .about("the sum of the numbers below n")
        .size(10)
        .sizes(&[4, 8, 16])
        .elements(|n| n as u64)
        .bytes(|n| n as u64 * 8)
        .input(|n| (0..n as u64).collect::<Vec<_>>())
        .case("loop", |v: &Vec<u64>| v.iter().sum::<u64>())
        .class(Class::Linear)
        .peer("formula", |v: &Vec<u64>| {
            let n = v.len() as u64;
            n * n.saturating_sub(1) / 2
        })
        .class(Class::Constant)
        .at_most(0.5, "loop")
        .at_most(1.5, "threads")
        .stateful(
            "scratch",
            |_| Vec::new(),
            |scratch: &mut Vec<u64>, v| {
                scratch.clear();
                scratch.extend(v);
                scratch.iter().sum()
            },
        )
        .concurrent("threads", 3, |_| (), |(), v| v.iter().sum())
        .finish();
}

#[test]
fn a_group_is_listed_as_it_was_registered() {
    let mut suite = Suite::new();
    register(&mut suite);
    let case = |name: &str, peer, threads, class: Option<&str>, limits: &[(f64, &str)]| CaseInfo {
        name: name.to_owned(),
        peer,
        threads,
        class: class.map(str::to_owned),
        limits: limits
            .iter()
            .map(|&(ratio, against)| Limit {
                ratio,
                against: against.to_owned(),
            })
            .collect(),
    };
    let expected = GroupInfo {
        name: "test/sum".to_owned(),
        about: "the sum of the numbers below n".to_owned(),
        size: 10,
        sizes: vec![4, 8, 16],
        bytes: Some(80),
        items: Some(10),
        cases: vec![
            case("loop", false, 1, Some("O(n)"), &[]),
            case(
                "formula",
                true,
                1,
                Some("O(1)"),
                &[(0.5, "loop"), (1.5, "threads")],
            ),
            case("scratch", false, 1, None, &[]),
            case("threads", false, 3, None, &[]),
        ],
    };
    assert_eq!(suite.groups().collect::<Vec<_>>(), [&expected]);
    assert_eq!(
        format!("{suite:?}"),
        r#"Suite { groups: {"test/sum"}, .. }"#
    );
}

#[test]
fn all_kinds_of_cases_are_checked_and_run() {
    let mut suite = Suite::new();
    register(&mut suite);
    let definition = &suite.definitions[0];
    for size in [0, 1, 10] {
        (definition.check)(size).unwrap();
    }
    let mut cases = (definition.prepare)(10);
    assert_eq!(cases.len(), 4);
    for case in &mut cases {
        assert!(case.measure(3) >= 0.0);
    }
}

#[test]
fn an_input_is_made_once_for_a_check_and_once_for_all_cases() {
    let made = Rc::new(std::cell::RefCell::new(Vec::new()));
    let record = Rc::clone(&made);
    let mut suite = Suite::new();
    suite
        .group("test/input")
        .input(move |n| record.borrow_mut().push(n))
        .case("a", |(): &()| 1)
        .case("b", |(): &()| 1)
        .finish();
    assert!(made.borrow().is_empty());
    (suite.definitions[0].check)(7).unwrap();
    (suite.definitions[0].prepare)(9);
    assert_eq!(*made.borrow(), [7, 9]);
}

#[test]
fn an_answer_that_differs_is_named() {
    let mut suite = Suite::new();
    suite
        .group("test/answers")
        .input(|n| n)
        .case("right", |n: &usize| n + 1)
        .stateful(
            "wrong at three",
            |_| (),
            |(), n| n + 1 - usize::from(*n == 3),
        )
        .finish();
    let check = &suite.definitions[0].check;
    check(2).unwrap();
    assert_eq!(
        check(3).unwrap_err().to_string(),
        "`wrong at three` and `right` answer differently in `test/answers`: 3 against 4; \
         make them agree before comparing their speed"
    );
}

#[test]
#[should_panic(
    expected = "the bench group `test/sum` is registered twice; give each a name of its own"
)]
fn two_groups_of_one_name_are_refused() {
    let mut suite = Suite::new();
    register(&mut suite);
    register(&mut suite);
}

#[test]
#[should_panic(expected = "the bench group `test/twins` has two cases named `a`")]
fn two_cases_of_one_name_are_refused() {
    Suite::new()
        .group("test/twins")
        .input(|n| n)
        .case("a", |n: &usize| *n)
        .case("a", |n: &usize| *n)
        .finish();
}

#[test]
#[should_panic(expected = "the bench group `test/none` has no case")]
fn a_group_without_cases_is_refused() {
    Suite::new()
        .group("test/none")
        .input::<_, ()>(|n| n)
        .finish();
}

#[test]
#[should_panic(expected = "the bench group `test/none` has no case yet")]
fn a_promise_needs_a_case() {
    Suite::new()
        .group("test/none")
        .input::<_, ()>(|n| n)
        .at_most(1.0, "other")
        .finish();
}

#[test]
#[should_panic(
    expected = "the case `a` of the bench group `test/threads` needs one thread at least"
)]
fn a_case_on_no_thread_is_refused() {
    Suite::new()
        .group("test/threads")
        .input(|n| n)
        .concurrent("a", 0, |_| (), |(), n: &usize| *n)
        .finish();
}

/// How many scopes were opened, and how many of them are open.
#[derive(Default)]
struct Scopes {
    opened: AtomicU64,
    open: AtomicU64,
}

impl Scopes {
    fn open(&'static self) -> OpenScope {
        self.opened.fetch_add(1, Ordering::Relaxed);
        self.open.fetch_add(1, Ordering::Relaxed);
        OpenScope(self)
    }

    fn counts(&self) -> (u64, u64) {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        (read(&self.opened), read(&self.open))
    }
}

struct OpenScope(&'static Scopes);

impl Drop for OpenScope {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}

#[test]
fn a_scope_is_that_of_one_case() {
    static SCOPES: LazyLock<Scopes> = LazyLock::new(Scopes::default);
    let open = || SCOPES.counts().1;
    let mut suite = Suite::new();
    suite
        .group("test/scopes")
        .input(|_| ())
        .case("before", move |()| open() == 0)
        .case("inside", move |()| open() == 1)
        .within(|| SCOPES.open())
        .concurrent("threads", 3, |()| (), move |(), ()| open() == 1)
        .within(|| SCOPES.open())
        .stateful(
            "state",
            move |()| open(),
            move |before, ()| *before == 0 && open() == 1,
        )
        .within(|| SCOPES.open())
        .case("after", move |()| open() == 0)
        .finish();
    let definition = &suite.definitions[0];
    // All answers are `true` only if each was found in the scope of its own case.
    (definition.check)(1).unwrap();
    assert_eq!(SCOPES.counts(), (3, 0));
    let mut cases = (definition.prepare)(1);
    assert_eq!(SCOPES.counts(), (3, 0));
    for (case, opened) in cases.iter_mut().zip([3, 4, 5, 6, 6]) {
        case.measure(5);
        assert_eq!(SCOPES.counts(), (opened, 0));
    }
}

#[test]
#[should_panic(expected = "the bench group `test/none` has no case yet")]
fn a_scope_needs_a_case() {
    Suite::new()
        .group("test/none")
        .input::<_, ()>(|n| n)
        .within(|| ())
        .finish();
}
