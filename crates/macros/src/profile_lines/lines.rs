//! Which lines of a function have statements.

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};

use crate::signature::Place;

/// The lines of a function in ascending order, the first that of its `fn`.
///
/// The place of a line is known when all of them are: marks are placed twice, and the second time the table is complete.
pub(super) struct Lines {
    file: String,
    lines: Vec<u32>,
}

impl Lines {
    pub(super) fn from(place: Place) -> Self {
        Self {
            file: place.file,
            lines: vec![place.line],
        }
    }

    /// The index of the line of a token. What a macro put there from elsewhere counts on the line of the `fn`.
    pub(super) fn index(&mut self, span: Span) -> usize {
        let place = Place::of(span);
        if place.file != self.file || place.line < self.lines[0] {
            return 0;
        }
        match self.lines.binary_search(&place.line) {
            Ok(index) => index,
            Err(index) => {
                self.lines.insert(index, place.line);
                index
            }
        }
    }

    pub(super) fn as_slice(&self) -> &[u32] {
        &self.lines
    }
}

/// The beginning of a statement or expression.
pub(super) struct Beginning {
    /// The first token that is none of an attribute.
    pub(super) span: Span,
    /// The attributes that a mark before it must have as well: whether it is compiled.
    pub(super) attributes: TokenStream,
}

impl Beginning {
    pub(super) fn of(tokens: TokenStream) -> Self {
        let mut attributes = TokenStream::new();
        let mut tokens = tokens.into_iter().peekable();
        while let Some(token) = tokens.next() {
            match (&token, tokens.peek()) {
                (TokenTree::Punct(punct), Some(TokenTree::Group(group)))
                    if punct.as_char() == '#' && group.delimiter() == Delimiter::Bracket =>
                {
                    let mut words = group.stream().into_iter();
                    let is_condition =
                        matches!(words.next(), Some(TokenTree::Ident(word)) if word == "cfg");
                    if is_condition {
                        attributes.extend([token, TokenTree::Group(group.clone())]);
                    }
                    tokens.next();
                }
                // What a macro's variable stood for.
                (TokenTree::Group(group), _) if group.delimiter() == Delimiter::None => {
                    let Self { span, .. } = Self::of(group.stream());
                    return Self { span, attributes };
                }
                (TokenTree::Group(group), _) => {
                    let span = group.span_open();
                    return Self { span, attributes };
                }
                (token, _) => {
                    let span = token.span();
                    return Self { span, attributes };
                }
            }
        }
        Self {
            span: Span::call_site(),
            attributes,
        }
    }
}
