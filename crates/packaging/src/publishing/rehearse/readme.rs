//! What a README tells its readers to do, and the examples that it shows them.

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};
use toml_edit::{DocumentMut, InlineTable, Item, Table, Value};

/// A README, taken apart.
#[derive(Debug, Default)]
pub(super) struct Readme {
    examples: Vec<Example>,
    /// The arguments of each `cargo add`.
    pub(super) additions: Vec<Vec<String>>,
    /// The arguments of each `cargo install`.
    pub(super) installations: Vec<Vec<String>>,
    /// Manifests that are shown, as far as they have dependencies.
    manifests: Vec<DocumentMut>,
}

/// A block of Rust.
#[derive(Debug)]
struct Example {
    /// Of its first line of code, from 1 on.
    line: usize,
    /// What stands behind the fence.
    info: String,
    code: String,
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

/// Blocks in which commands are looked for; one without a language is as likely to be of these.
const SHELLS: &[&str] = &["", "bash", "console", "sh", "shell", "text", "zsh"];

impl Readme {
    pub(super) fn parse(text: &str) -> Self {
        let mut readme = Self::default();
        let mut block: Option<(String, String, Option<usize>)> = None;
        for (event, range) in Parser::new(text).into_offset_iter() {
            match event {
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                    block = Some((info.into_string(), String::new(), None));
                }
                Event::Text(piece) => {
                    if let Some((_, code, line)) = &mut block {
                        line.get_or_insert_with(|| text[..range.start].matches('\n').count() + 1);
                        code.push_str(&piece);
                    }
                }
                Event::End(TagEnd::CodeBlock) => {
                    if let Some((info, code, Some(line))) = block.take() {
                        readme.take_block(info, code, line);
                    }
                }
                _ => {}
            }
        }
        readme
    }

    fn take_block(&mut self, info: String, code: String, line: usize) {
        let language = info.split([',', ' ', '{']).next().unwrap_or("").trim();
        if is_rust(&info) {
            self.examples.push(Example { line, info, code });
        } else if language == "toml" {
            // A part of something else may be no TOML by itself.
            self.manifests.extend(code.parse::<DocumentMut>().ok());
        } else if SHELLS.contains(&language) {
            self.take_commands(&code);
        }
    }

    fn take_commands(&mut self, code: &str) {
        for line in code.replace("\\\n", " ").lines() {
            let line = line.trim().trim_start_matches("$ ");
            // A line of prose or output may have a quote that is not closed.
            let Some(words) = shlex::split(line) else {
                continue;
            };
            let command: Vec<String> = words
                .into_iter()
                .take_while(|word| !matches!(&word[..], "&&" | "||" | ";" | "|"))
                .collect();
            match &command[..] {
                [cargo, verb, arguments @ ..] if cargo == "cargo" && is_of_registry(arguments) => {
                    match &verb[..] {
                        "add" => self.additions.push(arguments.to_vec()),
                        "install" => self.installations.push(arguments.to_vec()),
                        _ => {}
                    }
                }
                _ => {}
            }
        }
    }

    pub(super) fn has_examples(&self) -> bool {
        !self.examples.is_empty()
    }

    /// Whether some example has this word in its code.
    pub(super) fn mentions(&self, identifier: &str) -> bool {
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        self.examples.iter().any(|example| {
            let mut words = example.code.split(|c| !is_part(c));
            words.any(|word| word == identifier)
        })
    }

    /// A text with the examples alone, each at its line, as rustdoc is to run them.
    pub(super) fn documentation(&self) -> String {
        let mut text = String::new();
        let mut lines = 0;
        for example in &self.examples {
            // The fence is the line before the code.
            let blank = (example.line.saturating_sub(2)).saturating_sub(lines);
            if lines == 0 && blank > 0 {
                // rustdoc takes a blank first line away, and counts one less from there on.
                text += "Examples";
            }
            text += &"\n".repeat(blank);
            // Longer than any fence that an example would have in its comments.
            let piece = format!("``````{}\n{}``````\n", example.info, example.code);
            lines += blank + piece.matches('\n').count();
            text += &piece;
        }
        text
    }

    /// The dependencies of the manifests that are shown, added to one that is there. What is asked for twice gets the features of both.
    pub(super) fn add_dependencies(&self, manifest: &mut DocumentMut) {
        for shown in &self.manifests {
            let tables = ["dependencies", "dev-dependencies"].map(|key| shown.get(key));
            let tables = tables.into_iter().flatten().filter_map(Item::as_table_like);
            for (name, item) in tables.flat_map(|table| table.iter()) {
                if let Some(wanted) = specification(item)
                    && !wanted.contains_key("path")
                    && !wanted.contains_key("git")
                {
                    add_dependency(manifest, name, wanted);
                }
            }
        }
    }
}

fn is_rust(info: &str) -> bool {
    let mut words = info
        .split(|c: char| c == ',' || c.is_whitespace())
        .filter(|word| !word.is_empty());
    let is_rustdoc = |word: &str| {
        RUSTDOC_WORDS.contains(&word)
            || word.starts_with("edition")
            || word.starts_with("ignore-")
            || is_error_code(word)
    };
    let has_rust = words.clone().any(|word| word == "rust");
    // Nothing at all is Rust to rustdoc, but not to the readers of a README.
    has_rust || (words.clone().next().is_some() && words.all(is_rustdoc))
}

/// As behind `compile_fail`.
fn is_error_code(word: &str) -> bool {
    word.strip_prefix('E')
        .is_some_and(|code| code.len() == 4 && code.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether a command is one that a registry has to answer, without placeholders.
fn is_of_registry(arguments: &[String]) -> bool {
    let elsewhere = |word: &String| {
        word.starts_with("--path") || word.starts_with("--git") || word.contains(['<', '>', '…'])
    };
    !arguments.is_empty() && !arguments.iter().any(elsewhere)
}

/// A dependency in its long form. `None` if it is none, or inherited from a workspace that is not there.
fn specification(item: &Item) -> Option<InlineTable> {
    if let Some(version) = item.as_str() {
        return Some(InlineTable::from_iter([("version", version)]));
    }
    let table = item.clone().into_table().ok()?.into_inline_table();
    (!table.contains_key("workspace")).then_some(table)
}

/// Adds a dependency to a manifest; the features, where it is there already.
pub(super) fn add_dependency(manifest: &mut DocumentMut, name: &str, mut wanted: InlineTable) {
    let dependencies = manifest
        .entry("dependencies")
        .or_insert_with(|| Item::Table(Table::new()));
    let there = dependencies.get(name).and_then(specification);
    if let Some(mut there) = there {
        let more = wanted.remove("features");
        let more = more.iter().filter_map(Value::as_array).flatten();
        let features = there.get_or_insert("features", toml_edit::Array::new());
        if let Some(features) = features.as_array_mut() {
            for feature in more.filter_map(Value::as_str) {
                if features.iter().all(|known| known.as_str() != Some(feature)) {
                    features.push(feature);
                }
            }
        }
        wanted = there;
    }
    if let Some(dependencies) = dependencies.as_table_like_mut() {
        dependencies.insert(name, Item::Value(Value::InlineTable(wanted)));
    }
}

#[cfg(test)]
mod tests;
