//! A part of a function as an entry of its own.

/// Records the rest of the block under a name: `scope!("parsing");`.
///
/// The scope begins at the macro and ends with the block, however the block is left: also by `return`, `?` or a panic. Scopes
/// nest, in each other and in functions with [`#[profile]`](crate::profile), and repeat: each time that the place is passed
/// counts as a call. The name is a constant `&'static str`; it stands in the profile as it is.
///
/// Costs what a call of a function with `#[profile]` does, and one relaxed load while nothing records.
///
/// In an async function the block must not contain an `.await`: a scope is bound to its thread, so that the
/// future would not be `Send` any more, and the time of other tasks would count. Give the part to an `async fn` with
/// `#[profile]` instead. For a closure there is [`profile_fn`](crate::profile_fn).
///
/// ```
/// use tuneup_profiling::{Profiler, scope};
///
/// fn checksum(text: &str) -> Option<u32> {
///     let words: Vec<u32> = {
///         scope!("parsing");
///         text.split(' ').map(|word| word.parse().ok()).collect::<Option<_>>()?
///     };
///     scope!("adding");
///     Some(words.iter().sum())
/// }
///
/// let session = Profiler::builder().start()?;
/// assert_eq!(checksum("1 2 3"), Some(6));
/// assert_eq!(checksum("one"), None);
/// let profile = session.finish();
/// assert_eq!(profile.function("parsing").unwrap().calls, 2);
/// assert_eq!(profile.function("adding").unwrap().calls, 1);
/// # Ok::<(), tuneup_profiling::Error>(())
/// ```
#[doc(alias = "span")]
#[macro_export]
macro_rules! scope {
    ($name:expr $(,)?) => {
        let __scope = {
            const NAME: &::core::primitive::str = $name;
            static SITE: $crate::__private::Site = $crate::__private::Site::new(
                || NAME,
                $crate::__private::SiteKind::Scope,
                ::core::file!(),
                ::core::line!(),
            );
            $crate::__private::enter(&SITE)
        };
    };
}
