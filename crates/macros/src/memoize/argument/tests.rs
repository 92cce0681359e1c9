use super::*;

fn borrows(text: &str) -> bool {
    borrow_in(&text.parse().unwrap()).is_some()
}

#[test]
fn borrows_are_found_wherever_they_stand() {
    for text in [
        "&str",
        "Option<&str>",
        "(u32, &'a [u8])",
        "Cow<'_, str>",
        "Vec<Option<(u8, &mut u8)>>",
        "[&u8; 3]",
        "&'static &'a str",
    ] {
        assert!(borrows(text), "{text}");
    }
}

#[test]
fn what_lives_for_ever_or_is_only_called_with_is_no_borrow() {
    for text in [
        "u32",
        "Option<String>",
        "&'static str",
        "Cow<'static, [&'static str]>",
        "Arc<dyn Fn(&str) -> bool + Send + Sync>",
        "fn(&u8) -> &u8",
        "Box<dyn for<'a> Fn(&'a str) -> &'a str>",
    ] {
        assert!(!borrows(text), "{text}");
    }
}

#[test]
fn references_are_peeled_off() {
    let peeled = |ty: Type| {
        let (inner, references) = peel(&ty).unwrap();
        (inner.to_token_stream().to_string(), references)
    };
    assert_eq!(peeled(syn::parse_quote!(&str)), ("str".to_owned(), 1));
    assert_eq!(peeled(syn::parse_quote!(&'a &(u8))), ("u8".to_owned(), 2));
    assert_eq!(peeled(syn::parse_quote!(u8)), ("u8".to_owned(), 0));
    assert_eq!(peeled(syn::parse_quote!(&'static str)).1, 0);
    assert!(peel(&syn::parse_quote!(&&mut u8)).is_err());
}
