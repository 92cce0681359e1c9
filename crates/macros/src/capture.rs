//! How the arguments and the output of an async function get into the future that is measured.
//!
//! `async fn f(a: A) -> T { … }` becomes `async fn f(a: A) -> T { Measured::new(async move { … }).await }`. Inside and
//! outside must be told apart by nobody: all arguments live in the inner future, they are dropped in the same order, and the
//! compiler knows as much of the type of the body as before.
//!
//! An argument that the inner future *captures* is dropped after its locals, in the order of capture, and takes
//! no room of its own; one that it *binds* again (`let a = a;`) is a local, dropped before all captured ones, and may take its
//! room twice. Arguments are dropped from the last to the first, so that the first few can be captured and the others
//! must be bound.

use std::collections::HashSet;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote_spanned};
use syn::{
    Attribute, FnArg, Pat, PatIdent, PatType, ReturnType, Signature, Type,
    spanned::Spanned as _,
    visit_mut::{self, VisitMut},
};

/// Statements for the beginning of the inner future, after which it owns all arguments. The signature keeps the names of
/// the arguments that are captured, and loses the patterns of the others.
pub(crate) fn arguments(signature: &mut Signature, body: &TokenStream) -> TokenStream {
    let words = Words::of(body);
    let stays = |argument: &FnArg| match argument {
        FnArg::Receiver(_) => true,
        FnArg::Typed(argument) => words.use_all_of(argument),
    };
    let bound_from = signature.inputs.iter().position(|input| !stays(input));
    let captured = bound_from.unwrap_or(signature.inputs.len());
    let mut statements = TokenStream::new();
    let first: Vec<_> = signature.inputs.iter().take(captured).collect();
    statements.extend(first.into_iter().rev().map(capture));
    for (index, input) in signature.inputs.iter_mut().enumerate().skip(captured) {
        if let FnArg::Typed(argument) = input {
            statements.extend(bind(argument, index));
        }
    }
    statements
}

/// The variables that the arguments bind.
pub(crate) fn names(signature: &Signature) -> Names {
    let mut names = Names(HashSet::new());
    for input in &signature.inputs {
        match input {
            FnArg::Receiver(_) => drop(names.0.insert("self".to_owned())),
            FnArg::Typed(argument) => names.visit_pat_mut(&mut argument.pat.clone()),
        }
    }
    names
}

/// Names of variables.
pub(crate) struct Names(HashSet<String>);

impl Names {
    /// Whether one of them stands in there.
    pub(crate) fn are_in(&self, tokens: &TokenStream) -> bool {
        !self.0.is_disjoint(&Words::of(tokens).0)
    }
}

impl VisitMut for Names {
    fn visit_pat_ident_mut(&mut self, pattern: &mut PatIdent) {
        self.0.insert(bare(&pattern.ident.to_string()).to_owned());
        visit_mut::visit_pat_ident_mut(self, pattern);
    }
}

/// A use of the whole argument: without it, a future that reads one field would own that field alone.
fn capture(argument: &FnArg) -> TokenStream {
    let (attributes, variable) = match argument {
        FnArg::Receiver(receiver) => (&receiver.attrs, receiver.self_token.to_token_stream()),
        FnArg::Typed(argument) => match &*argument.pat {
            Pat::Ident(pattern) => (&argument.attrs, pattern.ident.to_token_stream()),
            other => (&argument.attrs, other.to_token_stream()),
        },
    };
    let conditions = attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("cfg"));
    quote_spanned!(Span::mixed_site()=> #(#conditions)* let _ = &#variable;)
}

