//! A program that records: how Cargo builds it, and how it is run.

use std::{
    env, fs,
    io::BufReader,
    path::{Path, PathBuf},
    process::{Child, Command, ExitCode, Stdio},
    sync::{Arc, atomic::AtomicBool},
    thread,
    time::{Duration, Instant, SystemTime},
};

use anyhow::{Context as _, Result, bail};
use cargo_metadata::{Artifact, Message, Metadata, MetadataCommand};
use tempfile::TempDir;

use super::{
    allocator::Complaint,
    orders::{Orders, Records, Wish},
    report::Report,
    runtime,
    shadow::Role,
    target::{Target, Wanted},
};
use crate::process::code_of;

/// What Cargo has built.
pub(crate) struct Program {
    /// As its manifest calls it.
    name: String,
    path: PathBuf,
    /// Of its package.
    folder: PathBuf,
    runs_in_package: bool,
    /// What Cargo would give it before anything else.
    first_argument: Option<&'static str>,
    /// The crates of the workspace that are in it, by their names.
    crates: Vec<(String, Role)>,
    /// Why what it allocates cannot be recorded, if it is so.
    untracked: Vec<Complaint>,
    orders: Orders,
}

/// How a program is run.
pub(crate) struct Run<'a> {
    pub(crate) arguments: &'a [String],
    /// What the runtime is told, by variables of the environment.
    pub(crate) environment: &'a [(&'a str, &'a str)],
    /// It is ended after so long, by SIGTERM.
    pub(crate) duration: Option<Duration>,
}

/// What a program has left.
pub(crate) struct Ended {
    pub(crate) code: ExitCode,
    id: u32,
    folder: TempDir,
}

/// A file that the runtime has written when the program ended.
pub(crate) struct Recorded {
    pub(crate) bytes: Vec<u8>,
    pub(crate) written: SystemTime,
}

impl Program {
    /// Has Cargo build it. Of each purpose there is one folder below the target folder, so that they do not undo each other's work.
    pub(crate) fn build(purpose: &str, target: &Target, wish: &Wish) -> Result<Self> {
        Self::build_for(purpose, target, wish, Records::Functions)
    }

    /// The same of a program that records what it allocates.
    pub(crate) fn build_tracked(target: &Target) -> Result<Self> {
        Self::build_for("heap", target, &Wish::default(), Records::Heap)
    }

    fn build_for(purpose: &str, target: &Target, wish: &Wish, records: Records) -> Result<Self> {
        let metadata = MetadataCommand::new()
            .no_deps()
            .exec()
            .context("cannot read the package of this folder")?;
        let target_folder = metadata.target_directory.as_std_path();
        let state = target_folder.join("tuneup").join(purpose);
        // What is wrong with the wish is told before anything is built.
        drop(wish.choice()?);
        let wanted = Wanted::of(target, &metadata)?;
        let orders = Orders {
            root: metadata.workspace_root.as_std_path().to_owned(),
            runtime: runtime::build(&state, target.triple(), records)?,
            state,
            target: target.triple().map(str::to_owned),
            records,
            wish: wish.clone(),
        };
        let artifacts = build(&wanted, target, &orders)?;
        let artifact = artifacts.iter().rfind(|artifact| wanted.is(artifact));
        let artifact = artifact.context("Cargo has built no program")?;
        let path = artifact
            .executable
            .clone()
            .context("it was chosen for that")?;
        let folder = artifact.manifest_path.parent();
        let program = Self {
            name: artifact.target.name.clone(),
            path: path.into_std_path_buf(),
            folder: folder
                .map(|folder| folder.as_std_path().to_owned())
                .unwrap_or_default(),
            runs_in_package: wanted.runs_in_package(),
            first_argument: wanted.first_argument(),
            crates: crates_of_workspace(&artifacts, &metadata),
            untracked: Complaint::read(&orders, &names(&artifacts)),
            orders,
        };
        if Report::read(&program.orders, &program.crates).has_no_functions() {
            bail!(
                "no function of the program is chosen; paths begin with the name of a crate, as in `{}::main`",
                program.crates.last().map_or("program", |(name, _)| name)
            );
        }
        Ok(program)
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// What its sources are named relative to.
    pub(crate) fn root(&self) -> &Path {
        &self.orders.root
    }

    /// Runs it with the streams of this process.
    pub(crate) fn run(&self, run: &Run<'_>) -> Result<Ended> {
        let folder = tempfile::tempdir_in(&self.orders.state)
            .context("cannot make a folder for the recording")?;
        let mut command = Command::new(&self.path);
        command
            .args(self.first_argument)
            .args(run.arguments)
            .env("TUNEUP_RECORDINGS", folder.path())
            .envs(run.environment.iter().copied())
            .env("CARGO_MANIFEST_DIR", &self.folder);
        if self.runs_in_package {
            command.current_dir(&self.folder);
        }
        // Ctrl-C is for the program; this one goes on to tell what was recorded.
        let _interrupted =
            signal_hook::flag::register(signal_hook::consts::SIGINT, Arc::<AtomicBool>::default())?;
        let mut child = command.spawn().with_context(|| self.cannot_start())?;
        if let Some(duration) = run.duration {
            end_after(duration, &mut child)?;
        }
        Ok(Ended {
            id: child.id(),
            code: code_of(child.wait()?),
            folder,
        })
    }

    fn cannot_start(&self) -> String {
        let path = self.path.display();
        match &self.orders.target {
            None => format!("cannot start `{path}`"),
            Some(target) => format!(
                "cannot start `{path}`: it is built for {target}, which this machine does not seem to run; without --target it is built for this one"
            ),
        }
    }

    /// Why nothing of its heap may be recorded, in a line for each reason.
    pub(crate) fn why_untracked(&self) -> Vec<String> {
        self.untracked.iter().map(Complaint::text).collect()
    }

    /// Names on standard error what does not record, if there is something.
    pub(crate) fn tell_skipped(&self) {
        Report::read(&self.orders, &self.crates).tell();
    }
}

impl Ended {
    /// What it has written to the file of this extension; none if it has written none.
    pub(crate) fn recorded(&self, extension: &str) -> Result<Option<Recorded>> {
        let path = self.folder.path().join(format!("{}.{extension}", self.id));
        let Ok(bytes) = fs::read(&path) else {
            return Ok(None);
        };
        Ok(Some(Recorded {
            bytes,
            written: modified(&path).unwrap_or_else(SystemTime::now),
        }))
    }
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|about| about.modified()).ok()
}

