//! Which attributes of a memoized function go where.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Meta};

use super::argument::word_in;

/// The attributes of a function, for the parts that it becomes.
pub(super) struct Attributes {
    /// Of the function that callers see.
    pub(super) function: Vec<TokenStream>,
    /// Of the function with the body.
    pub(super) body: Vec<TokenStream>,
    /// Of everything.
    pub(super) conditions: Vec<TokenStream>,
}

impl Attributes {
    /// What stands below `#[memoize]` and is no business of callers stays with the body, as an inner decorator of Python
    /// does: `#[profile]` there counts the calls that compute.
    pub(super) fn sort(attributes: &[Attribute]) -> Self {
        let mut sorted = Self {
            function: Vec::new(),
            body: Vec::new(),
            conditions: Vec::new(),
        };
        for attribute in attributes {
            let tokens = quote!(#attribute);
            match kind(attribute) {
                Kind::Condition => sorted.conditions.push(tokens),
                Kind::Callers => sorted.function.push(tokens),
                Kind::Both => {
                    sorted.function.push(tokens.clone());
                    sorted.body.push(tokens);
                }
                Kind::Expectation(lints) => {
                    sorted.function.push(quote!(#[allow(#lints)]));
                    sorted.body.push(tokens);
                }
                Kind::Body => sorted.body.push(tokens),
            }
        }
        sorted
    }
}

enum Kind {
    Condition,
    Callers,
    Both,
    /// Of two, one would be unfulfilled: what is expected is found in the body.
    Expectation(TokenStream),
    Body,
}

fn kind(attribute: &Attribute) -> Kind {
    let Some(name) = attribute.path().get_ident() else {
        return Kind::Body;
    };
    match (name.to_string().as_str(), &attribute.meta) {
        ("cfg", _) => Kind::Condition,
        (
            "doc" | "must_use" | "deprecated" | "no_mangle" | "unsafe" | "export_name"
            | "link_section",
            _,
        ) => Kind::Callers,
        (
            "allow" | "warn" | "deny" | "forbid" | "cfg_attr" | "inline" | "cold" | "track_caller",
            _,
        ) => Kind::Both,
        // That nobody calls it is true of the function, and not of its body.
        ("expect", Meta::List(list)) if word_in(&list.tokens, &["dead_code"]).is_some() => {
            Kind::Callers
        }
        ("expect", Meta::List(list)) => Kind::Expectation(list.tokens.clone()),
        _ => Kind::Body,
    }
}
