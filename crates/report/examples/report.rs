//! Writes a report with one of everything to the path given, and prints its first table.
//!
//! ```sh
//! cargo run -p tuneup-report --all-features --example report -- report.html
//! ```

use std::error::Error;

use tuneup_report::{
    Axis, Bar, BarPlot, BoxPlot, Cell, FlameGraph, HtmlReport, LinePlot, ScatterPlot, Series,
    Style, Svg, Table, Terminal, Unit, ViolinPlot,
};

fn main() -> Result<(), Box<dyn Error>> {
    let Some(path) = std::env::args_os().nth(1) else {
        return Err("usage: report PATH.html".into());
    };
    let table = results();
    print!("{}", table.render(&Terminal::detect()));
    let report = HtmlReport::new("Benchmarks of the cookbook")
        .lead("A sample with made-up figures, to show what a report can hold.")
        .summary("cases", Cell::count(7))
        .summary("regressions", Cell::count(1).styled(Style::Bad))
        .summary("fastest win", Cell::ratio(25.55).styled(Style::Good))
        .summary("took", Cell::nanoseconds(93.4e9))
        .summary("corpus", Cell::bytes(184_549_376))
        .warning("The machine was busy while this was measured: a control of the same binary moved by 1.9 %.")
        .section("Results")
        .text("Every answer was compared with the others before anything was timed.")
        .table(&table)
        .section("Comparison")
        .plot(&bars()?)
        .plot(&violins()?)
        .plot(&boxes()?)
        .section("Complexity")
        .plot(&complexity()?)
        .note("On two logarithmic axes a power law is a straight line, and its slope is the exponent.")
        .section("Scalability and history")
        .plot(&scalability()?)
        .plot(&history()?)
        .section("Where the time went")
        .plot(&flames()?)
        .section("How it was measured")
        .details("Machine", "cpu      8 × 3.4 GHz\nkernel   6.8\nrustc    1.95.0\n")
        .details_table("The same results again", &table)
        .preformatted("cargo xtask bench --against HEAD~1")
        .render();
    std::fs::write(path, report)?;
    Ok(())
}

/// A table with groups, intervals, a missing value and names that try to be markup.
fn results() -> Table {
    let ns = Cell::nanoseconds;
    let change = |fraction: f64, style| Cell::change(fraction).styled(style);
    Table::new(["case", "time", "ratio", "change", "allocated"])
        .title("Cookbook, 4,096 items")
        .group("cookbook/duplicates")
        .row([
            Cell::text("nested loops"),
            ns(1_234_000.0).between(1.222e6, 1.251e6),
            Cell::ratio(1.0),
            change(0.002, Style::Dim),
            Cell::bytes(0),
        ])
        .row([
            Cell::text("hash set"),
            ns(48_300.0).between(48_000.0, 48_700.0),
            Cell::ratio(0.0391).styled(Style::Good),
            change(-0.041, Style::Good),
            Cell::bytes(69_632),
        ])
        .row([
            Cell::text("sort, then compare neighbours"),
            ns(61_900.0).between(61_100.0, 62_600.0),
            Cell::ratio(0.0502).styled(Style::Good),
            change(0.087, Style::Bad),
            Cell::bytes(16_384),
        ])
        .group("cookbook/string_building")
        .row([
            Cell::text("format! in a loop"),
            ns(912_400.0).between(905_000.0, 921_000.0),
            Cell::ratio(1.0),
            Cell::missing(),
            Cell::bytes(2_097_152),
        ])
        .row([
            Cell::text("write! into one <String>"),
            ns(401_250.0).between(399_000.0, 402_100.0),
            Cell::ratio(0.44).styled(Style::Good),
            Cell::missing(),
            Cell::bytes(65_536),
        ])
        .note("± is the farther end of the 95 % interval. Ratio: to the first case of the group.")
}

fn bars() -> Result<Svg, tuneup_report::Error> {
    BarPlot::new("Time per item", Axis::linear("time", Unit::Nanoseconds))
        .bar(
            Bar::new("nested loops", 301.3)
                .between(298.0, 305.5)
                .styled(Style::Dim),
        )
        .bar(
            Bar::new("hash set", 11.8)
                .between(11.7, 11.9)
                .styled(Style::Good),
        )
        .bar(
            Bar::new("sort, then compare neighbours", 15.1)
                .between(14.9, 15.3)
                .styled(Style::Bad),
        )
        .bar(
            Bar::new(
                "a_peer::with::a::very::long::path::that_does_not_fit::HashSet",
                64.0,
            )
            .between(48.0, 83.0),
        )
        .to_svg()
}

