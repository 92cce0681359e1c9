//! Expressions: which of them cost something before their last part, and which read differently as statements.

use syn::{Expr, ExprCall, MacroDelimiter};

/// A place to assign to that costs nothing to find.
pub(super) fn is_variable(place: &Expr) -> bool {
    match place {
        Expr::Path(_) | Expr::Infer(_) => true,
        Expr::Field(field) => is_variable(&field.base),
        Expr::Index(element) => is_variable(&element.expr),
        Expr::Paren(inner) => is_variable(&inner.expr),
        Expr::Unary(inner) => is_variable(&inner.expr),
        _ => false,
    }
}

/// Whether the call makes a tuple struct or variant, such as `Ok(…)`: then nothing is called.
pub(super) fn is_constructor(call: &ExprCall) -> bool {
    let Expr::Path(function) = &*call.func else {
        return false;
    };
    let last = function.path.segments.last();
    last.is_some_and(|segment| segment.ident.to_string().starts_with(char::is_uppercase))
}

/// Whether the expression begins with a block and goes on behind it: as a statement it would end there.
pub(super) fn begins_with_block(expression: &Expr) -> bool {
    if let Expr::Macro(call) = expression {
        return call.attrs.is_empty() && matches!(call.mac.delimiter, MacroDelimiter::Brace(_));
    }
    leftmost(expression).is_some_and(is_block)
}

/// What it begins with, if that is an expression of its own.
fn leftmost(expression: &Expr) -> Option<&Expr> {
    let first = match expression {
        Expr::Assign(assignment) => &assignment.left,
        Expr::Await(awaited) => &awaited.base,
        Expr::Binary(operation) => &operation.left,
        Expr::Call(call) => &call.func,
        Expr::Cast(cast) => &cast.expr,
        Expr::Field(field) => &field.base,
        Expr::Index(element) => &element.expr,
        Expr::MethodCall(call) => &call.receiver,
        Expr::Range(range) => range.start.as_ref()?,
        Expr::Try(tried) => &tried.expr,
        _ => return None,
    };
    Some(leftmost(first).unwrap_or(first))
}

fn is_block(expression: &Expr) -> bool {
    match expression {
        Expr::Block(_)
        | Expr::Const(_)
        | Expr::ForLoop(_)
        | Expr::If(_)
        | Expr::Loop(_)
        | Expr::Match(_)
        | Expr::TryBlock(_)
        | Expr::Unsafe(_)
        | Expr::While(_) => true,
        Expr::Macro(call) => matches!(call.mac.delimiter, MacroDelimiter::Brace(_)),
        _ => false,
    }
}
