use proptest::prelude::*;

use crate::{Align, Cell, Shorten, Style, Table, Terminal, Unit};

/// What `table` looks like in `width` columns.
fn shown(table: &Table, width: usize) -> String {
    table.render(&Terminal::plain(width))
}

fn times() -> Table {
    Table::new(["case", "time", "ratio"])
        .row([
            Cell::text("cookbook/duplicates/nested loops"),
            Cell::nanoseconds(1_234_000.0),
            Cell::ratio(1.0),
        ])
        .row([
            Cell::text("cookbook/duplicates/hash set"),
            Cell::nanoseconds(48_300.0),
            Cell::ratio(0.04),
        ])
}

#[test]
fn numbers_line_up_at_the_right_and_text_at_the_left() {
    assert_eq!(
        shown(&times(), 80),
        "\
case                                  time  ratio
─────────────────────────────────────────────────
cookbook/duplicates/nested loops  1.234 ms  1.00×
cookbook/duplicates/hash set      48.30 µs  0.04×
"
    );
}

#[test]
fn a_table_that_fits_exactly_is_left_whole() {
    assert_eq!(shown(&times(), 49), shown(&times(), 80));
}

#[test]
fn names_give_way_in_the_middle_and_stay_different() {
    assert_eq!(
        shown(&times(), 40),
        "\
case                         time  ratio
────────────────────────────────────────
cookboo…es/nested loops  1.234 ms  1.00×
cookboo…icates/hash set  48.30 µs  0.04×
"
    );
}

#[test]
fn names_that_would_look_the_same_are_wrapped() {
    let table = Table::new(["case", "time"])
        .row([
            Cell::text("cookbook/first way/of counting words"),
            Cell::nanoseconds(1.0),
        ])
        .row([
            Cell::text("cookbook/other way/of counting words"),
            Cell::nanoseconds(2.0),
        ]);
    assert_eq!(
        shown(&table, 31),
        "\
case                       time
───────────────────────────────
cookbook/first way/of  1.000 ns
counting words
cookbook/other way/of  2.000 ns
counting words
"
    );
}

#[test]
fn headers_over_numbers_are_wrapped_before_names_are_cut() {
    let table = Table::new(["case", "time per iteration"])
        .row([Cell::text("a name"), Cell::nanoseconds(12.0)]);
    assert_eq!(
        shown(&table, 20),
        "\
case     time per
        iteration
─────────────────
a name   12.00 ns
"
    );
}

#[test]
fn intervals_go_below_their_number_before_names_become_unreadable() {
    let time = |ns: f64| Cell::nanoseconds(ns).between(ns * 0.99, ns * 1.02);
    let table = Table::new(["case", "time", "ratio"])
        .row([
            Cell::text("sort, then compare neighbours"),
            time(61_900.0),
            Cell::ratio(0.05).between(0.04, 0.06),
        ])
        .row([
            Cell::text("hash set"),
            time(48_300.0),
            Cell::text("reference"),
        ]);
    assert_eq!(
        shown(&table, 48),
        "\
case                             time  ratio
────────────────────────────────────────────────
sort, then compare           61.90 µs  0.05×
neighbours                     ±2.0 %  ±20.0 %
hash set                     48.30 µs  reference
                               ±2.0 %
"
    );
}

#[test]
fn numbers_among_words_are_never_cut() {
    let table = Table::new(["case", "ratio"])
        .row([
            Cell::text("a name that is quite long"),
            Cell::number(1_234_567_890_123.0, Unit::Count),
        ])
        .row([
            Cell::text("x"),
            Cell::text("the reference of all the others"),
        ]);
    assert_eq!(
        shown(&table, 40),
        "\
case                 ratio
────────────────────────────────────────
a name that is       1,234,567,890,123
quite long
x                    the reference of
                     all the others
"
    );
}

#[test]
fn a_place_too_narrow_for_columns_shows_blocks() {
    assert_eq!(
        shown(&times().title("Duplicates").group("more").row(["last"]), 26),
        "\
Duplicates

cookbook/duplicates/nested
loops
  time   1.234 ms
  ratio  1.00×
cookbook/duplicates/hash
set
  time   48.30 µs
  ratio  0.04×

more
last
"
    );
    assert_eq!(
        shown(
            &Table::new(["case", "a long label"]).row([Cell::text("x"), Cell::count(1_234_567)]),
            12
        ),
        "\
x
  a long
  label
    1,234,
    567
"
    );
}

