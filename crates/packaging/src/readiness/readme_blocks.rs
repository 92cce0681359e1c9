//! What READMEs tell people to type, typed.

mod commands;
mod examples;

use std::{
    borrow::Cow,
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

use serde::{Deserialize, Serialize};

use crate::{
    Error, Runner, Workspace,
    fenced_blocks::{self, Acquisition, Block, Language},
    readiness::{
        paths::{normal, real},
        scratch::Scratch,
    },
    runner::{outcome, without_redirections},
};
use commands::ShellCommand;
use examples::Examples;

/// So many lines of what a broken command has said are kept: its last ones.
const SAID_LINES: usize = 8;

/// What stands in a report for a command where there is none.
const RUST: &str = "a block of Rust";

/// What [`run_readme_blocks`] is to run.
///
/// ```
/// use std::path::Path;
/// use tuneup_packaging::{ReadmeOptions, System, Workspace};
///
/// let workspace = Workspace::load(Path::new("."), &System)?;
/// let options = ReadmeOptions::new(&workspace).skip("cargo run --example forever", "it runs until it is stopped");
/// assert!(options.files.iter().any(|file| file.ends_with("README.md")));
/// # Ok::<(), tuneup_packaging::Error>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ReadmeOptions {
    /// The files, from the root of the workspace on.
    pub files: Vec<PathBuf>,
    /// The beginnings of commands that are not run, and why.
    pub skipped: Vec<(String, String)>,
    /// Variables that commands find in their environment, beside those of this process.
    pub environment: Vec<(String, String)>,
    /// Where the clone lies, and what is built of it.
    pub scratch: PathBuf,
}

impl ReadmeOptions {
    /// The README of the workspace and those that its published packages name, in a folder beside what Cargo builds.
    ///
    /// ```
    /// # use std::path::Path;
    /// # use tuneup_packaging::{ReadmeOptions, System, Workspace};
    /// # let workspace = Workspace::load(Path::new("."), &System)?;
    /// let options = ReadmeOptions::new(&workspace);
    /// assert!(!options.files.is_empty() && options.skipped.is_empty());
    /// # Ok::<(), tuneup_packaging::Error>(())
    /// ```
    #[must_use]
    pub fn new(workspace: &Workspace) -> Self {
        let published = workspace.published();
        let named = published.filter_map(|member| member.readme.clone());
        let files = named.chain([workspace.root.join("README.md")]);
        let files = files
            .map(|file| normal(&file))
            .filter(|file| file.is_file());
        let mut files: Vec<PathBuf> = files
            .filter_map(|file| file.strip_prefix(&workspace.root).ok().map(Path::to_owned))
            .collect();
        let place = |file: &PathBuf| workspace.root.join(file);
        // Of links and of what they lead to, that alone is read.
        files.sort_by_cached_key(|file| (place(file).is_symlink(), file.clone()));
        let mut known = BTreeSet::new();
        files.retain(|file| known.insert(real(&place(file))));
        files.sort();
        Self {
            files,
            skipped: Vec::new(),
            environment: Vec::new(),
            scratch: workspace.target.join("tuneup/readiness"),
        }
    }

    /// Does not run commands that begin like this.
    ///
    /// ```
    /// # use std::path::Path;
    /// # use tuneup_packaging::{ReadmeOptions, System, Workspace};
    /// # let workspace = Workspace::load(Path::new("."), &System)?;
    /// let options = ReadmeOptions::new(&workspace).skip("docker run", "no containers here");
    /// assert_eq!(options.skipped[0].0, "docker run");
    /// # Ok::<(), tuneup_packaging::Error>(())
    /// ```
    #[must_use]
    pub fn skip(mut self, begin: impl Into<String>, reason: impl Into<String>) -> Self {
        self.skipped.push((begin.into(), reason.into()));
        self
    }

    /// Gives commands a variable of the environment.
    ///
    /// ```
    /// # use std::path::Path;
    /// # use tuneup_packaging::{ReadmeOptions, System, Workspace};
    /// # let workspace = Workspace::load(Path::new("."), &System)?;
    /// // What `cargo install` and `cargo run --release` build is built sooner, and does the same.
    /// let options = ReadmeOptions::new(&workspace).env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0");
    /// assert_eq!(options.environment[0].1, "0");
    /// # Ok::<(), tuneup_packaging::Error>(())
    /// ```
    #[must_use]
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }
}

/// What [`run_readme_blocks`] has run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ReadmeReport {
    /// The files that were read.
    pub files: Vec<String>,
    /// Commands that were run.
    pub commands: u64,
    /// Examples in Rust that were run.
    pub examples: u64,
    /// What does not work.
    pub failed: Vec<FailedBlock>,
    /// What was not run, as `README.md:7: command: reason`.
    pub skipped: Vec<String>,
}

