//! The one reading of functions that all attributes share.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, TokenStreamExt as _, quote};
use syn::{
    Attribute, Error, ForeignItemFn, Item, Result, Signature, Token, Visibility, braced,
    parse::{Parse, ParseStream, discouraged::Speculative as _},
    token,
};

use crate::options::Grammar;

/// A function of any kind: free, of an impl block or of a trait.
///
/// The body stays the tokens that it was, so that whatever stands in it needs not be understood here.
pub(crate) struct Function {
    /// Outer attributes.
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) defaultness: Option<Token![default]>,
    pub(crate) signature: Signature,
    pub(crate) body: Option<Body>,
    semicolon: Option<Token![;]>,
}

/// What stands between the braces of a function.
pub(crate) struct Body {
    pub(crate) brace: token::Brace,
    pub(crate) inner_attributes: Vec<Attribute>,
    /// Items before the first statement. What is inserted comes after them: were it before, Clippy would say
    /// `items_after_statements` of them.
    pub(crate) items: Vec<Item>,
    pub(crate) statements: TokenStream,
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let visibility = input.parse()?;
        let defaultness = input.parse()?;
        let signature = input.parse()?;
        let (body, semicolon) = if input.peek(Token![;]) {
            (None, Some(input.parse()?))
        } else {
            (Some(input.parse()?), None)
        };
        Ok(Self {
            attributes,
            visibility,
            defaultness,
            signature,
            body,
            semicolon,
        })
    }
}

impl Parse for Body {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let content;
        Ok(Self {
            brace: braced!(content in input),
            inner_attributes: content.call(Attribute::parse_inner)?,
            items: leading_items(&content),
            statements: content.parse()?,
        })
    }
}

fn leading_items(input: ParseStream<'_>) -> Vec<Item> {
    let mut items = Vec::new();
    loop {
        let ahead = input.fork();
        match ahead.parse::<Item>() {
            // The call of a macro is a statement; its definition is an item.
            Ok(Item::Macro(item)) if item.ident.is_none() => break,
            Ok(Item::Verbatim(_)) | Err(_) => break,
            Ok(item) => items.push(item),
        }
        input.advance_to(&ahead);
    }
    items
}

impl ToTokens for Function {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.append_all(&self.attributes);
        self.visibility.to_tokens(tokens);
        self.defaultness.to_tokens(tokens);
        self.signature.to_tokens(tokens);
        self.body.to_tokens(tokens);
        self.semicolon.to_tokens(tokens);
    }
}

impl ToTokens for Body {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.brace.surround(tokens, |tokens| {
            tokens.append_all(&self.inner_attributes);
            tokens.append_all(&self.items);
            self.statements.to_tokens(tokens);
        });
    }
}

impl Body {
    /// Takes what has to be inside a future that gets the arguments: the statements, and of the items at the beginning the
    /// first macro that names an argument, and those behind it, which may call the macro.
    pub(crate) fn take_statements_of_future(
        &mut self,
        names_argument: impl Fn(&TokenStream) -> bool,
    ) -> TokenStream {
        let first = self.items.iter().position(|item| match item {
            Item::Macro(definition) => names_argument(&definition.mac.tokens),
            _ => false,
        });
        let inside = self.items.split_off(first.unwrap_or(self.items.len()));
        let statements = std::mem::take(&mut self.statements);
        quote!(#(#inside)* #statements)
    }
}

impl Function {
    /// Reads the item that an attribute stands on.
    pub(crate) fn read(item: &TokenStream, attribute: &Grammar) -> Result<Self> {
        syn::parse2(item.clone()).map_err(|error| no_function(item, attribute, error))
    }

    pub(crate) fn is_async(&self) -> bool {
        self.signature.asyncness.is_some()
    }

    /// Whether it is nothing that could be measured, but nothing that one would write an attribute on either.
    pub(crate) fn is_unmeasurable(&self) -> bool {
        self.signature.constness.is_some() || self.body.is_none() || self.is_naked()
    }

    /// Why the function cannot be measured.
    pub(crate) fn refusal(&self, attribute: &Grammar) -> Option<Error> {
        let name = attribute.name;
        if let Some(constness) = &self.signature.constness {
            let message = format!(
                "`#[{name}]` cannot measure a `const fn`: the compiler may call it, and has no clock; remove `const`, or measure its callers"
            );
            return Some(Error::new(constness.span, message));
        }
        if self.body.is_none() {
            return Some(without_body(&self.signature, attribute));
        }
        let message = format!(
            "`#[{name}]` cannot measure a naked function: nothing but assembly may stand in it; measure its callers"
        );
        self.is_naked()
            .then(|| Error::new(self.signature.ident.span(), message))
    }

    fn is_naked(&self) -> bool {
        self.attributes.iter().any(|attribute| {
            let path = attribute.path();
            path.is_ident("naked")
                || path.is_ident("unsafe")
                    && attribute
                        .parse_args::<syn::Path>()
                        .is_ok_and(|path| path.is_ident("naked"))
        })
    }
}

/// What an item is that could not be read as a function.
fn no_function(item: &TokenStream, attribute: &Grammar, error: Error) -> Error {
    if let Ok(foreign) = syn::parse2::<ForeignItemFn>(item.clone()) {
        return without_body(&foreign.sig, attribute);
    }
    let mend = match syn::parse2::<Item>(item.clone()) {
        Err(_) | Ok(Item::Fn(_) | Item::Verbatim(_)) => return error,
        Ok(Item::Impl(_) | Item::Mod(_) | Item::Trait(_)) => {
            "`#[profile_all]` measures all functions in here"
        }
        Ok(_) => "put it on a function with a body",
    };
    let name = attribute.name;
    let message = format!("`#[{name}]` measures functions, and this is none; {mend}");
    Error::new(keyword(item), message)
}

fn without_body(signature: &Signature, attribute: &Grammar) -> Error {
    let message = format!(
        "`#[{}]` measures the body of a function, and this one has none; put it on the implementations",
        attribute.name
    );
    Error::new(signature.ident.span(), message)
}

/// Where in the source a token stands.
#[derive(Clone, PartialEq)]
pub(crate) struct Place {
    pub(crate) file: String,
    pub(crate) line: u32,
}

impl Place {
    pub(crate) fn of(span: Span) -> Self {
        Self {
            file: span.file(),
            line: u32::try_from(span.start().line).unwrap_or(u32::MAX),
        }
    }

    /// An expression for the name of the file.
    pub(crate) fn file(&self) -> TokenStream {
        match self.file.as_str() {
            // An editor may expand macros without knowing files.
            "" => quote!(::core::file!()),
            file => quote!(#file),
        }
    }
}

/// Where the kind of an item is named.
pub(crate) fn keyword(item: &TokenStream) -> Span {
    const KEYWORDS: &[&str] = &[
        "const",
        "enum",
        "extern",
        "fn",
        "impl",
        "macro_rules",
        "mod",
        "static",
        "struct",
        "trait",
        "type",
        "union",
        "use",
    ];
    let mut tokens = item.clone().into_iter();
    let found = tokens.find_map(|token| match token {
        TokenTree::Ident(word) if KEYWORDS.iter().any(|keyword| word == keyword) => {
            Some(word.span())
        }
        _ => None,
    });
    found.unwrap_or_else(Span::call_site)
}

#[cfg(test)]
mod tests;
