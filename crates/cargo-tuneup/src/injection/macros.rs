//! Functions that macros make, which are not seen: how many calls of macros make some.

use proc_macro2::{TokenStream, TokenTree};
use syn::{Ident, Macro};

/// Macros that stand among the items of files.
#[derive(Debug, Default)]
pub(super) struct Macros {
    /// Names of those that are defined with a function in them.
    makers: Vec<String>,
    /// Names of those that are called, and whether a function is written in the call.
    calls: Vec<(String, bool)>,
}

impl Macros {
    /// A call, or what defines a macro of this name.
    pub(super) fn add(&mut self, name: Option<&Ident>, call: &Macro) {
        let has_function = has_function(call.tokens.clone());
        match name {
            Some(name) if has_function => self.makers.push(name.to_string()),
            Some(_) => {}
            None => {
                let called = call.path.segments.last();
                let called = called.map(|segment| segment.ident.to_string());
                self.calls.push((called.unwrap_or_default(), has_function));
            }
        }
    }

    pub(super) fn extend(&mut self, others: Self) {
        self.makers.extend(others.makers);
        self.calls.extend(others.calls);
    }

    /// Calls that make functions, as far as the macros are defined here.
    pub(super) fn calls_with_functions(&self) -> usize {
        let makes =
            |(name, has_function): &&(String, bool)| *has_function || self.makers.contains(name);
        self.calls.iter().filter(makes).count()
    }
}

/// Whether a function is written in there, with a name or a variable for one.
fn has_function(tokens: TokenStream) -> bool {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let is_function = match (&token, tokens.peek()) {
            (TokenTree::Group(group), _) => has_function(group.stream()),
            (TokenTree::Ident(word), Some(TokenTree::Ident(_))) => word == "fn",
            (TokenTree::Ident(word), Some(TokenTree::Punct(variable))) => {
                word == "fn" && variable.as_char() == '$'
            }
            _ => false,
        };
        if is_function {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_that_make_functions_are_counted() {
        let file: syn::File = syn::parse_str(
            "macro_rules! make { ($name:ident) => { fn $name() {} }; }
             macro_rules! other { () => { type A = fn(u8); } }
             make!(a); crate::make!(b); other!(); thread_local!(static C: u8 = 1);
             tests! { mod inner { fn written() {} } }",
        )
        .unwrap();
        let mut macros = Macros::default();
        for item in file.items {
            let syn::Item::Macro(item) = item else {
                continue;
            };
            let mut one = Macros::default();
            one.add(item.ident.as_ref(), &item.mac);
            macros.extend(one);
        }
        assert_eq!(macros.calls_with_functions(), 3);
    }
}
