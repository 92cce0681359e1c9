//! The program that the expressions are compiled into, and how it is asked.

use std::{
    fmt::Write as _,
    fs,
    hash::{BuildHasher as _, RandomState},
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result, bail};

use super::surroundings::Surroundings;

/// A program that reads lines of a case and a number of iterations, and answers each with the nanoseconds that they took. An
/// expression may print, too: answers stand on lines of their own, after a word that is the program's argument.
pub(super) fn source(library: Option<&str>, setup: &str, expressions: &[String]) -> String {
    let mut text = String::from("#![allow(warnings)]\nuse std::hint::black_box;\n");
    if let Some(library) = library {
        let _ = writeln!(text, "use {library}::*;");
    }
    for (number, expression) in expressions.iter().enumerate() {
        // Statements and expression stand on lines of their own: they may end in a comment.
        let _ = write!(
            text,
            "
fn expression_{number}(iterations: u64) -> u128 {{
{setup}
    let start = ::std::time::Instant::now();
    for _ in 0..iterations {{
        ::std::hint::black_box({{
{expression}
        }});
    }}
    start.elapsed().as_nanos()
}}
"
        );
    }
    let names: Vec<String> = (0..expressions.len())
        .map(|number| format!("expression_{number}"))
        .collect();
    let _ = write!(
        text,
        "
fn main() {{
    let answer = ::std::env::args().nth(1).unwrap();
    let expressions: &[fn(u64) -> u128] = &[{}];
    for line in ::std::io::stdin().lines() {{
        let line = line.unwrap();
        let (number, iterations) = line.split_once(' ').unwrap();
        let (number, iterations): (usize, u64) = (number.parse().unwrap(), iterations.parse().unwrap());
        println!(\"\\n{{answer}} {{}}\", expressions[number](iterations));
    }}
}}
",
        names.join(", ")
    );
    text
}

/// The program, running.
pub(super) struct Program {
    child: Child,
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    /// The first word of an answer.
    answer: String,
    /// From the first failure on, nothing is asked any more.
    failure: Option<anyhow::Error>,
}

impl Program {
    /// Compiles and starts it. What the compiler complains of is on standard error by then.
    pub(super) fn build(surroundings: &Surroundings, source: &str) -> Result<Self> {
        let folder = surroundings.folder();
        let cannot_write = || format!("cannot write to `{}`", folder.display());
        fs::create_dir_all(folder.join("src")).with_context(cannot_write)?;
        fs::write(folder.join("Cargo.toml"), surroundings.manifest()?)
            .with_context(cannot_write)?;
        fs::write(folder.join("src/main.rs"), source).with_context(cannot_write)?;
        surroundings.bring_lock_file()?;
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let status = Command::new(cargo)
            .args([
                "build",
                "--quiet",
                "--release",
                "--offline",
                "--manifest-path",
            ])
            .arg(folder.join("Cargo.toml"))
            .arg("--target-dir")
            .arg(folder.join("target"))
            .status()
            .context("cannot start Cargo")?;
        if !status.success() {
            bail!("the expressions do not compile; see above what the compiler says of them");
        }
        let answer = random_word();
        let mut child = Command::new(folder.join("target/release/tuneup-timeit"))
            .arg(&answer)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start what was compiled")?;
        let questions = child.stdin.take();
        let answers = child.stdout.take().context("the program has no output")?;
        Ok(Self {
            child,
            questions,
            answers: BufReader::new(answers),
            answer,
            failure: None,
        })
    }

    /// What so many iterations of an expression take; a moment, once something has failed.
    pub(super) fn block(&mut self, number: usize, iterations: u64) -> Duration {
        const MOMENT: Duration = Duration::from_millis(1);
        if self.failure.is_some() {
            return MOMENT;
        }
        self.ask(number, iterations).unwrap_or_else(|error| {
            self.failure = Some(error);
            MOMENT
        })
    }

    fn ask(&mut self, number: usize, iterations: u64) -> Result<Duration> {
        let questions = self.questions.as_mut().context("the program was ended")?;
        writeln!(questions, "{number} {iterations}").context("the expression ended the program")?;
        let mut line = String::new();
        loop {
            line.clear();
            if self.answers.read_line(&mut line)? == 0 {
                bail!("the expression ended the program; does it panic, or exit?");
            }
            if let Some(ns) = line.strip_prefix(&self.answer) {
                return Ok(Duration::from_nanos(ns.trim().parse()?));
            }
        }
    }

    /// Ends it, and says what has failed.
    pub(super) fn end(mut self) -> Result<()> {
        drop(self.questions.take());
        let status = self.child.wait()?;
        match self.failure {
            Some(failure) => Err(failure.context(format!("nothing was measured ({status})"))),
            None => Ok(()),
        }
    }
}

/// That no expression knows.
fn random_word() -> String {
    let random = RandomState::new().hash_one(());
    format!("{random:016x}")
}
