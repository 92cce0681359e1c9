//! Programs whose global allocator is tracked: the one that they have is put into another one that counts, and those that have none get one.
//!
//! Crates are compiled as they are, but for the file with the allocator; with frame pointers, along which the stack of a block is found, and with the
//! names of functions and lines.

mod tokens;

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::ExitStatus,
};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use self::tokens::{put_first, wrap_allocators};
use super::{
    orders::Orders,
    shadow::{Role, Shadow, Unit},
    wrapper::{Invocation, Stderr, compile},
};

/// What makes an allocator the global one.
const ATTRIBUTE: &str = "global_allocator";

/// For stacks, and for names: which of these wins that is said more than once is the last one.
const FLAGS: [&str; 4] = [
    "-Cforce-frame-pointers=yes",
    "-Cdebuginfo=1",
    "-Cstrip=none",
    "-Csplit-debuginfo=off",
];

/// What a program gets that has no allocator of its own.
const OWN: &str = "#[global_allocator] static __TUNEUP_ALLOCATOR: ::tuneup_runtime::Tracked<::std::alloc::System> = \
                   ::tuneup_runtime::Tracked::new(::std::alloc::System); ";

/// Compiles a crate of a program.
pub(super) fn compile_tracked(
    orders: &Orders,
    invocation: &Invocation,
    unit: &Unit,
) -> Result<ExitStatus> {
    let plain = || compile(orders, &with_flags(invocation.arguments()), Stderr::Shown);
    let wrapped = sources_with_allocators(unit)?;
    if wrapped.is_empty() && unit.role == Role::Library {
        return Ok(plain()?.0);
    }
    let root = fs::read_to_string(&unit.input)
        .with_context(|| format!("cannot read `{}`", unit.input.display()))?;
    let root = wrapped.get(&unit.input).unwrap_or(&root).clone();
    // First with an allocator of ours, then without: one that the program has may be under a `cfg` that is off, or in a crate that this one depends on.
    let mut candidates = Vec::new();
    if unit.role != Role::Library
        && let Some(root) = put_first(&root, OWN)
    {
        let mut sources = wrapped.clone();
        sources.insert(unit.input.clone(), root);
        candidates.push(sources);
    }
    if !wrapped.is_empty() {
        candidates.push(wrapped);
    }
    let mut said = Vec::new();
    for sources in candidates {
        let shadow = Shadow::of_sources(orders, unit, sources)?;
        let arguments = with_flags(&invocation.of(orders, &shadow)?);
        let (status, of_compiler) = compile(orders, &arguments, Stderr::Kept)?;
        if status.success() {
            io::stderr().write_all(&of_compiler)?;
            shadow.own_up(&invocation.dependencies(unit), orders)?;
            Complaint::forget(orders, unit)?;
            return Ok(status);
        }
        said = of_compiler;
    }
    // If it does not compile as it was written, the complaint is about that.
    let (status, _) = plain()?;
    if status.success() {
        Complaint::of(unit, &said).write(orders, unit)?;
    }
    Ok(status)
}

fn with_flags(arguments: &[OsString]) -> Vec<OsString> {
    let flags = FLAGS.iter().map(OsString::from);
    arguments.iter().cloned().chain(flags).collect()
}

/// The files of a crate that have a global allocator, with it in ours.
fn sources_with_allocators(unit: &Unit) -> Result<BTreeMap<PathBuf, String>> {
    let mut sources = BTreeMap::new();
    let folder = unit.input.parent().unwrap_or(&unit.folder);
    for path in rust_files(folder) {
        // What is no Unicode is none of this crate's files.
        let Ok(text) = fs::read_to_string(&path) else {
            continue;
        };
        if text.contains(ATTRIBUTE)
            && let Some(wrapped) = wrap_allocators(&text)
        {
            sources.insert(path, wrapped);
        }
    }
    Ok(sources)
}

/// All below a folder, whether the crate has them as modules or not: what it does not have changes nothing.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let (mut files, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let (path, name) = (entry.path(), entry.file_name());
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => {
                    let is_of_cargo = path.join("CACHEDIR.TAG").is_file();
                    if !is_of_cargo && !name.to_string_lossy().starts_with('.') {
                        folders.push(path);
                    }
                }
                Ok(_) if path.extension().is_some_and(|extension| extension == "rs") => {
                    files.push(path);
                }
                _ => {}
            }
        }
    }
    files
}

/// Why the blocks of a crate, or of the program, cannot be tracked.
pub(super) struct Complaint {
    crate_name: String,
    reason: String,
}

impl Complaint {
    fn of(unit: &Unit, said: &[u8]) -> Self {
        let lines = said.split(|byte| *byte == b'\n');
        let messages = lines.filter_map(|line| serde_json::from_slice::<Value>(line).ok());
        let errors = messages.filter(|message| message["level"] == "error");
        let errors: Vec<String> = errors
            .filter_map(|error| Some(error["message"].as_str()?.to_owned()))
            .collect();
        let of_other_crate = errors
            .iter()
            .find_map(|error| error.split_once("conflicts with global allocator in: "));
        let reason = match (of_other_crate, errors.first()) {
            (Some((_, name)), _) => format!(
                "the program's global allocator is made by a macro in the crate `{name}`, where it is not found"
            ),
            (None, Some(error)) if error.contains("multiple global allocators") => {
                "the program's global allocator is made by a macro, where it is not found"
                    .to_owned()
            }
            (None, Some(error)) => {
                format!("its global allocator does not compile inside of another one: {error}")
            }
            (None, None) => {
                "it has no standard library, or is no Rust that is known here".to_owned()
            }
        };
        Self {
            crate_name: unit.name.clone(),
            reason,
        }
    }

    /// Of the crates of these names, as they were compiled last.
    pub(super) fn read(orders: &Orders, names: &[String]) -> Vec<Self> {
        let read = |name: &String| {
            let text = fs::read(path(orders, name)).ok()?;
            let complaint: Value = serde_json::from_slice(&text).ok()?;
            Some(Self {
                crate_name: name.clone(),
                reason: complaint["reason"].as_str()?.to_owned(),
            })
        };
        names.iter().filter_map(read).collect()
    }

    pub(super) fn text(&self) -> String {
        format!("{}: {}", self.crate_name, self.reason)
    }

    fn write(&self, orders: &Orders, unit: &Unit) -> Result<()> {
        let path = path(orders, &unit.name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&path, json!({ "reason": self.reason }).to_string())
            .with_context(|| format!("cannot write `{}`", path.display()))
    }

    /// The crate has compiled as it should.
    fn forget(orders: &Orders, unit: &Unit) -> Result<()> {
        match fs::remove_file(path(orders, &unit.name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(error).context("cannot remove an old report")
            }
            _ => Ok(()),
        }
    }
}

fn path(orders: &Orders, crate_name: &str) -> PathBuf {
    let folder = orders.state.join("allocators");
    folder.join(format!("{crate_name}.json"))
}
