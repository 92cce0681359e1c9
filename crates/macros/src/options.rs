//! What stands in the parentheses of an attribute.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::quote;
use syn::{
    Attribute, Error, Ident, LitStr, Meta, Path, Result, Token,
    ext::IdentExt as _,
    parse::{ParseStream, Parser as _},
};

use crate::memoize::Choices;

/// An attribute of this crate: its name and the options that it takes.
pub(crate) struct Grammar {
    pub(crate) name: &'static str,
    options: &'static [Kind],
}

/// The argument of an attribute that was heard by another one.
const SETTLED: &str = "__settled";

pub(crate) const PROFILE: Grammar = Grammar {
    name: "profile",
    options: &[
        Kind::Name,
        Kind::Sampled,
        Kind::Boxed,
        Kind::Skip,
        Kind::Crate,
    ],
};

pub(crate) const PROFILE_ALL: Grammar = Grammar {
    name: "profile_all",
    options: &[Kind::Crate],
};

pub(crate) const PROFILE_LINES: Grammar = Grammar {
    name: "profile_lines",
    options: &[Kind::Name, Kind::Boxed, Kind::Crate],
};

pub(crate) const MEMOIZE: Grammar = Grammar {
    name: "memoize",
    options: &[
        Kind::Maxsize,
        Kind::Ttl,
        Kind::Policy,
        Kind::Key,
        Kind::Typed,
        Kind::CacheErrors,
        Kind::ByThread,
        Kind::Cache,
        Kind::Shared,
        Kind::Crate,
    ],
};

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Name,
    Sampled,
    Boxed,
    Skip,
    Maxsize,
    Ttl,
    Policy,
    Key,
    Typed,
    CacheErrors,
    ByThread,
    Cache,
    Shared,
    Crate,
}

impl Kind {
    const fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Sampled => "sampled",
            Self::Boxed => "boxed",
            Self::Skip => "skip",
            Self::Maxsize => "maxsize",
            Self::Ttl => "ttl",
            Self::Policy => "policy",
            Self::Key => "key",
            Self::Typed => "typed",
            Self::CacheErrors => "cache_errors",
            Self::ByThread => "by_thread",
            Self::Cache => "cache",
            Self::Shared => "shared",
            Self::Crate => "crate",
        }
    }

    /// As one writes it.
    const fn usage(self) -> &'static str {
        match self {
            Self::Name => "`name = \"…\"`",
            Self::Sampled => "`sampled`",
            Self::Boxed => "`boxed`",
            Self::Skip => "`skip`",
            Self::Maxsize => "`maxsize = …`",
            Self::Ttl => "`ttl = \"…\"`",
            Self::Policy => "`policy = \"…\"`",
            Self::Key => "`key = \"…\"`",
            Self::Typed => "`typed`",
            Self::CacheErrors => "`cache_errors`",
            Self::ByThread => "`by_thread`",
            Self::Cache => "`cache = \"self.…\"`",
            Self::Shared => "`shared`",
            Self::Crate => "`crate = path`",
        }
    }
}

impl Grammar {
    /// Says which options there are.
    fn usage(&self) -> String {
        let usages: Vec<_> = self.options.iter().map(|kind| kind.usage()).collect();
        let allowed = match usages.split_last() {
            Some((last, [])) => (*last).to_owned(),
            Some((last, others)) => format!("{} and {last}", others.join(", ")),
            None => "no options".to_owned(),
        };
        format!("`#[{}]` takes {allowed}", self.name)
    }

