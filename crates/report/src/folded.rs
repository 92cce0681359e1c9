//! One line for each stack, as flame graph tools read it: `main;parse;next 1234`.

use std::fmt::Write as _;

/// Stacks and their weights as text, for inferno, speedscope and whatever else draws flame graphs.
///
/// ```
/// use tuneup_report::FoldedStacks;
///
/// let mut stacks = FoldedStacks::new();
/// stacks.push(["main", "parse"], 1234);
/// assert_eq!(stacks.as_str(), "main;parse 1234\n");
/// ```
#[derive(Debug, Clone, Default)]
pub struct FoldedStacks {
    text: String,
}

impl FoldedStacks {
    /// No stacks yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a stack, its outermost function first. What would end a name or a line is replaced.
    pub fn push<S: AsRef<str>>(&mut self, stack: impl IntoIterator<Item = S>, weight: u64) {
        for (place, name) in stack.into_iter().enumerate() {
            if place > 0 {
                self.text.push(';');
            }
            push_name(&mut self.text, name.as_ref());
        }
        // Writing to memory does not fail.
        let _ = writeln!(self.text, " {weight}");
    }

    /// The lines.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl From<FoldedStacks> for String {
    fn from(stacks: FoldedStacks) -> Self {
        stacks.text
    }
}

/// A name without what ends a name or a line. A space is no such thing: the number is what follows the last one.
fn push_name(text: &mut String, name: &str) {
    let name = name.trim();
    match name.chars().next() {
        None => text.push_str("(unnamed)"),
        // A line that begins with it is a comment to some readers.
        Some('#') => text.push('\\'),
        Some(_) => {}
    }
    text.extend(name.chars().map(|char| match char {
        ';' => ':',
        char if char.is_control() || matches!(char, '\u{2028}' | '\u{2029}') => ' ',
        char => char,
    }));
}
