//! Exact counts for functions of every shape.

mod blocks;
mod futures;

use std::{collections::BTreeMap, ops::Add, time::Duration};

use tuneup_profiling::{Function, FunctionKind, Profile, profile, profile_fn, scope};

use crate::{
    alone::alone,
    recorded::{block_on, pass, recorded},
};

/// A name without the modules of these tests.
fn short(name: &str) -> String {
    let modules = ["blocks::", "futures::", ""].map(|inner| format!("{}::{inner}", module_path!()));
    modules
        .iter()
        .fold(name.to_owned(), |name, module| name.replace(module, ""))
}

/// What was recorded here, and how often each was called.
fn calls(profile: &Profile) -> BTreeMap<String, u64> {
    let called = profile.functions.iter().filter(|function| {
        function.calls > 0 && !matches!(function.kind, FunctionKind::Root | FunctionKind::Folded)
    });
    called
        .map(|function| (short(&function.name), function.calls))
        .collect()
}

/// The same, written down by hand.
fn counted<const N: usize>(expected: [(&str, u64); N]) -> BTreeMap<String, u64> {
    let owned = expected.map(|(name, calls)| (name.to_owned(), calls));
    owned.into_iter().collect()
}

fn function<'a>(profile: &'a Profile, name: &str) -> &'a Function {
    let mut functions = profile.functions.iter();
    functions
        .find(|function| short(&function.name) == name)
        .expect("the function was not recorded")
}

/// How often each path from the root was taken.
fn paths(profile: &Profile) -> BTreeMap<String, u64> {
    let mut names: Vec<String> = Vec::new();
    let mut paths = BTreeMap::new();
    for node in &profile.nodes {
        let name = short(&profile.functions[node.function].name);
        let path = match node.parent {
            None => String::new(),
            Some(parent) if names[parent].is_empty() => name,
            Some(parent) => format!("{} > {name}", names[parent]),
        };
        if node.calls > 0 && node.parent.is_some() {
            paths.insert(path.clone(), node.calls);
        }
        names.push(path);
    }
    paths
}

#[profile]
fn leaf(ns: u64) -> u64 {
    pass(ns);
    ns
}

#[profile]
fn generic<T: Copy + Into<u64>, const N: usize>(values: [T; N]) -> u64 {
    values.iter().map(|value| leaf((*value).into())).sum()
}

#[test]
fn instances_of_a_generic_function_are_one() {
    let profile = recorded(|| assert_eq!(generic([1_u8, 2]) + generic([3_u32]), 6));
    assert_eq!(calls(&profile), counted([("generic", 2), ("leaf", 3)]));
    let expected = counted([("generic", 2), ("generic > leaf", 3)]);
    assert_eq!(paths(&profile), expected);
    let generic = function(&profile, "generic");
    assert_eq!(generic.self_time, Duration::ZERO);
    assert_eq!(generic.cumulative, Duration::from_nanos(6));
    assert_eq!(generic.kind, FunctionKind::Function);
}

#[profile]
fn fibonacci(n: u32) -> u64 {
    pass(1);
    match n {
        0 | 1 => u64::from(n),
        _ => fibonacci(n - 1) + fibonacci(n - 2),
    }
}

#[test]
fn recursion_is_primitive_once() {
    let profile = recorded(|| assert_eq!(fibonacci(15), 610));
    let function = function(&profile, "fibonacci");
    assert_eq!((function.calls, function.primitive_calls), (1_973, 1));
    assert_eq!(function.self_time, Duration::from_nanos(1_973));
    assert_eq!(function.cumulative, function.self_time);
}

#[profile]
fn even(n: u32) -> bool {
    n == 0 || odd(n - 1)
}

#[profile]
fn odd(n: u32) -> bool {
    n != 0 && even(n - 1)
}

#[test]
fn mutual_recursion_is_primitive_once_each() {
    let profile = recorded(|| assert!(even(10) && odd(3)));
    assert_eq!(calls(&profile), counted([("even", 8), ("odd", 7)]));
    assert_eq!(function(&profile, "even").primitive_calls, 2);
    assert_eq!(function(&profile, "odd").primitive_calls, 2);
}

trait Shape {
    fn area(&self) -> u64;

    #[profile]
    fn twice(&self) -> u64 {
        2 * self.area()
    }
}

#[derive(Clone, Copy)]
struct Square(u64);

struct Circle<T>(T);