/// A command or an example that does not work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FailedBlock {
    /// From the root of the workspace on.
    pub file: String,
    /// From 1 on.
    pub line: usize,
    /// What was run.
    pub command: String,
    /// The end of what it has said.
    pub said: String,
}

impl FailedBlock {
    /// The place and the command in a line, and below it what was said.
    #[must_use]
    pub fn text(&self) -> String {
        let Self {
            file,
            line,
            command,
            said,
        } = self;
        let command = command.lines().next().unwrap_or_default();
        format!("{file}:{line}: {command}\n{said}")
            .trim_end()
            .to_owned()
    }
}

/// Runs the blocks of READMEs, in a clone of what is committed.
///
/// - Blocks of `sh`, `shell`, `console`, `bash` and `zsh` are run by a shell each, at the root of the clone; the first command that fails
///   ends its block. Where lines begin with `$ `, the others are what the commands print. What `cargo install` installs goes to the
///   scratch folder, and is found there by later commands. Nothing else is kept from the commands: they do what they say.
/// - Blocks of `rust`, and those that say nothing but words of rustdoc, such as `compile_fail`, are run as documentation tests of the crate
///   that includes the file. A README that no documentation includes is added, in the clone, to that of the library beside it.
/// - Not run, and listed, are blocks that follow `<!-- not run: reason -->`; those that say `ignore`; commands that say `no_run`, whereas Rust
///   that says so is compiled; what the options name; and `cargo add` and `cargo install` of the workspace's own packages, which are
///   not published yet.
///
/// Other blocks are for readers alone, those without a language among them. A rehearsal reads a README by the same rules.
///
/// Takes as long as the commands do. What was built is kept in the scratch folder for the next time.
///
/// # Errors
///
/// There is no repository; Git, Cargo or a shell cannot be started; the scratch folder cannot be written; the time is over.
///
/// ```no_run
/// use std::path::Path;
/// use tuneup_packaging::{ReadmeOptions, System, Workspace, run_readme_blocks};
///
/// let workspace = Workspace::load(Path::new("."), &System)?;
/// let report = run_readme_blocks(&workspace, &ReadmeOptions::new(&workspace), &System)?;
/// for failed in &report.failed {
///     println!("{}", failed.text());
/// }
/// # Ok::<(), tuneup_packaging::Error>(())
/// ```
pub fn run_readme_blocks(
    workspace: &Workspace,
    options: &ReadmeOptions,
    runner: &dyn Runner,
) -> Result<ReadmeReport, Error> {
    let scratch = Scratch::open(&options.scratch)?;
    let root = scratch.clone_of(&workspace.root, runner)?;
    let target = scratch.target();
    link_target(&root, &target)?;
    let shell = Shell {
        root: &root,
        target: &target,
        installed: scratch.emptied("installed")?,
        environment: &options.environment,
        mark: options.scratch.join("line"),
        runner,
    };
    let mut report = ReadmeReport::default();
    let mut examples = None;
    for file in &options.files {
        let path = root.join(file);
        let bytes = fs::read(&path).map_err(Error::file("read", &path))?;
        let name = file.to_string_lossy().replace('\\', "/");
        let mut rust = Vec::new();
        for block in fenced_blocks::blocks(&String::from_utf8_lossy(&bytes)) {
            match block.language() {
                Language::Shell(program) => {
                    shell.run(program, &name, &block, workspace, options, &mut report)?;
                }
                Language::Rust => rust.push(block),
                _ => {}
            }
        }
        if rust.iter().any(|block| block.not_run().is_none()) {
            let examples = match &mut examples {
                Some(examples) => examples,
                none => none.insert(Examples::read(&root, &target, runner)?),
            };
            examples.run(&name, &rust, &mut report)?;
        }
        let left_out = rust
            .iter()
            .filter_map(|block| Some((block.line(), block.not_run()?)));
        let left_out = left_out.map(|(line, reason)| format!("{name}:{line}: {RUST}: {reason}"));
        report.skipped.extend(left_out);
        report.files.push(name);
    }
    Ok(report)
}

/// Commands may name `target/release/…`, so that the folder has to be where they expect it.
#[cfg(unix)]
fn link_target(root: &Path, target: &Path) -> Result<(), Error> {
    fs::create_dir_all(target).map_err(Error::file("make", target))?;
    let link = root.join("target");
    std::os::unix::fs::symlink(target, &link).map_err(Error::file("make", link))
}

#[cfg(not(unix))]
fn link_target(_: &Path, target: &Path) -> Result<(), Error> {
    fs::create_dir_all(target).map_err(Error::file("make", target))
}

/// What runs commands in the clone.
struct Shell<'a> {
    root: &'a Path,
    target: &'a Path,
    installed: PathBuf,
    environment: &'a [(String, String)],
    /// The file that a script writes the line of each command to before it runs it.
    mark: PathBuf,
    runner: &'a dyn Runner,
}

