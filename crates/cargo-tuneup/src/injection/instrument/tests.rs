//! Texts before and after.

use proptest::prelude::*;
use regex_lite::Regex;

use super::*;

fn instrumented(text: &str) -> Instrumented {
    instrument(
        &Source {
            text,
            file: "src/lib.rs",
            module: &["krate".to_owned()],
            left_out: &LeftOut::default(),
        },
        &Choice::default(),
    )
    .unwrap()
}

/// The text without what was put in.
fn stripped(text: &str) -> String {
    let site = Regex::new(r"static __TUNEUP_SITE: [^;]*; ").unwrap();
    let frame = Regex::new(r"let __tuneup_frame = [^;]*; ").unwrap();
    let future = Regex::new(r"::tuneup_runtime::ProfiledFuture::new\(&__TUNEUP_SITE, async move \{ (if let [^}]*\} )?(let _ = &[^;]+; )* ").unwrap();
    let text = site.replace_all(text, "");
    let text = frame.replace_all(&text, "");
    let text = future.replace_all(&text, "");
    text.replace(" }).await ", "")
}

fn names(instrumented: &Instrumented) -> Vec<&str> {
    instrumented
        .functions
        .iter()
        .map(|function| &function.name[..])
        .collect()
}

#[test]
fn a_call_is_recorded_where_the_body_begins() {
    let text = "/// Adds.\npub fn add(a: u64, b: u64) -> u64 {\n    a + b\n}\n";
    assert_eq!(
        instrumented(text).text,
        "/// Adds.\npub fn add(a: u64, b: u64) -> u64 {static __TUNEUP_SITE: ::tuneup_runtime::Site = ::tuneup_runtime::Site::new(|| \"krate::add\", \
         ::tuneup_runtime::SiteKind::Function, \"src/lib.rs\", 2); let __tuneup_frame = ::tuneup_runtime::enter(&__TUNEUP_SITE); \n    a + b\n}\n"
    );
}

#[test]
fn nothing_else_changes_and_no_line_moves() {
    let text = "//! Über.\n#![allow(unused)]\nfn a() { #![allow(dead_code)] // ä\n  b(\"{\") }\nasync fn c<'a>(self_: &'a str, (x, y): (u8, u8)) -> Result<&'a str, ()> {\n  Ok(self_)\n}\n\
                mod m { pub trait T { fn d(&self) {} fn e(&self); } impl T for &'static [u8] { fn e(&self) {} } }\nmacro_rules! f { () => { fn g() {} } }\n";
    let found = instrumented(text);
    assert_eq!(stripped(&found.text), text);
    assert_eq!(found.text.lines().count(), text.lines().count());
    assert_eq!(
        names(&found),
        [
            "krate::a",
            "krate::c",
            "krate::m::T::d",
            "krate::m::[u8]::e"
        ]
    );
    syn::parse_file(&found.text).unwrap();
}

#[test]
fn what_the_parser_leaves_out_is_counted() {
    for before in ["\u{feff}", "#!/usr/bin/env run\n", "\u{feff}#!/bin/ü\n"] {
        let text = format!("{before}fn a() {{ b() }}\n");
        let found = instrumented(&text);
        assert_eq!(stripped(&found.text), text);
        assert!(found.text.contains("fn a() {static"), "{}", found.text);
        let named = name_runtime(&text).unwrap();
        assert_eq!(named.replace("extern crate tuneup_runtime; fn", "fn"), text);
    }
}

/// With the lines of all functions, and what some of them have lost.
fn with_lines(text: &str, left_out: &LeftOut, without_calls: bool) -> Instrumented {
    let choice = Choice {
        lines: vec![Regex::new("").unwrap()],
        without_calls,
        ..Choice::default()
    };
    let source = Source {
        text,
        file: "src/lib.rs",
        module: &["krate".to_owned()],
        left_out,
    };
    instrument(&source, &choice).unwrap()
}

#[test]
fn lines_are_recorded_inside_of_the_call() {
    let found = with_lines("fn a() {\n    b();\n}", &LeftOut::default(), false);
    assert_eq!(
        found.text,
        "fn a() {static __TUNEUP_SITE: ::tuneup_runtime::Site = ::tuneup_runtime::Site::new(|| \"krate::a\", ::tuneup_runtime::SiteKind::Function, \"src/lib.rs\", 1); \
         static __TUNEUP_LINES: ::tuneup_runtime::LineSite = ::tuneup_runtime::LineSite::new(|| \"krate::a\", \"src/lib.rs\", &[1, 2], false); \
         let __tuneup_frame = ::tuneup_runtime::enter(&__TUNEUP_SITE); let __tuneup_lines = ::tuneup_runtime::LineTimer::enter(&__TUNEUP_LINES); \n    \
         __tuneup_lines.mark(1); b();\n}"
    );
    let found = with_lines("async fn a() {b()}", &LeftOut::default(), true);
    assert!(
        found.text.ends_with("::tuneup_runtime::LinedFuture::new(&__TUNEUP_LINES, async move {  ::tuneup_runtime::mark_line(&__TUNEUP_LINES, 0); b() }).await }"),
        "{}",
        found.text
    );
}