impl Shape for Square {
    #[profile]
    fn area(&self) -> u64 {
        self.0 * self.0
    }
}

impl<T: Into<u64> + Copy> Shape for Circle<T> {
    #[profile]
    fn area(&self) -> u64 {
        3 * self.0.into() * self.0.into()
    }

    #[profile]
    fn twice(&self) -> u64 {
        self.area() + self.area()
    }
}

impl Add for Square {
    type Output = Self;

    #[profile]
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

struct Temporary;

impl Drop for Temporary {
    #[profile]
    fn drop(&mut self) {
        leaf(0);
    }
}

#[test]
fn methods_are_named_by_type_and_trait() {
    let profile = recorded(|| {
        let circle = Circle(1_u8);
        drop(Temporary);
        let shapes: [&dyn Shape; 3] = [&Square(2), &circle, &(Square(1) + Square(2))];
        assert_eq!(shapes.map(Shape::twice).iter().sum::<u64>(), 8 + 6 + 18);
    });
    let expected = counted([
        ("<Circle<_> as Shape>::area", 2),
        ("<Circle<_> as Shape>::twice", 1),
        ("<Square as Shape>::area", 2),
        ("<Square as core::ops::arith::Add>::add", 1),
        ("<Temporary as core::ops::drop::Drop>::drop", 1),
        ("Shape::twice", 2),
        ("leaf", 1),
    ]);
    assert_eq!(calls(&profile), expected);
}

#[profile]
fn early(values: &[Option<u64>]) -> Option<u64> {
    if values.is_empty() {
        return Some(0);
    }
    for value in values {
        let value = (*value)?;
        if value > 100 {
            return Some(leaf(value));
        }
    }
    None
}

#[profile]
fn panics(n: u64) -> u64 {
    let deeper = || panics(n - 1);
    match leaf(n) {
        0 => panic!("as it should"),
        _ => deeper(),
    }
}

#[profile]
fn goes_on() -> u64 {
    std::panic::catch_unwind(|| panics(2)).unwrap_or_else(|_| leaf(1))
}

#[test]
fn however_a_call_ends_it_is_counted() {
    let profile = recorded(|| {
        assert_eq!(early(&[]), Some(0));
        assert_eq!(early(&[None]), None);
        assert_eq!(early(&[Some(1), Some(101), None]), Some(101));
        assert_eq!(early(&[Some(1)]), None);
        assert_eq!(goes_on(), 1);
    });
    let expected = counted([
        ("early", 4),
        ("early > leaf", 1),
        ("goes_on", 1),
        ("goes_on > leaf", 1),
        ("goes_on > panics", 1),
        ("goes_on > panics > leaf", 1),
        ("goes_on > panics > panics", 1),
        ("goes_on > panics > panics > leaf", 1),
        ("goes_on > panics > panics > panics", 1),
        ("goes_on > panics > panics > panics > leaf", 1),
    ]);
    assert_eq!(paths(&profile), expected);
}

#[profile]
fn lazily(n: u64) -> impl Iterator<Item = u64> {
    (0..n).map(leaf)
}

#[profile]
fn adder(by: u64) -> impl Fn(u64) -> u64 + Send + 'static {
    leaf(by);
    move |to| leaf(to) + by
}

#[profile]
fn boxed(n: u64) -> Box<dyn FnOnce() -> u64> {
    Box::new(move || leaf(n))
}

#[test]
fn what_is_returned_runs_outside_of_the_call() {
    let profile = recorded(|| {
        assert_eq!(lazily(3).sum::<u64>(), 3);
        assert_eq!(adder(1)(2), 3);
        assert_eq!(boxed(4)(), 4);
    });
    let expected = counted([
        ("adder", 1),
        ("adder > leaf", 1),
        ("boxed", 1),
        ("lazily", 1),
        ("leaf", 5),
    ]);
    assert_eq!(paths(&profile), expected);
}

#[profile]
unsafe fn read(pointer: *const u64) -> u64 {
    // SAFETY: the caller has a value behind it.
    unsafe { *pointer }
}

#[profile]
extern "C" fn callback(n: u64) -> u64 {
    n + 1
}

#[profile]
fn unsized_arguments<'a, T: ?Sized + AsRef<[u8]>>(bytes: &'a T, mut rest: &'a [u8]) -> &'a [u8] {
    let bytes = bytes.as_ref();
    if rest.len() < bytes.len() {
        rest = bytes;
    }
    rest
}

