//! Fenced blocks of READMEs: which are Rust, which are commands, and which are left alone.
//!
//! Whoever obeys a README asks here, so that a block means the same to a rehearsal as to the readiness.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

#[cfg(test)]
mod tests;

/// A fenced block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// What stands behind the fence.
    pub(crate) info: String,
    /// Its lines with their numbers in the file, from 1 on. There is at least one.
    pub(crate) lines: Vec<(usize, String)>,
    /// What a comment before it says: `<!-- not run: it needs a terminal -->`.
    comment: Option<String>,
}

/// What a block is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    /// What rustdoc runs, if it says so: a block that says nothing is Rust to rustdoc, and not to the readers of a README.
    Rust,
    /// Commands, and the program that understands them.
    Shell(&'static str),
    Toml,
    /// It says nothing, or that it is text: commands are as likely as what they print.
    Unnamed,
    Other,
}

/// What rustdoc understands behind a fence, besides `edition…` and `ignore-…`.
const RUSTDOC_WORDS: &[&str] = &[
    "ignore",
    "no_run",
    "should_panic",
    "compile_fail",
    "standalone_crate",
    "test_harness",
];

impl Block {
    /// The line of its first line; the fence is the one before.
    pub(crate) fn line(&self) -> usize {
        self.lines.first().map_or(0, |(line, _)| *line)
    }

    /// Its lines as a text.
    pub(crate) fn code(&self) -> String {
        let lines = self.lines.iter().flat_map(|(_, line)| [line, "\n"]);
        lines.collect()
    }

    pub(crate) fn language(&self) -> Language {
        let mut words = self.words();
        // Nothing at all is left to those below.
        let has_words = words.clone().next().is_some();
        let has_rust = words.clone().any(|word| word == "rust");
        if has_rust || (has_words && words.clone().all(is_of_rustdoc)) {
            return Language::Rust;
        }
        match &words.next().unwrap_or_default().to_lowercase()[..] {
            "" | "text" => Language::Unnamed,
            "sh" | "shell" | "console" | "shell-session" | "shellsession" | "sh-session" => {
                Language::Shell("sh")
            }
            "bash" => Language::Shell("bash"),
            "zsh" => Language::Shell("zsh"),
            "toml" => Language::Toml,
            _ => Language::Other,
        }
    }

    /// Why it is not run: a comment says so, or a word behind the fence. `no_run` is no reason for Rust, which rustdoc compiles then.
    pub(crate) fn not_run(&self) -> Option<String> {
        let is_reason = |word: &&str| match *word {
            "ignore" => true,
            "no_run" => self.language() != Language::Rust,
            _ => false,
        };
        let by_word = self.words().find(is_reason);
        let by_word = by_word.map(|word| format!("its first line says `{word}`"));
        self.comment.clone().or(by_word)
    }

    /// The lines that somebody types. Where lines begin with `$ `, these are the commands, and what stands between them is what they
    /// have printed.
    #[cfg(feature = "registry")]
    pub(crate) fn typed(&self) -> Vec<(usize, String)> {
        if !self.has_prompts() {
            return self.lines.clone();
        }
        let mut typed = Vec::new();
        let mut goes_on = false;
        for (line, text) in &self.lines {
            let command = behind_prompt(text);
            let more = || Some(behind_second_prompt(text)).filter(|_| goes_on);
            if let Some(text) = command.or_else(more) {
                goes_on = text.ends_with('\\');
                typed.push((*line, text.to_owned()));
            }
        }
        typed
    }

    /// Whether what somebody types is behind `$ `.
    pub(crate) fn has_prompts(&self) -> bool {
        let mut lines = self.lines.iter();
        lines.any(|(_, text)| behind_prompt(text).is_some())
    }

    fn words(&self) -> impl Iterator<Item = &str> + Clone {
        let is_between = |c: char| matches!(c, ',' | '{' | '}') || c.is_whitespace();
        let words = self.info.split(is_between);
        words.filter(|word| !word.is_empty())
    }
}

/// The first line of a command, in a block that has prompts.
pub(crate) fn behind_prompt(text: &str) -> Option<&str> {
    text.strip_prefix("$ ")
}

/// A further line of one. Some leave out the `> ` by which shells ask for it.
pub(crate) fn behind_second_prompt(text: &str) -> &str {
    match text {
        ">" => "",
        _ => text.strip_prefix("> ").unwrap_or(text),
    }
}

