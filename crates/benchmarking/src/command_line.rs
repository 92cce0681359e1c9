//! A command as somebody types it.

use std::{fmt, process::Command};

use crate::Error;

#[cfg(test)]
mod tests;

/// A program and its arguments, from one text.
///
/// ```
/// use tuneup_benchmarking::CommandLine;
///
/// let plain = CommandLine::parse("grep -c 'two words' notes.txt")?;
/// assert!(!plain.uses_shell());
/// assert!(CommandLine::parse("sort notes.txt | head -1")?.uses_shell());
/// # Ok::<(), tuneup_benchmarking::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandLine {
    text: String,
    /// The program first; none if a shell reads the text.
    words: Option<Vec<String>>,
}

impl CommandLine {
    /// Reads a command with the quotes and backslashes of a POSIX shell. Where the text asks for something that only a shell does (pipes, redirections, variables,
    /// patterns, several commands), `sh -c` runs it, or `cmd /C` on Windows: about a millisecond more in each run.
    ///
    /// # Errors
    /// [`Error::CommandLine`] if there is no word in it, or a quote is not closed.
    ///
    /// ```
    /// use tuneup_benchmarking::{CommandLine, Error};
    ///
    /// assert!(matches!(CommandLine::parse("echo 'open"), Err(Error::CommandLine { .. })));
    /// ```
    pub fn parse(text: &str) -> Result<Self, Error> {
        let error = |reason| Error::CommandLine {
            text: text.to_owned(),
            reason,
        };
        let words = if needs_shell(text) {
            None
        } else {
            Some(shlex::split(text).ok_or_else(|| error("a quote is not closed"))?)
        };
        if text.trim().is_empty() || words.as_ref().is_some_and(Vec::is_empty) {
            return Err(error("it names no program"));
        }
        Ok(Self {
            text: text.to_owned(),
            words,
        })
    }

    /// As it was written.
    ///
    /// ```
    /// let command = tuneup_benchmarking::CommandLine::parse("ls -l")?;
    /// assert_eq!(command.text(), "ls -l");
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether a shell reads it.
    ///
    /// ```
    /// let command = tuneup_benchmarking::CommandLine::parse("echo $HOME")?;
    /// assert!(command.uses_shell());
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    #[must_use]
    pub fn uses_shell(&self) -> bool {
        self.words.is_none()
    }

    /// To be started.
    pub(crate) fn command(&self) -> Command {
        let Some(words) = &self.words else {
            let (shell, flag) = if cfg!(windows) {
                ("cmd", "/C")
            } else {
                ("sh", "-c")
            };
            let mut command = Command::new(shell);
            command.args([flag, &self.text]);
            return command;
        };
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]);
        command
    }
}

impl fmt::Display for CommandLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Whether something stands outside of quotes, or in double ones, that a shell would do something about.
fn needs_shell(text: &str) -> bool {
    let mut quote = None;
    let mut begins_word = true;
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        match (quote, char) {
            (Some(open), char) if char == open => quote = None,
            (Some('\''), _) => {}
            (_, '\\') => {
                chars.next();
            }
            (_, '$' | '`') => return true,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(char),
            (None, '|' | '&' | ';' | '<' | '>' | '(' | ')' | '*' | '?' | '[' | '\n') => {
                return true;
            }
            (None, '~' | '#' | '!') if begins_word => return true,
            _ => {}
        }
        begins_word = quote.is_none() && char.is_whitespace();
    }
    assigns_variable(text)
}

/// Whether the first word is `NAME=value`.
fn assigns_variable(text: &str) -> bool {
    let name = text.trim_start().split('=').next().unwrap_or_default();
    let is_name = |char: char| char.is_ascii_alphanumeric() || char == '_';
    name.len() < text.trim_start().len()
        && name.starts_with(|char: char| char.is_ascii_alphabetic() || char == '_')
        && name.chars().all(is_name)
}
