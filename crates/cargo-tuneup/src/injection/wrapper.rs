//! What Cargo calls in the place of the compiler, for the packages of the workspace.

use std::{
    collections::BTreeMap,
    env,
    ffi::{OsStr, OsString},
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::{Command, ExitCode, ExitStatus, Stdio},
};

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::{
    allocator::compile_tracked,
    instrument::LeftOut,
    orders::{Orders, Records},
    report::Report,
    shadow::{Role, Shadow, Unit},
};

/// So often a crate is compiled with less recorded of the functions that the compiler has complained of.
const MOST_ATTEMPTS: usize = 8;

/// Whether this process was started by Cargo as a compiler; then that is what it is.
pub(crate) fn orders() -> Option<Orders> {
    Orders::from_environment()
}

/// Compiles as `arguments` say, which begin with the compiler, with recorded calls if it can be.
pub(crate) fn run(orders: &Orders, arguments: Vec<OsString>) -> Result<ExitCode> {
    let invocation = Invocation::read(arguments)?;
    let status = match invocation.unit() {
        Some(unit) if invocation.is_for(orders.target.as_deref()) => match orders.records {
            Records::Functions => compile_unit(orders, &invocation, &unit)?,
            Records::Heap => compile_tracked(orders, &invocation, &unit)?,
        },
        _ => compile(orders, &invocation.arguments, Stderr::Shown)?.0,
    };
    Ok(ExitCode::from(
        u8::try_from(status.code().unwrap_or(1)).unwrap_or(1),
    ))
}

fn compile_unit(orders: &Orders, invocation: &Invocation, unit: &Unit) -> Result<ExitStatus> {
    let mut left_out: BTreeMap<String, LeftOut> = BTreeMap::new();
    for _ in 0..MOST_ATTEMPTS {
        let shadow = match Shadow::cast(orders, unit, &left_out) {
            Ok(shadow) => shadow,
            Err(error) => return compile_plain(orders, invocation, unit, &format!("{error:#}")),
        };
        let (status, said) = compile(orders, &invocation.of(orders, &shadow)?, Stderr::Kept)?;
        if status.success() {
            io::stderr().write_all(&said)?;
            shadow.own_up(&invocation.dependencies(unit), orders)?;
            Report::of(unit, &shadow).write(orders)?;
            return Ok(status);
        }
        let before = left_out.clone();
        for (file, line) in complaints(&said) {
            if let Some((first_line, loss)) = shadow.loss_at(&file, line) {
                left_out.entry(file).or_default().insert(first_line, loss);
            }
        }
        if left_out == before {
            // It may complain of a function that does not record, because of one that does.
            let without_lines = shadow.without_lines();
            if without_lines.values().all(LeftOut::is_empty) {
                break;
            }
            for (file, functions) in without_lines {
                left_out.entry(file).or_default().extend(functions);
            }
        }
    }
    compile_plain(
        orders,
        invocation,
        unit,
        "it does not compile with what records it",
    )
}

/// As it was written. If that does not compile, the complaint is about the user's code.
fn compile_plain(
    orders: &Orders,
    invocation: &Invocation,
    unit: &Unit,
    reason: &str,
) -> Result<ExitStatus> {
    let (status, _) = compile(orders, &invocation.arguments, Stderr::Shown)?;
    if status.success() {
        Report::of_plain(unit, reason).write(orders)?;
    }
    Ok(status)
}

pub(super) enum Stderr {
    Shown,
    Kept,
}

pub(super) fn compile(
    orders: &Orders,
    arguments: &[OsString],
    stderr: Stderr,
) -> Result<(ExitStatus, Vec<u8>)> {
    let (compiler, arguments) = arguments.split_first().context("no compiler is named")?;
    let mut command = Command::new(compiler);
    command.args(arguments);
    // Whatever links a crate that records finds the runtime.
    let mut found = OsString::from("dependency=");
    found.push(&orders.runtime);
    command.arg("-L").arg(found);
    if let Stderr::Kept = stderr {
        command.stderr(Stdio::piped());
    }
    let output = command
        .stdout(Stdio::inherit())
        .spawn()
        .and_then(std::process::Child::wait_with_output)
        .with_context(|| format!("cannot start `{}`", compiler.display()))?;
    Ok((output.status, output.stderr))
}

/// Files and lines of errors, as the compiler tells Cargo of them.
fn complaints(said: &[u8]) -> Vec<(String, usize)> {
    let lines = said.split(|byte| *byte == b'\n');
    let messages = lines.filter_map(|line| serde_json::from_slice::<Value>(line).ok());
    let errors = messages.filter(|message| message["level"] == "error");
    errors
        .flat_map(|error| error["spans"].as_array().cloned().unwrap_or_default())
        .filter_map(|span| {
            let file = span["file_name"].as_str()?.to_owned();
            Some((file, usize::try_from(span["line_start"].as_u64()?).ok()?))
        })
        .collect()
}

