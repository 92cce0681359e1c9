//! What `#[profile]` and `#[profile_all]` tell the recorder of calls, and by which name.

mod blocks;
mod futures;

use std::{
    future::Future,
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
};

use tuneup_macros::{profile, profile_lines};

use crate::__private::{event, events};

/// The events of a run, without the places of functions.
fn recorded(run: impl FnOnce()) -> Vec<String> {
    events();
    run();
    let modules = ["blocks::", "futures::", ""].map(|inner| format!("{}::{inner}", module_path!()));
    let without_place = |text: &str| text.split(" at ").next().unwrap_or_default().to_owned();
    let without_modules = |text: String| {
        modules
            .iter()
            .fold(text, |text, module| text.replace(module, ""))
    };
    let events = events().into_iter();
    events
        .map(|text| without_modules(without_place(&text)))
        .collect()
}

/// The name and nothing else of what a run enters.
fn entered(run: impl FnOnce()) -> Vec<String> {
    let enters = |text: String| text.strip_prefix("enter ").map(str::to_owned);
    recorded(run).into_iter().filter_map(enters).collect()
}

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = poll(future.as_mut()) {
            return output;
        }
    }
}

async fn turn() {
    let mut pending = true;
    std::future::poll_fn(|_| match std::mem::take(&mut pending) {
        true => Poll::Pending,
        false => Poll::Ready(()),
    })
    .await;
}

#[profile]
fn free(n: u32) -> u32 {
    event("body");
    n + 1
}

#[test]
fn a_call_is_entered_and_left() {
    let events = recorded(|| assert_eq!(free(1), 2));
    assert_eq!(events, ["enter free", "body", "leave free"]);
}

#[test]
fn a_site_knows_its_place() {
    events();
    free(1);
    let line = include_str!("calls.rs")
        .lines()
        .position(|line| line.starts_with("fn free("));
    let place = format!(" at {}:{}", file!(), line.unwrap() + 1);
    let entered = events().remove(0);
    assert!(entered.ends_with(&place), "{entered} is not {place}");
}

#[profile]
fn fibonacci(n: u32) -> u32 {
    match n {
        0 | 1 => n,
        _ => fibonacci(n - 1) + fibonacci(n - 2),
    }
}

#[test]
fn every_recursive_call_counts() {
    let names = entered(|| assert_eq!(fibonacci(10), 55));
    assert_eq!(names.len(), 177);
}

#[profile]
fn early(text: &str) -> Result<u32, std::num::ParseIntError> {
    if text.is_empty() {
        return Ok(0);
    }
    let number: u32 = text.parse()?;
    Ok(number)
}

#[profile]
fn panics() -> ! {
    panic!("as it should")
}

#[test]
fn however_a_function_ends_it_is_left() {
    let events = recorded(|| {
        assert!(early("").is_ok());
        assert!(early("x").is_err());
        assert!(std::panic::catch_unwind(|| panics()).is_err());
    });
    let expected = [
        "enter early",
        "leave early",
        "enter early",
        "leave early",
        "enter panics",
        "leave panics",
    ];
    assert_eq!(events, expected);
}

struct Stack<T>(Vec<T>);

trait Named {
    #[profile]
    fn default_name(&self) -> String {
        self.name()
    }

    fn name(&self) -> String;
}

impl<T: Clone> Stack<T> {
    #[profile]
    fn new() -> Self {
        Self(Vec::new())
    }

    #[profile]
    fn push<I>(&mut self, values: I) -> &mut Self
    where
        I: IntoIterator<Item = T>,
    {
        self.0.extend(values);
        self
    }

    #[profile]
    fn iter<'a>(&'a self) -> impl Iterator<Item = T> + use<'a, T> {
        #[profile]
        fn inner<T>(values: &[T]) -> std::slice::Iter<'_, T> {
            values.iter()
        }
        inner(&self.0).cloned()
    }
}

impl<T> Named for Stack<T> {
    #[profile]
    fn name(&self) -> String {
        format!("stack of {}", self.0.len())
    }
}

