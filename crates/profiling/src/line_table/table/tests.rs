use std::time::Duration;

use tuneup_report::{Style, Terminal};

use crate::{Line, LineTable};

fn line(number: u32, hits: u64, ns: u64, source: &str) -> Line {
    Line {
        number,
        hits,
        time: Duration::from_nanos(ns),
        waiting: Duration::ZERO,
        allocated_bytes: None,
        net_bytes: None,
        source: Some(source.to_owned()),
    }
}

/// A function of five lines, one of which is never reached.
fn sum() -> LineTable {
    LineTable {
        function: "shop::cart::sum".to_owned(),
        file: "src/cart.rs".to_owned(),
        first_line: 1_203,
        calls: 2,
        total: Duration::from_nanos(20_000),
        is_async: false,
        lines: vec![
            line(1_203, 2, 200, "    fn sum(items: &[Item]) -> u64 {"),
            line(1_204, 2, 800, "        let mut sum = 0;"),
            line(1_205, 12, 3_000, "        for item in items {"),
            line(1_206, 10, 16_000, "\t        sum += item.price();   "),
            line(1_208, 0, 0, "            unreachable!()"),
        ],
    }
}

fn shown(table: &LineTable, width: usize) -> String {
    table
        .table()
        .render(&Terminal::plain(width))
        .replace('\u{a0}', " ")
}

#[test]
fn lines_have_the_columns_of_a_line_profiler() {
    assert_eq!(
        shown(&sum(), 80),
        "\
shop::cart::sum at src/cart.rs:1203, total 20.00 µs in 2 calls

Line  Hits      Time   Per hit  % time  Source
───────────────────────────────────────────────────────────────────────
1203     2  200.0 ns  100.0 ns   1.0 %  fn sum(items: &[Item]) -> u64 {
1204     2  800.0 ns  400.0 ns   4.0 %      let mut sum = 0;
1205    12  3.000 µs  250.0 ns  15.0 %      for item in items {
1206    10  16.00 µs  1.600 µs  80.0 %          sum += item.price();
1208     0                                      unreachable!()
"
    );
}

#[test]
fn waiting_and_memory_have_columns_where_they_are_known() {
    let mut table = sum();
    table.is_async = true;
    table.lines[2].waiting = Duration::from_millis(3);
    table.lines[1].allocated_bytes = Some(4_096);
    table.lines[1].net_bytes = Some(-1_024);
    table.lines.truncate(3);
    assert_eq!(
        shown(&table, 120),
        "\
shop::cart::sum at src/cart.rs:1203, total 20.00 µs in 2 calls

Line  Hits      Time   Per hit  % time   Waiting  Allocated     Net  Source
────────────────────────────────────────────────────────────────────────────────────────────────────
1203     2  200.0 ns  100.0 ns   1.0 %                    –       –  fn sum(items: &[Item]) -> u64 {
1204     2  800.0 ns  400.0 ns   4.0 %                4 KiB  -1 KiB      let mut sum = 0;
1205    12  3.000 µs  250.0 ns  15.0 %  3.000 ms          –       –      for item in items {
"
    );
}

#[test]
fn tabs_count_as_four_spaces_and_the_end_of_long_lines_gives_way() {
    let mut table = sum();
    table.lines[4].source =
        Some("\t\tunreachable!(\"a message that is much too long for a terminal\")".to_owned());
    for line in &mut table.lines[..4] {
        line.source = Some("\t\t\tx();".to_owned());
    }
    let text = shown(&table, 72);
    assert!(text.contains("  1.0 %      x();\n"), "{text}");
    assert!(
        text.ends_with("unreachable!(\"a message that is…\n"),
        "{text}"
    );
}

#[test]
fn unreached_lines_are_dim_and_the_hottest_is_strong() {
    let terminal = Terminal::plain(100).with_color(true);
    let text = sum().table().render(&terminal);
    assert!(text.contains(&terminal.paint(Style::Dim, "1208")), "{text}");
    assert!(
        text.contains(&terminal.paint(Style::Strong, "16.00 µs")),
        "{text}"
    );
    assert!(
        !text.contains(&terminal.paint(Style::Strong, "3.000 µs")),
        "{text}"
    );
    let mut idle = sum();
    idle.lines
        .iter_mut()
        .for_each(|line| line.time = Duration::ZERO);
    let text = idle.table().render(&terminal);
    assert!(
        !text.contains(&terminal.paint(Style::Strong, "0 ns")),
        "{text}"
    );
}

#[test]
fn time_before_the_first_mark_is_shown_without_hits() {
    let mut table = sum();
    table.lines[0].hits = 0;
    let text = shown(&table, 100);
    assert!(
        text.contains("1203     0  200.0 ns             1.0 %"),
        "{text}"
    );
}

#[test]
fn without_source_and_time_there_is_still_a_table() {
    let mut table = sum();
    table.total = Duration::ZERO;
    table.calls = 1;
    for line in &mut table.lines {
        (line.hits, line.time, line.source) = (0, Duration::ZERO, None);
    }
    let text = shown(&table, 100);
    assert!(
        text.starts_with("shop::cart::sum at src/cart.rs:1203, total 0 ns in 1 call\n"),
        "{text}"
    );
    assert!(
        text.ends_with("\nthe source `src/cart.rs` was not found\n"),
        "{text}"
    );
}

#[test]
fn time_for_each_hit_needs_a_hit() {
    assert_eq!(line(1, 0, 500, "").time_per_hit(), Duration::ZERO);
    assert_eq!(
        line(1, 4, 500, "").time_per_hit(),
        Duration::from_nanos(125)
    );
}
