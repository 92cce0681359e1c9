//! `#[memoize]`: a function that remembers its answers.
//!
//! `fn f(a: A) -> R { … }` becomes three things: `f`, which looks the arguments up and calls the body on a miss; the body, as
//! `f::uncached`; and what handles the cache, as `f::cache_info` and so on, associated functions of an empty enum that
//! is called `f` too: functions and types do not get in each other's way. In an `impl` block nothing but functions may stand:
//! there they are called `f_uncached`, `f_cache_info` and so on.

mod argument;
mod attributes;
mod choices;
mod memo;
mod parts;
mod plan;

use proc_macro2::TokenStream;

pub(crate) use self::choices::Choices;
use self::plan::Plan;
use crate::measure::beside;

/// Expands the attribute. What cannot be memoized comes out as it went in, behind an error.
pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    match Plan::read(arguments, &item) {
        Ok(plan) => parts::write(&plan),
        Err(error) => beside(&error, &item),
    }
}
