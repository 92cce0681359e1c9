use super::*;

fn read(grammar: &Grammar, text: &str) -> Result<Options> {
    grammar.read(text.parse().unwrap())
}

/// All messages of an error.
fn messages(grammar: &Grammar, text: &str) -> Vec<String> {
    match read(grammar, text) {
        Ok(_) => Vec::new(),
        Err(errors) => errors.into_iter().map(|error| error.to_string()).collect(),
    }
}

#[test]
fn all_options() {
    let options = read(
        &PROFILE,
        "name = \"parse\", sampled, crate = crate::facade,",
    )
    .unwrap();
    assert_eq!(options.name.as_ref().unwrap().value(), "parse");
    assert!(options.sampled.is_some() && options.boxed.is_none() && options.skip.is_none());
    assert_eq!(
        options.private().to_string(),
        "crate :: facade :: __private"
    );
    let options = read(&PROFILE_LINES, "boxed, name = \"lines\"").unwrap();
    assert!(options.boxed.is_some() && options.name.is_some());
}

#[test]
fn no_options() {
    let options = read(&PROFILE, "").unwrap();
    let expected = ":: tuneup_profiling :: __private";
    assert_eq!(options.private().to_string(), expected);
    let attribute: Attribute = syn::parse_quote!(#[tuneup_profiling::profile]);
    assert!(PROFILE.is(&attribute) && !PROFILE_ALL.is(&attribute));
    assert!(PROFILE.read_attribute(&attribute).is_ok());
}

#[test]
fn unknown_options_are_told_which_there_are() {
    let expected = "unknown option `nam`; `#[profile]` takes `name = \"…\"`, `sampled`, `boxed`, `skip` and `crate = path`";
    assert_eq!(messages(&PROFILE, "nam = \"x\", sampled"), [expected]);
    let expected = "unknown option `skip`; `#[profile_all]` takes `crate = path`";
    assert_eq!(messages(&PROFILE_ALL, "skip"), [expected]);
}

#[test]
fn all_errors_are_reported() {
    let messages = messages(&PROFILE, "a, b(1, 2), sampled, sampled, c = 1");
    assert_eq!(messages.len(), 4);
    assert!(messages[2].contains("`sampled` stands here twice"));
}

#[test]
fn values_of_the_wrong_kind() {
    let only = |text| messages(&PROFILE, text).remove(0);
    assert!(only("name = 3").starts_with("the name is a string in quotes"));
    assert!(only("name = \" \"").starts_with("the name is empty"));
    assert_eq!(only("name(\"x\")"), "write `name = \"…\"`");
    assert_eq!(only("crate"), "write `crate = path`");
    assert_eq!(
        only("crate = \"a\"").split_once(':').unwrap().0,
        "the path stands without quotes"
    );
    assert_eq!(only("sampled boxed"), "expected `,`");
    assert!(only("\"parse\"").starts_with("expected an option; `#[profile]` takes `name"));
}

#[test]
fn skip_stands_alone() {
    assert!(read(&PROFILE, "skip").unwrap().skip.is_some());
    let messages = messages(&PROFILE, "skip, boxed");
    assert!(messages[0].starts_with("`skip` leaves the function out"));
}

#[test]
fn a_value_is_no_list() {
    let attribute: Attribute = syn::parse_quote!(#[profile = "name"]);
    let error = PROFILE.read_attribute(&attribute).err().unwrap();
    let expected = "the options of `#[profile]` stand in parentheses after it";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn a_settled_attribute_stays_and_asks_for_nothing() {
    let mut attribute: Attribute = syn::parse_quote!(#[tuneup_profiling::profile(sampled)]);
    Grammar::settle(&mut attribute);
    let Meta::List(list) = &attribute.meta else {
        panic!("it lost its argument");
    };
    assert!(PROFILE.is(&attribute) && Grammar::is_settled(&list.tokens));
    assert!(!Grammar::is_settled(&quote!(sampled)));
}