fn bind(argument: &mut PatType, index: usize) -> TokenStream {
    let (moved, kept): (Vec<_>, Vec<_>) = argument.attrs.drain(..).partition(is_expectation);
    argument.attrs = kept;
    let copied = argument.attrs.iter().filter(|attribute| is_lint(attribute));
    let attributes: Vec<_> = moved.iter().chain(copied).cloned().collect();
    let hidden = match &*argument.pat {
        Pat::Ident(pattern) => hidden(&pattern.ident),
        _ => format_ident!("__argument{index}", span = Span::mixed_site()),
    };
    let hidden_pattern = Pat::Ident(PatIdent {
        attrs: Vec::new(),
        by_ref: None,
        mutability: None,
        ident: hidden.clone(),
        subpat: None,
    });
    let pattern = std::mem::replace(&mut *argument.pat, hidden_pattern);
    if is_plain(&pattern) {
        return quote_spanned! {Span::mixed_site()=>
            #[allow(clippy::no_effect_underscore_binding)]
            #(#attributes)*
            let #pattern = #hidden;
        };
    }
    // What the pattern does not take is dropped in its turn, so it has to be here as well.
    let conditions: Vec<_> = attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("cfg"))
        .collect();
    quote_spanned! {Span::mixed_site()=>
        #(#conditions)* let #hidden = #hidden;
        #(#attributes)* let #pattern = #hidden;
    }
}

/// The same word, and another variable: what the user called so is bound inside.
fn hidden(ident: &Ident) -> Ident {
    let mut hidden = ident.clone();
    hidden.set_span(ident.span().resolved_at(Span::mixed_site()));
    hidden
}

/// A variable that owns its value.
fn is_plain(pattern: &Pat) -> bool {
    matches!(
        pattern,
        Pat::Ident(PatIdent {
            by_ref: None,
            subpat: None,
            ..
        })
    )
}

/// Attributes that mean the same on a `let` as on an argument.
fn is_lint(attribute: &Attribute) -> bool {
    ["allow", "cfg", "cfg_attr", "deny", "forbid", "warn"]
        .iter()
        .any(|name| attribute.path().is_ident(name))
}

/// Of two expectations, one would be unfulfilled. What one expects of an argument is that it is unused, or its pattern odd.
fn is_expectation(attribute: &Attribute) -> bool {
    attribute.path().is_ident("expect")
}

/// The words that stand in a body.
struct Words(HashSet<String>);

impl Words {
    fn of(body: &TokenStream) -> Self {
        let mut words = HashSet::new();
        collect(body.clone(), &mut words);
        Self(words)
    }

    /// Whether the argument can be captured: a variable that is used anyway. The use of one that is not would hide
    /// that from the compiler, or be held against an underscore in its name.
    fn use_all_of(&self, argument: &PatType) -> bool {
        match &*argument.pat {
            Pat::Ident(pattern) if is_plain(&argument.pat) => {
                self.0.contains(bare(&pattern.ident.to_string()))
            }
            _ => false,
        }
    }
}

fn collect(tokens: TokenStream, words: &mut HashSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => collect(group.stream(), words),
            TokenTree::Ident(ident) => {
                words.insert(bare(&ident.to_string()).to_owned());
            }
            // `println!("{argument}")`.
            TokenTree::Literal(literal) => {
                let text = literal.to_string();
                let split = text.split(|letter: char| letter != '_' && !letter.is_alphanumeric());
                words.extend(split.map(str::to_owned));
            }
            TokenTree::Punct(_) => {}
        }
    }
}

fn bare(name: &str) -> &str {
    name.strip_prefix("r#").unwrap_or(name)
}

/// A statement that tells the compiler the type of the inner future's output, of which it otherwise knows nothing until it
/// has seen the whole body: no `?` could convert an error.
pub(crate) fn output(output: &ReturnType) -> TokenStream {
    let ReturnType::Type(_, declared) = output else {
        return TokenStream::new();
    };
    let mut declared = declared.clone();
    Nameable.visit_type_mut(&mut declared);
    if matches!(*declared, Type::Infer(_) | Type::Never(_)) {
        return TokenStream::new();
    }
    // Errors of the type say that it is required here.
    let place = declared.span().resolved_at(Span::mixed_site());
    quote_spanned! {place=>
        if let ::core::option::Option::Some(__output) = ::core::option::Option::None::<#declared> {
            return __output;
        }
    }
}

/// Replaces what has no name inside of a body by `_`.
struct Nameable;

impl VisitMut for Nameable {
    fn visit_type_mut(&mut self, declared: &mut Type) {
        if let Type::ImplTrait(_) = declared {
            *declared = Type::Infer(syn::TypeInfer {
                attrs: Vec::new(),
                underscore_token: syn::Token![_](Span::mixed_site()),
            });
        } else {
            visit_mut::visit_type_mut(self, declared);
        }
    }
}

#[cfg(test)]
mod tests;