    /// Leaves an attribute that was heard where it stands, with nothing more to do: were it taken away, the compiler would
    /// say that its import is unused.
    pub(crate) fn settle(attribute: &mut Attribute) {
        let path = attribute.path().clone();
        let word = Ident::new(SETTLED, Span::call_site());
        attribute.meta = syn::parse_quote!(#path(#word));
    }

    /// Whether another attribute did already what this one asks for.
    pub(crate) fn is_settled(arguments: &TokenStream) -> bool {
        let mut tokens = arguments.clone().into_iter();
        matches!(tokens.next(), Some(TokenTree::Ident(word)) if word == SETTLED)
    }

    /// Whether `attribute` is this one, by whatever path.
    pub(crate) fn is(&self, attribute: &Attribute) -> bool {
        let last = attribute.path().segments.last();
        last.is_some_and(|segment| segment.ident == self.name)
    }

    /// Reads the arguments of an invocation of the macro.
    pub(crate) fn read(&self, arguments: TokenStream) -> Result<Options> {
        (|input: ParseStream<'_>| self.parse(input)).parse2(arguments)
    }

    /// Reads the arguments of an attribute that was not expanded.
    pub(crate) fn read_attribute(&self, attribute: &Attribute) -> Result<Options> {
        match &attribute.meta {
            Meta::Path(_) => Ok(Options::default()),
            Meta::List(list) => self.read(list.tokens.clone()),
            Meta::NameValue(pair) => {
                let message = format!(
                    "the options of `#[{}]` stand in parentheses after it",
                    self.name
                );
                Err(Error::new(pair.eq_token.span, message))
            }
        }
    }

    fn parse(&self, input: ParseStream<'_>) -> Result<Options> {
        let mut options = Options::default();
        let mut seen: Vec<Kind> = Vec::new();
        let mut errors = Errors::default();
        while !input.is_empty() {
            if !input.peek(Ident::peek_any) {
                return Err(input.error(format!("expected an option; {}", self.usage())));
            }
            let word = input.call(Ident::parse_any)?;
            let known = self.options.iter().find(|kind| word == kind.word());
            match known {
                Some(kind) if seen.contains(kind) => {
                    let message = format!("the option `{word}` stands here twice; remove one");
                    errors.add(Error::new(word.span(), message));
                    Options::default().set(*kind, word.span(), input)?;
                }
                Some(kind) => {
                    seen.push(*kind);
                    options.set(*kind, word.span(), input)?;
                }
                None => {
                    let message = format!("unknown option `{word}`; {}", self.usage());
                    errors.add(Error::new(word.span(), message));
                    skip_value(input)?;
                }
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        if let (Some(skip), false) = (options.skip, seen == [Kind::Skip]) {
            let message = "`skip` leaves the function out, so that no other option has a meaning; remove one of them";
            errors.add(Error::new(skip, message));
        }
        errors.or(options)
    }
}

/// After an option that nobody knows, so that the others are still read.
fn skip_value(input: ParseStream<'_>) -> Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<TokenTree>()?;
    }
    Ok(())
}

/// The options of all attributes of this crate.
#[derive(Default, Clone)]
pub(crate) struct Options {
    pub(crate) name: Option<LitStr>,
    pub(crate) sampled: Option<Span>,
    pub(crate) boxed: Option<Span>,
    pub(crate) skip: Option<Span>,
    /// What `#[memoize]` alone is told.
    pub(crate) memoize: Choices,
    pub(crate) facade: Option<Path>,
}

impl Options {
    fn set(&mut self, kind: Kind, word: Span, input: ParseStream<'_>) -> Result<()> {
        match kind {
            Kind::Name => self.name = Some(name(word, input)?),
            Kind::Sampled => self.sampled = Some(word),
            Kind::Boxed => self.boxed = Some(word),
            Kind::Skip => self.skip = Some(word),
            Kind::Maxsize => self.memoize.read_maxsize(word, input)?,
            Kind::Ttl => self.memoize.read_ttl(word, input)?,
            Kind::Policy => self.memoize.read_policy(word, input)?,
            Kind::Key => self.memoize.read_key(word, input)?,
            Kind::Typed => self.memoize.typed = Some(word),
            Kind::CacheErrors => self.memoize.cache_errors = Some(word),
            Kind::ByThread => self.memoize.by_thread = Some(word),
            Kind::Cache => self.memoize.read_cache(word, input)?,
            Kind::Shared => self.memoize.shared = Some(word),
            Kind::Crate => {
                expect_equals("crate = path", word, input)?;
                if input.peek(LitStr) {
                    return Err(input.error("the path stands without quotes: `crate = path`"));
                }
                self.facade = Some(input.call(Path::parse_mod_style)?);
            }
        }
        Ok(())
    }

    /// The path of what expansions call.
    pub(crate) fn private(&self) -> TokenStream {
        match &self.facade {
            Some(facade) => quote!(#facade::__private),
            None => quote!(::tuneup_profiling::__private),
        }
    }
}

fn name(word: Span, input: ParseStream<'_>) -> Result<LitStr> {
    expect_equals("name = \"…\"", word, input)?;
    if !input.peek(LitStr) {
        return Err(input.error("the name is a string in quotes: `name = \"…\"`"));
    }
    let name: LitStr = input.parse()?;
    if name.value().trim().is_empty() {
        let message = "the name is empty; leave the option out for the path of the function";
        return Err(Error::new(name.span(), message));
    }
    Ok(name)
}

pub(crate) fn expect_equals(usage: &str, word: Span, input: ParseStream<'_>) -> Result<()> {
    if input.peek(Token![=]) {
        input.parse::<Token![=]>()?;
        return Ok(());
    }
    Err(Error::new(word, format!("write `{usage}`")))
}

/// Errors that are reported together.
#[derive(Default)]
pub(crate) struct Errors(Option<Error>);

impl Errors {
    pub(crate) fn add(&mut self, error: Error) {
        match &mut self.0 {
            Some(errors) => errors.combine(error),
            none => *none = Some(error),
        }
    }

    pub(crate) fn or<T>(self, value: T) -> Result<T> {
        match self.0 {
            Some(error) => Err(error),
            None => Ok(value),
        }
    }
}

#[cfg(test)]
mod tests;