/// A `cargo add` or `cargo install`, by its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Acquisition {
    Addition(Vec<String>),
    Installation(Vec<String>),
}

/// What a line of commands adds and installs. Variables and a toolchain may stand before it, and other commands around it. A line of prose or output, which
/// may have a quote that is not closed, has none.
pub(crate) fn acquisitions(line: &str) -> Vec<Acquisition> {
    // Lines that go on would leave an empty word.
    let words = shlex::split(&line.replace("\\\n", " ")).unwrap_or_default();
    let commands = words.split(|word| matches!(&word[..], "&&" | "||" | ";" | "|"));
    commands.filter_map(acquisition).collect()
}

fn acquisition(words: &[String]) -> Option<Acquisition> {
    let is_variable = |word: &&String| {
        let name = word.split_once('=').map_or("", |(name, _)| name);
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    };
    let before = words.iter().take_while(is_variable).count();
    let rest = words[before..].strip_prefix(&["cargo".to_owned()])?;
    let rest = match rest {
        [toolchain, rest @ ..] if toolchain.starts_with('+') => rest,
        _ => rest,
    };
    let (verb, arguments) = rest.split_first()?;
    match &verb[..] {
        "add" => Some(Acquisition::Addition(arguments.to_vec())),
        "install" => Some(Acquisition::Installation(arguments.to_vec())),
        _ => None,
    }
}

/// All fenced blocks that are not empty, in their order.
pub(crate) fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    let mut comment = None;
    let mut html = String::new();
    for (event, range) in Parser::new(text).into_offset_iter() {
        match event {
            Event::Start(Tag::HtmlBlock) => html.clear(),
            // A line of it.
            Event::Html(line) => html += &line,
            Event::End(TagEnd::HtmlBlock) => comment = reason(&html).or(comment),
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                open = Some(Block {
                    info: info.into_string(),
                    lines: Vec::new(),
                    comment: comment.take(),
                });
            }
            Event::Text(_) => {
                if let Some(block) = &mut open {
                    add(&mut block.lines, text, range);
                }
            }
            Event::End(TagEnd::CodeBlock) => {
                blocks.extend(open.take().filter(|block| !block.lines.is_empty()));
            }
            // A comment is about what follows at once.
            Event::Start(_) => comment = None,
            _ => {}
        }
    }
    blocks
}

/// What the last comment in a piece of HTML gives as the reason.
fn reason(html: &str) -> Option<String> {
    let comments = html.split("<!--").skip(1);
    let comments = comments.filter_map(|rest| Some(rest.split_once("-->")?.0));
    let reasons = comments.filter_map(|comment| comment.trim().strip_prefix("not run:"));
    // Reports have a line for it, however many it has here.
    let words: Vec<&str> = reasons.last()?.split_whitespace().collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// A text event is a line, a part of one, or several: in a list without what they are indented by, and with Windows' line ends in parts.
fn add(lines: &mut Vec<(usize, String)>, text: &str, range: Range<usize>) {
    let first = text[..range.start].matches('\n').count() + 1;
    for (index, part) in text[range].lines().enumerate() {
        match lines.last_mut() {
            Some((line, known)) if *line == first + index => known.push_str(part),
            _ => lines.push((first + index, part.to_owned())),
        }
    }
}

/// A text with these blocks alone, each at its line, as rustdoc is to run them: it would take others for Rust that readers do not.
pub(crate) fn documentation<'a>(examples: impl Iterator<Item = &'a Block>) -> String {
    let mut text = String::new();
    let mut lines = 0;
    for example in examples {
        // The fence is the line before the code.
        let blank = (example.line().saturating_sub(2)).saturating_sub(lines);
        if lines == 0 && blank > 0 {
            // rustdoc takes a blank first line away, and counts one less from there on.
            text += "Examples";
        }
        text += &"\n".repeat(blank);
        // Longer than any fence that an example would have in its comments.
        let piece = format!("``````{}\n{}``````\n", example.info, example.code());
        lines += blank + piece.matches('\n').count();
        text += &piece;
    }
    text
}

fn is_of_rustdoc(word: &str) -> bool {
    // As behind `compile_fail`.
    let is_error_code = |code: &str| code.len() == 4 && code.bytes().all(|b| b.is_ascii_digit());
    RUSTDOC_WORDS.contains(&word)
        || word.starts_with("edition")
        || word.starts_with("ignore-")
        || word.strip_prefix('E').is_some_and(is_error_code)
}