#[test]
fn methods_are_named_by_their_types_and_traits() {
    let names = entered(|| {
        let mut stack = Stack::new();
        let sum: u8 = stack.push([1]).push([2]).iter().sum();
        let named: &dyn Named = &stack;
        assert_eq!((sum, named.default_name().as_str()), (3, "stack of 2"));
    });
    let expected = [
        "Stack<_>::new",
        "Stack<_>::push",
        "Stack<_>::push",
        "Stack<_>::iter",
        "Stack<_>::iter::inner",
        "Named::default_name",
        "<Stack<_> as Named>::name",
    ];
    assert_eq!(names, expected);
}

#[profile]
#[inline]
#[track_caller]
#[must_use = "a place"]
fn caller() -> u32 {
    std::panic::Location::caller().line()
}

#[profile]
unsafe fn dereferenced(pointer: *const u32) -> u32 {
    // SAFETY: the caller has a value behind it.
    unsafe { *pointer }
}

#[profile]
extern "C" fn called_from_c(n: i32) -> i32 {
    #![allow(unused_mut)]
    use std::ops::Add as _;
    const ONE: i32 = 1;

    let mut n = n;
    n.add(ONE)
}

#[profile]
fn shaped<const N: usize, T: ?Sized + AsRef<str>>(
    first: [u32; N],
    (mut left, _): (u32, u32),
    text: &T,
    visit: &mut dyn FnMut(&str),
) -> usize {
    left += first[0];
    visit(text.as_ref());
    left as usize
}

#[test]
fn signatures_of_every_shape() {
    let names = entered(|| {
        assert_eq!(caller(), line!());
        // SAFETY: the pointer is to a constant.
        assert_eq!(unsafe { dereferenced(&7) }, 7);
        let pointer: extern "C" fn(i32) -> i32 = called_from_c;
        assert_eq!(pointer(1), 2);
        let mut length = 0;
        let sum = shaped([1], (2, 3), "text", &mut |text| length = text.len());
        assert_eq!((sum, length), (3, 4));
    });
    assert_eq!(names, ["caller", "dereferenced", "called_from_c", "shaped"]);
}

mod options {
    use tuneup_macros::profile;

    #[profile(name = "a name")]
    pub(super) fn named() {}

    #[profile(sampled)]
    pub(super) fn sampled() {}

    #[profile(crate = crate, name = "elsewhere", sampled)]
    pub(super) fn everything() {}

    #[profile(boxed)]
    pub(super) async fn boxed(n: u32) -> u32 {
        match n {
            0 => 0,
            // Without the box, the future would contain itself.
            _ => n + boxed(n - 1).await,
        }
    }
}

#[test]
fn options_are_heard() {
    let events = recorded(|| {
        options::named();
        options::sampled();
        options::everything();
    });
    let expected = [
        "enter a name",
        "leave a name",
        "enter untimed options::sampled",
        "leave untimed options::sampled",
        "enter untimed elsewhere",
        "leave untimed elsewhere",
    ];
    assert_eq!(events, expected);
    let events = recorded(|| assert_eq!(block_on(options::boxed(2)), 3));
    let polls = events
        .iter()
        .filter(|event| *event == "poll options::boxed");
    assert_eq!(polls.count(), 3);
}

#[profile]
#[profile_lines]
fn profile_first() {
    event("body");
}

#[profile_lines(name = "lines")]
#[profile(name = "calls")]
fn lines_first() {
    event("body");
}

#[test]
fn both_attributes_in_any_order() {
    let events = recorded(profile_first);
    let expected = [
        "enter profile_first",
        "lines of profile_first",
        "+1",
        "body",
        "end",
        "leave profile_first",
    ];
    assert_eq!(events, expected);
    let events = recorded(lines_first);
    let expected = [
        "enter calls",
        "lines of lines",
        "+1",
        "body",
        "end",
        "leave calls",
    ];
    assert_eq!(events, expected);
}
