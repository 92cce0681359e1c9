//! Texts before and after: the same cases as those of the attribute, and what is about text alone.

use syn::ItemFn;

use super::*;

/// A function with its marks.
struct Marked {
    text: String,
    /// The lines of the table.
    lines: Vec<usize>,
    /// The lines of the marks, in the order of the text.
    marks: Vec<usize>,
}

fn marked(text: &str) -> Marked {
    let function: ItemFn = syn::parse_str(text).unwrap();
    let line = function.sig.fn_token.span.start().line;
    let is_async = function.sig.asyncness.is_some();
    let LineMarks { lines, mut edits } = LineMarks::of(&function.block, line, is_async);
    edits.sort_by_key(|(at, _)| *at);
    let mut marks = Vec::new();
    let (mut new, mut from) = (String::new(), 0);
    for (at, edit) in edits {
        new.push_str(&text[from..at]);
        new.push_str(&edit);
        from = at;
        let index = edit
            .strip_suffix("); ")
            .and_then(|edit| edit.rsplit(['(', ' ']).next());
        marks.extend(index.map(|index| lines[index.parse::<usize>().unwrap()]));
    }
    new.push_str(&text[from..]);
    syn::parse_str::<ItemFn>(&new).unwrap_or_else(|error| panic!("{error}: {new}"));
    assert_eq!(new.lines().count(), text.lines().count(), "no line moves");
    Marked {
        text: new,
        lines,
        marks,
    }
}

#[test]
fn statements_are_marked_on_the_line_of_their_first_token() {
    let Marked { lines, marks, .. } = marked(
        "fn f() {
            let a
                = 1;
            #[allow(x)]
            let b = 2; let c = 3;

            a + b
                + c
        }",
    );
    assert_eq!(lines, [1, 2, 5, 7]);
    assert_eq!(marks, [2, 5, 5, 7]);
}

#[test]
fn a_function_on_one_line_has_one_entry() {
    let Marked { lines, marks, .. } = marked("fn f() { a(); b() }");
    assert_eq!(lines, [1]);
    assert_eq!(marks, [1, 1]);
}

#[test]
fn an_empty_function_has_nothing_but_its_own_line() {
    let Marked { text, lines, marks } = marked("fn f() {}");
    assert_eq!(text, "fn f() {}");
    assert_eq!((lines, marks), (vec![1], vec![]));
}

#[test]
fn headers_are_marked_before_each_turn() {
    let Marked { lines, marks, .. } = marked(
        "fn f() {
            'a: for x in y {
                while z {
                    if b { continue 'a; }
                    c(if d { continue } else { 1 });
                }
            }
        }",
    );
    assert_eq!(lines, [1, 2, 3, 4, 5]);
    // For the inner jump of line 5: its header; then the ends of both bodies.
    assert_eq!(marks, [2, 3, 4, 4, 2, 5, 3, 3, 2]);
}

#[test]
fn a_jump_goes_to_the_loop_around_it() {
    // After another loop has ended.
    let Marked { marks, .. } = marked(
        "fn f() {
            for a in b {
                for c in d { e(); }
                continue;
            }
        }",
    );
    assert_eq!(marks, [2, 3, 3, 3, 4, 2, 2]);
    // After a closure with a loop.
    let Marked { marks, .. } = marked(
        "fn f() {
            for a in b {
                c(|| for d in e { continue; });
                continue;
            }
        }",
    );
    assert_eq!(marks, [2, 3, 3, 3, 3, 3, 3, 4, 2, 2]);
    // A loop without marks.
    let Marked { marks, .. } = marked(
        "fn f() {
            for a in b {
                c(for d in e { if g { continue; } });
            }
        }",
    );
    assert_eq!(marks, [2, 3, 2]);
}

#[test]
fn closures_have_timers_wherever_they_are() {
    let text = "fn f() {
        if a(|| 1) { }
        while b(|| 2) { }
        match c(|| 3) { _ => { } }
        for d in e(|| 4) { }
        g(|| 5) + h(|| 6)
    }";
    assert_eq!(marked(text).text.matches("enter_closure").count(), 6);
}