/// What Cargo has built.
fn build(wanted: &Wanted, target: &Target, orders: &Orders) -> Result<Vec<Artifact>> {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .args(wanted.what())
        .args(target.how())
        .arg("--message-format=json-render-diagnostics")
        .arg("--target-dir")
        .arg(orders.state.join("target"))
        .stdout(Stdio::piped());
    orders.give(&mut cargo)?;
    let mut child = cargo.spawn().context("cannot start Cargo")?;
    let output = child.stdout.take().context("Cargo says nothing")?;
    let mut artifacts = Vec::new();
    for message in Message::parse_stream(BufReader::new(output)) {
        if let Message::CompilerArtifact(artifact) =
            message.context("cannot read what Cargo says")?
        {
            artifacts.push(artifact);
        }
    }
    if !child.wait()?.success() {
        bail!("the program does not build; see above");
    }
    Ok(artifacts)
}

fn crates_of_workspace(artifacts: &[Artifact], metadata: &Metadata) -> Vec<(String, Role)> {
    let role = |artifact: &Artifact| match &artifact.target {
        _ if artifact.profile.test => Role::Tests,
        target if target.is_bin() || target.is_example() => Role::Program,
        _ => Role::Library,
    };
    let ours = |artifact: &&Artifact| metadata.workspace_members.contains(&artifact.package_id);
    artifacts
        .iter()
        .filter(ours)
        .map(|artifact| (crate_name(artifact), role(artifact)))
        .collect()
}

/// Of all crates that are in it.
fn names(artifacts: &[Artifact]) -> Vec<String> {
    artifacts.iter().map(crate_name).collect()
}

/// As the compiler knows it.
fn crate_name(artifact: &Artifact) -> String {
    artifact.target.name.replace('-', "_")
}

/// Returns when it has ended, or was told to.
fn end_after(duration: Duration, child: &mut Child) -> Result<()> {
    // There is no portable way to wait for the end of a process for a time.
    const PAUSE: Duration = Duration::from_millis(2);
    let begun = Instant::now();
    while child.try_wait()?.is_none() {
        if begun.elapsed() >= duration {
            return terminate(child);
        }
        thread::sleep(PAUSE);
    }
    Ok(())
}

#[cfg(unix)]
fn terminate(child: &mut Child) -> Result<()> {
    let id = i32::try_from(child.id())
        .ok()
        .and_then(rustix::process::Pid::from_raw);
    let id = id.context("a process has a number")?;
    Ok(rustix::process::kill_process(
        id,
        rustix::process::Signal::TERM,
    )?)
}

#[cfg(not(unix))]
fn terminate(child: &mut Child) -> Result<()> {
    Ok(child.kill()?)
}
