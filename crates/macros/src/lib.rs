#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod options;
mod signature;

mod capture;
mod measure;

mod profile;
mod profile_all;
mod profile_lines;

mod memoize;

use proc_macro::TokenStream;

#[expect(missing_docs, reason = "documented where it is re-exported")]
#[proc_macro_attribute]
pub fn profile(arguments: TokenStream, item: TokenStream) -> TokenStream {
    profile::expand(arguments.into(), item.into()).into()
}

#[expect(missing_docs, reason = "documented where it is re-exported")]
#[proc_macro_attribute]
pub fn profile_all(arguments: TokenStream, item: TokenStream) -> TokenStream {
    profile_all::expand(arguments.into(), item.into()).into()
}

#[expect(missing_docs, reason = "documented where it is re-exported")]
#[proc_macro_attribute]
pub fn profile_lines(arguments: TokenStream, item: TokenStream) -> TokenStream {
    profile_lines::expand(arguments.into(), item.into()).into()
}

#[expect(missing_docs, reason = "documented where it is re-exported")]
#[proc_macro_attribute]
pub fn memoize(arguments: TokenStream, item: TokenStream) -> TokenStream {
    memoize::expand(arguments.into(), item.into()).into()
}
