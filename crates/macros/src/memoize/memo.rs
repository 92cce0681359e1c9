//! Where a function's cache is: an expression for it, and the items that the expression names.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};

use syn::spanned::Spanned as _;

use super::{
    argument::Argument,
    choices::Maxsize,
    plan::{Key, Place, Plan},
};

/// The types of the keys and values of a cache.
struct Types {
    /// Nobody can write the type of an expression.
    key: Option<TokenStream>,
    value: TokenStream,
}

/// An expression for the cache, for all parts of the function.
pub(super) struct Memo {
    pub(super) expression: TokenStream,
    /// A hidden function with the static, or none where the cache is in a field.
    pub(super) items: TokenStream,
}

impl Memo {
    pub(super) fn of(plan: &Plan) -> Self {
        let types = Types::of(plan);
        let is_generic = !plan.generics.params.is_empty();
        match (&types.key, &plan.choices.cache) {
            (_, Some(field)) => Self::in_field(plan, &types, field),
            (Some(key), None) if plan.place == Place::Free && !is_generic => {
                Self::in_static(plan, key, &types.value)
            }
            _ => Self::in_family(plan, &types),
        }
    }

    /// Of a function whose types are known where it stands: a static of its own.
    fn in_static(plan: &Plan, key: &TokenStream, value: &TokenStream) -> Self {
        let (private, settings) = (plan.private(), settings(plan));
        let (path, name) = (plan.path("__memo"), plan.name("__memo"));
        let engine = match keeps_all(plan) {
            true => quote!(#private::Answers<#key, #value>),
            false => quote!(#private::Cache<#key, #value>),
        };
        let items = if plan.choices.by_thread.is_some() {
            quote_spanned! {Span::mixed_site()=>
                #[inline]
                fn #name() -> #private::ByThread<#key, #value> {
                    ::std::thread_local! {
                        static MEMO: #private::ThreadMemo<#key, #value> =
                            const { #private::ThreadMemo::new(#settings) };
                    }
                    #private::ByThread::new(&MEMO)
                }
            }
        } else {
            quote_spanned! {Span::mixed_site()=>
                #[inline]
                fn #name() -> &'static #private::Memo<#engine> {
                    static MEMO: #private::Memo<#engine> = #private::Memo::new(#settings);
                    &MEMO
                }
            }
        };
        Self {
            expression: quote_spanned!(Span::mixed_site()=> #path()),
            items,
        }
    }

    /// A static that does not know the types that depend on parameters, or that nobody can write.
    fn in_family(plan: &Plan, types: &Types) -> Self {
        let private = plan.private();
        let (path, name) = (plan.path("__family"), plan.name("__family"));
        let (value, marker, key) = (&types.value, marker(plan), types.key_function(plan));
        let settings = settings(plan);
        let items = if plan.choices.by_thread.is_some() {
            quote_spanned! {Span::mixed_site()=>
                #[inline]
                fn #name() -> &'static ::std::thread::LocalKey<#private::ThreadFamily> {
                    ::std::thread_local! {
                        static FAMILY: #private::ThreadFamily =
                            const { #private::ThreadFamily::new() };
                    }
                    &FAMILY
                }
            }
        } else {
            quote_spanned! {Span::mixed_site()=>
                #[inline]
                fn #name() -> &'static #private::Family {
                    static FAMILY: #private::Family = #private::Family::new();
                    &FAMILY
                }
            }
        };
        let span = span_of_key(plan);
        let member = match plan.choices.by_thread {
            Some(_) => quote_spanned!(span=> #private::ThreadFamily::member),
            None => member(plan),
        };
        Self {
            expression: quote_spanned! {span=>
                #member::<_, _, #value, _>(#path(), #marker, #settings, #key)
            },
            items,
        }
    }

    fn in_field(plan: &Plan, types: &Types, field: &syn::Expr) -> Self {
        let private = plan.private();
        let (value, marker, key) = (&types.value, marker(plan), types.key_function(plan));
        let (settings, member) = (settings(plan), member(plan));
        let span = span_of_key(plan);
        Self {
            expression: quote_spanned! {span=>
                #member::<_, _, #value, _>(
                    #private::family_of(&#field), #marker, #settings, #key
                )
            },
            items: TokenStream::new(),
        }
    }
}

impl Types {
    fn of(plan: &Plan) -> Self {
        let private = plan.private();
        let returned = &plan.answer.returned;
        let value = match plan.answer.is_fallible {
            true => quote!(<#returned as #private::Outcome>::Value),
            false => quote!(#returned),
        };
        let key = match &plan.key {
            Key::Arguments { receiver, places } => {
                let of_self = receiver.then(|| quote!(Self,));
                let of_arguments = places
                    .iter()
                    .map(|place| plan.arguments[*place].kept(&private));
                Some(quote!((#of_self #(#of_arguments,)*)))
            }
            Key::Expression(_) => None,
        };
        Self { key, value }
    }

    /// A function that is never called, and returns a key: the type of an expression comes from here.
    fn key_function(&self, plan: &Plan) -> TokenStream {
        let private = plan.private();
        match (&self.key, &plan.key) {
            (_, Key::Expression(expression)) => {
                let imagined = plan
                    .arguments
                    .iter()
                    .map(|argument| argument.imagined(&private));
                let destructured = plan.arguments.iter().map(Argument::destructured);
                quote_spanned! {Span::mixed_site()=>
                    || {
                        #(#imagined)*
                        #(#destructured)*
                        #expression
                    }
                }
            }
            (key, Key::Arguments { .. }) => {
                quote_spanned!(Span::mixed_site()=> || #private::never::<#key>())
            }
        }
    }
}

/// Where the compiler is to say what a key lacks.
fn span_of_key(plan: &Plan) -> Span {
    match &plan.key {
        Key::Expression(expression) => expression.span().resolved_at(Span::mixed_site()),
        Key::Arguments { .. } => Span::mixed_site(),
    }
}

/// A value whose type tells the caches of one static or field from each other.
fn marker(plan: &Plan) -> TokenStream {
    let is_typed = plan.choices.key.is_none() || plan.choices.typed.is_some();
    // Where calls differ in types alone, their bodies are different functions.
    if is_typed {
        let (_, types, _) = plan.generics.split_for_impl();
        let (path, turbofish) = (plan.path("uncached"), types.as_turbofish());
        return quote_spanned!(Span::mixed_site()=> #path #turbofish);
    }
    match plan.place {
        Place::Free => quote!(()),
        Place::Associated => plan.path("__method"),
    }
}

/// Whether nothing ever goes by itself: what keeps everything has a shorter way to it.
fn keeps_all(plan: &Plan) -> bool {
    let is_unbounded = matches!(plan.choices.maxsize, None | Some(Maxsize::Unbounded));
    is_unbounded && plan.choices.ttl.is_none()
}

/// What finds the cache in a family for all threads.
fn member(plan: &Plan) -> TokenStream {
    let (private, span) = (plan.private(), span_of_key(plan));
    match keeps_all(plan) {
        true => quote_spanned!(span=> #private::Family::unbounded_member),
        false => quote_spanned!(span=> #private::Family::member),
    }
}

fn settings(plan: &Plan) -> TokenStream {
    let private = plan.private();
    let maxsize = match &plan.choices.maxsize {
        None | Some(Maxsize::Unbounded) => quote!(::core::option::Option::None),
        Some(Maxsize::Entries(size)) => quote!(::core::option::Option::Some(#size)),
    };
    let ttl = match plan.choices.ttl {
        None => quote!(::core::option::Option::None),
        Some(ttl) => {
            let (seconds, ns) = (ttl.as_secs(), ttl.subsec_nanos());
            quote!(::core::option::Option::Some(::core::time::Duration::new(#seconds, #ns)))
        }
    };
    let policy = match &plan.choices.policy {
        None => quote!(::core::option::Option::None),
        Some(policy) => quote!(::core::option::Option::Some(#private::Policy::#policy)),
    };
    // One instance's methods are seldom called by many threads at once, and there may be many instances.
    let shards = match plan.choices.cache {
        None => quote!(::core::option::Option::None),
        Some(_) => quote!(::core::option::Option::Some(1)),
    };
    quote_spanned! {Span::mixed_site()=>
        #private::Settings { maxsize: #maxsize, ttl: #ttl, policy: #policy, shards: #shards }
    }
}
