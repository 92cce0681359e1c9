//! Functions and methods that remember their answers, and what their caches tell of themselves.
//!
//! `cargo run --release -p tuneup-caching --example memoize`

use std::num::ParseIntError;

use tuneup_caching::{MethodCache, memoize};

/// How many ways there are to pay an amount with these coins.
#[memoize]
fn ways(amount: u64, coins: &[u64]) -> u64 {
    match coins {
        _ if amount == 0 => 1,
        [] => 0,
        [coin, rest @ ..] => {
            let without = ways(amount, rest);
            match amount.checked_sub(*coin) {
                Some(left) => without + ways(left, coins),
                None => without,
            }
        }
    }
}

/// Errors are not kept: the next call tries again.
#[memoize(maxsize = 100, ttl = "60s", policy = "lru")]
fn parse(text: &str) -> Result<u32, ParseIntError> {
    text.parse()
}

/// A cache for each thread, by what the number is made of.
#[memoize(by_thread, maxsize = 1_000, key = "angle.to_bits()")]
fn sine(angle: f64) -> f64 {
    angle.sin()
}

/// Each one has its answers, which go with it.
struct Polynomial {
    factors: Vec<i64>,
    cache: MethodCache,
}

impl Polynomial {
    #[memoize(cache = "self.cache", maxsize = 100)]
    fn at(&self, x: i64) -> i64 {
        let factors = self.factors.iter();
        factors.rfold(0, |sum, factor| sum * x + factor)
    }
}

fn main() {
    let coins = [1, 2, 5, 10, 20, 50, 100, 200];
    assert_eq!(ways(200, &coins), 73_682);
    println!("ways:  {}", ways::cache_info());

    assert!(parse("seven").is_err() && parse("seven").is_err());
    assert_eq!((parse("7"), parse("7")), (Ok(7), Ok(7)));
    println!("parse: {}", parse::cache_info());

    let sum: f64 = (0..1_000).map(|step| sine(f64::from(step % 10))).sum();
    assert!(sum.is_finite());
    println!("sine:  {}", sine::cache_info());

    let square = Polynomial {
        factors: vec![0, 0, 1],
        cache: MethodCache::new(),
    };
    assert_eq!((square.at(12), square.at(12)), (144, 144));
    println!("at:    {}", square.at_cache_info());

    assert!(parse::cache_invalidate("7") && !parse::cache_invalidate("7"));
    ways::cache_clear();
    assert_eq!(ways::cache_info().len, 0);
}
