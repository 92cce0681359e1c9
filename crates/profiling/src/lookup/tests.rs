use super::{Match, find};
use crate::{
    Error, Profile,
    sample::{self, call, function_mut},
};

fn shop() -> Profile {
    sample::profile([
        call("shop::cart::Cart::total", 1, 1),
        call("shop::tax::total", 1, 1),
        call("total", 1, 1),
        call("shop::parser::parse", 1, 1),
        call("<shop::Lexer as core::iter::Iterator>::next", 1, 1),
    ])
}

#[test]
fn the_whole_path_wins_over_the_ends_of_others() {
    let profile = shop();
    let name = |name: &str| profile.function(name).map(|function| &*function.name);
    assert_eq!(name("total"), Some("total"));
    assert_eq!(name("shop::tax::total"), Some("shop::tax::total"));
}

#[test]
fn the_last_segments_are_enough_if_no_other_path_has_them() {
    let profile = shop();
    let name = |name: &str| profile.function(name).map(|function| &*function.name);
    assert_eq!(name("parse"), Some("shop::parser::parse"));
    assert_eq!(name("Cart::total"), Some("shop::cart::Cart::total"));
    assert_eq!(
        name("next"),
        Some("<shop::Lexer as core::iter::Iterator>::next")
    );
    assert_eq!(name("arse"), None, "that is part of a segment");
    assert_eq!(name("parser"), None, "that is not the end");
    assert_eq!(name("::parse"), None);
    assert_eq!(name(""), None);
}

#[test]
fn of_two_that_end_alike_none_is_meant() {
    let mut profile = shop();
    function_mut(&mut profile, "total").name = "other".to_owned();
    assert!(profile.function("total").is_none());
    let error = profile.position_of("total").unwrap_err();
    assert_eq!(
        error.to_string(),
        "`total` may be `shop::cart::Cart::total` or `shop::tax::total`; write more of the path"
    );
}

#[test]
fn of_equal_paths_the_one_called_most_is_meant() {
    let mut profile = sample::profile([call("a", 2, 1), call("b", 5, 1), call("c", 5, 1)]);
    for function in &mut profile.functions {
        function.name = "same".to_owned();
    }
    assert_eq!(profile.position("same"), Match::One(2));
}

#[test]
fn an_unknown_name_is_answered_with_those_near_it() {
    let profile = shop();
    let answer = |name: &str| profile.position_of(name).unwrap_err().to_string();
    assert_eq!(
        answer("pars"),
        "no function in the profile is called `pars`; did you mean `shop::parser::parse`?"
    );
    assert_eq!(
        answer("other::TOTAL"),
        "no function in the profile is called `other::TOTAL`; did you mean \
         `shop::cart::Cart::total` or `shop::tax::total` or `total`?"
    );
    assert_eq!(
        answer("quux"),
        "no function in the profile is called `quux`; `table()` lists what there is"
    );
    let nothing = sample::profile([]).position_of("parse").unwrap_err();
    assert!(matches!(&nothing, Error::UnknownFunction { name, hint }
        if name == "parse" && hint == "nothing was recorded"));
}

#[test]
fn an_error_lists_five_names_at_most() {
    let profile = sample::profile((0..9).map(|number| call(&format!("a{number}::run"), 1, 1)));
    let Err(Error::AmbiguousFunction { candidates, .. }) = profile.position_of("run") else {
        panic!("it is ambiguous");
    };
    assert_eq!(candidates.len(), 5);
}

#[test]
fn lines_are_found_as_functions_are() {
    let paths = ["a::parse", "b::parse", "c::scan"];
    let one = |_| 1;
    assert_eq!(find(paths.into_iter(), "scan", one), Match::One(2));
    assert_eq!(
        find(paths.into_iter(), "parse", one),
        Match::Several(vec![0, 1])
    );
    assert_eq!(find(paths.into_iter(), "nothing", one), Match::None);
}
