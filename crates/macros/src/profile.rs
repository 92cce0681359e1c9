//! `#[profile]`: a function that counts and times its calls.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};

use crate::{
    measure::{self, Layer},
    options::{Options, PROFILE},
    signature::{Function, Place},
};

pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    measure::expand(&PROFILE, arguments, item)
}

/// What `#[profile]` adds to a function.
pub(crate) fn layer(function: &Function, options: &Options) -> Layer {
    let private = options.private();
    let site = site(function, options);
    let mixed = Span::mixed_site();
    let enter = match options.sampled {
        Some(_) => quote_spanned!(mixed=> enter_untimed),
        None => quote_spanned!(mixed=> enter),
    };
    Layer {
        items: TokenStream::new(),
        guard: quote_spanned!(mixed=> let __frame = #private::#enter(#site);),
        wrapper: quote_spanned!(mixed=> #private::ProfiledFuture),
        site,
    }
}

/// A block with the site and its name, so that neither is in the way of names in the body.
fn site(function: &Function, options: &Options) -> TokenStream {
    let private = options.private();
    let place = Place::of(function.signature.ident.span());
    let (file, line) = (place.file(), place.line);
    let kind = match function.is_async() {
        true => quote!(Async),
        false => quote!(Function),
    };
    let untimed = options.sampled.map(|_| quote!(.untimed()));
    let (items, name) = match &options.name {
        Some(name) => (TokenStream::new(), quote!(#name)),
        None => (
            quote!(
                fn here() {}
            ),
            quote!(#private::path_of(&here)),
        ),
    };
    quote_spanned! {Span::mixed_site()=> {
        #items
        fn name() -> &'static ::core::primitive::str {
            #name
        }
        static SITE: #private::Site =
            #private::Site::new(name, #private::SiteKind::#kind, #file, #line) #untimed;
        &SITE
    }}
}
