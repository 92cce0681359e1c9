//! The arguments of a memoized function, and which types can be kept in a cache that outlives them.

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{
    Attribute, Error, Lifetime, Pat, PatIdent, PatType, Result, Type,
    spanned::Spanned as _,
    visit_mut::{self, VisitMut},
};

/// An argument, apart from a receiver.
pub(super) struct Argument {
    /// What the function is called with: the user's variable, or one for a pattern.
    pub(super) name: Ident,
    /// The pattern without `mut` and `ref`, for expressions that see the argument by reference.
    pub(super) by_reference: Pat,
    /// As written.
    pub(super) written: Type,
    /// What is behind all references, which is what the key owns.
    pub(super) owned: Type,
    /// How many references there are.
    references: usize,
}

impl Argument {
    pub(super) fn read(argument: &PatType, index: usize) -> Result<Self> {
        if let Some(condition) = argument.attrs.iter().find(|a| is_condition(a)) {
            let message = "`#[memoize]` cannot tell whether this argument is there; put the condition on the function, and write it twice";
            return Err(Error::new_spanned(condition, message));
        }
        let name = match &*argument.pat {
            Pat::Ident(PatIdent {
                by_ref: None,
                subpat: None,
                ident,
                ..
            }) => ident.clone(),
            _ => format_ident!("__argument{index}", span = Span::mixed_site()),
        };
        let mut by_reference = (*argument.pat).clone();
        Plain.visit_pat_mut(&mut by_reference);
        let (owned, references) = peel(&argument.ty)?;
        Ok(Self {
            name,
            by_reference,
            written: (*argument.ty).clone(),
            owned,
            references,
        })
    }

