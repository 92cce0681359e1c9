//! Marks between statements, never around them: temporaries, borrows and jumps stay what they were.
//!
//! Blocks are marked inside where nothing of the statement is left to do after them, or the rest would be counted on their
//! last line: `let x = match …;` is, `f(match …)` is not, and all of it counts on the line of the statement.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::{
    Block, Expr, ExprBlock, ExprCall, ExprClosure, ExprContinue, Item, Label, Lifetime, Local, Pat,
    Stmt, Token, Type, token,
    visit_mut::{self, VisitMut},
};

use super::lines::{Beginning, Lines};
use crate::signature::Place;

/// What a mark speaks to.
#[derive(Clone, Copy)]
pub(super) enum Clock {
    /// A timer in scope.
    Timer,
    /// The poll in progress: a timer in the body of an async function could not move to another thread.
    Poll,
}

/// A loop around what is being marked.
struct Loop {
    label: Option<Lifetime>,
    /// The line of its header; none if the loop has no marks.
    header: Option<usize>,
}

pub(super) struct Marker {
    lines: Lines,
    clock: Clock,
    private: TokenStream,
    /// From the outermost to the innermost.
    loops: Vec<Loop>,
}

impl Marker {
    pub(super) fn new(place: Place, clock: Clock, private: TokenStream) -> Self {
        Self {
            lines: Lines::from(place),
            clock,
            private,
            loops: Vec::new(),
        }
    }

    pub(super) fn lines(&self) -> &[u32] {
        self.lines.as_slice()
    }

    /// The statements of a function with their marks.
    pub(super) fn mark_all(&mut self, mut statements: Vec<Stmt>) -> Vec<Stmt> {
        // Finds the lines.
        self.statements(&mut statements.clone());
        self.statements(&mut statements);
        statements
    }

    fn statements(&mut self, statements: &mut Vec<Stmt>) {
        for mut statement in std::mem::take(statements) {
            if !is_empty(&statement) {
                let beginning = Beginning::of(match &statement {
                    // As a statement, some expressions are printed with parentheses that stand nowhere.
                    Stmt::Expr(expression, _) => expression.to_token_stream(),
                    statement => statement.to_token_stream(),
                });
                let index = self.lines.index(beginning.span);
                statements.push(self.mark(index, &beginning));
                self.statement(&mut statement, &beginning, statements);
            }
            statements.push(statement);
        }
    }

    /// Marks what is inside of a statement; what must be marked before it goes to the end of `before`.
    fn statement(&mut self, statement: &mut Stmt, beginning: &Beginning, before: &mut Vec<Stmt>) {
        match statement {
            Stmt::Local(local) => self.local(local),
            Stmt::Expr(Expr::Continue(jump), _) => {
                let header = self.header(jump);
                before.extend(header.map(|header| self.mark(header, beginning)));
            }
            Stmt::Expr(expression, _) => self.last(expression),
            Stmt::Item(_) | Stmt::Macro(_) => {}
        }
    }

    fn local(&mut self, local: &mut Local) {
        if let Some(value) = &mut local.init {
            self.last(&mut value.expr);
            if let Some((_, diverge)) = &mut value.diverge {
                self.last(diverge);
            }
        }
    }

    fn block(&mut self, block: &mut Block) {
        self.statements(&mut block.stmts);
    }

    /// An expression after which its statement has nothing left to do.
    fn last(&mut self, expression: &mut Expr) {
        match expression {
            Expr::Block(block) => self.block(&mut block.block),
            Expr::Unsafe(block) => self.block(&mut block.block),
            Expr::If(branch) => {
                self.visit_expr_mut(&mut branch.cond);
                self.block(&mut branch.then_branch);
                if let Some((_, otherwise)) = &mut branch.else_branch {
                    self.last(otherwise);
                }
            }
            Expr::Match(choice) => {
                self.visit_expr_mut(&mut choice.expr);
                for arm in &mut choice.arms {
                    self.body(&mut arm.body, None);
                }
            }
            Expr::Loop(repetition) => {
                let header = repetition.loop_token.span;
                self.repetition(repetition.label.as_ref(), header, &mut repetition.body);
            }
            Expr::While(repetition) => {
                self.visit_expr_mut(&mut repetition.cond);
                let header = repetition.while_token.span;
                self.repetition(repetition.label.as_ref(), header, &mut repetition.body);
            }
            Expr::ForLoop(repetition) => {
                self.visit_expr_mut(&mut repetition.expr);
                let header = repetition.for_token.span;
                self.repetition(repetition.label.as_ref(), header, &mut repetition.body);
            }
            Expr::Paren(inner) => self.last(&mut inner.expr),
            Expr::Group(inner) => self.last(&mut inner.expr),
            Expr::Reference(inner) => self.last(&mut inner.expr),
            Expr::Unary(inner) => self.last(&mut inner.expr),
            Expr::Cast(inner) => self.last(&mut inner.expr),
            Expr::Try(inner) => self.last(&mut inner.expr),
            Expr::Return(jump) => jump.expr.iter_mut().for_each(|value| self.last(value)),
            Expr::Break(jump) => jump.expr.iter_mut().for_each(|value| self.last(value)),
            Expr::Assign(assignment) if is_variable(&assignment.left) => {
                self.last(&mut assignment.right);
            }
            Expr::Binary(operation) => {
                self.visit_expr_mut(&mut operation.left);
                self.last(&mut operation.right);
            }
            Expr::Tuple(tuple) => self.list(&mut tuple.elems),
            Expr::Array(array) => self.list(&mut array.elems),
            Expr::Call(call) if is_constructor(call) => self.list(&mut call.args),
            Expr::Struct(value) if value.rest.is_none() => {
                self.list(value.fields.iter_mut().map(|field| &mut field.expr));
            }
            other => self.visit_expr_mut(other),
        }
    }

