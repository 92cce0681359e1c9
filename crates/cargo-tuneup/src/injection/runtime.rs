//! The runtime: its sources travel inside of this program, and are compiled once for each compiler.

use std::{
    ffi::OsStr,
    fs,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail};

use super::orders::Records;

/// Paths below a folder, and what is in the files.
const SOURCES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/runtime_sources.rs"));

/// What is compiled, each with those before it.
const CRATES: [(&str, &str); 3] = [
    ("tuneup_measure", "measure/src/lib.rs"),
    ("tuneup_recorder", "recorder/src/lib.rs"),
    ("tuneup_runtime", "runtime/src/lib.rs"),
];

/// The folder with the compiled runtime, for the compiler that is used here, and for a target if it is not this machine.
pub(super) fn build(state: &Path, target: Option<&str>, records: Records) -> Result<PathBuf> {
    let compiler = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(&compiler)
        .arg("-vV")
        .output()
        .context("cannot start the compiler")?;
    let mut hasher = DefaultHasher::new();
    (version.stdout, target, flags(records), SOURCES).hash(&mut hasher);
    let folder = state
        .join("runtime")
        .join(format!("{:016x}", hasher.finish()));
    if folder.exists() {
        return Ok(folder);
    }
    if let Some(target) = target {
        look_for_library(&compiler, target)?;
    }
    // In a folder of its own until it is complete: another command may be at it, too.
    fs::create_dir_all(state).with_context(|| format!("cannot make `{}`", state.display()))?;
    let unfinished = tempfile::tempdir_in(state).context("cannot make a folder for the runtime")?;
    let mut flags = flags(records).to_vec();
    if let Some(target) = target {
        flags.extend(["--target", target]);
    }
    compile(&compiler, &flags, unfinished.path())?;
    if let Some(parent) = folder.parent() {
        fs::create_dir_all(parent)?;
    }
    match fs::rename(unfinished.keep(), &folder) {
        Err(error) if !folder.exists() => Err(error).context("cannot keep the runtime"),
        _ => Ok(folder),
    }
}

/// An error says what is missing to compile for a target.
fn look_for_library(compiler: &OsStr, target: &str) -> Result<()> {
    let output = Command::new(compiler)
        .args(["--print=target-libdir", "--target", target])
        .output()
        .context("cannot start the compiler")?;
    if !output.status.success() {
        bail!(
            "`{target}` is no target of this compiler; `rustc --print=target-list` names all of them"
        );
    }
    let folder = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if !Path::new(&folder).is_dir() {
        bail!(
            "the standard library for {target} is not installed; `rustup target add {target}` brings it, a linker for it comes from elsewhere"
        );
    }
    Ok(())
}

/// What the compiler is told besides: the stack of a block is found from inside of the runtime, along frame pointers.
fn flags(records: Records) -> &'static [&'static str] {
    match records {
        Records::Functions => &[],
        Records::Heap => &["-Cforce-frame-pointers=yes"],
    }
}

/// Writes the sources to a folder, and compiles them there.
fn compile(compiler: &OsStr, flags: &[&str], folder: &Path) -> Result<()> {
    for (path, text) in SOURCES {
        let path = folder.join("src").join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&path, text).with_context(|| format!("cannot write `{}`", path.display()))?;
    }
    for (index, (name, source)) in CRATES.iter().enumerate() {
        let mut command = Command::new(compiler);
        command
            .args(["--crate-name", name, "--edition=2024", "--crate-type=rlib", "-Copt-level=3", "--cap-lints=allow"])
            // Its symbols are told from those of a program that has the recorder, too.
            .arg("-Cmetadata=cargo-tuneup")
            .args(flags)
            .arg("--out-dir")
            .arg(folder)
            .arg("-L")
            .arg(format!("dependency={}", folder.display()))
            .arg(folder.join("src").join(source));
        for (before, _) in &CRATES[..index] {
            command.arg("--extern").arg(format!(
                "{before}={}",
                folder.join(format!("lib{before}.rlib")).display()
            ));
        }
        let output = command.output().context("cannot start the compiler")?;
        if !output.status.success() {
            bail!(
                "the runtime does not compile; is this Rust 1.95 or newer?\n{}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
    }
    Ok(())
}
