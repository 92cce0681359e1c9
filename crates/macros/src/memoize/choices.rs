//! The values of the options of `#[memoize]`.

use std::time::Duration;

use proc_macro2::{Ident, Span};
use syn::{Error, Expr, ExprLit, ExprUnary, Lit, LitStr, Result, UnOp, parse::ParseStream};

use crate::options::expect_equals;

/// What the user chose. What was not said is `None`.
#[derive(Default, Clone)]
pub(crate) struct Choices {
    pub(super) maxsize: Option<Maxsize>,
    pub(super) ttl: Option<Duration>,
    /// The variant of the enum of policies, at the place of the string.
    pub(super) policy: Option<Ident>,
    /// Where the option is named.
    pub(super) key_word: Option<Span>,
    pub(super) key: Option<Expr>,
    pub(crate) typed: Option<Span>,
    pub(crate) cache_errors: Option<Span>,
    pub(crate) by_thread: Option<Span>,
    pub(super) cache_word: Option<Span>,
    pub(super) cache: Option<Expr>,
    pub(crate) shared: Option<Span>,
}

#[derive(Clone)]
pub(super) enum Maxsize {
    Unbounded,
    Entries(Box<Expr>),
}

const MAXSIZE: &str = "maxsize = 128";
const TTL: &str = "ttl = \"60s\"";
const POLICY: &str = "policy = \"lru\"";
const KEY: &str = "key = \"…\"";
const CACHE: &str = "cache = \"self.…\"";

/// The names of policies, and of their variants.
const POLICIES: &[(&str, &str)] = &[
    ("adaptive", "Adaptive"),
    ("s3-fifo", "S3Fifo"),
    ("sieve", "Sieve"),
    ("lru", "Lru"),
    ("fifo", "Fifo"),
];

/// Units of time and their nanoseconds.
const UNITS: &[(&str, u64)] = &[
    ("ns", 1),
    ("us", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
    ("d", 86_400_000_000_000),
];

/// A hundred years, the most that a cache takes.
const LONGEST_NS: u64 = 36_500 * 86_400_000_000_000;

impl Choices {
    pub(crate) fn read_maxsize(&mut self, word: Span, input: ParseStream<'_>) -> Result<()> {
        expect_equals(MAXSIZE, word, input)?;
        let value: Expr = input.parse()?;
        let message = match &value {
            Expr::Lit(ExprLit {
                lit: Lit::Str(text),
                ..
            }) if text.value() == "none" => {
                self.maxsize = Some(Maxsize::Unbounded);
                return Ok(());
            }
            Expr::Path(path) if path.path.is_ident("None") => {
                self.maxsize = Some(Maxsize::Unbounded);
                return Ok(());
            }
            Expr::Lit(ExprLit {
                lit: Lit::Int(_), ..
            })
            | Expr::Path(_)
            | Expr::Binary(_)
            | Expr::Paren(_)
            | Expr::Block(_) => {
                self.maxsize = Some(Maxsize::Entries(Box::new(value)));
                return Ok(());
            }
            Expr::Unary(ExprUnary {
                op: UnOp::Neg(_), ..
            }) => {
                "a cache has no negative size; with `maxsize = 0` nothing is kept, with `maxsize = \"none\"` everything"
            }
            _ => {
                "the size is a number of entries, a constant, or `\"none\"` for a cache that evicts nothing"
            }
        };
        Err(Error::new_spanned(value, message))
    }

    pub(crate) fn read_ttl(&mut self, word: Span, input: ParseStream<'_>) -> Result<()> {
        let text = string(TTL, "the time to live is a text", word, input)?;
        self.ttl = Some(duration(&text)?);
        Ok(())
    }

    pub(crate) fn read_policy(&mut self, word: Span, input: ParseStream<'_>) -> Result<()> {
        let text = string(POLICY, "the policy is a text", word, input)?;
        let name = text.value();
        match POLICIES.iter().find(|(known, _)| *known == name) {
            Some((_, variant)) => {
                self.policy = Some(Ident::new(variant, text.span()));
                Ok(())
            }
            None => {
                let names: Vec<_> = POLICIES
                    .iter()
                    .map(|(name, _)| format!("`{name}`"))
                    .collect();
                let message = format!("unknown policy `{name}`; there are {}", names.join(", "));
                Err(Error::new(text.span(), message))
            }
        }
    }

    pub(crate) fn read_key(&mut self, word: Span, input: ParseStream<'_>) -> Result<()> {
        let text = string(KEY, "the key is an expression in quotes", word, input)?;
        self.key_word = Some(word);
        self.key = Some(expression(&text, "the key", "key = \"id\"")?);
        Ok(())
    }

    pub(crate) fn read_cache(&mut self, word: Span, input: ParseStream<'_>) -> Result<()> {
        let text = string(CACHE, "the cache is a field in quotes", word, input)?;
        let usage = "cache = \"self.cache\"";
        self.cache_word = Some(word);
        self.cache = Some(expression(&text, "the cache", usage)?);
        Ok(())
    }
}

fn string(usage: &str, what: &str, word: Span, input: ParseStream<'_>) -> Result<LitStr> {
    expect_equals(usage, word, input)?;
    if !input.peek(LitStr) {
        return Err(input.error(format!("{what}: `{usage}`")));
    }
    input.parse()
}

fn expression(text: &LitStr, what: &str, example: &str) -> Result<Expr> {
    if text.value().trim().is_empty() {
        let message = format!("{what} is empty; write an expression, such as `{example}`");
        return Err(Error::new(text.span(), message));
    }
    text.parse()
}

fn duration(text: &LitStr) -> Result<Duration> {
    let written = text.value();
    let trimmed = written.trim();
    let digits = trimmed
        .find(|letter: char| !letter.is_ascii_digit() && letter != '_')
        .unwrap_or(trimmed.len());
    let (number, unit) = trimmed.split_at(digits);
    let refuse = |message: String| Err(Error::new(text.span(), message));
    let Ok(number) = number.replace('_', "").parse::<u64>() else {
        return refuse(format!(
            "`{written}` is no time; write a whole number and its unit, such as `90s`"
        ));
    };
    let Some((_, ns)) = UNITS.iter().find(|(known, _)| *known == unit.trim()) else {
        let units: Vec<_> = UNITS.iter().map(|(unit, _)| format!("`{unit}`")).collect();
        return refuse(format!(
            "`{written}` has no unit of time; there are {}",
            units.join(", ")
        ));
    };
    match number.checked_mul(*ns) {
        Some(0) => refuse(
            "what lives for no time is never found again; leave `#[memoize]` away, or the option"
                .to_owned(),
        ),
        Some(ns) if ns <= LONGEST_NS => Ok(Duration::from_nanos(ns)),
        Some(_) | None => refuse(format!(
            "`{written}` is more than 100 years; leave the option away"
        )),
    }
}

#[cfg(test)]
mod tests;