/// What the compiler is asked to do.
pub(super) struct Invocation {
    arguments: Vec<OsString>,
    /// Where the source file stands among them.
    input: Option<usize>,
}

impl Invocation {
    fn read(arguments: Vec<OsString>) -> Result<Self> {
        let is_source =
            |argument: &OsStr| Path::new(argument).extension() == Some(OsStr::new("rs"));
        let input = arguments.iter().position(|argument| is_source(argument));
        Ok(Self { arguments, input })
    }

    pub(super) fn arguments(&self) -> &[OsString] {
        &self.arguments
    }

    fn values<'a>(&'a self, option: &'a str) -> impl Iterator<Item = &'a str> {
        let texts = self
            .arguments
            .iter()
            .map(|argument| argument.to_str().unwrap_or_default());
        let nexts = self
            .arguments
            .iter()
            .skip(1)
            .map(|argument| argument.to_str().unwrap_or_default());
        texts
            .zip(nexts.chain([""]))
            .filter_map(move |(argument, next)| {
                if argument == option {
                    return Some(next);
                }
                argument.strip_prefix(option)?.strip_prefix('=')
            })
    }

    fn value(&self, option: &str) -> Option<&str> {
        self.arguments
            .iter()
            .zip(self.arguments.iter().skip(1).map(Some).chain([None]))
            .find_map(|(argument, next)| {
                let argument = argument.to_str()?;
                if argument == option {
                    return next?.to_str();
                }
                argument.strip_prefix(option)?.strip_prefix('=')
            })
    }

    /// Whether it is for what the program is built for: build scripts and macros, and what is in them, are for this machine.
    fn is_for(&self, target: Option<&str>) -> bool {
        target.is_none() || self.value("--target").is_some()
    }

    /// What is compiled; none if it is nothing that runs in the program: a build script, a macro, a question.
    fn unit(&self) -> Option<Unit> {
        let name = self.value("--crate-name")?;
        let kinds: Vec<&str> = self.values("--crate-type").collect();
        let emits_code = self
            .value("--emit")
            .is_none_or(|emit| emit.contains("link"));
        let is_of_the_program =
            !name.starts_with("build_script_") && !kinds.contains(&"proc-macro");
        if !is_of_the_program || !emits_code || self.value("--print").is_some() {
            return None;
        }
        let folder = env::current_dir().ok()?;
        let extra = self
            .values("-C")
            .find_map(|option| option.strip_prefix("extra-filename="));
        Some(Unit {
            name: name.to_owned(),
            key: format!("{name}{}", extra.unwrap_or_default()),
            input: folder.join(&self.arguments[self.input?]),
            role: if self.arguments.iter().any(|argument| argument == "--test") {
                Role::Tests
            } else if kinds.contains(&"bin") {
                Role::Program
            } else {
                Role::Library
            },
            edition: self.value("--edition").unwrap_or("2015").to_owned(),
            folder,
        })
    }

    /// The arguments for a shadow of the sources.
    pub(super) fn of(&self, orders: &Orders, shadow: &Shadow) -> Result<Vec<OsString>> {
        let mut arguments = self.arguments.clone();
        let input = self.input.context("no source file is named")?;
        arguments[input] = shadow.input().into();
        let mut remapped = OsString::from("--remap-path-prefix=");
        remapped.push(shadow.folder());
        remapped.push("=");
        let mut runtime = OsString::from("tuneup_runtime=");
        runtime.push(orders.runtime.join("libtuneup_runtime.rlib"));
        // Lints are about what somebody wrote.
        arguments.extend([
            remapped,
            "--cap-lints=allow".into(),
            "--extern".into(),
            runtime,
        ]);
        Ok(arguments)
    }

    /// The file in which the compiler tells Cargo what it has read.
    pub(super) fn dependencies(&self, unit: &Unit) -> Option<PathBuf> {
        Some(Path::new(self.value("--out-dir")?).join(format!("{}.d", unit.key)))
    }
}

/// Puts what it holds in the place of a file, if there is one.
pub(super) fn rewrite(path: &Path, change: impl FnOnce(String) -> String) -> Result<()> {
    let Ok(text) = fs::read_to_string(path) else {
        return Ok(());
    };
    fs::write(path, change(text)).with_context(|| format!("cannot write `{}`", path.display()))
}