fn violins() -> Result<Svg, tuneup_report::Error> {
    ViolinPlot::new("Time per call", Axis::linear("time", Unit::Nanoseconds))
        .samples("hash set", &samples(48_300.0, 900.0, 300, 1))
        .samples(
            "sort, then compare neighbours",
            &samples(61_900.0, 2_400.0, 300, 2),
        )
        .samples("all equal", &[55_000.0; 20])
        .samples("three samples", &[50_100.0, 52_000.0, 53_000.0])
        .to_svg()
}

fn boxes() -> Result<Svg, tuneup_report::Error> {
    let mut stalls = samples(48_300.0, 900.0, 300, 3);
    stalls.extend([1.2e6, 3.4e6, 9.8e6]);
    BoxPlot::new(
        "Time per call, stalls included",
        Axis::logarithmic("time", Unit::Nanoseconds),
    )
    .samples("with stalls", &stalls)
    .samples("without", &samples(61_900.0, 9_400.0, 300, 4))
    .to_svg()
}

fn complexity() -> Result<Svg, tuneup_report::Error> {
    let sizes = || (8..=17).map(|power| 2_f64.powi(power));
    let noise = |n: f64| 1.0 + 0.08 * (n.log2() * 2.7).sin();
    ScatterPlot::new(
        "Time against input",
        Axis::logarithmic("items", Unit::Count),
        Axis::logarithmic("time", Unit::Nanoseconds),
    )
    .series(
        Series::new(
            "nested loops",
            sizes().map(|n| (n, 0.35 * n * n * noise(n))),
        )
        .with_curve("O(n²)", |n| 0.35 * n * n),
    )
    .series(
        Series::new(
            "sort",
            sizes().map(|n| (n, 1.3 * n * n.log2() * noise(n + 9.0))),
        )
        .with_curve("O(n log n)", |n| 1.3 * n * n.log2()),
    )
    .series(
        Series::new("hash set", sizes().map(|n| (n, 11.0 * n * noise(n * 3.0))))
            .with_curve("O(n)", |n| 11.0 * n),
    )
    .to_svg()
}

fn scalability() -> Result<Svg, tuneup_report::Error> {
    let law = |base: f64, contention: f64, coherence: f64| {
        move |n: f64| base * n / (1.0 + contention * (n - 1.0) + coherence * n * (n - 1.0))
    };
    let series = |name: &str, base, contention, coherence| {
        let law = law(base, contention, coherence);
        let threads = || (0..6).map(|power| 2_f64.powi(power));
        Series::new(name, threads().map(|n| (n, law(n))))
            .with_band(threads().map(|n| (n, law(n) * 0.94, law(n) * 1.05)))
    };
    LinePlot::new(
        "Throughput",
        Axis::linear("threads", Unit::Count).with_zero(),
        Axis::linear("throughput", Unit::PerSecond).with_zero(),
    )
    .series(series("sharded map", 3.1e6, 0.02, 0.0005))
    .series(series("one lock", 2.6e6, 0.21, 0.004))
    .to_svg()
}

fn history() -> Result<Svg, tuneup_report::Error> {
    let times = samples(61_900.0, 500.0, 80, 5);
    let level = |day: usize| if day > 55 { 1.087 } else { 1.0 };
    let points = times
        .iter()
        .enumerate()
        .map(|(day, time)| (day as f64, time * level(day)));
    LinePlot::new(
        "sort, then compare neighbours: 80 commits",
        Axis::linear("commit", Unit::Count),
        Axis::linear("time", Unit::Nanoseconds),
    )
    .series(Series::new("median", points))
    .to_svg()
}

fn flames() -> Result<Svg, tuneup_report::Error> {
    FlameGraph::new("Time by call path", Unit::Nanoseconds)
        .frame(None, "cookbook", 2.1e6)
        .frame(Some(0), "cookbook::duplicates::nested_loops", 1.234e9)
        .frame(Some(0), "cookbook::duplicates::hash_set", 12e6)
        .frame(Some(2), "std::collections::HashSet<T>::insert", 31e6)
        .frame(Some(3), "core::hash::BuildHasher::hash_one", 17e6)
        .frame(Some(0), "cookbook::string_building", 81e6)
        .frame(Some(5), "alloc::fmt::format", 320e6)
        .frame(Some(6), "alloc::raw_vec::grow_amortized", 210e6)
        .frame(Some(7), "<script>realloc</script>", 200e6)
        .frame(Some(5), "core::fmt::write", 90e6)
        .frame(Some(9), "narrow", 0.5e6)
        .to_svg()
}

/// Samples around `center`, skewed as times are; the same for the same seed.
fn samples(center: f64, spread: f64, count: usize, seed: u64) -> Vec<f64> {
    let mut state = seed;
    let mut uniform = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    (0..count)
        .map(|_| center + spread * (uniform() + uniform() + uniform() - 1.5 + uniform().powi(6)))
        .collect()
}
