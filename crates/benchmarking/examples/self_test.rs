//! Checks the statistics of the comparison and of the complexity fit on this machine:
//! `cargo run --release --example self_test [same] [planted]`.

use tuneup_benchmarking::self_test;
use tuneup_report::Terminal;

fn main() -> Result<(), tuneup_benchmarking::Error> {
    let mut numbers = std::env::args()
        .skip(1)
        .map(|text| text.parse().expect("a number of comparisons"));
    let (same, planted) = (numbers.next().unwrap_or(20), numbers.next().unwrap_or(10));
    let found = self_test(same, planted, &mut |_| {})?;
    println!("{}", found.table().render(&Terminal::detect()));
    Ok(())
}
