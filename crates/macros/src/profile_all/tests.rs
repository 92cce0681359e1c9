use super::*;

/// The names of the functions that measure themselves after the expansion.
fn measured(text: &str) -> Vec<String> {
    let tokens = expand(TokenStream::new(), text.parse().unwrap());
    let file: syn::File = syn::parse2(tokens).unwrap();
    let mut names = Vec::new();
    file.items.iter().for_each(|item| find(item, &mut names));
    names
}

fn find(item: &Item, names: &mut Vec<String>) {
    let mut function = |tokens: TokenStream| {
        let function: Function = syn::parse2(tokens).unwrap();
        if function.to_token_stream().to_string().contains("enter") {
            names.push(function.signature.ident.to_string());
        }
    };
    match item {
        Item::Fn(item) => function(item.to_token_stream()),
        Item::Impl(block) => block.items.iter().for_each(|item| {
            if let ImplItem::Fn(item) = item {
                function(item.to_token_stream());
            }
        }),
        Item::Trait(block) => block.items.iter().for_each(|item| {
            if let TraitItem::Fn(item) = item {
                function(item.to_token_stream());
            }
        }),
        Item::Mod(module) => {
            let items = module.content.iter().flat_map(|(_, items)| items);
            items.for_each(|item| find(item, names));
        }
        _ => {}
    }
}

fn error(text: &str) -> String {
    let tokens = expand(TokenStream::new(), text.parse().unwrap()).to_string();
    assert!(tokens.contains("compile_error"), "{tokens}");
    assert!(tokens.ends_with(&text.parse::<TokenStream>().unwrap().to_string()));
    tokens
}

#[test]
fn of_an_impl_block_all_but_constant_and_skipped_functions() {
    let text = "impl A {
        const B: u8 = 1;
        const fn constant() {}
        #[profile(skip)] fn skipped() {}
        #[unsafe(naked)] extern \"C\" fn naked() {}
        fn plain() {}
        #[cfg(a)] #[inline] pub unsafe fn with_attributes() {}
        #[profile(name = \"x\")] fn named() {}
        a_macro! {}
    }";
    assert_eq!(measured(text), ["plain", "with_attributes", "named"]);
}

#[test]
fn of_a_module_all_functions_at_any_depth() {
    let text = "mod a {
        fn free() { fn inside() {} }
        mod b { impl C { fn method() {} } trait D { fn required(); fn provided() {} } }
        #[profile(skip)] impl E { fn skipped() {} }
        #[profile_all] impl F { fn by_itself() {} }
        extern \"C\" { fn foreign(); }
    }";
    assert_eq!(measured(text), ["free", "method", "provided"]);
}

#[test]
fn options_of_the_functions_are_kept_and_the_facade_is_handed_on() {
    let text = "impl A { #[profile(sampled)] fn a() {} #[profile(crate = b)] fn c() {} fn d() {} }";
    let tokens = expand("crate = e".parse().unwrap(), text.parse().unwrap()).to_string();
    assert_eq!(tokens.matches("e :: __private :: enter_untimed").count(), 1);
    assert_eq!(tokens.matches("b :: __private :: enter (").count(), 1);
    assert_eq!(tokens.matches("e :: __private :: enter (").count(), 1);
    assert_eq!(tokens.matches("__settled").count(), 2);
}

#[test]
fn what_holds_no_functions_is_refused() {
    for text in [
        "struct A;",
        "mod a;",
        "fn f() {}",
        "extern \"C\" { fn f(); }",
    ] {
        assert!(error(text).contains("this is none of them"), "{text}");
    }
}

#[test]
fn an_error_leaves_everything_as_it_was() {
    let text = "impl A { #[profile(nothing)] fn a() {} #[profile(boxed)] fn b() {} fn c() {} }";
    let error = error(text);
    assert!(error.contains("unknown option `nothing`") && error.contains("`boxed` moves"));
    assert!(!error.contains("enter"));
}
