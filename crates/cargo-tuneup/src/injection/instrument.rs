//! From the text of a source file to one whose functions record their calls. Nothing moves to another line.

use std::{collections::BTreeMap, ops::Range};

use proc_macro2::Span;
use quote::ToTokens as _;
use syn::{
    AttrStyle, Attribute, Block, File, FnArg, ImplItemFn, ImplItemMacro, ItemFn, ItemImpl,
    ItemMacro, ItemMod, ItemTrait, Lit, Meta, Pat, ReturnType, Signature, TraitItemFn,
    TraitItemMacro, Type,
    spanned::Spanned as _,
    visit::{self, Visit},
    visit_mut::{self, VisitMut},
};

use super::{
    arguments::{Counting, counting_of},
    choice::{Choice, Wanted},
    lines::LineMarks,
    macros::Macros,
};

#[cfg(test)]
mod tests;

/// A source file of a crate.
pub(super) struct Source<'a> {
    pub(super) text: &'a str,
    /// As the compiler is given it.
    pub(super) file: &'a str,
    /// The path of its module, beginning with the crate's name.
    pub(super) module: &'a [String],
    /// What functions that begin in these lines have to do without, because they do not compile otherwise.
    pub(super) left_out: &'a LeftOut,
}

/// By the lines in which functions begin.
pub(super) type LeftOut = BTreeMap<usize, Loss>;

/// What a function does without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Loss {
    /// Its lines.
    Lines,
    /// Whatever would be recorded of it.
    All,
}

/// What has become of it.
#[derive(Debug, Default)]
pub(super) struct Instrumented {
    pub(super) text: String,
    /// Functions that record.
    pub(super) functions: Vec<Function>,
    /// Functions that do not, and why.
    pub(super) skipped: Vec<(String, &'static str)>,
    /// Functions that record their calls, and not their lines as they should.
    pub(super) without_lines: Vec<String>,
    /// Functions whose arguments should be counted and are not, and why.
    pub(super) uncounted: Vec<(String, &'static str)>,
    /// Modules that are in files of their own.
    pub(super) modules: Vec<Module>,
    /// Macros that stand among the items.
    pub(super) macros: Macros,
}

/// A function that records.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Function {
    pub(super) name: String,
    /// From its first line to its last.
    pub(super) lines: Range<usize>,
    /// What of it.
    pub(super) records: Wanted,
}

/// A module in a file of its own.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Module {
    /// The modules around it in this file.
    pub(super) inside: Vec<String>,
    pub(super) name: String,
    /// What a `path` attribute says.
    pub(super) path: Option<String>,
}

/// The instrumented text; an error if it is no Rust that is known here.
pub(super) fn instrument(source: &Source<'_>, choice: &Choice) -> syn::Result<Instrumented> {
    let file = syn::parse_file(source.text)?;
    let mut visitor = Visitor {
        source,
        choice,
        path: source.module.to_vec(),
        depth: source.module.len(),
        in_allocator: false,
        edits: Vec::new(),
        found: Instrumented::default(),
    };
    visitor.visit_file(&file);
    let Visitor {
        mut edits,
        mut found,
        ..
    } = visitor;
    edits.sort_by_key(|(at, _)| *at);
    let mut text = String::with_capacity(
        source.text.len() + edits.iter().map(|(_, edit)| edit.len()).sum::<usize>(),
    );
    let unseen = unseen_by_the_parser(source.text, &file);
    let mut from = 0;
    for (at, edit) in edits {
        let at = at + unseen;
        text.push_str(&source.text[from..at]);
        text.push_str(&edit);
        from = at;
    }
    text.push_str(&source.text[from..]);
    found.text = text;
    Ok(found)
}

/// How many bytes the parser has left out before it began to count: a byte order mark, and a line for the shell.
fn unseen_by_the_parser(text: &str, file: &File) -> usize {
    let mark = match text.starts_with('\u{feff}') {
        true => '\u{feff}'.len_utf8(),
        false => 0,
    };
    mark + file.shebang.as_ref().map_or(0, String::len)
}

