//! From the text of a source file to one whose global allocators are in ours. Nothing moves to another line.
//!
//! It works on tokens, not on items: so it finds allocators inside of macros, too.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::ATTRIBUTE;

#[cfg(test)]
mod tests;

/// What is put in, and before which byte.
type Edit = (usize, &'static str);

/// With the type and the value of each global allocator wrapped; `None` if there is none, or if the text is no Rust.
pub(super) fn wrap_allocators(text: &str) -> Option<String> {
    let (unseen, tokens) = tokens_of(text)?;
    let mut edits = Vec::new();
    look(tokens, &mut edits);
    if edits.is_empty() {
        return None;
    }
    edits.sort_by_key(|(at, _)| *at);
    let mut wrapped = String::with_capacity(text.len() + 80 * edits.len());
    let mut from = 0;
    for (at, edit) in edits {
        let at = at + unseen;
        wrapped.push_str(&text[from..at]);
        wrapped.push_str(edit);
        from = at;
    }
    wrapped.push_str(&text[from..]);
    Some(wrapped)
}

/// With something before the first item; `None` if the text is no Rust, or without the standard library.
pub(super) fn put_first(text: &str, first: &str) -> Option<String> {
    let (unseen, tokens) = tokens_of(text)?;
    let seen = &text[unseen..];
    let mut end = 0;
    // To the end of its line goes a comment, and what is there for the shell.
    let mut takes_line = text[..unseen].contains('!');
    let mut tokens = tokens.into_iter();
    // Attributes of the whole file, and comments that are.
    while let (Some(hash), Some(not), Some(attribute)) =
        (tokens.next(), tokens.next(), tokens.next())
        && is_punct(&hash, '#')
        && is_punct(&not, '!')
    {
        if attribute.to_string().starts_with("[no_std") {
            return None;
        }
        let bytes = attribute.span().byte_range();
        takes_line = seen[bytes.clone()].starts_with("//");
        end = bytes.end;
    }
    let at = match seen[end..].find('\n') {
        Some(line_end) if takes_line => unseen + end + line_end + 1,
        _ => unseen + end,
    };
    let (before, behind) = text.split_at(at);
    Some(format!("{before}{first}{behind}"))
}

/// The tokens of a file, and how many bytes of it are none: a byte order mark, and a line for the shell.
fn tokens_of(text: &str) -> Option<(usize, TokenStream)> {
    let mark = match text.starts_with('\u{feff}') {
        true => '\u{feff}'.len_utf8(),
        false => 0,
    };
    let rest = &text[mark..];
    let has_shell = rest.starts_with("#!") && !rest[2..].trim_start().starts_with('[');
    let shell = match has_shell {
        true => rest.find('\n').unwrap_or(rest.len()),
        false => 0,
    };
    let tokens = rest[shell..].parse().ok()?;
    Some((mark + shell, tokens))
}

/// Looks through a group and all that are in it.
fn look(tokens: TokenStream, edits: &mut Vec<Edit>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (place, token) in tokens.iter().enumerate() {
        let TokenTree::Group(group) = token else {
            continue;
        };
        let is_attribute = place > 0 && is_punct(&tokens[place - 1], '#');
        if !is_attribute {
            look(group.stream(), edits);
        } else if group.delimiter() == Delimiter::Bracket && names_it(group.stream()) {
            wrap_static(&tokens[place + 1..], edits);
        }
    }
}

/// Whether an attribute is the one, be it under a `cfg_attr`.
fn names_it(attribute: TokenStream) -> bool {
    attribute.into_iter().any(|token| match token {
        TokenTree::Ident(word) => word == ATTRIBUTE,
        TokenTree::Group(group) => names_it(group.stream()),
        _ => false,
    })
}

/// Of `… static NAME: TYPE = VALUE;`.
fn wrap_static(tokens: &[TokenTree], edits: &mut Vec<Edit>) -> Option<()> {
    let first = |wanted: char| {
        move |tokens: &[TokenTree]| tokens.iter().position(|token| is_punct(token, wanted))
    };
    let is_static = |token: &TokenTree| matches!(token, TokenTree::Ident(word) if word == "static");
    let item = &tokens[tokens.iter().position(is_static)?..];
    let end = first(';')(item)?;
    let colon = first(':')(&item[..end])?;
    let equals = colon + first('=')(&item[colon..end])?;
    wrap(
        &item[colon + 1..equals],
        ["::tuneup_runtime::Tracked<", ">"],
        edits,
    )?;
    wrap(
        &item[equals + 1..end],
        ["::tuneup_runtime::Tracked::new(", ")"],
        edits,
    )
}

fn wrap(tokens: &[TokenTree], around: [&'static str; 2], edits: &mut Vec<Edit>) -> Option<()> {
    let begin = tokens.first()?.span().byte_range().start;
    let end = tokens.last()?.span().byte_range().end;
    edits.extend([(begin, around[0]), (end, around[1])]);
    Some(())
}

fn is_punct(token: &TokenTree, wanted: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == wanted)
}
