//! Keeps secrets out of what is told of other programs' output.

use std::borrow::Cow;

/// Stands in the place of a secret.
const MASK: &str = "[hidden]";

/// Words that a secret comes after, in lower case.
const MARKS: &[&str] = &["bearer", "password", "passwd", "secret", "token"];

/// What begins a token of some service, by itself.
const PREFIXES: &[&str] = &[
    "cio",
    "ghp_",
    "ghs_",
    "gho_",
    "github_pat_",
    "glpat-",
    "pypi-",
];

/// A word that has one of these beginnings and is shorter is a word.
const SHORTEST: usize = 20;

/// A text without what looks like a secret: values behind words such as `token = `, headers that let somebody in, tokens whose form is known, and
/// passwords in addresses. Too much is taken out rather than too little; a value is one word, or the rest of the line for a header.
pub(crate) fn redact(text: &str) -> String {
    let mut redacted = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let line = hide_header(line);
        let mut next = Next::Plain;
        for word in line.split_inclusive(char::is_whitespace) {
            let (kept, after) = redact_word(word, next);
            redacted.push_str(&kept);
            next = after;
        }
    }
    redacted
}

/// What the next word of a line is taken for.
#[derive(Clone, Copy, PartialEq)]
enum Next {
    Plain,
    /// A sign after which there is a secret, as in `token = "x"`; a word of a sentence otherwise.
    Sign,
    Secret,
}

/// Everything behind the name of the header that lets somebody in.
fn hide_header(line: &str) -> Cow<'_, str> {
    let lower = line.to_ascii_lowercase();
    match lower.find("authorization:") {
        None => Cow::Borrowed(line),
        Some(at) => {
            let end = if line.ends_with('\n') { "\n" } else { "" };
            let kept = &line[..at + "authorization:".len()];
            Cow::Owned(format!("{kept} {MASK}{end}"))
        }
    }
}

/// The word, or what is left of it, and what the next one is taken for.
fn redact_word(word: &str, taken_for: Next) -> (Cow<'_, str>, Next) {
    let bare = word.trim_end();
    let space = &word[bare.len()..];
    if bare.is_empty() {
        return (Cow::Borrowed(word), taken_for);
    }
    if taken_for != Next::Plain && matches!(bare, "=" | ":") {
        return (Cow::Borrowed(word), Next::Secret);
    }
    if taken_for == Next::Secret || is_token(bare) {
        return (Cow::Owned(format!("{MASK}{space}")), Next::Plain);
    }
    if let Some(hidden) = hide_password(bare) {
        return (Cow::Owned(hidden + space), Next::Plain);
    }
    let lower = bare.to_ascii_lowercase();
    if !MARKS.iter().any(|mark| lower.contains(mark)) {
        return (Cow::Borrowed(word), Next::Plain);
    }
    match bare.find(['=', ':']) {
        Some(at) if at + 1 < bare.len() => {
            let hidden = format!("{}{MASK}{space}", &bare[..=at]);
            (Cow::Owned(hidden), Next::Plain)
        }
        Some(_) => (Cow::Borrowed(word), Next::Secret),
        None if bare.starts_with("--") || lower == "bearer" => (Cow::Borrowed(word), Next::Secret),
        None => (Cow::Borrowed(word), Next::Sign),
    }
}

fn is_token(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    word.len() >= SHORTEST
        && PREFIXES.iter().any(|prefix| word.starts_with(prefix))
        && word
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

/// An address with a user and a password in it, without them.
fn hide_password(word: &str) -> Option<String> {
    let (scheme, rest) = word.split_once("://")?;
    let host = rest.split('/').next()?;
    let (user, _) = host.rsplit_once('@')?;
    Some(format!("{scheme}://{MASK}{}", &rest[user.len()..]))
}

#[cfg(test)]
mod tests;