/// A crate of the edition 2015 knows only crates that it names.
pub(super) fn name_runtime(text: &str) -> syn::Result<String> {
    let file = syn::parse_file(text)?;
    let inner_end = file
        .attrs
        .iter()
        .map(|attribute| attribute.span().byte_range().end)
        .max();
    let at = file
        .items
        .first()
        .map(|item| start_of(item.span()))
        .or(inner_end)
        .unwrap_or(0)
        + unseen_by_the_parser(text, &file);
    Ok(format!(
        "{}extern crate tuneup_runtime; {}",
        &text[..at],
        &text[at..]
    ))
}

struct Visitor<'a> {
    source: &'a Source<'a>,
    choice: &'a Choice,
    path: Vec<String>,
    /// So many of the path are those of the file.
    depth: usize,
    in_allocator: bool,
    /// What is put in, and before which byte.
    edits: Vec<(usize, String)>,
    found: Instrumented,
}

impl Visitor<'_> {
    fn within(&mut self, name: String, visit: impl FnOnce(&mut Self)) {
        self.path.push(name);
        visit(self);
        self.path.pop();
    }

    fn function(&mut self, attributes: &[Attribute], signature: &Signature, block: &Block) {
        let name = format!("{}::{}", self.path.join("::"), signature.ident);
        // Complaints about what an attribute makes of a function are about the attribute.
        let first_attribute = attributes
            .first()
            .map(|attribute| attribute.span().start().line);
        let first_line = signature.span().start().line;
        let lines = first_attribute.unwrap_or(first_line).min(first_line)
            ..block.brace_token.span.close().end().line + 1;
        let mut wanted = self
            .choice
            .of(&name, self.source.file, lines.end - first_line);
        if wanted.is_nothing() {
            return;
        }
        let loss = self.source.left_out.get(&lines.start).copied();
        if loss == Some(Loss::Lines) && wanted.lines && wanted.calls {
            wanted.lines = false;
            self.found.without_lines.push(name.clone());
        } else if let Some(reason) = self.refusal(attributes, signature, loss.is_some()) {
            self.found.skipped.push((name, reason));
            return;
        }
        self.record(&name, wanted, attributes, signature, block);
        self.found.functions.push(Function {
            name,
            lines,
            records: wanted,
        });
    }

    /// Puts in what the function records with.
    fn record(
        &mut self,
        name: &str,
        wanted: Wanted,
        attributes: &[Attribute],
        signature: &Signature,
        block: &Block,
    ) {
        let is_async = signature.asyncness.is_some();
        let mut statics = String::new();
        // Of a future, what it is wrapped in; of anything else, what lives as long as the call.
        let (mut wrappers, mut guards) = (String::new(), String::new());
        let (mut marks, mut counting) = (Vec::new(), String::new());
        if wanted.calls {
            let (site, call) = self.site(name, signature);
            statics.push_str(&site);
            counting = call;
            wrappers.push_str("::tuneup_runtime::ProfiledFuture::new(&__TUNEUP_SITE, ");
            guards.push_str("let __tuneup_frame = ::tuneup_runtime::enter(&__TUNEUP_SITE); ");
        }
        if wanted.lines {
            let line = signature.fn_token.span.start().line;
            let LineMarks { lines, edits } = LineMarks::of(block, line, is_async);
            statics.push_str(&self.line_site(name, &lines, is_async));
            wrappers.push_str("::tuneup_runtime::LinedFuture::new(&__TUNEUP_LINES, ");
            guards.push_str(
                "let __tuneup_lines = ::tuneup_runtime::LineTimer::enter(&__TUNEUP_LINES); ",
            );
            marks = edits;
        }
        let begin = beginning_of(attributes, block);
        if is_async {
            let (arguments, output) = (captured(signature), hint(&signature.output));
            let opening =
                format!("{statics}{counting}{wrappers}async move {{ {output}{arguments} ");
            let closing = ")".repeat(usize::from(wanted.lines) + usize::from(wanted.calls));
            self.edits.push((begin, opening));
            self.edits.extend(marks);
            let end = block.brace_token.span.close().byte_range().start;
            self.edits.push((end, format!(" }}{closing}.await ")));
        } else {
            self.edits
                .push((begin, format!("{statics}{counting}{guards}")));
            self.edits.extend(marks);
        }
    }

    fn line_site(&self, name: &str, lines: &[usize], is_async: bool) -> String {
        let file = self.source.file;
        format!(
            "static __TUNEUP_LINES: ::tuneup_runtime::LineSite = ::tuneup_runtime::LineSite::new(|| {name:?}, {file:?}, &{lines:?}, {is_async}); "
        )
    }

    fn counting(&mut self, name: &str, signature: &Signature) -> Counting {
        let wish = self.choice.arguments.as_ref();
        let counting = wish.filter(|pattern| pattern.is_match(name));
        let counting = counting.map_or(Ok(Counting::default()), |_| counting_of(signature));
        counting.unwrap_or_else(|reason| {
            self.found.uncounted.push((name.to_owned(), reason));
            Counting::default()
        })
    }

    /// The function's site, and what counts its arguments where that is wished for.
    fn site(&mut self, name: &str, signature: &Signature) -> (String, String) {
        let kind = if signature.asyncness.is_some() {
            "Async"
        } else {
            "Function"
        };
        let (file, line) = (self.source.file, signature.ident.span().start().line);
        let Counting {
            counts,
            of_site,
            call,
        } = self.counting(name, signature);
        let site = format!(
            "{counts}static __TUNEUP_SITE: ::tuneup_runtime::Site = ::tuneup_runtime::Site::new(|| {name:?}, ::tuneup_runtime::SiteKind::{kind}, {file:?}, {line}){of_site}; "
        );
        (site, call)
    }

    fn refusal(
        &self,
        attributes: &[Attribute],
        signature: &Signature,
        does_not_compile: bool,
    ) -> Option<&'static str> {
        let has = |name: &str| attributes.iter().any(|attribute| names(attribute, name));
        if signature.constness.is_some() {
            Some("a `const fn` may run in the compiler, where nothing can be recorded")
        } else if self.in_allocator {
            Some("an allocator must not be called by what records its calls")
        } else if has("naked") {
            Some("a naked function has no room for anything")
        } else if has("panic_handler") {
            Some("the program has no standard library")
        } else if does_not_compile {
            Some("it does not compile with what records it")
        } else {
            None
        }
    }
}

