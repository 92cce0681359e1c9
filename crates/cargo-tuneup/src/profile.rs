//! `cargo tuneup profile`: every call of a program, without an edit.
//!
//! Cargo builds the program with this very command in the place of the compiler. For the packages of the workspace it compiles a shadow of the
//! sources in which each function records its calls, and links the [runtime], which writes the recording when the program ends.

mod instrument;
mod orders;
mod report;
mod runtime;
mod shadow;
pub(crate) mod wrapper;

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
use cargo_metadata::{Artifact, Message, Metadata, MetadataCommand, TargetKind};
use clap::{Args, ValueEnum};
use tuneup_measure::parse_duration;
use tuneup_profiling::Profile;
use tuneup_recorder::Dump;

use self::{orders::Orders, report::Report};
use crate::{format::Stream, package::find_package, process::code_of, view::View};

/// What is built, run and recorded.
#[derive(Args)]
#[command(
    after_help = "The packages of the workspace are compiled from a shadow of their sources, below the target folder; sources, manifests and the lock file are not\n\
    touched, and a program that does not depend on tuneup needs not begin to. The table is on standard error, the exit code is the program's.\n\n\
    Example: cargo tuneup profile --bin server --fn '^server::' -o profile.html -- --port 8080"
)]
pub(crate) struct Options {
    /// The program, if there are several
    #[arg(long, value_name = "NAME", group = "which")]
    bin: Option<String>,
    /// An example instead
    #[arg(long, value_name = "NAME", group = "which")]
    example: Option<String>,
    /// A test instead
    #[arg(long, value_name = "NAME", group = "which")]
    test: Option<String>,
    /// A bench instead
    #[arg(long, value_name = "NAME", group = "which")]
    bench: Option<String>,
    /// The package it is in
    #[arg(short, long, value_name = "NAME")]
    package: Option<String>,
    /// Features of the package
    #[arg(short = 'F', long, value_name = "FEATURES", value_delimiter = ',')]
    features: Vec<String>,
    /// The profile of Cargo to build with
    #[arg(long, value_name = "PROFILE", default_value = "release")]
    profile: String,
    /// Record only functions whose path matches this regular expression
    #[arg(long = "fn", value_name = "PATTERN")]
    functions: Option<String>,
    /// Record only functions with so many lines or more
    #[arg(long, value_name = "N", default_value_t = 0)]
    min_lines: usize,
    /// How much is recorded of each call
    #[arg(long, value_enum, default_value_t = Detail::Full)]
    detail: Detail,
    /// End the program after so long, by SIGTERM
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    duration: Option<Duration>,
    #[command(flatten)]
    view: View,
    /// What the program is given
    #[arg(last = true, value_name = "ARGUMENT")]
    arguments: Vec<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Detail {
    /// Its time, and the distribution of the times of its function
    Full,
    /// Its time, a few nanoseconds cheaper
    Flat,
    /// That it was made
    Counted,
}

impl Detail {
    /// As the runtime has it.
    fn word(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Flat => "flat",
            Self::Counted => "counted",
        }
    }
}

/// What Cargo has built.
struct Built {
    program: PathBuf,
    /// Of its package, in which Cargo runs tests.
    folder: PathBuf,
    /// Names of the crates of the workspace that are in it.
    crates: Vec<String>,
}

pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let metadata = MetadataCommand::new()
        .no_deps()
        .exec()
        .context("cannot read the package of this folder")?;
    let state = metadata
        .target_directory
        .as_std_path()
        .join("tuneup/profile");
    let orders = Orders {
        root: metadata.workspace_root.as_std_path().to_owned(),
        runtime: runtime::build(&state)?,
        state,
        functions: options.functions.clone(),
        min_lines: options.min_lines,
    };
    // What is wrong with the options is told before anything is built.
    options.view.check()?;
    drop(orders.choice()?);
    let built = build(options, &orders, &metadata)?;
    let recordings =
        tempfile::tempdir_in(&orders.state).context("cannot make a folder for the recording")?;
    let (id, code) = start_and_wait(options, &built, recordings.path())?;
    let name = built
        .program
        .file_stem()
        .unwrap_or_default()
        .display()
        .to_string();
    let Some(profile) = read(recordings.path(), id, &name)? else {
        eprintln!(
            "nothing was recorded: the program was killed or has aborted, or no function of it could be recorded"
        );
        return Ok(code);
    };
    options.view.tell(&profile, Stream::Error)?;
    tell_skipped(&Report::read(&orders, &built.crates));
    Ok(code)
}