    /// Expressions that are evaluated one after the other.
    fn list<'a>(&mut self, expressions: impl IntoIterator<Item = &'a mut Expr>) {
        let mut expressions = expressions.into_iter().peekable();
        while let Some(expression) = expressions.next() {
            match expressions.peek() {
                Some(_) => self.visit_expr_mut(expression),
                None => self.last(expression),
            }
        }
    }

    /// The body of an arm or a closure: a block, or an expression that becomes one to have a mark in it.
    fn body(&mut self, body: &mut Expr, opening: Option<Stmt>) {
        let mut block = match std::mem::replace(body, Expr::PLACEHOLDER) {
            Expr::Block(ExprBlock {
                attrs,
                label: None,
                block,
            }) if attrs.is_empty() => block,
            expression => in_block(vec![Stmt::Expr(expression, None)]),
        };
        self.block(&mut block);
        if let Some(opening) = opening {
            let items = block
                .stmts
                .iter()
                .take_while(|statement| is_item(statement));
            block.stmts.insert(items.count(), opening);
        }
        *body = Expr::Block(ExprBlock {
            attrs: Vec::new(),
            label: None,
            block,
        });
    }

    /// The body of a loop. Its header is evaluated after every turn, so it is marked there again.
    fn repetition(&mut self, label: Option<&Label>, header: Span, body: &mut Block) {
        let beginning = label.map_or(header, |label| label.name.span());
        let header = self.lines.index(beginning);
        // Not every body comes to its end.
        let end = Beginning {
            span: beginning,
            attributes: quote!(#[allow(unreachable_code)]),
        };
        self.loops.push(Loop {
            label: label.map(|label| label.name.clone()),
            header: Some(header),
        });
        self.block(body);
        self.loops.pop();
        if has_value(body) {
            // A semicolon after the last expression would drop its temporaries before the variables of the body.
            let whole = std::mem::replace(body, in_block(Vec::new()));
            body.stmts.push(Stmt::Expr(
                Expr::Block(ExprBlock {
                    attrs: Vec::new(),
                    label: None,
                    block: whole,
                }),
                None,
            ));
        }
        body.stmts.push(self.mark(header, &end));
    }

    /// A loop inside of an expression that counts on one line.
    fn unmarked_repetition(&mut self, label: Option<&Label>, expression: &mut Expr) {
        self.loops.push(Loop {
            label: label.map(|label| label.name.clone()),
            header: None,
        });
        visit_mut::visit_expr_mut(self, expression);
        self.loops.pop();
    }

    /// The line of the header that a `continue` goes to.
    fn header(&self, jump: &ExprContinue) -> Option<usize> {
        let mut loops = self.loops.iter().rev();
        match &jump.label {
            None => loops.next(),
            label => loops.find(|around| around.label == *label),
        }?
        .header
    }

    /// A `continue` that is no statement of its own.
    fn jump(&mut self, expression: &mut Expr) {
        let Expr::Continue(jump) = expression else {
            return;
        };
        if let Some(header) = self.header(jump) {
            let mark = self.mark(header, &Beginning::of(jump.to_token_stream()));
            let jump = std::mem::replace(expression, Expr::PLACEHOLDER);
            *expression = Expr::Block(ExprBlock {
                attrs: Vec::new(),
                label: None,
                block: in_block(vec![mark, Stmt::Expr(jump, None)]),
            });
        }
    }

    /// A closure has a timer of its own: it may run long after the function, or in another thread.
    fn closure(&mut self, closure: &mut ExprClosure) {
        if closure.asyncness.is_some() || closure.constness.is_some() {
            return;
        }
        let beginning = Beginning::of(closure.to_token_stream());
        let index = self.lines.index(beginning.span);
        let private = &self.private;
        let mixed = beginning.span.resolved_at(Span::mixed_site());
        let timer = statement(
            mixed,
            quote_spanned! {mixed=>
                let __timer = #private::LineTimer::enter_closure(&__TUNEUP_LINES, #index)
            },
        );
        let loops = std::mem::take(&mut self.loops);
        let clock = std::mem::replace(&mut self.clock, Clock::Timer);
        self.body(&mut closure.body, Some(timer));
        self.loops = loops;
        self.clock = clock;
    }

    /// A mark that stands where the statement does, for what the compiler has to say of it.
    fn mark(&self, index: usize, Beginning { span, attributes }: &Beginning) -> Stmt {
        let private = &self.private;
        let mixed = span.resolved_at(Span::mixed_site());
        let call = match self.clock {
            Clock::Timer => quote_spanned!(mixed=> #attributes __timer.mark(#index)),
            Clock::Poll => quote_spanned! {mixed=>
                #attributes #private::mark_line(&__TUNEUP_LINES, #index)
            },
        };
        statement(mixed, call)
    }
}

/// What is evaluated with the statement around it, on its line: only closures and jumps in it are looked for. Async blocks
/// stay as they are: they are polled by whoever gets them, where no poll of this function is in progress. So do
/// constants, which the compiler evaluates.
impl VisitMut for Marker {
    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        match expression {
            Expr::Closure(closure) => self.closure(closure),
            Expr::Continue(_) => self.jump(expression),
            Expr::Repeat(array) => self.visit_expr_mut(&mut array.expr),
            Expr::Loop(repetition) => {
                let label = repetition.label.clone();
                self.unmarked_repetition(label.as_ref(), expression);
            }
            Expr::While(repetition) => {
                let label = repetition.label.clone();
                self.unmarked_repetition(label.as_ref(), expression);
            }
            Expr::ForLoop(repetition) => {
                let label = repetition.label.clone();
                self.unmarked_repetition(label.as_ref(), expression);
            }
            Expr::Async(_)
            | Expr::Const(_)
            | Expr::Macro(_)
            | Expr::TryBlock(_)
            | Expr::Verbatim(_) => {}
            other => visit_mut::visit_expr_mut(self, other),
        }
    }

    fn visit_item_mut(&mut self, _: &mut Item) {}

    fn visit_pat_mut(&mut self, _: &mut Pat) {}

    fn visit_type_mut(&mut self, _: &mut Type) {}

    fn visit_angle_bracketed_generic_arguments_mut(
        &mut self,
        _: &mut syn::AngleBracketedGenericArguments,
    ) {
    }
}

