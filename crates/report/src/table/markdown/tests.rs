use crate::{Cell, Table};

#[test]
fn stacked_rows_are_lists_in_markdown_and_lines_stay_as_they_are() {
    let table = Table::new(["what", "why", "code"])
        .stacked()
        .row(["Sort *once*", "a|b", "let a = `b`;\n\tlet c = ```d```;"])
        .row([Cell::text("Next"), Cell::missing(), Cell::text("")])
        .note("done");
    assert_eq!(
        table.to_markdown(),
        "\
**Sort \\*once\\***

- why: a\\|b
- code:

  ````
  let a = `b`;
   let c = ```d```;
  ````

**Next**


done
"
    );
}
