use super::*;

/// The signature and the statements that come of a function.
fn captured(signature: &str, body: &str) -> (String, String) {
    let mut signature: Signature = syn::parse_str(signature).unwrap();
    let statements = arguments(&mut signature, &body.parse().unwrap());
    let inputs = signature.inputs.to_token_stream().to_string();
    (inputs, statements.to_string())
}

#[test]
fn used_variables_are_captured_from_the_last_to_the_first() {
    let signature = "async fn f(&mut self, a: A, mut b: B, r#type: C)";
    let (inputs, statements) = captured(signature, "x(a.c, b, r#type)");
    assert_eq!(inputs, "& mut self , a : A , mut b : B , r#type : C");
    let expected = "let _ = & r#type ; let _ = & b ; let _ = & a ; let _ = & self ;";
    assert_eq!(statements, expected);
}

#[test]
fn a_variable_in_a_format_string_is_used() {
    let (_, statements) = captured("async fn f(count: A)", "println!(\"{count:?}\")");
    assert_eq!(statements, "let _ = & count ;");
}

#[test]
fn from_an_unused_variable_on_all_are_bound() {
    let (inputs, statements) = captured("async fn f(a: A, mut b: B, c: C)", "x(a, c)");
    assert_eq!(inputs, "a : A , b : B , c : C");
    let allow = "# [allow (clippy :: no_effect_underscore_binding)]";
    let expected = format!("let _ = & a ; {allow} let mut b = b ; {allow} let c = c ;");
    assert_eq!(statements, expected);
}

#[test]
fn patterns_move_inside() {
    let (inputs, statements) = captured("async fn f((a, _): A, ref b: B)", "x(a, b)");
    assert_eq!(inputs, "__argument0 : A , b : B");
    let expected =
        "let __argument0 = __argument0 ; let (a , _) = __argument0 ; let b = b ; let ref b = b ;";
    assert_eq!(statements, expected);
}

#[test]
fn attributes_stay_where_they_have_a_meaning() {
    let signature = "async fn f(#[cfg(a)] a: A, #[expect(unused)] #[allow(x)] #[other] b: B)";
    let (inputs, statements) = captured(signature, "a");
    assert_eq!(inputs, "# [cfg (a)] a : A , # [allow (x)] # [other] b : B");
    let expected = "# [cfg (a)] let _ = & a ; # [allow (clippy :: no_effect_underscore_binding)] # [expect (unused)] # [allow (x)] let b = b ;";
    assert_eq!(statements, expected);
}

/// The type in the statement that tells the output.
fn told(declared: &str) -> Option<String> {
    let statement = output(&syn::parse_str(declared).unwrap()).to_string();
    let (_, rest) = statement.split_once(":: None :: < ")?;
    Some(rest.rsplit_once(" > {")?.0.to_owned())
}

#[test]
fn the_output_is_told_as_far_as_it_has_a_name() {
    assert_eq!(told(""), None);
    assert_eq!(told("-> impl Iterator<Item = u8>"), None);
    assert_eq!(told("-> !"), None);
    assert_eq!(told("-> &'a Self::Output").unwrap(), "& 'a Self :: Output");
    let nested = told("-> Result<(impl Fn() -> u8, Box<dyn A>), E>").unwrap();
    assert_eq!(nested, "Result < (_ , Box < dyn A >) , E >");
}
