//! Functions do the same with the attributes as without: the same answers, and everything is dropped in the same order.

// What is compared here is written in ways in which one would not write it.
#![allow(clippy::all, clippy::semicolon_if_nothing_returned, clippy::uninlined_format_args)]

use std::{
    cell::RefCell,
    pin::{Pin, pin},
    sync::Mutex,
};

use tuneup_macros::{profile, profile_lines};

use self::futures::{block_on, turn};
use crate::__private::events;

thread_local! {
    static DROPPED: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
}

/// Says when it is dropped.
#[derive(Debug)]
struct Noisy(&'static str);

impl Noisy {
    fn name(&self) -> &'static str {
        self.0
    }

    fn itself(&self) -> &Self {
        self
    }
}

impl Drop for Noisy {
    fn drop(&mut self) {
        DROPPED.with_borrow_mut(|dropped| dropped.push(self.0));
    }
}

fn keep(_: &str) {}

/// The answer, and what was dropped.
type Outcome<T> = (T, Vec<&'static str>);

fn outcome<T>(run: impl FnOnce() -> T) -> Outcome<T> {
    DROPPED.take();
    let answer = run();
    events();
    (answer, DROPPED.take())
}

/// Writes functions down in several modules, each with other attributes.
macro_rules! functions {
    ($($function:item)+) => {
        mod plain { #[allow(unused_imports)] use super::*; $($function)+ }
        mod lined { #[allow(unused_imports)] use super::*; $(#[profile_lines] $function)+ }
        mod profiled { #[allow(unused_imports)] use super::*; $(#[profile] $function)+ }
        mod both { #[allow(unused_imports)] use super::*; $(#[profile] #[profile_lines] $function)+ }
        mod reversed { #[allow(unused_imports)] use super::*; $(#[profile_lines] #[profile] $function)+ }
    };
}

/// Runs an expression with the functions of each module, and compares what comes of it with the plain ones.
macro_rules! compare {
    ($run:expr) => {{
        let plain = { use plain::*; outcome(|| $run) };
        assert!(!plain.1.is_empty(), "nothing was dropped, so that nothing was compared");
        assert_eq!({ use lined::*; outcome(|| $run) }, plain, "with #[profile_lines]");
        assert_eq!({ use profiled::*; outcome(|| $run) }, plain, "with #[profile]");
        assert_eq!({ use both::*; outcome(|| $run) }, plain, "with both");
        assert_eq!({ use reversed::*; outcome(|| $run) }, plain, "with both the other way round");
    }};
}

#[test]
fn variables_and_arguments() {
    functions! {
        pub(super) fn drops(first: Noisy, _: Noisy, (left, _): (Noisy, Noisy), mut last: Noisy) -> usize {
            let local = Noisy("local");
            let _ = Noisy("at once");
            let _kept = Noisy("kept");
            last.0 = "last, changed";
            if first.name() == "first" {
                let _inner = (Noisy("in the block"), left);
                return local.name().len();
            }
            drop(first);
            0
        }
    }
    let pair = || (Noisy("left"), Noisy("right"));
    compare!(drops(Noisy("first"), Noisy("ignored"), pair(), Noisy("last")));
    compare!(drops(Noisy("other"), Noisy("ignored"), pair(), Noisy("last")));
}

#[test]
fn temporaries() {
    functions! {
        pub(super) fn extended() -> usize {
            let reference = &Noisy("extended");
            let tuple = (&Noisy("in a tuple"), 1);
            let block = { let _local = Noisy("local"); &Noisy("at the end of a block") };
            let chosen = if tuple.1 == 1 { &Noisy("then") } else { &Noisy("else") };
            let matched = match tuple.1 { 1 => &Noisy("an arm"), _ => &Noisy("other arm") };
            let length = Noisy("temporary").itself().itself().name().len();
            let _after = Noisy("after");
            reference.name().len() + tuple.0.name().len() + block.name().len()
                + chosen.name().len() + matched.name().len() + length
        }
        pub(super) fn scrutinees() -> usize {
            let mut turns = 0;
            match Noisy("scrutinee").itself().name() {
                "scrutinee" => { let _arm = Noisy("arm"); }
                _ => unreachable!(),
            }
            if let "condition" = Noisy("condition").itself().name() {
                let _then = Noisy("then");
            } else {
                let _otherwise = Noisy("otherwise");
            }
            if let "another" = Noisy("not that").itself().name() {
                let _then = Noisy("then");
            } else {
                let _otherwise = Noisy("otherwise");
            }
            while let Some(_left) = Noisy("loop").itself().name().len().checked_sub(turns + 2) {
                let _turn = Noisy("turn");
                turns += 1;
                assert_eq!(Noisy("end of the turn").itself().name().len(), 15);
            }
            for letter in Noisy("for").itself().name().chars() {
                let _turn = Noisy("turn");
                if letter == 'o' { continue }
                match Noisy("at the end of the loop").itself() { noisy => assert!(!noisy.name().is_empty()) }
            }
            turns
        }
        pub(super) fn at_the_end(lock: &Mutex<u32>) -> u32 {
            let _local = Noisy("local");
            let _guarded = Noisy("guarded").name();
            match *lock.lock().unwrap() {
                0 => match Noisy("inner").itself() { noisy => noisy.name().len() as u32 },
                other => other + Noisy("outer").itself().name().len() as u32,
            }
        }
        pub(super) fn in_a_loop(count: &Mutex<u32>) {
            while *count.lock().unwrap() > 0 {
                let _local = Noisy("local");
                match Noisy("temporary at the end").itself().name() { _ => *count.lock().unwrap() -= 1 }
            }
        }
        pub(super) fn unit_at_the_end(count: &Mutex<u32>) {
            loop {
                let _local = Noisy("local");
                let mut count = count.lock().unwrap();
                *count -= 1;
                if *count == 0 { break }
                keep(Noisy("temporary").itself().name())
            }
        }
    }
    compare!(extended());
    compare!(scrutinees());
    compare!(at_the_end(&Mutex::new(0)));
    compare!(at_the_end(&Mutex::new(7)));
    compare!(in_a_loop(&Mutex::new(2)));
    compare!(unit_at_the_end(&Mutex::new(3)));
}

#[test]
fn jumps_with_values() {
    functions! {
        pub(super) fn jumps(limit: usize) -> Result<usize, String> {
            let found = loop {
                let _turn = Noisy("turn");
                let noisy = Noisy("found");
                if limit > 0 { break noisy }
                return Err(format!("none below {}", limit));
            };
            let inner = 'outer: loop {
                for n in 0.. {
                    let _noisy = Noisy("n");
                    if n == limit { break 'outer n }
                    if n > 100 { continue 'outer }
                }
            };
            let length = 'block: {
                let _noisy = Noisy("block");
                if inner == 3 { break 'block 3 }
                let parsed: usize = found.name().parse().map_err(|_| Noisy("error").name())?;
                parsed
            };
            let Some(rest) = length.checked_sub(2) else { return Ok(0) };
            let closure = |text: &str| -> Result<usize, std::num::ParseIntError> {
                let _noisy = Noisy("closure");
                let number: usize = text.parse()?;
                if number == 1 { return Ok(10) }
                Ok(number)
            };
            closure("1").and_then(|one| Ok(one + rest + closure("x")?)).map_err(|error| error.to_string())
        }
    }
    compare!(jumps(0));
    compare!(jumps(1));
    compare!(jumps(3));
}

#[test]
fn borrows() {
    functions! {
        pub(super) fn longest<'a>(left: &'a mut String, right: &'a str, _noisy: Noisy) -> &'a str {
            left.push('!');
            let chosen = match left.len() > right.len() { true => &**left, false => right };
            let length = &mut 0;
            for letter in chosen.chars() {
                let next = |by: usize| *length + by;
                *length = next(letter.len_utf8());
            }
            assert_eq!(*length, chosen.len());
            chosen
        }
        pub(super) fn unsized_arguments(text: &(impl AsRef<str> + ?Sized), list: &dyn Fn(&str) -> Noisy) -> usize {
            let text: &str = text.as_ref();
            list(text).name().len()
        }
        pub(super) fn returns_a_closure(noisy: Noisy) -> impl Fn(usize) -> usize {
            move |by| noisy.name().len() * by
        }
        pub(super) fn returns_an_iterator<'a>(noisy: &'a Noisy, texts: &'a [&'a str]) -> impl Iterator<Item = usize> + 'a {
            let _local = Noisy("local");
            texts.iter().map(|text| text.len() + noisy.name().len())
        }
        pub(super) fn boxes(noisy: Noisy) -> Box<dyn Fn() -> usize> {
            let call = move || noisy.name().len();
            if call() > 3 { Box::new(call) } else { Box::new(|| 0) }
        }
    }
    compare!(longest(&mut "left".to_owned(), "right", Noisy("argument")).to_owned());
    compare!(unsized_arguments("text", &|_| Noisy("made")));
    compare!(returns_a_closure(Noisy("captured"))(2));
    compare!(returns_an_iterator(&Noisy("four"), &["a", "bc"]).sum::<usize>());
    compare!(boxes(Noisy("boxed"))() + boxes(Noisy("box"))());
}

#[test]
fn panics() {
    functions! {
        pub(super) fn panics(noisy: Noisy) -> usize {
            let _local = Noisy("local");
            let lengths = [noisy.name().len()];
            let closure = |index: usize| { let _inner = Noisy("inner"); lengths[index] };
            closure(lengths.len())
        }
        #[allow(unreachable_code)]
        pub(super) fn never(noisy: Noisy) -> ! {
            let _local = Noisy("local");
            std::panic::panic_any(noisy.name().len())
        }
    }
    let caught = |run: fn(Noisy) -> usize| {
        let run = || run(Noisy("argument"));
        std::panic::catch_unwind(run).is_err()
    };
    compare!(caught(panics));
    compare!(caught(|noisy| never(noisy)));
}

mod futures;

/// Methods have receivers, and arguments that they do not name.
struct Methods {
    left: Noisy,
    right: Noisy,
}

macro_rules! methods {
    ($($module:ident $(#[$attribute:ident])*;)+) => {$(
        mod $module {
            use super::*;

            pub(super) trait Measured: Sized {
                $(#[$attribute])*
                async fn consumed(self, other: Noisy) -> usize
                where
                    Self: 'static,
                {
                    turn().await;
                    other.name().len()
                }

                async fn field(self, _: Noisy) -> &'static str;

                async fn pinned<'a>(self: Pin<&'a mut Self>, other: &'a Noisy) -> &'a str;

                fn boxed(self: Box<Self>) -> Noisy;
            }

            impl Measured for Methods {
                $(#[$attribute])*
                async fn field(mut self, _other: Noisy) -> &'static str {
                    turn().await;
                    self.left.0 = "left, changed";
                    self.left.name()
                }

                $(#[$attribute])*
                async fn pinned<'a>(self: Pin<&'a mut Self>, other: &'a Noisy) -> &'a str {
                    turn().await;
                    if other.name() == "self" { self.into_ref().get_ref().right.name() } else { other.name() }
                }

                $(#[$attribute])*
                fn boxed(self: Box<Self>) -> Noisy {
                    let Self { left, right: _right } = *self;
                    left
                }
            }
        }
    )+};
}

#[test]
fn receivers() {
    methods! {
        plain;
        lined #[profile_lines];
        profiled #[profile];
        both #[profile] #[profile_lines];
        reversed #[profile_lines] #[profile];
    }
    let methods = || Methods { left: Noisy("left"), right: Noisy("right") };
    compare!(block_on(methods().field(Noisy("other"))));
    compare!(block_on(methods().consumed(Noisy("other"))));
    compare!(Box::new(methods()).boxed().name());
    compare!(block_on(async {
        let methods = pin!(methods());
        methods.pinned(&Noisy("self")).await.to_owned()
    }));
}
