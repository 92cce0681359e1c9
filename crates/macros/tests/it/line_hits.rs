//! How often each line is reached, beside what was counted by hand: the number after a line says how often a statement that
//! begins on it is reached, and lines without a number have no place in the table.

// What is counted here is written in ways in which one would not write it.
#![allow(clippy::all, clippy::semicolon_if_nothing_returned)]

mod expressions;

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
};

use tuneup_macros::profile_lines;

use crate::__private::{events, hits};

const SOURCE: &str = include_str!("line_hits.rs");

/// The numbers beside the lines of the function that begins on line `first`.
fn counted(source: &str, first: u32) -> BTreeMap<u32, u64> {
    let lines: Vec<_> = source.lines().collect();
    let beginning = first as usize - 1;
    let indent = |line: &str| line.len() - line.trim_start().len();
    let mut numbers = BTreeMap::new();
    for (index, line) in lines.iter().enumerate().skip(beginning) {
        let number = line
            .rsplit_once("// ")
            .and_then(|(_, text)| text.parse().ok());
        numbers.extend(number.map(|number| (index as u32 + 1, number)));
        let closes = line.trim() == "}" && indent(line) == indent(lines[beginning]);
        if closes || line.trim_end().ends_with("}}") {
            break;
        }
    }
    numbers
}

/// Compares what `run` reaches with what stands beside the lines of the one function that it calls.
#[track_caller]
fn check<T>(source: &str, run: impl FnOnce() -> T) -> T {
    hits();
    let output = run();
    events();
    let found = hits();
    let first = found.keys().next().copied();
    assert_eq!(found, counted(source, first.expect("nothing was recorded")));
    output
}

/// Runs a future, which may be pending a few times.
fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        let poll = future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        if let Poll::Ready(output) = poll {
            return output;
        }
    }
}

/// Pending once.
async fn turn() {
    let mut pending = true;
    std::future::poll_fn(|_| match std::mem::take(&mut pending) {
        true => Poll::Pending,
        false => Poll::Ready(()),
    })
    .await;
}

#[profile_lines]
fn straight(n: u64) -> u64 { // 2
    let doubled = n * 2; // 2
    let (a, b); // 2
    a = doubled; // 2
    b = a // 2
        .wrapping_add(1)
        .wrapping_add(1);

    a + b // 2
}

#[test]
fn statements() {
    let sum = check(SOURCE, || straight(1) + straight(2));
    assert_eq!(sum, 6 + 10);
}

#[rustfmt::skip]
#[profile_lines]
fn one_line(n: u64) -> u64 { let a = n + 1; a * 2 } // 3

#[test]
fn a_function_on_one_line() {
    hits();
    assert_eq!(one_line(1), 4);
    events();
    let found: Vec<_> = hits().into_values().collect();
    assert_eq!(found, [3], "a call and two statements");
}

#[profile_lines]
fn loops(n: u64) -> u64 { // 1
    let mut total = 0; // 1
    for i in 0..n { // 11
        if i == 3 { // 10
            continue; // 1
        }
        total += i; // 9
        if i == 8 { total += 100 } // 10
    }
    while total > 100 { // 4
        total -= 20; // 3
    }
    loop { // 2
        total += 1; // 2
        if total % 3 == 0 { // 2
            break; // 1
        }
    }
    total // 1
}

#[test]
fn loops_count_their_headers() {
    let plain = (0..10).sum::<u64>() - 3 + 100 - 3 * 20;
    assert_eq!(check(SOURCE, || loops(10)), plain + 2);
}

#[profile_lines]
fn labels(rows: &[&[i32]]) -> Option<i32> { // 1
    let mut seen = 0; // 1
    'rows: for row in rows { // 4
        for cell in row.iter() { // 8
            if *cell < 0 { // 7
                continue 'rows; // 2
            }
            if *cell == 0 { continue } // 6
            if *cell > 100 { // 4
                break 'rows; // 1
            }
            seen += 1; // 3
        }
    }
    let found = 'search: { // 1
        for row in rows { // 1
            for cell in row.iter() { // 3
                if *cell == 3 { // 3
                    break 'search Some(seen); // 1
                }
            }
        }
        None // 0
    };
    found // 1
}

#[test]
fn labels_name_the_header_that_is_next() {
    let rows: [&[i32]; 5] = [&[1, -1, 3], &[-5], &[0, 2], &[3, 200], &[7]];
    assert_eq!(check(SOURCE, || labels(&rows)), Some(3));
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Shape {
    Circle(f64),
    Square { side: f64 },
    Nothing,
}

#[profile_lines]
fn arms(shapes: &[Shape]) -> f64 { // 1
    let mut total = 0.0; // 1
    for shape in shapes { // 6
        let area = match shape { // 5
            Shape::Circle(radius) if *radius > 10.0 => {
                let square = radius * radius; // 1
                square * 3.0 // 1
            }
            Shape::Circle(radius) =>
                radius * radius * 3.0, // 1
            Shape::Square { side } => side * side, // 1
            Shape::Nothing => continue, // 2
        };
        total += area; // 3
    }
    match total { // 1
        _ if total < 0.0 => 0.0, // 0
        _ => total, // 1
    }
}

#[test]
fn arms_are_marked_inside() {
    let shapes = [
        Shape::Circle(20.0),
        Shape::Circle(1.0),
        Shape::Square { side: 2.0 },
        Shape::Nothing,
        Shape::Nothing,
    ];
    assert_eq!(check(SOURCE, || arms(&shapes)), 1_207.0);
}

#[profile_lines]
fn branches(n: i32) -> &'static str { // 5
    if n < 0 { // 5
        "negative" // 1
    } else if n == 0 {
        "zero" // 1
    } else if let 1..=9 = n {
        let digit = n % 2 == 0; // 2
        if digit { "even digit" } else { "odd digit" } // 4
    } else {
        "large" // 1
    }
}