fn build(options: &Options, orders: &Orders, metadata: &Metadata) -> Result<Built> {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .args([
            "build",
            "--message-format=json-render-diagnostics",
            "--profile",
            &options.profile,
        ])
        .arg("--target-dir")
        .arg(orders.state.join("target"))
        .stdout(Stdio::piped());
    let wanted = Wanted::of(options, metadata)?;
    cargo.args(["--package", &wanted.package, wanted.flag, &wanted.name]);
    if !options.features.is_empty() {
        cargo.args(["--features", &options.features.join(",")]);
    }
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
    let ours = |artifact: &&Artifact| metadata.workspace_members.contains(&artifact.package_id);
    let crates = artifacts
        .iter()
        .filter(ours)
        .map(|artifact| artifact.target.name.replace('-', "_"))
        .collect();
    let is_wanted =
        |artifact: &&Artifact| artifact.executable.is_some() && artifact.target.name == wanted.name;
    let artifact = artifacts
        .iter()
        .rfind(is_wanted)
        .context("Cargo has built no program")?;
    let program = artifact
        .executable
        .clone()
        .context("it was chosen for that")?;
    let folder = artifact.manifest_path.parent();
    Ok(Built {
        program: program.into_std_path_buf(),
        folder: folder
            .map(|folder| folder.as_std_path().to_owned())
            .unwrap_or_default(),
        crates,
    })
}

/// What Cargo is to build.
struct Wanted {
    package: String,
    /// Of Cargo, for what it is.
    flag: &'static str,
    name: String,
}

impl Wanted {
    /// What was asked for; otherwise the only program, or the one that the package runs by default.
    fn of(options: &Options, metadata: &Metadata) -> Result<Self> {
        let package = find_package(metadata, options.package.as_deref())?;
        let packages =
            package.map_or_else(|| metadata.workspace_packages(), |package| vec![package]);
        let named = [
            ("--bin", TargetKind::Bin, &options.bin),
            ("--example", TargetKind::Example, &options.example),
            ("--test", TargetKind::Test, &options.test),
            ("--bench", TargetKind::Bench, &options.bench),
        ];
        let named = named
            .into_iter()
            .find_map(|(flag, kind, name)| Some((flag, kind, name.as_ref()?)));
        let (flag, kind) = named
            .as_ref()
            .map_or(("--bin", TargetKind::Bin), |(flag, kind, _)| {
                (flag, kind.clone())
            });
        let default = package.and_then(|package| package.default_run.as_ref());
        let name = named.map(|(_, _, name)| name).or(default);
        let targets: Vec<(&str, &str)> = packages
            .iter()
            .flat_map(|package| {
                package
                    .targets
                    .iter()
                    .map(|target| (package.name.as_str(), target))
            })
            .filter(|(_, target)| target.kind.contains(&kind))
            .map(|(package, target)| (package, target.name.as_str()))
            .collect();
        let names = || {
            targets
                .iter()
                .map(|(_, name)| *name)
                .collect::<Vec<_>>()
                .join(", ")
        };
        let chosen = match (name, &targets[..]) {
            (_, []) => bail!(
                "there is nothing of that kind here; choose with --bin, --example, --test or --bench, and the package with --package"
            ),
            (None, [only]) => Some(only),
            (None, _) => bail!(
                "there are several programs; choose one with --bin: {}",
                names()
            ),
            (Some(name), _) => targets.iter().find(|(_, target)| target == name),
        };
        let Some((package, name)) = chosen else {
            bail!(
                "there is no `{}` of that kind here; there are: {}",
                name.map_or("", String::as_str),
                names()
            );
        };
        Ok(Self {
            package: (*package).to_owned(),
            flag,
            name: (*name).to_owned(),
        })
    }
}

/// Runs the program with the streams of this one. The number of its process, and its exit code.
fn start_and_wait(options: &Options, built: &Built, recordings: &Path) -> Result<(u32, ExitCode)> {
    let mut command = Command::new(&built.program);
    command
        .args(&options.arguments)
        .env("TUNEUP_RECORDINGS", recordings)
        .env("TUNEUP_DETAIL", options.detail.word())
        .env("CARGO_MANIFEST_DIR", &built.folder);
    if options.test.is_some() || options.bench.is_some() {
        command.current_dir(&built.folder);
    }
    // Ctrl-C is for the program; this one goes on to tell what was recorded.
    let _interrupted =
        signal_hook::flag::register(signal_hook::consts::SIGINT, Arc::<AtomicBool>::default())?;
    let mut child = command
        .spawn()
        .with_context(|| format!("cannot start `{}`", built.program.display()))?;
    if let Some(duration) = options.duration {
        end_after(duration, &mut child)?;
    }
    Ok((child.id(), code_of(child.wait()?)))
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

/// What the process has written; none if it has written nothing.
fn read(recordings: &Path, id: u32, program: &str) -> Result<Option<Profile>> {
    let path = recordings.join(format!("{id}.recording"));
    let Ok(bytes) = fs::read(&path) else {
        return Ok(None);
    };
    let dump = Dump::read(&bytes)?;
    let ended = fs::metadata(&path)
        .and_then(|about| about.modified())
        .unwrap_or_else(|_| SystemTime::now());
    Ok(Some(Profile::from_dump(&dump, program, ended)))
}

/// So many functions are named that do not record.
const NAMED: usize = 5;

fn tell_skipped(report: &Report) {
    let Report {
        recorded, skipped, ..
    } = report;
    if skipped.is_empty() {
        return;
    }
    eprintln!("{recorded} functions record; {} do not:", skipped.len());
    for (name, reason) in skipped.iter().take(NAMED) {
        eprintln!("  {name}: {reason}");
    }
    if skipped.len() > NAMED {
        eprintln!("  … and {} more", skipped.len() - NAMED);
    }
}
