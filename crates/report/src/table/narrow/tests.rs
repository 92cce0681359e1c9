use crate::{Cell, Shorten, Table, Terminal};

/// What `table` looks like in `width` columns.
fn shown(table: &Table, width: usize) -> String {
    table.render(&Terminal::plain(width))
}

/// Three numbers, 21 columns and their gaps, and a path of 42.
fn spared() -> Table {
    Table::new(["calls", "time", "median", "function"])
        .spare(2)
        .spare(0)
        .shorten(3, Shorten::Start)
        .named_by(3)
        .row([
            Cell::count(1_234),
            Cell::nanoseconds(1_500.0),
            Cell::nanoseconds(12.0),
            Cell::text("my_crate::parser::lexer::Lexer::next_token"),
        ])
        .note("A note.")
}

#[test]
fn spare_columns_stay_as_long_as_the_path_can_be_read() {
    assert_eq!(
        shown(&spared(), 59),
        "\
calls      time    median  function
───────────────────────────────────────────────────────────
1,234  1.500 µs  12.00 ns  …arser::lexer::Lexer::next_token

A note.
"
    );
}

#[test]
fn spare_columns_go_in_the_order_in_which_they_were_marked() {
    assert_eq!(
        shown(&spared(), 52),
        "\
calls      time  function
────────────────────────────────────────────────────
1,234  1.500 µs  …::parser::lexer::Lexer::next_token

A note.
no room for: median
"
    );
    assert_eq!(
        shown(&spared(), 40),
        "    time  function
────────────────────────────────────────
1.500 µs  …ser::lexer::Lexer::next_token

A note.
no room for: calls, median
"
    );
}
