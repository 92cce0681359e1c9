//! Steps in a row: with a vector after each of them, or one value at a time.
//!
//! Two questions about a list of lines: the first ten that matter (where stopping early is
//! everything), and a total over all of them (where only the vectors are saved).

use tuneup_benchmarking::harness::{Class, Suite};

/// A reading above this is high.
const LIMIT: u32 = 900;

/// One measurement of one sensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Names the sensor.
    pub sensor: u32,
    /// What it measured.
    pub value: u32,
}

/// Reads `sensor,value`; nothing when it is something else.
pub fn parse(line: &str) -> Option<Reading> {
    let (sensor, value) = line.split_once(',')?;
    Some(Reading {
        sensor: sensor.parse().ok()?,
        value: value.parse().ok()?,
    })
}

/// Every step finishes before the next begins: all lines are read for ten.
// ANCHOR: slow
pub fn first_ten_collected(lines: &[String]) -> Vec<u32> {
    let readings: Vec<Reading> = lines.iter().filter_map(|line| parse(line)).collect();
    let high: Vec<Reading> = readings
        .into_iter()
        .filter(|reading| reading.value > LIMIT)
        .collect();
    let sensors: Vec<u32> = high.iter().map(|reading| reading.sensor).collect();
    sensors[..sensors.len().min(10)].to_vec()
}
// ANCHOR_END: slow

/// One line goes through all steps before the next is touched: it stops at the tenth.
// ANCHOR: fast
pub fn first_ten_lazy(lines: &[String]) -> Vec<u32> {
    lines
        .iter()
        .filter_map(|line| parse(line))
        .filter(|reading| reading.value > LIMIT)
        .map(|reading| reading.sensor)
        .take(10)
        .collect()
}
// ANCHOR_END: fast

/// Two vectors between the values and their sum.
// ANCHOR: total_slow
pub fn total_collected(readings: &[Reading]) -> u64 {
    let high: Vec<Reading> = readings
        .iter()
        .copied()
        .filter(|reading| reading.value > LIMIT)
        .collect();
    let excess: Vec<u64> = high
        .iter()
        .map(|reading| u64::from(reading.value - LIMIT))
        .collect();
    excess.iter().sum()
}
// ANCHOR_END: total_slow

/// No vector.
// ANCHOR: total_fast
pub fn total_lazy(readings: &[Reading]) -> u64 {
    readings
        .iter()
        .filter(|reading| reading.value > LIMIT)
        .map(|reading| u64::from(reading.value - LIMIT))
        .sum()
}
// ANCHOR_END: total_fast

/// `n` readings, one in ten of them high.
pub fn readings(n: usize) -> Vec<Reading> {
    let mut random = fastrand::Rng::with_seed(10);
    (0..n)
        .map(|_| Reading {
            sensor: random.u32(..100_000),
            value: random.u32(..1_000),
        })
        .collect()
}

/// The same as lines.
pub fn lines(n: usize) -> Vec<String> {
    readings(n)
        .into_iter()
        .map(|Reading { sensor, value }| format!("{sensor},{value}"))
        .collect()
}

/// Registers both questions.
pub fn register(suite: &mut Suite) {
    suite
        .group("cookbook/laziness")
        .about("the first ten of n lines that hold a high reading, one in ten does")
        .size(16_384)
        .sizes(&[512, 1_024, 2_048, 4_096, 8_192, 16_384, 32_768])
        .input(lines)
        .case("a vector a step", |lines: &Vec<String>| {
            first_ten_collected(lines)
        })
        .class(Class::Linear)
        .case("lazy, stops early", |lines: &Vec<String>| {
            first_ten_lazy(lines)
        })
        .class(Class::Constant)
        .finish();
    suite
        .group("cookbook/laziness-total")
        .about("the total excess of n readings")
        .size(8_192)
        .sizes(&[128, 256, 512, 1_024, 2_048, 4_096, 8_192])
        .elements(|n| n as u64)
        .input(readings)
        .case("a vector a step", |readings: &Vec<Reading>| {
            total_collected(readings)
        })
        .class(Class::Linear)
        .case("lazy", |readings: &Vec<Reading>| total_lazy(readings))
        .class(Class::Linear)
        .finish();
}