#[test]
fn headings_span_the_table_and_rows_below_are_indented() {
    let table = Table::new(["case", "n"])
        .group("a heading wider than the table")
        .row([Cell::text("one"), Cell::count(1)])
        .group("second")
        .row([Cell::text("two"), Cell::missing()])
        .note("A note.");
    assert_eq!(
        shown(&table, 80),
        "\
case   n
────────
a heading wider than the table
  one  1

second
  two  –

A note.
"
    );
    assert!(
        shown(&table, 14)
            .starts_with("case   n\n────────\na heading\nwider than the\ntable\n  one  1\n")
    );
}

#[test]
fn wide_and_combining_characters_take_their_columns() {
    let table = Table::new(["名前", "n"])
        .row([Cell::text("日本語"), Cell::count(1)])
        .row([Cell::text("cafe\u{301}"), Cell::count(10)])
        .row([Cell::text("naïve"), Cell::count(100)]);
    assert_eq!(
        shown(&table, 80),
        "\
名前      n
───────────
日本語    1
cafe\u{301}     10
naïve   100
"
    );
}

#[test]
fn cells_of_several_lines_keep_the_columns_apart() {
    let table = Table::new(["case", "error", "n"])
        .row([
            Cell::text("one"),
            Cell::text("first line\nsecond"),
            Cell::count(1),
        ])
        .row([Cell::text("two\nlines"), Cell::text(""), Cell::count(20)]);
    assert_eq!(
        shown(&table, 80),
        "\
case   error        n
─────────────────────
one    first line   1
       second
two                20
lines
"
    );
}

#[test]
fn tables_without_rows_or_columns_say_so() {
    assert_eq!(
        shown(&Table::new(["case", "time"]), 80),
        "case  time\n──────────\n(no rows)\n"
    );
    assert_eq!(
        shown(&Table::new([""; 0]).title("Nothing"), 80),
        "Nothing\n\n(no rows)\n"
    );
    assert!(Table::default().is_empty());
}

#[test]
fn rows_may_be_shorter_or_longer_than_the_header() {
    let table = Table::new(["a", "b"]).row(["1", "2", "3"]).row(["4"]);
    assert_eq!(shown(&table, 80), "a  b\n───────\n1  2  3\n4\n");
    assert_eq!(table.len(), 2);
}

#[test]
fn alignment_can_be_chosen() {
    let table = Table::new(["left", "center", "right"])
        .align(0, Align::Left)
        .align(1, Align::Center)
        .align(2, Align::Right)
        .row([Cell::count(1), Cell::text("x"), Cell::text("y")]);
    assert_eq!(
        shown(&table, 80),
        "left  center  right\n───────────────────\n1        x        y\n"
    );
}

#[test]
fn missing_values_do_not_change_what_a_column_is() {
    let table = Table::new(["n"])
        .row([Cell::missing()])
        .row([Cell::count(1_000)]);
    assert_eq!(shown(&table, 80), "    n\n─────\n    –\n1,000\n");
}

#[test]
fn control_characters_cannot_reach_the_terminal() {
    let table = Table::new(["a\u{1b}[2J"])
        .title("\u{7}")
        .group("\u{1f}")
        .row(["x\u{1f}y"])
        .note("\u{9b}");
    let shown = table.render(&Terminal::plain(80));
    assert!(
        shown.chars().all(|char| char == '\n' || !char.is_control()),
        "{shown:?}"
    );
}

#[test]
fn colour_is_put_on_cells_and_nothing_else() {
    let table = Table::new(["case", "change"])
        .title("T")
        .row([
            Cell::text("a").styled(Style::Strong),
            Cell::change(-0.1).styled(Style::Good),
        ])
        .row([Cell::text("b"), Cell::change(0.1).styled(Style::Bad)]);
    assert_eq!(
        table.render(&Terminal::plain(80).with_color(true)),
        "\u{1b}[1mT\u{1b}[0m\n\n\
         \u{1b}[1mcase\u{1b}[0m   \u{1b}[1mchange\u{1b}[0m\n\
         \u{1b}[2m─────────────\u{1b}[0m\n\
         \u{1b}[1ma\u{1b}[0m     \u{1b}[32m-10.0 %\u{1b}[0m\n\
         b     \u{1b}[31m+10.0 %\u{1b}[0m\n"
    );
}

