//! Reading the count from a dump.

use super::*;

#[test]
fn the_total_of_a_dump_is_read() {
    let dump = "\
# callgrind format
version: 1
creator: callgrind-3.19.0
events: Ir
summary: 99

fn=(1) tuneup_benchmarking::harness::routine::tuneup_measured_block
12 34
totals: 123456
";
    assert_eq!(totals(dump), Some(123_456));
}

#[test]
fn a_dump_without_a_single_total_is_none() {
    for dump in [
        "",
        "events: Ir\nsummary: 99\n",
        "totals: \n",
        "totals: many\n",
        // With a simulated cache there are several.
        "totals: 12 3 4\n",
        "# totals: 7\n",
    ] {
        assert_eq!(totals(dump), None, "{dump:?}");
    }
}