impl Shell<'_> {
    fn run(
        &self,
        shell: &str,
        name: &str,
        block: &Block,
        workspace: &Workspace,
        options: &ReadmeOptions,
        report: &mut ReadmeReport,
    ) -> Result<(), Error> {
        let mut wanted = Vec::new();
        for command in commands::commands(block, shell, self.runner)? {
            let first = command.text.lines().next().unwrap_or_default();
            match block
                .not_run()
                .or_else(|| reason(&command.text, workspace, options))
            {
                Some(reason) => report
                    .skipped
                    .push(format!("{name}:{}: {first}: {reason}", command.line)),
                None => wanted.push(command),
            }
        }
        if wanted.is_empty() {
            return Ok(());
        }
        // What a block before has left would name a line of that one, where nothing has failed.
        match fs::remove_file(&self.mark) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Error::file("remove", &self.mark)(error));
            }
            _ => {}
        }
        let output = outcome(self.runner, &mut self.script(shell, &wanted))?;
        let last = fs::read_to_string(&self.mark)
            .ok()
            .and_then(|line| line.trim().parse().ok());
        let last = last.unwrap_or(wanted[0].line);
        let ran = wanted.iter().take_while(|command| command.line <= last);
        report.commands += ran.count() as u64;
        let broken = wanted.iter().find(|command| command.line == last);
        if let Some(command) = broken.filter(|_| !output.status.success()) {
            let said = [&output.stdout[..], &output.stderr[..]].concat();
            let said = last_lines(&String::from_utf8_lossy(&said));
            report.failed.push(FailedBlock {
                file: name.to_owned(),
                line: command.line,
                command: command.text.clone(),
                said: format!("{said}\n({})", output.status)
                    .trim_start()
                    .to_owned(),
            });
        }
        Ok(())
    }

    fn script(&self, shell: &str, wanted: &[ShellCommand]) -> Command {
        let mark = quoted(&self.mark);
        let programs = quoted(&self.installed.join("bin"));
        let mut script = format!("set -e\nPATH={programs}:$PATH\n");
        for ShellCommand { line, text } in wanted {
            script += &format!("echo {line} >{mark}\n{text}\n");
        }
        let mut command = Command::new(shell);
        command
            .args(["-c", &script])
            .current_dir(self.root)
            .env("CARGO_INSTALL_ROOT", &self.installed)
            .env("CARGO_TERM_COLOR", "never")
            .envs(self.environment.iter().map(|(name, value)| (name, value)));
        without_redirections(&mut command);
        match cfg!(unix) {
            true => command.env_remove("CARGO_TARGET_DIR"),
            false => command.env("CARGO_TARGET_DIR", self.target),
        };
        command
    }
}

/// A path as a word of a script.
fn quoted(path: &Path) -> String {
    let path = path.to_string_lossy();
    shlex::try_quote(&path).map_or_else(|_| path.to_string(), Cow::into_owned)
}

/// Why a command is not run.
fn reason(command: &str, workspace: &Workspace, options: &ReadmeOptions) -> Option<String> {
    let listed = options
        .skipped
        .iter()
        .find(|(begin, _)| command.starts_with(&begin[..]));
    if let Some((_, reason)) = listed {
        return Some(reason.clone());
    }
    let is_own = |word: &&String| {
        let name = word.split('@').next().unwrap_or_default();
        let member = workspace.member(name);
        member.is_some_and(|member| member.is_published)
    };
    let acquisitions = fenced_blocks::acquisitions(command).into_iter();
    let mut own = acquisitions.filter_map(|acquisition| {
        let (Acquisition::Addition(arguments) | Acquisition::Installation(arguments)) = acquisition;
        let is_elsewhere = |word: &String| word.starts_with("--path") || word.starts_with("--git");
        let own = arguments.iter().find(is_own).cloned();
        own.filter(|_| !arguments.iter().any(is_elsewhere))
    });
    own.next().map(|own| {
        format!("{own} is a package of this workspace; that it can be had is seen by a rehearsal")
    })
}

/// The numbers before a word, added up, in the result lines of test programs: `test result: ok. 3 passed; 0 failed; …`.
pub(crate) fn counted(text: &str, word: &str) -> u64 {
    let results = text
        .lines()
        .filter(|line| line.starts_with("test result: "));
    let parts = results.flat_map(|line| line.split([';', '.']));
    let numbers =
        parts.filter_map(|part| part.trim().strip_suffix(word)?.trim().parse::<u64>().ok());
    numbers.sum()
}

/// The last lines of what a program has said.
pub(crate) fn last_lines(said: &str) -> String {
    let lines: Vec<&str> = said
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    lines[lines.len().saturating_sub(SAID_LINES)..].join("\n")
}
