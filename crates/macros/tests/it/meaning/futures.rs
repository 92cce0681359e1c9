//! Async functions, and what they make of their arguments.

use std::{
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
};

use tuneup_macros::{profile, profile_lines};

use super::{Noisy, outcome};

/// Polls a future until it is ready.
pub(super) fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        let poll = future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        if let Poll::Ready(output) = poll {
            return output;
        }
    }
}

/// Is pending once.
pub(super) async fn turn() {
    let mut pending = true;
    std::future::poll_fn(|_| match std::mem::take(&mut pending) {
        true => Poll::Pending,
        false => Poll::Ready(()),
    })
    .await;
}

#[test]
fn futures() {
    functions! {
        #[allow(unused_variables)]
        pub(super) async fn drops(first: Noisy, unused: Noisy, last: Noisy) -> usize {
            let _local = Noisy("local");
            turn().await;
            let inner = (first.name(), Noisy("inner"));
            if last.name() == "early" { return 0 }
            turn().await;
            let moved = first;
            moved.name().len() + inner.0.len()
        }
        pub(super) async fn used(first: Noisy, mut second: (Noisy, Noisy), third: Noisy) -> usize {
            second.1 = Noisy("replaced");
            turn().await;
            let field = &second.0;
            field.name().len() + third.name().len() + first.name().len()
        }
        pub(super) async fn patterns((left, _): (Noisy, Noisy), _: Noisy, ref third: Noisy, Noisy { 0: name }: &Noisy, mut count: usize) -> usize {
            count += 1;
            turn().await;
            left.name().len() + third.name().len() + name.len() + count
        }
        pub(super) async fn names_arguments_in_a_macro(first: Noisy, (second, _): (Noisy, Noisy)) -> usize {
            macro_rules! both { () => { first.name().len() + second.name().len() } }
            struct Sum(usize);
            turn().await;
            Sum(both!()).0
        }
        pub(super) async fn fails(noisy: Noisy, text: &str) -> Result<usize, Box<dyn std::error::Error>> {
            let number: usize = text.parse()?;
            if number == 0 { Err("zero")? }
            let as_text: Result<_, std::num::ParseIntError> = async { Ok(number) }.await;
            Ok(as_text? + noisy.name().len())
        }
        pub(super) async fn cancelled(first: Noisy, second: Noisy) {
            let _local = Noisy("local");
            let _names = (first.name(), second.name());
            std::future::pending::<()>().await;
        }
        pub(super) async fn never(noisy: Noisy) -> ! {
            turn().await;
            match noisy.name() {
                "panics" => panic!("as it should"),
                name => std::panic::panic_any(name),
            }
        }
        pub(super) async fn never_either(noisy: Noisy) -> ! {
            let _local = Noisy("local");
            loop {
                turn().await;
                assert!(noisy.name().is_empty());
            }
        }
        pub(super) async fn boxed_output(noisy: Noisy) -> Box<dyn Fn() -> usize> {
            if noisy.name().is_empty() { return Box::new(|| 0) }
            Box::new(move || noisy.name().len())
        }
        pub(super) async fn hidden_output(noisy: Noisy) -> Result<impl Fn() -> usize, std::num::ParseIntError> {
            let one: usize = "1".parse()?;
            Ok(move || noisy.name().len() + one)
        }
    }
    let (a, b, c) = (|| Noisy("a"), || Noisy("b"), || Noisy("c"));
    compare!(block_on(drops(a(), b(), c())));
    compare!(block_on(drops(a(), b(), Noisy("early"))));
    compare!(block_on(used(a(), (b(), b()), c())));
    compare!(block_on(patterns((a(), b()), c(), Noisy("d"), &Noisy("e"), 1)));
    compare!(block_on(names_arguments_in_a_macro(a(), (b(), c()))));
    compare!(block_on(fails(a(), "1")).unwrap());
    compare!(block_on(fails(a(), "0")).unwrap_err().to_string());
    compare!(block_on(fails(a(), "x")).unwrap_err().to_string());
    compare!(drop(drops(a(), b(), c())));
    compare!({
        let mut future = Box::pin(cancelled(a(), b()));
        let poll = future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(poll.is_pending());
    });
    compare!(std::panic::catch_unwind(|| block_on(never(Noisy("panics")))).is_err());
    compare!(std::panic::catch_unwind(|| block_on(never_either(a()))).is_err());
    compare!(block_on(boxed_output(a()))());
    compare!(block_on(hidden_output(a())).unwrap()());
}
