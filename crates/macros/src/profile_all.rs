//! `#[profile_all]`: all functions of an impl block, a trait or an inline module.

use proc_macro2::TokenStream;
use quote::ToTokens as _;
use syn::{Attribute, Error, ImplItem, Item, Path, Result, TraitItem};

use crate::{
    measure::{self, Request},
    options::{Errors, Grammar, PROFILE, PROFILE_ALL},
    signature::{self, Function},
};

pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    match attempt(arguments, &item) {
        Ok(tokens) => tokens,
        Err(error) => measure::beside(&error, &item),
    }
}

fn attempt(arguments: TokenStream, tokens: &TokenStream) -> Result<TokenStream> {
    let mut item = syn::parse2::<Item>(tokens.clone())?;
    let mut everything = Everything {
        facade: PROFILE_ALL.read(arguments)?.facade,
        errors: Errors::default(),
    };
    match &mut item {
        Item::Impl(_) | Item::Trait(_) => everything.item(&mut item),
        Item::Mod(module) if module.content.is_some() => everything.item(&mut item),
        _ => {
            let message = "`#[profile_all]` measures the functions of an `impl` block, a trait or an inline module, and this is none of them; a single function takes `#[profile]`";
            return Err(Error::new(signature::keyword(tokens), message));
        }
    }
    everything.errors.or(item.into_token_stream())
}

/// The walk over all functions.
struct Everything {
    facade: Option<Path>,
    errors: Errors,
}

impl Everything {
    fn item(&mut self, item: &mut Item) {
        match item {
            Item::Fn(function) => {
                let tokens = function.to_token_stream();
                self.replace(tokens, |tokens| *item = Item::Verbatim(tokens));
            }
            Item::Impl(block) => block.items.iter_mut().for_each(|item| {
                if let ImplItem::Fn(function) = item {
                    let tokens = function.to_token_stream();
                    self.replace(tokens, |tokens| *item = ImplItem::Verbatim(tokens));
                }
            }),
            Item::Trait(block) => block.items.iter_mut().for_each(|item| {
                if let TraitItem::Fn(function) = item {
                    let tokens = function.to_token_stream();
                    self.replace(tokens, |tokens| *item = TraitItem::Verbatim(tokens));
                }
            }),
            Item::Mod(module) => {
                let items = module.content.iter_mut().flat_map(|(_, items)| items);
                items.for_each(|item| self.nested(item));
            }
            _ => {}
        }
    }

    /// An item of a module, which may have something to say of its own.
    fn nested(&mut self, item: &mut Item) {
        let attributes = match item {
            Item::Impl(block) => &mut block.attrs,
            Item::Trait(block) => &mut block.attrs,
            Item::Mod(module) => &mut module.attrs,
            _ => return self.item(item),
        };
        // It will be expanded by itself.
        if attributes.iter().any(|attribute| PROFILE_ALL.is(attribute)) {
            return;
        }
        if !skips(attributes) {
            self.item(item);
        }
    }

    fn replace(&mut self, tokens: TokenStream, put: impl FnOnce(TokenStream)) {
        match self.function(tokens) {
            Ok(Some(measured)) => put(measured),
            Ok(None) => {}
            Err(error) => self.errors.add(error),
        }
    }

    /// The measured function, or nothing if it stays as it is.
    fn function(&self, tokens: TokenStream) -> Result<Option<TokenStream>> {
        let mut function = syn::parse2::<Function>(tokens)?;
        if skips(&mut function.attributes) {
            return Ok(Some(function.into_token_stream()));
        }
        if function.is_unmeasurable() {
            return Ok(None);
        }
        let mut request = Request::default();
        request.collect(&mut function)?;
        request.add_profile(self.facade.as_ref());
        measure::measured(function, &request).map(Some)
    }
}

/// Whether `#[profile(skip)]` is among the attributes. Any other `#[profile]` stays, and says itself what is wrong with it.
fn skips(attributes: &mut [Attribute]) -> bool {
    let mut skips = attributes.iter_mut().filter(|attribute| is_skip(attribute));
    skips.next().map(Grammar::settle).is_some()
}

/// Whether it is `#[profile(skip)]` and nothing else.
fn is_skip(attribute: &Attribute) -> bool {
    PROFILE.is(attribute)
        && attribute
            .parse_args::<syn::Ident>()
            .is_ok_and(|word| word == "skip")
}

#[cfg(test)]
mod tests;
