//! Nothing of the expansions is said to the user, whatever he asks to be told.
#![deny(warnings, unused, missing_docs, unreachable_pub, rust_2018_idioms)]
#![forbid(unsafe_code)]
#![no_implicit_prelude]

extern crate std;

use ::std::{prelude::v1::*, println};
use ::tuneup_profiling::{profile, profile_all, profile_lines, scope};

mod core {}

/// Has an item of each name that an expansion could want.
#[profile]
#[profile_lines]
fn names(here: u32) -> u32 {
    static SITE: u32 = 1;
    fn name() -> u32 {
        SITE
    }
    fn enter() -> u32 {
        name()
    }
    let __timer = enter();
    let __frame = __timer + here;
    scope!("rest");
    let __scope = __frame;
    __scope
}

/// The same where the attributes stand on async functions.
#[profile_lines]
#[profile]
async fn later<T: Clone>(here: T, (left, _): (T, T), _: T, unused_output: bool) -> Option<T> {
    let __output = left.clone();
    if unused_output {
        return None;
    }
    Some(here)
}

/// A function that does not come to the end of its loop.
#[profile_lines]
fn first(values: &[u32]) -> u32 {
    let mut values = values.iter();
    loop {
        match values.next() {
            Some(0) => continue,
            Some(value) => return *value,
            None => break 0,
        }
    }
}

/// A function in a function.
#[profile_lines]
fn outer() -> u32 {
    #[profile_lines]
    fn inner() -> u32 {
        let closure = |n: u32| n + 1;
        closure(1)
    }
    let closure: fn(u32) -> u32 = |n| n + inner();
    closure(1)
}

struct Type;

#[profile_all]
impl Type {
    #[profile(skip)]
    fn skipped(&self) {}

    #[profile_lines]
    fn lines(&self) {
        self.skipped();
    }
}

macro_rules! functions {
    ($($name:ident: $value:expr, $body:block)*) => {$(
        #[profile]
        #[profile_lines]
        fn $name(n: u32) -> u32 {
            let value = $value + n;
            let block = $body;
            value + block
        }
    )*};
}

functions! {
    one: 1, { let one = 1; one }
    two: 2, { 2 }
}

#[test]
fn what_is_recorded_answers_as_before() {
    Type.lines();
    std::assert_eq!(names(1), 2);
    std::assert_eq!(first(&[0, 3]), 3);
    std::assert_eq!(one(1) + two(2) + outer(), 3 + 6 + 3);
    drop(later(1, (1, 2), 3, false));
    println!();
}
