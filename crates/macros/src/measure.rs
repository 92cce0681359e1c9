//! From a function and its attributes to the function that measures itself.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Attribute, Error, Path, Result};

use crate::{
    capture,
    options::{Errors, Grammar, Options, PROFILE, PROFILE_LINES},
    profile, profile_lines,
    signature::{Body, Function},
};

/// What one attribute adds to a function.
pub(crate) struct Layer {
    /// Items that the body can see.
    pub(crate) items: TokenStream,
    /// Statements for the beginning of a body that is not async.
    pub(crate) guard: TokenStream,
    /// For an async body: the type that wraps its future.
    pub(crate) wrapper: TokenStream,
    /// The static that the wrapper records into.
    pub(crate) site: TokenStream,
}

/// Which attributes stand on a function, and what they say.
#[derive(Default)]
pub(crate) struct Request {
    profile: Option<Options>,
    lines: Option<Options>,
}

impl Request {
    /// The attribute being expanded.
    pub(crate) fn of(grammar: &Grammar, options: Options) -> Self {
        let mut request = Self::default();
        *request.slot(grammar) = Some(options);
        request
    }

    fn slot(&mut self, grammar: &Grammar) -> &mut Option<Options> {
        if grammar.name == PROFILE.name {
            &mut self.profile
        } else {
            &mut self.lines
        }
    }

    /// Hears all attributes of this crate that stand on the function, so that each of them sees the body as it was written, in
    /// whatever order they stand there.
    pub(crate) fn collect(&mut self, function: &mut Function) -> Result<()> {
        let mut errors = Errors::default();
        for attribute in &mut function.attributes {
            let grammars = [&PROFILE, &PROFILE_LINES];
            let Some(grammar) = grammars.into_iter().find(|grammar| grammar.is(attribute)) else {
                continue;
            };
            if self.slot(grammar).is_some() {
                errors.add(twice(grammar, attribute));
                continue;
            }
            match grammar.read_attribute(attribute) {
                Ok(options) => *self.slot(grammar) = Some(options),
                Err(error) => errors.add(error),
            }
            Grammar::settle(attribute);
        }
        errors.or(())
    }

    /// What `#[profile_all]` asks for; an attribute of the function's own says more.
    pub(crate) fn add_profile(&mut self, facade: Option<&Path>) {
        self.profile.get_or_insert_default();
        for options in [&mut self.profile, &mut self.lines].into_iter().flatten() {
            if options.facade.is_none() {
                options.facade = facade.cloned();
            }
        }
    }

    /// What the options ask for in vain.
    fn contradictions(&self, function: &Function) -> Result<()> {
        let mut errors = Errors::default();
        let both = [&self.profile, &self.lines];
        for options in both.into_iter().flatten() {
            if let Some(skip) = options.skip {
                let message = "`skip` leaves a function out of `#[profile_all]`, and there is none around it; remove the attribute";
                errors.add(Error::new(skip, message));
            }
            if let (Some(boxed), false) = (options.boxed, function.is_async()) {
                let message = "`boxed` moves the future of an `async fn` to the heap, and this function has none; remove it";
                errors.add(Error::new(boxed, message));
            }
            if let (Some(sampled), true) = (options.sampled, function.is_async()) {
                let message = "`sampled` leaves the clock unread, and the polls of an `async fn` are always timed; remove it";
                errors.add(Error::new(sampled, message));
            }
        }
        errors.or(())
    }

    /// Whether the future goes to the heap.
    fn is_boxed(&self) -> bool {
        let both = [&self.profile, &self.lines];
        both.into_iter()
            .flatten()
            .any(|options| options.boxed.is_some())
    }
}

fn twice(grammar: &Grammar, attribute: &Attribute) -> Error {
    let message = format!(
        "`#[{}]` stands on this function twice; remove one",
        grammar.name
    );
    Error::new_spanned(attribute.path(), message)
}

/// Expands an attribute of a function. What cannot be measured comes out as it went in, behind an error.
pub(crate) fn expand(grammar: &Grammar, arguments: TokenStream, item: TokenStream) -> TokenStream {
    if Grammar::is_settled(&arguments) {
        return item;
    }
    match attempt(grammar, arguments, &item) {
        Ok(tokens) => tokens,
        Err(error) => beside(&error, &item),
    }
}

/// An item as it was, and why it is not more.
pub(crate) fn beside(error: &Error, item: &TokenStream) -> TokenStream {
    let error = error.to_compile_error();
    quote!(#error #item)
}

fn attempt(grammar: &Grammar, arguments: TokenStream, item: &TokenStream) -> Result<TokenStream> {
    let mut function = Function::read(item, grammar)?;
    if let Some(refusal) = function.refusal(grammar) {
        return Err(refusal);
    }
    let mut request = Request::of(grammar, grammar.read(arguments)?);
    request.collect(&mut function)?;
    measured(function, &request)
}

/// The function with everything that its attributes add.
pub(crate) fn measured(mut function: Function, request: &Request) -> Result<TokenStream> {
    request.contradictions(&function)?;
    let mut layers = Vec::new();
    if let Some(options) = &request.profile {
        layers.push(profile::layer(&function, options));
    }
    if let Some(options) = &request.lines {
        layers.push(profile_lines::layer(&mut function, options)?);
    }
    if function.is_async() {
        wrap(&mut function, &layers, request.is_boxed());
    } else {
        guard(&mut function, &layers);
    }
    Ok(function.into_token_stream())
}

/// Guards are bound before everything else, so that they are dropped after it, and `return`, `?` and panics mean what they
/// meant.
fn guard(function: &mut Function, layers: &[Layer]) {
    if let Some(body) = &mut function.body {
        let mut statements = TokenStream::new();
        statements.extend(layers.iter().map(|layer| layer.items.clone()));
        statements.extend(layers.iter().map(|layer| layer.guard.clone()));
        statements.extend(std::mem::take(&mut body.statements));
        body.statements = statements;
    }
}

fn wrap(function: &mut Function, layers: &[Layer], boxed: bool) {
    let Some(body) = &mut function.body else {
        return;
    };
    let mixed = Span::mixed_site();
    let arguments = capture::names(&function.signature);
    let statements = body.take_statements_of_future(|tokens| arguments.are_in(tokens));
    let arguments = capture::arguments(&mut function.signature, &statements);
    let output = capture::output(&function.signature.output);
    let inner = Body {
        brace: body.brace,
        inner_attributes: Vec::new(),
        items: Vec::new(),
        statements: quote!(#output #arguments #statements),
    };
    let mut future = quote_spanned!(mixed=> async move #inner);
    if boxed {
        future = quote_spanned!(mixed=> ::std::boxed::Box::pin(#future));
    }
    for Layer { wrapper, site, .. } in layers.iter().rev() {
        future = quote_spanned!(mixed=> #wrapper::new(#site, #future));
    }
    let items = layers.iter().map(|layer| &layer.items);
    body.statements = quote_spanned!(mixed=> #(#items)* #future.await);
}