#[test]
fn markdown_escapes_what_would_be_markup() {
    let table = Table::new(["case | name", "n"])
        .title("*T*")
        .group("g_1")
        .row([Cell::text("a|b\n<b>`c`"), Cell::count(1)])
        .row(["\\"])
        .note("& more");
    assert_eq!(
        table.to_markdown(),
        "\
**\\*T\\***

| case \\| name | n |
| :--- | ---: |
| **g\\_1** | |
| a\\|b<br>&lt;b&gt;\\`c\\` | 1 |
| \\\\ | |

&amp; more
"
    );
}

/// Without the sequences that switch colours.
fn without_color(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        plain.push_str(before);
        rest = after.split_once('m').map_or("", |(_, after)| after);
    }
    plain + rest
}

fn any_cell() -> impl Strategy<Value = Cell> {
    prop_oneof![
        "[a-z/:_ é日本語👍-]{0,30}".prop_map(Cell::text),
        any::<f64>().prop_map(Cell::nanoseconds),
        any::<u64>().prop_map(Cell::bytes),
        (0.0..1e3_f64).prop_map(|value| Cell::ratio(value)
            .between(value * 0.9, value * 1.2)
            .styled(Style::Good)),
        any::<String>().prop_map(|text| Cell::text(text).styled(Style::Bad)),
        Just(Cell::missing()),
    ]
}

fn any_table() -> impl Strategy<Value = Table> {
    let rows = prop::collection::vec(
        (any::<bool>(), prop::collection::vec(any_cell(), 0..5)),
        0..8,
    );
    (
        prop::collection::vec("[a-z 日]{0,14}", 0..5),
        rows,
        "[a-z ]{0,40}",
        prop::collection::vec(0_usize..5, 0..4),
    )
        .prop_map(|(header, rows, text, spare)| {
            let mut table = Table::new(header).title(text.clone()).note(text.clone());
            for column in spare {
                table = table.spare(column).shorten(column, Shorten::Start);
            }
            for (grouped, cells) in rows {
                if grouped {
                    table.push_group(text.clone());
                }
                table.push(cells);
            }
            table
        })
}

proptest! {
    #[test]
    fn no_line_is_wider_than_asked(table in any_table(), width in 8_usize..120) {
        for line in shown(&table, width).lines() {
            prop_assert!(crate::text::width(line) <= width, "{:?} is wider than {}", line, width);
        }
    }

    #[test]
    fn colour_does_not_move_anything(table in any_table(), width in 8_usize..120) {
        let painted = table.render(&Terminal::plain(width).with_color(true));
        prop_assert_eq!(without_color(&painted), shown(&table, width));
    }

    #[test]
    fn columns_line_up(
        rows in prop::collection::vec(("[a-z/_日é]{1,30}", 0_u64..1_000_000, 0_u64..1_000_000), 1..8),
        width in 40_usize..90,
    ) {
        let mut table = Table::new(["name", "first", "second"]);
        for (name, first, second) in &rows {
            table.push([Cell::text(name), Cell::count(*first), Cell::count(*second)]);
        }
        let shown = shown(&table, width);
        let rule = shown.lines().nth(1).unwrap_or("").chars().count();
        let second_width = rows.iter().map(|row| Cell::count(row.2).to_string().len()).max().unwrap_or(0).max(6);
        let numbered = shown.lines().skip(2).filter(|line| line.ends_with(|char: char| char.is_ascii_digit()));
        let numbered: Vec<&str> = numbered.collect();
        prop_assert_eq!(numbered.len(), rows.len());
        for (line, (_, first, second)) in numbered.into_iter().zip(&rows) {
            // The last column ends where the rule ends, and the one before where its gap begins.
            prop_assert_eq!(crate::text::width(line), rule);
            let second = Cell::count(*second).to_string();
            prop_assert!(line.ends_with(&format!(" {second}")), "{:?}", line);
            let before = &line[..line.len() - second_width - 2];
            prop_assert!(before.ends_with(&format!(" {}", Cell::count(*first))), "{:?}", line);
        }
    }
}