impl<'ast> Visit<'ast> for Visitor<'_> {
    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        self.function(&item.attrs, &item.sig, &item.block);
        self.within(item.sig.ident.to_string(), |this| {
            visit::visit_item_fn(this, item);
        });
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        self.function(&item.attrs, &item.sig, &item.block);
        self.within(item.sig.ident.to_string(), |this| {
            visit::visit_impl_item_fn(this, item);
        });
    }

    fn visit_trait_item_fn(&mut self, item: &'ast TraitItemFn) {
        if let Some(block) = &item.default {
            self.function(&item.attrs, &item.sig, block);
        }
        self.within(item.sig.ident.to_string(), |this| {
            visit::visit_trait_item_fn(this, item);
        });
    }

    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        let outer = self.in_allocator;
        let of_trait = item
            .trait_
            .as_ref()
            .and_then(|(path, _)| path.segments.last());
        self.in_allocator |= of_trait.is_some_and(|segment| segment.ident == "GlobalAlloc");
        self.within(type_name(&item.self_ty), |this| {
            visit::visit_item_impl(this, item);
        });
        self.in_allocator = outer;
    }

    fn visit_item_trait(&mut self, item: &'ast ItemTrait) {
        self.within(item.ident.to_string(), |this| {
            visit::visit_item_trait(this, item);
        });
    }

    fn visit_item_macro(&mut self, item: &'ast ItemMacro) {
        self.found.macros.add(item.ident.as_ref(), &item.mac);
    }

    fn visit_impl_item_macro(&mut self, item: &'ast ImplItemMacro) {
        self.found.macros.add(None, &item.mac);
    }

    fn visit_trait_item_macro(&mut self, item: &'ast TraitItemMacro) {
        self.found.macros.add(None, &item.mac);
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        let name = item.ident.to_string();
        let name = name.strip_prefix("r#").unwrap_or(&name).to_owned();
        if item.content.is_none() {
            self.found.modules.push(Module {
                inside: self.path[self.depth..].to_vec(),
                name: name.clone(),
                path: path_of(&item.attrs),
            });
        }
        self.within(name, |this| visit::visit_item_mod(this, item));
    }
}

