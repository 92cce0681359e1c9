//! `#[profile_lines]`: a function that counts and times its lines.

mod lines;
mod marker;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::{Block, Result, parse::Parser as _};

use crate::{
    measure::{self, Layer},
    options::{Options, PROFILE_LINES},
    signature::{Function, Place},
};
use marker::{Clock, Marker};

pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    measure::expand(&PROFILE_LINES, arguments, item)
}

/// What `#[profile_lines]` adds to a function; the marks are put into its body at once.
pub(crate) fn layer(function: &mut Function, options: &Options) -> Result<Layer> {
    let private = options.private();
    let place = Place::of(function.signature.fn_token.span);
    let clock = match function.is_async() {
        true => Clock::Poll,
        false => Clock::Timer,
    };
    let mut marker = Marker::new(place.clone(), clock, private.clone());
    if let Some(body) = &mut function.body {
        let statements = Block::parse_within.parse2(std::mem::take(&mut body.statements))?;
        let marked = marker.mark_all(statements);
        body.statements = quote!(#(#marked)*);
    }
    let site = site(function, options, &place, marker.lines());
    Ok(Layer {
        items: site,
        guard: quote_spanned! {Span::mixed_site()=>
            let __timer = #private::LineTimer::enter(&__TUNEUP_LINES);
        },
        wrapper: quote!(#private::LinedFuture),
        site: quote!(&__TUNEUP_LINES),
    })
}

/// The site, visible in the whole body: closures must reach it without capturing anything, or they were no function
/// pointers any more. Items have no hygiene, so their names are such that nobody else chooses them.
fn site(function: &Function, options: &Options, place: &Place, lines: &[u32]) -> TokenStream {
    let private = options.private();
    let is_async = function.is_async();
    let (items, name) = match &options.name {
        Some(name) => (TokenStream::new(), name.to_token_stream()),
        None => (
            quote!(
                fn __tuneup_here() {}
            ),
            quote!(#private::path_of(&__tuneup_here)),
        ),
    };
    let file = place.file();
    quote_spanned! {Span::mixed_site()=>
        #items
        static __TUNEUP_LINES: #private::LineSite = {
            fn name() -> &'static ::core::primitive::str {
                #name
            }
            #private::LineSite::new(name, #file, &[#(#lines),*], #is_async)
        };
    }
}

#[cfg(test)]
mod tests;
