//! Statements: where they begin, and whether there is anything to them.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Block, Expr, Stmt};

/// The beginning of a statement or expression.
#[derive(Default)]
pub(super) struct Beginning {
    /// The byte of the first token, an attribute's included.
    pub(super) at: usize,
    /// The line of the first token that is none of an attribute.
    pub(super) line: usize,
    /// The attributes that a mark before it must have as well: whether it is compiled. With a space behind them.
    pub(super) conditions: String,
}

impl Beginning {
    pub(super) fn of_statement(statement: &Stmt) -> Self {
        match statement {
            // As a statement, some expressions are printed with parentheses that stand nowhere.
            Stmt::Expr(expression, _) => Self::of_expression(expression),
            statement => Self::of_tokens(statement),
        }
    }

    pub(super) fn of_expression(expression: &Expr) -> Self {
        Self::of_tokens(expression)
    }

    pub(super) fn of_tokens(item: &impl ToTokens) -> Self {
        let mut tokens = item.to_token_stream().into_iter().peekable();
        let mut conditions = String::new();
        let mut at = None;
        while let Some(token) = tokens.next() {
            let at = *at.get_or_insert(token.span().byte_range().start);
            match (&token, tokens.peek()) {
                (TokenTree::Punct(punct), Some(TokenTree::Group(group)))
                    if punct.as_char() == '#' && group.delimiter() == Delimiter::Bracket =>
                {
                    if is_condition(group.stream()) {
                        conditions.push_str(&format!("#{group} "));
                    }
                    tokens.next();
                }
                (token, _) => {
                    let line = token.span().start().line;
                    // No line may move.
                    let conditions = conditions.replace('\n', " ");
                    return Self {
                        at,
                        line,
                        conditions,
                    };
                }
            }
        }
        Self::default()
    }
}

fn is_condition(attribute: TokenStream) -> bool {
    matches!(attribute.into_iter().next(), Some(TokenTree::Ident(word)) if word == "cfg")
}

/// Whether nothing happens in it.
pub(super) fn is_empty(statement: &Stmt) -> bool {
    match statement {
        Stmt::Item(_) => true,
        // A semicolon alone.
        Stmt::Expr(Expr::Verbatim(tokens), _) => tokens.is_empty(),
        _ => false,
    }
}

/// Whether the block ends with an expression.
pub(super) fn has_value(block: &Block) -> bool {
    match block.stmts.last() {
        Some(Stmt::Expr(_, semicolon)) => semicolon.is_none(),
        Some(Stmt::Macro(call)) => call.semi_token.is_none(),
        _ => false,
    }
}
