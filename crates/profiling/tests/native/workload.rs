//! Work of a known shape: a module of the tests, and a program by itself where a test compiles it alone.

use std::hint::black_box;

/// Three times the work of [`light`].
#[inline(never)]
pub(crate) fn heavy(rounds: u64) -> u64 {
    let (mut x, mut round) = (black_box(1_u64), 0);
    while round < 3 * rounds {
        x = step(x, 0x9e37_79b9_7f4a_7c15, round);
        round += 1;
    }
    black_box(x)
}

/// Another constant, so that the two are not one function in the program.
#[inline(never)]
pub(crate) fn light(rounds: u64) -> u64 {
    let (mut x, mut round) = (black_box(1_u64), 0);
    while round < rounds {
        x = step(x, 0xbf58_476d_1ce4_e5b9, round);
        round += 1;
    }
    black_box(x)
}

#[inline(always)]
fn step(x: u64, factor: u64, round: u64) -> u64 {
    x.wrapping_mul(factor) ^ round
}

#[inline(never)]
pub(crate) fn work(rounds: u64) -> u64 {
    black_box(heavy(rounds)) ^ black_box(light(rounds))
}

/// Works, a few milliseconds at a time, until `is_enough`.
#[inline(never)]
pub(crate) fn work_until(mut is_enough: impl FnMut() -> bool) {
    while !is_enough() {
        black_box(work(100_000));
    }
}

/// As a program: says that it is ready, works when it gets a line, in this thread and in a new one, says that
/// it is done, and ends with its input.
#[allow(dead_code, reason = "the tests have a main function of their own")]
fn main() -> std::io::Result<()> {
    let mut line = String::new();
    println!("ready");
    std::io::stdin().read_line(&mut line)?;
    let other = std::thread::spawn(|| work_in_new_thread(800));
    work_in_main_thread(800);
    assert!(other.join().is_ok());
    println!("done");
    std::io::stdin().read_line(&mut line)?;
    Ok(())
}

#[inline(never)]
fn work_in_main_thread(mut times: u32) {
    work_until(|| times.checked_sub(1).inspect(|left| times = *left).is_none());
    // What is done after the call keeps the caller on the stack.
    black_box("main");
}

#[inline(never)]
fn work_in_new_thread(mut times: u32) {
    work_until(|| times.checked_sub(1).inspect(|left| times = *left).is_none());
    black_box("new");
}