/// Whether an attribute is this one, be it called unsafe or not.
fn names(attribute: &Attribute, name: &str) -> bool {
    let inner = match &attribute.meta {
        Meta::List(list) if list.path.is_ident("unsafe") => list.tokens.to_string(),
        meta => meta.path().to_token_stream().to_string(),
    };
    inner == name
}

/// What a `path` attribute says.
fn path_of(attributes: &[Attribute]) -> Option<String> {
    attributes
        .iter()
        .find_map(|attribute| match &attribute.meta {
            Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
                syn::Expr::Lit(literal) => match &literal.lit {
                    Lit::Str(text) => Some(text.value()),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        })
}

/// The last word of its path, or all of it.
fn type_name(kind: &Type) -> String {
    match kind {
        Type::Path(path) => path
            .path
            .segments
            .last()
            .map(|segment| segment.ident.to_string()),
        Type::Reference(reference) => return type_name(&reference.elem),
        _ => None,
    }
    .unwrap_or_else(|| kind.to_token_stream().to_string().replace(' ', ""))
}

/// Behind the brace, and the attributes that are inside.
pub(super) fn beginning_of(attributes: &[Attribute], block: &Block) -> usize {
    let brace = block.brace_token.span.open().byte_range().end;
    let inner = attributes
        .iter()
        .filter(|attribute| matches!(attribute.style, AttrStyle::Inner(_)));
    inner
        .map(|attribute| attribute.span().byte_range().end)
        .max()
        .unwrap_or(0)
        .max(brace)
}

fn start_of(span: Span) -> usize {
    span.byte_range().start
}

/// Uses of the arguments, so that the future owns all of them.
fn captured(signature: &Signature) -> String {
    let names = signature.inputs.iter().filter_map(|input| match input {
        FnArg::Receiver(_) => Some("self".to_owned()),
        FnArg::Typed(argument) => match &*argument.pat {
            Pat::Ident(pattern) => Some(pattern.ident.to_string()),
            _ => None,
        },
    });
    names.map(|name| format!("let _ = &{name}; ")).collect()
}

/// Tells the compiler what the future gives, of which it otherwise knows nothing until it has seen all of the body: no `?` could convert an
/// error.
fn hint(output: &ReturnType) -> String {
    let ReturnType::Type(_, declared) = output else {
        return String::new();
    };
    let mut declared = (**declared).clone();
    Nameable.visit_type_mut(&mut declared);
    if matches!(declared, Type::Infer(_) | Type::Never(_)) {
        return String::new();
    }
    let declared = declared.to_token_stream();
    format!(
        "if let ::core::option::Option::Some(__tuneup_output) = ::core::option::Option::None::<{declared}> {{ return __tuneup_output; }} "
    )
}

/// Replaces what has no name inside of a body by `_`.
struct Nameable;

impl VisitMut for Nameable {
    fn visit_type_mut(&mut self, declared: &mut Type) {
        if let Type::ImplTrait(_) = declared {
            *declared = Type::Infer(syn::TypeInfer {
                attrs: Vec::new(),
                underscore_token: syn::Token![_](Span::call_site()),
            });
        } else {
            visit_mut::visit_type_mut(self, declared);
        }
    }
}
