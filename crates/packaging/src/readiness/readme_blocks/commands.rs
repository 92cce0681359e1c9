//! The commands of a block of shell, as somebody would type them one after the other.

use std::process::Command;

use crate::{
    Error, Runner,
    fenced_blocks::{Block, behind_prompt, behind_second_prompt},
    runner::outcome,
};

#[cfg(test)]
mod tests;

/// A command, which may have several lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ShellCommand {
    /// Where it begins in the file.
    pub(super) line: usize,
    pub(super) text: String,
}

/// Takes a block apart.
pub(super) fn commands(
    block: &Block,
    shell: &str,
    runner: &dyn Runner,
) -> Result<Vec<ShellCommand>, Error> {
    let has_prompts = block.has_prompts();
    let first_line = |text| match has_prompts {
        true => behind_prompt(text),
        false => Some(text),
    };
    let mut commands = Vec::new();
    let mut lines = block.lines.iter().peekable();
    while let Some((line, text)) = lines.next() {
        let text = first_line(text).unwrap_or_default();
        if text.trim().is_empty() || text.trim_start().starts_with('#') {
            continue;
        }
        let mut text = text.to_owned();
        // A shell knows best what belongs to a command: between prompts may be what it prints.
        while !is_complete(&text, shell, runner)? {
            let more = lines.next_if(|(_, more)| !has_prompts || behind_prompt(more).is_none());
            match more {
                Some((_, more)) if has_prompts => {
                    text = format!("{text}\n{}", behind_second_prompt(more));
                }
                Some((_, more)) => text = format!("{text}\n{more}"),
                // The shell itself says what is missing, when the command is run.
                None => break,
            }
        }
        commands.push(ShellCommand { line: *line, text });
    }
    Ok(commands)
}

fn is_complete(text: &str, shell: &str, runner: &dyn Runner) -> Result<bool, Error> {
    if text.ends_with('\\') || here_document_is_open(text) {
        return Ok(false);
    }
    let mut command = Command::new(shell);
    command.args(["-n", "-c", text]);
    Ok(outcome(runner, &mut command)?.status.success())
}

/// Whether the text of a `<<WORD` has not come to its end; shells take the end of the file for it.
fn here_document_is_open(text: &str) -> bool {
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some((_, rest)) = line
            .split_once("<<")
            .filter(|(_, rest)| !rest.starts_with('<'))
        else {
            continue;
        };
        let rest = rest.trim_start_matches('-').trim_start();
        let word: String = rest
            .trim_start_matches(['\'', '"', '\\'])
            .chars()
            .take_while(|char| char.is_alphanumeric() || *char == '_')
            .collect();
        if word.is_empty() || word.starts_with(|char: char| char.is_ascii_digit()) {
            continue;
        }
        if !lines.any(|line| line.trim_start_matches('\t') == word) {
            return true;
        }
    }
    false
}
