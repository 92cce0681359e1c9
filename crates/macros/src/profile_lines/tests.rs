use super::*;

/// An expansion.
struct Expansion {
    text: String,
    /// The lines of the table.
    lines: Vec<u32>,
    /// The lines of the marks, in the order of the text.
    marks: Vec<u32>,
}

fn expansion(text: &str) -> Expansion {
    let tokens = expand(TokenStream::new(), text.parse().unwrap());
    let text = syn::parse2::<Function>(tokens)
        .expect("it is no function any more")
        .to_token_stream()
        .to_string();
    let number = |text: &str| text.trim().trim_end_matches("u32").parse().unwrap();
    let (_, table) = text.split_once("& [").unwrap();
    let (table, _) = table.split_once(']').unwrap();
    let lines: Vec<u32> = table.split(',').map(number).collect();
    let marks = text
        .match_indices("usize )")
        .chain(text.match_indices("usize)"));
    let mut marks: Vec<_> = marks
        .map(|(end, _)| {
            let index = text[..end].rsplit([' ', '(']).next().unwrap();
            (end, lines[index.parse::<usize>().unwrap()])
        })
        .collect();
    marks.sort_unstable();
    let marks = marks.into_iter().map(|(_, line)| line).collect();
    Expansion { text, lines, marks }
}

#[test]
fn statements_are_marked_on_the_line_of_their_first_token() {
    let Expansion { lines, marks, .. } = expansion(
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
    let Expansion { lines, marks, .. } = expansion("fn f() { a(); b() }");
    assert_eq!(lines, [1]);
    assert_eq!(marks, [1, 1]);
}

#[test]
fn an_empty_function_has_a_timer() {
    let Expansion { text, lines, marks } = expansion("fn f() {}");
    assert!(text.contains("LineTimer :: enter (& __TUNEUP_LINES)"));
    assert_eq!((lines, marks), (vec![1], vec![]));
}

#[test]
fn headers_are_marked_before_each_turn() {
    let Expansion { lines, marks, .. } = expansion(
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
    let Expansion { marks, .. } = expansion(
        "fn f() {
            for a in b {
                for c in d { e(); }
                continue;
            }
        }",
    );
    assert_eq!(marks, [2, 3, 3, 3, 4, 2, 2]);
    // After a closure with a loop.
    let Expansion { marks, .. } = expansion(
        "fn f() {
            for a in b {
                c(|| for d in e { continue; });
                continue;
            }
        }",
    );
    assert_eq!(marks, [2, 3, 3, 3, 3, 3, 3, 4, 2, 2]);
    // A loop without marks.
    let Expansion { marks, .. } = expansion(
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
    assert_eq!(expansion(text).text.matches("enter_closure").count(), 6);
}

#[test]
fn marks_stand_between_statements_alone() {
    let Expansion { text, .. } = expansion("fn f() { let a = b(&c()).d(); e(a)? }");
    assert!(text.contains("let a = b (& c ()) . d () ;"), "{text}");
    assert!(text.contains("e (a) ?"), "{text}");
}

#[test]
fn closures_get_a_timer_on_their_line() {
    let Expansion { text, marks, .. } = expansion(
        "fn f() {
            a(|x|
                x + 1)
        }",
    );
    assert!(text.contains("LineTimer :: enter_closure (& __TUNEUP_LINES , 1usize)"));
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
    let Expansion { text, marks, .. } =
        expansion(&format!("fn f() {{ {} ; }}", inside.join(" ; ")));
    for part in inside {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    assert_eq!(marks.len(), 10, "one for each that is no item");
}

#[test]
fn async_functions_mark_the_poll() {
    let text = expansion("async fn f() { a(); let b = || c(); }").text;
    assert!(text.contains("LinedFuture :: new (& __TUNEUP_LINES , async move"));
    assert_eq!(text.matches("mark_line (& __TUNEUP_LINES").count(), 2);
    assert_eq!(text.matches("__timer . mark").count(), 1, "in the closure");
}

#[test]
fn statements_from_elsewhere_count_on_the_line_of_the_function() {
    let mut item: syn::ItemFn = syn::parse_str("\n\nfn f() {\na();\n}").unwrap();
    // Another file, and a line before the function.
    item.block.stmts.push(syn::parse_str("b();").unwrap());
    let tokens = expand(TokenStream::new(), item.to_token_stream()).to_string();
    assert!(tokens.contains("& [3u32 , 4u32]"), "{tokens}");
    assert!(tokens.contains("mark (0usize) ; b () ;"), "{tokens}");
}

#[test]
fn a_body_that_is_not_understood_is_refused() {
    let tokens = expand(
        TokenStream::new(),
        "fn f() { let x = do yeet 1; }".parse().unwrap(),
    )
    .to_string();
    assert!(tokens.contains("compile_error"));
    assert!(tokens.ends_with("fn f () { let x = do yeet 1 ; }"));
}
