//! A program whose lines are recorded: behind each stands how often a statement that begins on it is reached. On the line of the `fn` stand the calls;
//! lines without a number have no place in the table.

use std::{
    future::Future,
    num::ParseIntError,
    pin::Pin,
    sync::Mutex,
    task::{Context, Poll, Waker},
};

/// Nothing, that the compiler does not see through.
fn pass(n: u64) {
    std::hint::black_box(n);
}

/// As many items as it is told.
struct Slow(u64);

impl Iterator for Slow {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        self.0 = self.0.checked_sub(1)?;
        Some(self.0)
    }
}

struct Lasting;

impl Drop for Lasting {
    fn drop(&mut self) {
        pass(5);
    }
}

fn true_after(n: u64) -> bool {
    pass(n);
    true
}

/// Pending once.
struct Turn(bool);

impl Future for Turn {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        match std::mem::replace(&mut self.0, true) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    }
}

async fn turn() {
    Turn(false).await;
}

fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}

fn straight(ns: u64) -> u64 { // 2
    pass(ns); // 2
    let doubled = { pass(1); ns * 2 }; // 6

    let _at_the_end = Lasting; // 2
    pass(1); pass(1); // 4
    doubled // 2
        + 1
}

fn loops(n: u64) -> u64 { // 1
    let mut left = 0; // 1
    for i in Slow(n) { // 5
        if i == 1 { // 4
            pass(100); // 1
            continue; // 1
        }
        pass(1); // 3
        left += 1; // 3
    }
    while true_after(3) && left > 1 { // 3
        left -= 1; // 2
        pass(20) // 2
    }
    loop { // 2
        left += 1; // 2
        pass(7); // 2
        if left > 2 { // 2
            break left; // 1
        }
    }
}

fn labels() -> u64 { // 1
    let mut turns = 0; // 1
    'outer: for outer in Slow(3) { // 4
        for inner in Slow(4) { // 9
            turns += 1; // 9
            if inner == outer { // 9
                pass(1); // 3
                continue 'outer; // 3
            }
            if turns == 100 { break 'outer } // 6
        }
    }
    turns // 1
}

fn branches(n: u64) -> u64 { // 4
    let found = match { pass(1); n } { // 4
        0 => true_after(10), // 1
        1 if true_after(2) => {
            pass(20); // 1
            false // 1
        }
        _ => false, // 2
    };
    if found { // 4
        pass(30); // 1
    } else if n == 1 && true_after(4) {
        pass(40) // 1
    } else {
        pass(50); // 2
    }
    return n; // 4
}

fn early(text: &str) -> Result<u64, ParseIntError> { // 4
    let _at_the_end = Lasting; // 4
    let Some((first, second)) = text.split_once(',') else { // 4
        let only = text; // 2
        return only.parse(); // 2
    };
    pass(1); // 2
    let first: u64 = first.parse()?; // 2
    let second: u64 = second.parse()?; // 1
    Ok(first + second) // 1
}

fn closures(values: &[u64]) -> u64 { // 1
    let wait: fn(u64) = |ns| pass(ns); // 4
    values // 1
        .iter()
        .map(|value| { // 0
            wait(*value); // 3
            pass(10); // 3
            value + 1 // 3
        })
        .inspect(|_| pass(100)) // 3
        .sum()
}

fn threads(n: u64) -> u64 { // 1
    std::thread::scope(|scope| { // 1
        let mut sum = 0; // 1
        for i in 0..n { // 3
            let joined = scope.spawn(move || { // 2
                pass(10); // 2
                i // 2
            }).join();
            sum += joined.unwrap(); // 2
        }
        sum // 1
    })
}

fn factorial(n: u64) -> u64 { // 5
    pass(1); // 5
    if n == 0 { // 5
        return 1; // 1
    }
    let smaller = factorial(n - 1); // 4
    pass(10); // 4
    n * smaller // 4
}

fn caller() -> u64 { // 1
    let sum = callee(3) // 1
        + callee(4);
    sum + callee(10) // 1
}

fn callee(ns: u64) -> u64 { // 4
    pass(ns); // 4
    ns // 4
}

fn panics(n: u64) { // 2
    let _at_the_end = Lasting; // 2
    for i in Slow(n) { // 3
        pass(1); // 3
        assert!(i != 1); // 3
        pass(100); // 1
    }
}

trait Waiting {
    fn wait(&self) -> u64 { // 2
        let ns = self.ns(); // 2
        pass(ns); // 2
        ns // 2
    }

    fn ns(&self) -> u64;
}

struct Fixed<T>(T);

impl<T: Into<u64> + Copy> Waiting for Fixed<T> {
    fn ns(&self) -> u64 {
        self.0.into()
    }
}