#[test]
fn branches_are_marked_inside() {
    let names = check(SOURCE, || [-1, 0, 2, 3, 10].map(branches));
    assert_eq!(names, ["negative", "zero", "even digit", "odd digit", "large"]);
}

#[profile_lines]
fn early(text: &str) -> Result<i32, std::num::ParseIntError> { // 3
    let Some(first) = text.split(',').next() else { // 3
        unreachable!() // 0
    };
    let first: i32 = first.trim().parse()?; // 3
    let Some((_, second)) = text.split_once(',') else { // 2
        let alone = first; // 1
        return Ok(alone); // 1
    };
    if second.is_empty() { // 1
        return Ok(0); // 0
    }
    Ok(first + second.parse::<i32>()?) // 1
}

#[test]
fn returns_end_the_count() {
    let outputs = check(SOURCE, || [early("x").ok(), early("1").ok(), early("1,2").ok()]);
    assert_eq!(outputs, [None, Some(1), Some(3)]);
}

#[profile_lines]
fn conditions(n: u32) -> u32 { // 1
    #[cfg(any())]
    compile_error!("the condition is lost"); // 0
    #[cfg(any())]
    let n: () = n; // 0
    #[allow(unused_mut)]
    let mut m = n; // 1
    #[cfg(all())]
    { // 1
        m + 1 // 1
    }
    #[cfg(any())]
    { // 0
        m + 2 // 0
    }
}

#[test]
fn conditions_hold_for_marks() {
    assert_eq!(check(SOURCE, || conditions(1)), 2);
}

#[profile_lines]
fn queue(pushes: &[u32]) -> Vec<u32> { // 1
    let waiting = RefCell::new(pushes.to_vec()); // 1
    let mut taken = Vec::new(); // 1
    while let Some(next) = waiting.borrow_mut().pop() { // 5
        taken.push(next); // 4
        { // 4
            if next == 2 { // 4
                taken.push(20) // 1
            }
        }
    }
    if let Some(first) = waiting.borrow_mut().first_mut() { // 1
        *first += 1; // 0
    } else if let [.., last] = taken.as_mut_slice() {
        *last += 1; // 1
    }
    return taken; // 1
}

#[test]
fn scrutinees_stay_whole() {
    assert_eq!(check(SOURCE, || queue(&[0, 1, 2, 3])), [3, 2, 20, 1, 1]);
}

struct Counter(Cell<u32>);

impl Counter {
    #[profile_lines]
    fn add(&self, by: u32) -> &Self { // 2
        let sum = self.0.get() + by; // 2
        self.0.set(sum); // 2
        self // 2
    }

    #[profile_lines]
    async fn add_slowly(&mut self, by: u32) -> u32 { // 1
        let _unused = (); // 1
        for _ in 0..by { // 4
            turn().await; // 3
            let one = async { // 3
                let one = 1;
                one
            };
            *self.0.get_mut() += one.await; // 3
        }
        let get = || self.0.get(); // 2
        get() // 1
    }
}

#[test]
fn methods_and_async_methods() {
    let mut counter = Counter(Cell::new(0));
    check(SOURCE, || {
        counter.add(1).add(2);
    });
    assert_eq!(counter.0.get(), 3);
    assert_eq!(check(SOURCE, || block_on(counter.add_slowly(3))), 6);
}

#[profile_lines]
async fn generic<I>(values: I, limit: impl Into<u32>) -> Result<u32, std::num::TryFromIntError> // 1
where
    I: IntoIterator<Item = i64>,
{
    let limit = limit.into(); // 1
    let mut total = 0; // 1
    for value in values { // 3
        turn().await; // 3
        total += u32::try_from(value)?; // 3
        if total > limit { // 2
            break; // 0
        }
    }
    Ok(total) // 0
}

#[test]
fn generic_async_functions() {
    let output = check(SOURCE, || block_on(generic([1, 2, -1, 4], 10_u8)));
    assert!(output.is_err());
}

macro_rules! function {
    ($name:ident, $value:expr, $($rest:tt)*) => {
        #[profile_lines]
        fn $name() -> u32 { // 1
            let value = $value; // 1
            $($rest)*
            value + 1 // 1
        }
    };
}

function!(from_a_macro, { let one = 1; one }, let _ = 5;);

#[test]
fn functions_from_macros_report_the_lines_of_the_macro() {
    hits();
    assert_eq!(from_a_macro(), 2);
    events();
    let found = hits();
    let first = SOURCE.lines().position(|line| line.contains("fn $name")).unwrap() as u32 + 1;
    let written = SOURCE.lines().position(|line| line.starts_with("function!(")).unwrap() as u32 + 1;
    let expected = [(first, 1), (first + 1, 1), (first + 3, 1), (written, 3)];
    assert_eq!(found, BTreeMap::from(expected));
}
