//! What a README tells its readers to do, and the examples that it shows them.

use toml_edit::{DocumentMut, InlineTable, Item, Table, Value};

use crate::fenced_blocks::{self, Acquisition, Block, Language};

/// A README, taken apart.
#[derive(Debug, Default)]
pub(super) struct Readme {
    /// Blocks of Rust.
    examples: Vec<Block>,
    /// The arguments of each `cargo add`.
    pub(super) additions: Vec<Vec<String>>,
    /// The arguments of each `cargo install`.
    pub(super) installations: Vec<Vec<String>>,
    /// Manifests that are shown, as far as they have dependencies.
    manifests: Vec<DocumentMut>,
}

impl Readme {
    /// What its blocks say, but for those that are not to be run.
    pub(super) fn parse(text: &str) -> Self {
        let mut readme = Self::default();
        let blocks = fenced_blocks::blocks(text).into_iter();
        for block in blocks.filter(|block| block.not_run().is_none()) {
            match block.language() {
                Language::Rust => readme.examples.push(block),
                // A part of something else may be no TOML by itself.
                Language::Toml => readme.manifests.extend(block.code().parse().ok()),
                Language::Shell(_) | Language::Unnamed => readme.take_commands(&block),
                Language::Other => {}
            }
        }
        readme
    }

    fn take_commands(&mut self, block: &Block) {
        let lines = block.typed().into_iter().map(|(_, line)| line + "\n");
        for line in lines.collect::<String>().replace("\\\n", " ").lines() {
            for acquisition in fenced_blocks::acquisitions(line) {
                let (taken, arguments) = match acquisition {
                    Acquisition::Addition(arguments) => (&mut self.additions, arguments),
                    Acquisition::Installation(arguments) => (&mut self.installations, arguments),
                };
                if is_of_registry(&arguments) {
                    taken.push(arguments);
                }
            }
        }
    }

    pub(super) fn has_examples(&self) -> bool {
        !self.examples.is_empty()
    }

    /// Whether some example has this word in its code.
    pub(super) fn mentions(&self, identifier: &str) -> bool {
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        let mut lines = self.examples.iter().flat_map(|example| &example.lines);
        lines.any(|(_, line)| {
            let mut words = line.split(|c| !is_part(c));
            words.any(|word| word == identifier)
        })
    }

    /// A text with the examples alone, each at its line, as rustdoc is to run them.
    pub(super) fn documentation(&self) -> String {
        fenced_blocks::documentation(self.examples.iter())
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
