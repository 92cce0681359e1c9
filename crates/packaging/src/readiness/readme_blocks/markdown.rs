//! Fenced blocks of Markdown.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

#[cfg(test)]
mod tests;

/// A fenced block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Block {
    /// The first word behind the fence, in lower case.
    pub(super) language: String,
    /// The other words.
    pub(super) words: Vec<String>,
    /// Its lines with their numbers in the file, from 1 on.
    pub(super) lines: Vec<(usize, String)>,
    /// What a comment before it says: `<!-- not run: it needs a terminal -->`.
    pub(super) not_run: Option<String>,
}

impl Block {
    /// The line of its first line.
    pub(super) fn line(&self) -> usize {
        self.lines.first().map_or(0, |(line, _)| *line)
    }

    /// Why somebody does not want it to run.
    pub(super) fn reason(&self) -> Option<String> {
        let word = self
            .words
            .iter()
            .find(|word| matches!(&word[..], "ignore" | "no_run"));
        let by_word = word.map(|word| format!("its first line says `{word}`"));
        self.not_run.clone().or(by_word)
    }
}

/// All fenced blocks that are not empty, in their order.
pub(super) fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    let mut not_run = None;
    for (event, range) in Parser::new(text).into_offset_iter() {
        match event {
            Event::Html(comment) => not_run = reason(&comment).or(not_run),
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                open = Some(begun(&info, not_run.take()));
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
            Event::Start(tag) if !matches!(tag, Tag::HtmlBlock) => not_run = None,
            _ => {}
        }
    }
    blocks
}

fn begun(info: &str, not_run: Option<String>) -> Block {
    let words = info.split([' ', ',', '\t', '{', '}']);
    let mut words = words.filter(|word| !word.is_empty()).map(str::to_lowercase);
    Block {
        language: words.next().unwrap_or_default(),
        words: words.collect(),
        lines: Vec::new(),
        not_run,
    }
}

fn reason(comment: &str) -> Option<String> {
    let comment = comment.trim().strip_prefix("<!--")?.strip_suffix("-->")?;
    let reason = comment.trim().strip_prefix("not run:")?.trim();
    (!reason.is_empty()).then(|| reason.to_owned())
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