#[profile]
fn patterns((left, _): (u64, u64), [first, .., last]: [u64; 3], Square(side): Square) -> u64 {
    left + first + last + side
}

#[test]
fn signatures_of_every_shape() {
    let profile = recorded(|| {
        // SAFETY: the pointer is to a constant.
        assert_eq!(unsafe { read(&7) }, 7);
        let pointer: extern "C" fn(u64) -> u64 = callback;
        assert_eq!(pointer(pointer(1)), 3);
        assert_eq!(unsized_arguments("text", b"a"), b"text");
        assert_eq!(patterns((1, 2), [3, 4, 5], Square(6)), 15);
    });
    let expected = counted([
        ("callback", 2),
        ("patterns", 1),
        ("read", 1),
        ("unsized_arguments", 1),
    ]);
    assert_eq!(calls(&profile), expected);
}

#[profile]
fn parts(n: u64) -> Option<u64> {
    for i in 0..n {
        scope!("turn");
        leaf(i);
        if i == 2 {
            scope!("nested");
            leaf(10);
            None?;
        }
    }
    let rest = {
        scope!("rest");
        profile_fn("inner", || leaf(1))
    };
    Some(rest)
}

#[test]
fn scopes_end_with_their_blocks() {
    let profile = recorded(|| assert_eq!([parts(2), parts(4)], [Some(1), None]));
    let expected = counted([
        ("parts", 2),
        ("parts > rest", 1),
        ("parts > rest > inner", 1),
        ("parts > rest > inner > leaf", 1),
        ("parts > turn", 5),
        ("parts > turn > leaf", 5),
        ("parts > turn > nested", 1),
        ("parts > turn > nested > leaf", 1),
    ]);
    assert_eq!(paths(&profile), expected);
    assert_eq!(function(&profile, "turn").kind, FunctionKind::Scope);
}

mod options {
    use tuneup_profiling::profile;

    #[profile(name = "a name")]
    pub(super) fn named() -> u64 {
        super::leaf(1)
    }

    #[profile(sampled)]
    pub(super) fn sampled() -> u64 {
        super::leaf(1)
    }

    #[profile(crate = ::tuneup_profiling, name = "small", boxed)]
    pub(super) async fn boxed(room: [u8; 1_000]) -> usize {
        crate::recorded::turn().await;
        room.len()
    }
}

#[test]
fn options_are_heard() {
    let profile = recorded(|| {
        assert_eq!(options::named() + options::sampled(), 2);
        let future = options::boxed([0; 1_000]);
        assert_eq!(block_on(future), 1_000);
    });
    let expected = counted([
        ("a name", 1),
        ("leaf", 2),
        ("options::sampled", 1),
        ("small", 1),
    ]);
    assert_eq!(calls(&profile), expected);
    assert!(function(&profile, "options::sampled").untimed);
    assert!(!function(&profile, "a name").untimed);
}

#[profile]
fn in_threads(threads: u64) -> u64 {
    let handles: Vec<_> = (0..threads)
        .map(|_| std::thread::spawn(|| (0..1_000).map(|_| 1 + leaf(0)).sum::<u64>()))
        .collect();
    handles
        .into_iter()
        .map(|handle| handle.join().unwrap())
        .sum()
}

#[test]
fn threads_lose_nothing() {
    let profile = recorded(|| assert_eq!(in_threads(3), 3_000));
    let expected = counted([("in_threads", 1), ("leaf", 3_000)]);
    assert_eq!(paths(&profile), expected);
    assert_eq!(function(&profile, "leaf").threads, 3);
    assert_eq!(function(&profile, "in_threads").threads, 1);
}

#[test]
fn nothing_is_recorded_between_sessions() {
    let between = alone();
    assert_eq!(fibonacci(10), 55);
    drop(between);
    let profile = recorded(|| assert_eq!(fibonacci(2), 1));
    assert_eq!(calls(&profile), counted([("fibonacci", 3)]));
}

#[test]
fn a_site_knows_its_place() {
    let profile = recorded(|| assert_eq!(leaf(1), 1));
    let leaf = function(&profile, "leaf");
    let line = include_str!("shapes.rs")
        .lines()
        .position(|line| line.starts_with("fn leaf("));
    assert_eq!(leaf.file, file!());
    assert_eq!(Some(leaf.line as usize), line.map(|index| index + 1));
}
