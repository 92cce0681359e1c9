use super::*;
use crate::options::{PROFILE, PROFILE_LINES};

fn read(text: &str) -> Result<Function> {
    Function::read(&text.parse().unwrap(), &PROFILE)
}

fn message(text: &str) -> String {
    let error = match read(text) {
        Ok(function) => function.refusal(&PROFILE).expect("it is not refused"),
        Err(error) => error,
    };
    error.to_string()
}

/// The text at which an error points.
fn pointed_at(text: &str) -> String {
    let error = match read(text) {
        Ok(function) => function.refusal(&PROFILE_LINES).expect("it is not refused"),
        Err(error) => error,
    };
    error.span().source_text().unwrap()
}

#[test]
fn functions_come_out_as_they_went_in() {
    let texts = [
        "fn f ()",
        "# [a] pub (crate) default async unsafe fn f < 'a , T : Copy > (& mut self , (a , _) : (T , T) ,) -> & 'a T where T : 'a",
        "extern \"C\" fn f (n : i32 , mut rest : ...) -> !",
    ];
    for text in texts {
        for body in ["{ # ! [b] use a ; let x = 1 ; x }", ";", "{ }"] {
            let text = format!("{text} {body}");
            let function = read(&text).unwrap();
            assert_eq!(function.to_token_stream().to_string(), text);
        }
    }
}

#[test]
fn bodies_need_not_be_understood() {
    let text = "fn f () { let x = become do yeet |> # 1 ; }";
    assert_eq!(read(text).unwrap().to_token_stream().to_string(), text);
}

#[test]
fn items_at_the_beginning_are_told_from_statements() {
    let text = "fn f() {
        #[derive(Debug)] struct A;
        use b::c;
        macro_rules! d { () => {} }
        const E: u8 = 1;
        fn g() {}
        d!();
        struct Later;
    }";
    let body = read(text).unwrap().body.unwrap();
    assert_eq!(body.items.len(), 5);
    assert!(body.statements.to_string().starts_with("d ! ()"));
    for statement in [
        "unsafe { a () }",
        "const { 1 } ;",
        "async move { } ;",
        "union . x () ;",
        "let x = 1 ;",
    ] {
        let body = read(&format!("fn f() {{ {statement} }}"))
            .unwrap()
            .body
            .unwrap();
        assert_eq!(body.items.len(), 0, "{statement}");
        assert_eq!(body.statements.to_string(), statement);
    }
}

#[test]
fn a_future_takes_macros_that_name_arguments_and_what_may_call_them() {
    let text = "async fn f(A(mut d): A, r#e: B) {
        use a::b;
        macro_rules! c { () => { f } }
        macro_rules! g { () => { h + d } }
        struct E;
        g!()
    }";
    let mut function = read(text).unwrap();
    let names = crate::capture::names(&function.signature);
    let body = function.body.as_mut().unwrap();
    assert_eq!(body.items.len(), 4);
    let taken = body.take_statements_of_future(|tokens| names.are_in(tokens));
    let expected = "macro_rules ! g { () => { h + d } } struct E ; g ! ()";
    assert_eq!(taken.to_string(), expected);
    assert_eq!((body.items.len(), body.statements.is_empty()), (2, true));
}

#[test]
fn other_items_are_refused_where_they_are_named() {
    let expected =
        "`#[profile]` measures functions, and this is none; put it on a function with a body";
    assert_eq!(message("pub struct A { b: u8 }"), expected);
    assert!(message("impl A {}").ends_with("`#[profile_all]` measures all functions in here"));
    assert!(message("mod a {}").ends_with("`#[profile_all]` measures all functions in here"));
    assert_eq!(pointed_at("#[a] pub struct A;"), "struct");
    assert_eq!(pointed_at("unsafe impl A for B {}"), "impl");
    assert_eq!(pointed_at("pub(in a) static A: u8 = 1;"), "static");
}

#[test]
fn what_cannot_be_measured_is_refused_with_a_reason() {
    assert!(message("const fn f() {}").contains("`const fn`"));
    assert_eq!(pointed_at("pub const unsafe fn f() {}"), "const");
    assert!(message("fn f(&self);").contains("has none; put it on the implementations"));
    assert_eq!(pointed_at("fn f(&self);"), "f");
    assert_eq!(pointed_at("pub safe fn foreign();"), "foreign");
    for attribute in ["#[naked]", "#[unsafe(naked)]"] {
        let text = format!("{attribute} extern \"C\" fn f() {{}}");
        assert!(message(&text).contains("naked function"));
    }
    let text = "#[unsafe(no_mangle)] #[inline] fn f() {}";
    assert!(read(text).unwrap().refusal(&PROFILE).is_none());
}

#[test]
fn a_place_is_a_file_and_a_line() {
    let function = read("\n\nfn f() {}").unwrap();
    let place = Place::of(function.signature.fn_token.span);
    assert_eq!(place.line, 3);
    assert_eq!(place.file().to_string(), format!("{:?}", place.file));
    let nowhere = Place {
        file: String::new(),
        line: 1,
    };
    assert_eq!(nowhere.file().to_string(), ":: core :: file ! ()");
}