fn in_block(stmts: Vec<Stmt>) -> Block {
    Block {
        brace_token: token::Brace(Span::mixed_site()),
        stmts,
    }
}

fn statement(span: Span, tokens: TokenStream) -> Stmt {
    Stmt::Expr(Expr::Verbatim(tokens), Some(Token![;](span)))
}

fn is_item(statement: &Stmt) -> bool {
    matches!(statement, Stmt::Item(_))
}

/// Whether nothing happens in it.
fn is_empty(statement: &Stmt) -> bool {
    match statement {
        Stmt::Item(_) => true,
        // A semicolon alone.
        Stmt::Expr(Expr::Verbatim(tokens), _) => tokens.is_empty(),
        _ => false,
    }
}

/// Whether the block ends with an expression.
fn has_value(block: &Block) -> bool {
    match block.stmts.last() {
        Some(Stmt::Expr(_, semicolon)) => semicolon.is_none(),
        Some(Stmt::Macro(call)) => call.semi_token.is_none(),
        _ => false,
    }
}

/// A place to assign to that costs nothing to find.
fn is_variable(place: &Expr) -> bool {
    match place {
        Expr::Path(_) | Expr::Infer(_) => true,
        Expr::Field(field) => is_variable(&field.base),
        Expr::Index(element) => is_variable(&element.expr),
        Expr::Paren(inner) => is_variable(&inner.expr),
        Expr::Group(inner) => is_variable(&inner.expr),
        Expr::Unary(inner) => is_variable(&inner.expr),
        _ => false,
    }
}

/// Whether the call makes a tuple struct or variant, such as `Ok(…)`: then nothing is called.
fn is_constructor(call: &ExprCall) -> bool {
    let Expr::Path(function) = &*call.func else {
        return false;
    };
    let last = function.path.segments.last();
    last.is_some_and(|segment| segment.ident.to_string().starts_with(char::is_uppercase))
}