#[test]
fn marks_stand_between_statements_alone() {
    let Marked { text, .. } = marked("fn f() { let a = b(&c()).d(); e(a)? }");
    assert_eq!(
        text,
        "fn f() { __tuneup_lines.mark(0); let a = b(&c()).d(); __tuneup_lines.mark(0); e(a)? }"
    );
}

#[test]
fn closures_get_a_timer_on_their_line() {
    let Marked { text, marks, .. } = marked(
        "fn f() {
            a(|x|
                x + 1)
        }",
    );
    assert!(text.contains(
        "{ let __tuneup_lines = ::tuneup_runtime::LineTimer::enter_closure(&__TUNEUP_LINES, 1); "
    ));
    assert_eq!(marks, [2, 2, 3], "the statement, the timer and the body");
}

#[test]
fn futures_and_constants_inside_stay_as_they_are() {
    let inside = [
        "async move { a () ; b () . await }",
        "const { c () ; }",
        "async | d | { d () ; }",
        "[0 ; { let e = | | 1 ; 1 }]",
        "f :: < { let g = | | 1 ; 1 } > ()",
        "h ! { i () ; }",
        "fn j () { k () ; }",
        "l ({ fn m () { n (| | 1) ; } 2 })",
        "o (p as [u8 ; { let p = | | 1 ; 1 }])",
        "t (match u { v if w (| | 1) => 2 , })",
        "if let q :: < { let r = | | 1 ; 1 } > = s { }",
    ];
    let Marked { text, marks, .. } = marked(&format!("fn f() {{ {} ; }}", inside.join(" ; ")));
    for part in inside {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    assert_eq!(marks.len(), 10, "one for each that is no item");
}

#[test]
fn async_functions_mark_the_poll() {
    let text = marked("async fn f() { a(); let b = || c(); }").text;
    assert_eq!(
        text.matches("::tuneup_runtime::mark_line(&__TUNEUP_LINES, 0); ")
            .count(),
        2
    );
    assert_eq!(
        text.matches("__tuneup_lines.mark").count(),
        1,
        "in the closure"
    );
}

#[test]
fn a_mark_is_compiled_where_its_statement_is() {
    let text = marked("fn f() {\n #[allow(x)] #[cfg(\n y)] let a = 1;\n #[cfg(z)] { b() }\n}").text;
    assert!(
        text.contains("\n #[cfg (y)] __tuneup_lines.mark(1); #[allow(x)] #[cfg(\n y)] let a"),
        "{text}"
    );
    assert!(
        text.contains("#[cfg (z)] __tuneup_lines.mark(2); #[cfg(z)] { "),
        "{text}"
    );
}

#[test]
fn what_begins_with_a_block_stays_one_expression() {
    let body = "|| if a { 1 } else { 2 } + b";
    assert!(
        marked(&format!("fn f() {{ let x = {body}; }}"))
            .text
            .contains("(if a { ")
    );
    for body in [
        "match a { _ => 1 }",
        "{ 1 }",
        "a! { 1 }",
        "unsafe { a }.b()",
        "loop {}",
        "a! { 1 }.b + 1",
    ] {
        // What is not understood panics in `marked`.
        let text = marked(&format!("fn f() {{ a(|| {body}, 1) }}")).text;
        let closures = syn::parse_str::<ItemFn>(&text).unwrap();
        let Some(Stmt::Expr(Expr::Call(call), None)) = closures.block.stmts.last() else {
            panic!("{text}");
        };
        assert_eq!(call.args.len(), 2, "{text}");
    }
}

#[test]
fn the_value_of_a_body_is_not_dropped_late() {
    let text = marked("fn f() { while a { b().c() } }").text;
    assert!(
        text.contains("while a {{  __tuneup_lines.mark(0); b().c()  } __tuneup_lines.mark(0); }"),
        "{text}"
    );
}