#[test]
fn what_does_not_compile_loses_its_lines_first() {
    let text = "fn a() { b() }\nfn c() { d() }\n";
    let left_out = LeftOut::from([(1, Loss::Lines), (2, Loss::All)]);
    let found = with_lines(text, &left_out, false);
    assert_eq!(names(&found), ["krate::a"]);
    assert_eq!(found.without_lines, ["krate::a"]);
    assert_eq!(found.skipped[0].0, "krate::c");
    assert!(!found.text.contains("mark("), "{}", found.text);
    // Without calls there is nothing left.
    let found = with_lines(text, &LeftOut::from([(1, Loss::All)]), true);
    assert_eq!(names(&found), ["krate::c"]);
    assert_eq!(found.skipped[0].0, "krate::a");
}

#[test]
fn what_cannot_record_says_why() {
    let found = instrumented(
        "const fn a() {}\nunsafe impl std::alloc::GlobalAlloc for A { unsafe fn alloc(&self) { fn helper() {} } }\n#[unsafe(naked)] fn b() {}\nfn c() {}",
    );
    let skipped: Vec<&str> = found.skipped.iter().map(|(name, _)| &name[..]).collect();
    assert_eq!(
        skipped,
        [
            "krate::a",
            "krate::A::alloc",
            "krate::A::alloc::helper",
            "krate::b"
        ]
    );
    assert_eq!(names(&found), ["krate::c"]);
}

#[test]
fn modules_in_files_are_named_with_what_is_around_them() {
    let found = instrumented("mod a;\nmod b { #[path = \"odd.rs\"] mod c; mod r#type; }\nmod d {}");
    let module = |inside: &[&str], name: &str, path: Option<&str>| Module {
        inside: inside.iter().map(|&name| name.to_owned()).collect(),
        name: name.to_owned(),
        path: path.map(str::to_owned),
    };
    assert_eq!(
        found.modules,
        [
            module(&[], "a", None),
            module(&["b"], "c", Some("odd.rs")),
            module(&["b"], "type", None)
        ]
    );
}

#[test]
fn the_runtime_is_named_before_the_first_item() {
    for (text, expected) in [
        (
            "#![allow(unused)]\n//! Old.\nfn a() {}",
            "#![allow(unused)]\n//! Old.\nextern crate tuneup_runtime; fn a() {}",
        ),
        (
            "#![allow(unused)]\n",
            "#![allow(unused)]extern crate tuneup_runtime; \n",
        ),
        ("", "extern crate tuneup_runtime; "),
    ] {
        assert_eq!(name_runtime(text).unwrap(), expected);
    }
}

proptest! {
    /// Functions in any order and depth, with characters of any length between them.
    #[test]
    fn every_function_of_a_text_records(
        parts in prop::collection::vec(prop::sample::select(vec![
            "fn f0() { /* { */ }\n",
            "pub(crate) async fn f1(ü: u8) -> Option<()> { None }\n",
            "mod m { pub unsafe extern \"C\" fn f2() -> &'static str { \"}\" } }\n",
            "// fn no() {}\n",
            "const TEXT: &str = \"fn no() {} 🦀\";\n",
            "impl S { fn f3(&self) { fn f4() {} } }\n",
            "trait T { fn f5(&self) -> u8 { 0 } fn no(&self); }\n",
        ]), 0..12),
    ) {
        let text = parts.concat();
        let found = instrumented(&text);
        prop_assert_eq!(stripped(&found.text), &text[..]);
        prop_assert_eq!(found.functions.len(), text.matches("fn f").count());
        prop_assert!(found.skipped.is_empty());
        prop_assert!(syn::parse_file(&found.text).is_ok());
    }
}

#[test]
fn arguments_are_counted_where_that_is_wished_for_and_before_the_call_begins() {
    let text = "fn price(article: u64, _: bool) -> u64 {\n    article\n}\nfn print(price: u64) {}\nfn other(n: u64) -> u64 { n }\nasync fn priced(article: u64) -> u64 { article }\n";
    let choice = Choice {
        arguments: Some(Regex::new("::pri").unwrap()),
        ..Choice::default()
    };
    let source = Source {
        text,
        file: "src/lib.rs",
        module: &["krate".to_owned()],
        left_out: &LeftOut::default(),
    };
    let found = instrument(&source, &choice).unwrap();
    let lines: Vec<&str> = found.text.lines().collect();
    assert_eq!(lines.len(), text.lines().count());
    for line in [lines[0], lines[5]] {
        let counted = line.find("__TUNEUP_COUNTS.count(").unwrap();
        let begun = line
            .find("::enter(")
            .or(line.find("ProfiledFuture::new("))
            .unwrap();
        assert!(
            line.contains(".with_arguments(&__TUNEUP_COUNTS)") && counted < begun,
            "{line}"
        );
    }
    assert!(!lines[3].contains("COUNTS") && !lines[4].contains("COUNTS"));
    assert_eq!(
        found.uncounted,
        [(
            "krate::print".to_owned(),
            "it gives nothing that could be remembered"
        )]
    );
    syn::parse_file(&found.text).unwrap();
}