    /// The argument as a reference to what the key owns.
    pub(super) fn borrowed(&self) -> TokenStream {
        let name = &self.name;
        let stars = std::iter::repeat_n(quote!(*), self.references);
        quote_spanned!(Span::mixed_site()=> &#(#stars)* #name)
    }

    /// The type that is kept of it.
    pub(super) fn kept(&self, private: &TokenStream) -> TokenStream {
        let owned = &self.owned;
        match self.references {
            0 => quote!(#owned),
            _ => quote!(<#owned as #private::ToOwned>::Owned),
        }
    }

    /// As an argument of what takes it by reference.
    pub(super) fn parameter(&self) -> TokenStream {
        let (name, owned) = (&self.name, &self.owned);
        quote_spanned!(Span::mixed_site()=> #name: &#owned)
    }

    /// A statement before an expression of the user's, for an argument that is a pattern.
    pub(super) fn destructured(&self) -> Option<TokenStream> {
        let (name, pattern) = (&self.name, &self.by_reference);
        let is_variable = matches!(pattern, Pat::Ident(variable) if variable.ident == *name);
        (!is_variable).then(|| {
            quote_spanned! {Span::mixed_site()=>
                #[allow(unused_variables)]
                let #pattern = &#name;
            }
        })
    }

    /// A statement that makes the argument known to an expression that nothing evaluates.
    pub(super) fn imagined(&self, private: &TokenStream) -> TokenStream {
        let name = &self.name;
        let mut written = self.written.clone();
        Unnamed.visit_type_mut(&mut written);
        quote_spanned! {Span::mixed_site()=>
            #[allow(unused_variables)]
            let #name: #written = #private::never();
        }
    }

    /// As an argument of what takes it as the function does.
    pub(super) fn as_written(&self) -> TokenStream {
        let (name, mut written) = (&self.name, self.written.clone());
        Unnamed.visit_type_mut(&mut written);
        quote_spanned!(Span::mixed_site()=> #name: #written)
    }

    /// Why the argument cannot be in a key.
    pub(super) fn refusal(&self) -> Option<Error> {
        let name = match &self.by_reference {
            Pat::Ident(pattern) => pattern.ident.to_string(),
            _ => "argument".to_owned(),
        };
        let tokens = self.owned.to_token_stream();
        if let Some(word) = word_in(&tokens, &["f32", "f64"]) {
            let example = match word == tokens.to_string() {
                true => format!("such as `key = \"{name}.to_bits()\"`"),
                false => format!("such as by the bits: `key = \"…{word}::to_bits…\"`"),
            };
            let message = format!(
                "`{word}` is neither `Eq` nor `Hash`, so it cannot be looked up; say when two calls are the same, {example}"
            );
            return Some(Error::new(self.owned.span(), message));
        }
        if let Some(word) = word_in(&tokens, &["impl"]) {
            let message = "a type without a name cannot be in the key; give the function a type parameter, or choose other arguments: `key = \"…\"`";
            return Some(Error::new(word.span(), message));
        }
        let borrow = borrow_in(&tokens)?;
        let example = match word_in(&tokens, &["Option"]) {
            Some(_) => format!(", such as `key = \"{name}.map(str::to_owned)\"`"),
            None => ": `key = \"…\"`".to_owned(),
        };
        let message = format!(
            "this borrows, and the cache outlives it; give a key that owns what it needs{example}"
        );
        Some(Error::new(borrow, message))
    }
}

fn is_condition(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg") || attribute.path().is_ident("cfg_attr")
}

/// What is behind the references, and how many there are. What lives for ever needs not be owned.
fn peel(written: &Type) -> Result<(Type, usize)> {
    let mut inner = written;
    let mut references = 0;
    loop {
        match inner {
            Type::Reference(reference) => {
                if let Some(mutability) = &reference.mutability {
                    let message = "what a function changes is not remembered: `#[memoize]` takes no `&mut` argument; return the new value";
                    return Err(Error::new(mutability.span, message));
                }
                let lifetime = reference.lifetime.as_ref();
                if lifetime.is_some_and(|lifetime| lifetime.ident == "static") {
                    break;
                }
                inner = &reference.elem;
                references += 1;
            }
            Type::Paren(paren) => inner = &paren.elem,
            Type::Group(group) => inner = &group.elem,
            _ => break,
        }
    }
    Ok((inner.clone(), references))
}

/// Patterns that bind references, because what they are matched with is one.
struct Plain;

impl VisitMut for Plain {
    fn visit_pat_ident_mut(&mut self, pattern: &mut PatIdent) {
        pattern.mutability = None;
        pattern.by_ref = None;
        visit_mut::visit_pat_ident_mut(self, pattern);
    }
}

/// Lifetimes that were named in the signature of the function have no names elsewhere.
struct Unnamed;

impl VisitMut for Unnamed {
    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        if lifetime.ident != "static" {
            lifetime.ident = Ident::new("_", lifetime.ident.span());
        }
    }
}

/// The first of the words that stands in a type.
pub(super) fn word_in(tokens: &TokenStream, words: &[&str]) -> Option<Ident> {
    tokens.clone().into_iter().find_map(|token| match token {
        TokenTree::Ident(ident) if words.iter().any(|word| ident == word) => Some(ident),
        TokenTree::Group(group) => word_in(&group.stream(), words),
        _ => None,
    })
}

/// Where a type borrows for less than ever. The arguments of `fn(&str)` and `dyn Fn(&str)` are nobody's.
pub(super) fn borrow_in(tokens: &TokenStream) -> Option<Span> {
    if word_in(tokens, &["for"]).is_some() {
        return None;
    }
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let is = |index: usize, letter: char| matches!(tokens.get(index), Some(TokenTree::Punct(punct)) if punct.as_char() == letter);
    let mut index = 0;
    while let Some(token) = tokens.get(index) {
        match token {
            TokenTree::Group(group) => {
                let is_call = group.delimiter() == Delimiter::Parenthesis
                    && matches!(
                        index.checked_sub(1).and_then(|before| tokens.get(before)),
                        Some(TokenTree::Ident(_))
                    );
                if is_call {
                    let answers_borrowed = is(index + 1, '-') && is(index + 3, '&');
                    index += if answers_borrowed { 3 } else { 0 };
                } else if let Some(span) = borrow_in(&group.stream()) {
                    return Some(span);
                }
            }
            TokenTree::Punct(punct) if punct.as_char() == '\'' => {
                if !is_static(tokens.get(index + 1)) {
                    return Some(punct.span());
                }
                index += 1;
            }
            TokenTree::Punct(punct)
                if punct.as_char() == '&'
                    && !(is(index + 1, '\'') && is_static(tokens.get(index + 2))) =>
            {
                return Some(punct.span());
            }
            _ => {}
        }
        index += 1;
    }
    None
}

fn is_static(token: Option<&TokenTree>) -> bool {
    matches!(token, Some(TokenTree::Ident(name)) if name == "static")
}

#[cfg(test)]
mod tests;