impl<T> Fixed<T> {
    fn taken(self) -> T { // 2
        self.0 // 2
    }
}

async fn waits(turns: u64) -> Result<u64, ParseIntError> { // 1
    pass(1); // 1
    let _at_the_end = Lasting; // 1
    for _ in 0..turns { // 3
        turn().await; // 2
        pass(2); // 2
    }
    let inner = { turn().await; pass(7); 7 }; // 4
    let text = async { pass(3); "x" }; // 1
    text.await.parse::<u64>()?; // 1
    Ok(inner) // 0
}

async fn in_turns(ns: u64) -> u64 { // 2
    pass(1); // 2
    turn().await; // 2
    pass(ns); // 2
    let after = || pass(1); // 3
    if ns == 20 { // 2
        after(); // 1
    }
    ns // 2
}

fn both(ns: u64) -> u64 { // 1
    pass(ns); // 1
    callee(ns + 1) // 1
}

async fn both_later(ns: u64) -> u64 { // 1
    turn().await; // 1
    pass(ns); // 1
    ns // 1
}

macro_rules! twice {
    ($name:ident = $value:expr) => {
        let $name = $value * 2;
    };
}

fn odd(n: u64) -> u64 { // 3
    #[cfg(never_so)]
    let n = n + 100;
    #[cfg(not(never_so))]
    let n = n + 1; // 3
    twice!(doubled = n); // 3
    let choose = |n: u64| if n == 1 { 1 } else { 2 } + n; // 5
    let text = format!("{}", { let inside = n; inside }); // 3
    let length = match text.len() { 0 => 0, length => ({ length }) as u64 }; // 9
    let of_block = match n { // 3
        1 => unsafe { std::ptr::read(&n) }.min(9), // 1
        2 => return choose(n), // 1
        _ => 'labelled: { // 1
            if n == 3 { break 'labelled 7 } // 2
            8 // 0
        },
    };
    const { assert!(1 + 1 == 2) } // 2
    let first = if [n].iter().any(|n| *n == 1) { choose(n) } else { doubled }; // 6
    first + of_block + length // 2
}

fn patterns(values: &[Option<u64>]) -> u64 { // 1
    let stack = Mutex::new(vec![1, 2]); // 1
    let mut sum = 0; // 1
    while let Some(top) = stack.lock().unwrap().pop() { // 3
        sum += top; // 2
    }
    for value in values { // 4
        let Some(value) = value else { continue }; // 4
        if let Some(more) = value.checked_sub(1) && more > 0 { // 2
            sum += match more { 1 => 10, _ => continue }; // 4
        }
        fn inner(n: u64) -> u64 { // 1
            n // 1
        }
        sum += inner(*value); // 1
    }
    sum // 1
}

fn one_line(n: u64) -> u64 { let mut k = 0; while k < n { k += 1; } k } // 10

fn find<const N: usize, T: PartialEq + Copy>(items: [T; N], wanted: T) -> Option<usize> { // 2
    let mut index = 0; // 2
    loop { // 6
        if *items.get(index)? == wanted { // 6
            return Some(index); // 1
        }
        index += 1; // 4
    }
}

fn main() {
    assert_eq!(straight(5) + straight(7), 26);
    assert_eq!(loops(4), 3);
    assert_eq!(labels(), 9);
    assert_eq!([0, 1, 2, 3].map(branches), [0, 1, 2, 3]);
    let sums = ["1,2", "7", "x", "x,1"].map(|text| early(text).ok());
    assert_eq!(sums, [Some(3), Some(7), None, None]);
    assert_eq!(closures(&[1, 2, 3]), 9);
    assert_eq!(threads(2), 1);
    assert_eq!(factorial(4), 24);
    assert_eq!(caller(), 17);
    std::panic::set_hook(Box::new(|_| ()));
    assert!(std::panic::catch_unwind(|| panics(2)).is_err());
    assert!(std::panic::catch_unwind(|| panics(3)).is_err());
    let waiting: [&dyn Waiting; 2] = [&Fixed(4_u8), &Fixed(5_u32)];
    assert_eq!(waiting.map(Waiting::wait), [4, 5]);
    assert_eq!((Fixed("a").taken(), Fixed(1).taken()), ("a", 1));
    assert!(block_on(waits(2)).is_err());
    let later = (block_on(in_turns(10)), block_on(in_turns(20)));
    assert_eq!(later, (10, 20));
    assert_eq!(both(3) + block_on(both_later(5)), 9);
    assert_eq!([0, 1, 2].map(odd), [4, 4, 14]);
    assert_eq!(patterns(&[None, Some(2), Some(9)]), 15);
    assert_eq!(one_line(3), 3);
    assert_eq!((find([1, 2, 3], 2), find(["a"; 3], "b")), (Some(1), None));
}
