//! The watch itself: when it looks, when it ends, and what it tells.

use std::{
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use nix::time::{ClockId, clock_gettime};
use procfs::{ProcError, process::Process};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fd::OwnedFd,
    process::{Pid, PidfdFlags, Signal, pidfd_open},
};
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    flag,
};

use super::{
    Options,
    live::Live,
    process_tree::{Identity, Root},
    program::Program,
    record::Record,
    sampler::Sampler,
    summary::{Subject, Summary},
    totals::Amounts,
};
use crate::{
    format::{Format, Stream},
    process::{code_of, is_running as is_listed_as_running},
};

/// The first looks come sooner, each after twice the time, so that something is seen of what is soon over.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
/// A signal that comes just before a wait is seen after this time.
const LONGEST_WAIT: Duration = Duration::from_millis(100);
/// Where the kernel does not tell the end of a process, it is asked so often.
const BLIND_WAIT: Duration = Duration::from_millis(10);

/// A process that runs already.
pub(super) fn watch_process(options: &Options, pid: u32) -> Result<ExitCode> {
    let (id, name) = find(pid)?;
    let subject = Subject {
        label: format!("{name} ({pid})"),
        pid,
        is_started: false,
    };
    let signals = Signals::catch()?;
    let end = Pid::from_raw(id.pid).and_then(|pid| pidfd_open(pid, PidfdFlags::empty()).ok());
    let mut watch = Watch::new(options, subject, Root::Process(id))?;
    loop {
        let is_running = is_running(id);
        watch.look(None)?;
        if !is_running || signals.any() || watch.is_over() {
            watch.tell(!is_running, None, Stream::Output)?;
            return Ok(ExitCode::SUCCESS);
        }
        watch.wait(end.as_ref(), || !signals.any() && self::is_running(id))?;
    }
}

/// A program that is started. Its standard output is its own: what is told goes to standard error.
pub(super) fn watch_program(options: &Options) -> Result<ExitCode> {
    let signals = Signals::catch()?;
    let label: Vec<String> = options
        .subject
        .command
        .iter()
        .map(|part| part.display().to_string())
        .collect();
    let mut subject = Subject {
        label: label.join(" "),
        pid: 0,
        is_started: true,
    };
    let mut watch = Watch::new(options, subject.clone(), Root::Children)?;
    let mut program = Program::start(&options.subject.command)?;
    subject.pid = program.pid();
    watch.subject = subject;
    loop {
        let reaped = program.reap()?;
        watch.look(Some(reaped))?;
        if program.status().is_some() || watch.is_over() {
            break;
        }
        let is_running = || {
            signals.pass_on(&program);
            // Only where the kernel does not tell its end is it asked for.
            program.end.is_some() || is_listed_as_running(program.pid())
        };
        watch.wait(program.end.as_ref(), is_running)?;
    }
    let has_ended = program.status().is_some();
    watch.tell(has_ended, program.largest_bytes(), Stream::Error)?;
    // The watch was for a time: the program goes on, and its exit code is kept.
    loop {
        if let Some(status) = program.status() {
            return Ok(code_of(status));
        }
        wait_for_end(program.end.as_ref(), LONGEST_WAIT)?;
        signals.pass_on(&program);
        program.reap()?;
    }
}

/// The process and its name, if it is there and runs.
fn find(pid: u32) -> Result<(Identity, String)> {
    let Ok(raw) = i32::try_from(pid) else {
        bail!("there is no process {pid}: numbers of processes are below 4194304");
    };
    let stat = match Process::new(raw).and_then(|process| process.stat()) {
        Ok(stat) => stat,
        Err(ProcError::NotFound(_)) => {
            bail!("there is no process {pid}; `ps -e` lists those that you may see")
        }
        Err(error) => return Err(error).with_context(|| format!("cannot look at process {pid}")),
    };
    if matches!(stat.state, 'Z' | 'X') {
        bail!(
            "process {pid} ({}) has ended; only its parent has not asked about it yet",
            stat.comm
        );
    }
    Ok((Identity::of(&stat), stat.comm))
}

fn is_running(id: Identity) -> bool {
    let stat = Process::new(id.pid).and_then(|process| process.stat());
    stat.is_ok_and(|stat| Identity::of(&stat) == id && !matches!(stat.state, 'Z' | 'X'))
}

/// Signals that have come.
struct Signals {
    interrupted: Arc<AtomicBool>,
    terminated: Arc<AtomicBool>,
    hung_up: Arc<AtomicBool>,
}

impl Signals {
    fn catch() -> Result<Self> {
        let caught = |signal| -> Result<Arc<AtomicBool>> {
            let flag = Arc::default();
            flag::register(signal, Arc::clone(&flag))?;
            Ok(flag)
        };
        Ok(Self {
            interrupted: caught(SIGINT)?,
            terminated: caught(SIGTERM)?,
            hung_up: caught(SIGHUP)?,
        })
    }

    fn any(&self) -> bool {
        let all = [&self.interrupted, &self.terminated, &self.hung_up];
        all.into_iter().any(|flag| flag.load(Relaxed))
    }

    /// Ctrl-C reaches the program as well; what was sent to this process alone does not.
    fn pass_on(&self, program: &Program) {
        for (flag, signal) in [
            (&self.terminated, Signal::TERM),
            (&self.hung_up, Signal::HUP),
        ] {
            if flag.swap(false, Relaxed) {
                program.pass_on(signal);
            }
        }
    }
}

/// Looks, keeps and shows.
struct Watch<'a> {
    options: &'a Options,
    subject: Subject,
    sampler: Sampler,
    record: Record,
    live: Live,
    begun: Instant,
    next: Instant,
    pause: Duration,
    cost_before: Duration,
}

impl<'a> Watch<'a> {
    fn new(options: &'a Options, subject: Subject, root: Root) -> Result<Self> {
        let has_lines = !subject.is_started || options.format == Format::Table;
        let live = Live::new(
            subject.short(),
            subject.is_started,
            has_lines,
            options.interval,
        );
        let begun = Instant::now();
        Ok(Self {
            options,
            sampler: Sampler::new(root),
            record: Record::new(),
            live,
            begun,
            next: begun,
            pause: FIRST_PAUSE.min(options.interval),
            cost_before: own_cpu_time()?,
            subject,
        })
    }

    fn is_over(&self) -> bool {
        let duration = self.options.duration;
        duration.is_some_and(|duration| self.begun.elapsed() >= duration)
    }

    fn look(&mut self, reaped: Option<Amounts>) -> Result<()> {
        let sample = self.sampler.sample(reaped);
        self.record.source = self.sampler.network.source();
        self.record.add(&sample);
        self.next = Instant::now().max(self.next + self.pause);
        self.pause = (self.pause * 2).min(self.options.interval);
        self.live.show(&sample, &self.record)
    }

    /// Until the next look, the end of the process, or the end of the watch.
    fn wait(&self, end: Option<&OwnedFd>, mut goes_on: impl FnMut() -> bool) -> Result<()> {
        let over = self.options.duration.map(|duration| self.begun + duration);
        let until = over.map_or(self.next, |over| over.min(self.next));
        let longest = if end.is_some() {
            LONGEST_WAIT
        } else {
            BLIND_WAIT
        };
        while goes_on() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || wait_for_end(end, left.min(longest))? {
                break;
            }
        }
        Ok(())
    }

    fn tell(mut self, has_ended: bool, largest: Option<u64>, stream: Stream) -> Result<()> {
        self.live.end();
        self.record.incidents = self.sampler.limits.incidents();
        self.record.largest_bytes = self.record.largest_bytes.max(largest.unwrap_or(0));
        let summary = Summary {
            subject: &self.subject,
            record: &self.record,
            interval: self.options.interval,
            has_ended,
            cost: own_cpu_time()?.saturating_sub(self.cost_before),
        };
        // Neither is lost because the other fails.
        let written: Vec<Result<()>> = self
            .options
            .output
            .iter()
            .map(|output| output.write(&summary))
            .collect();
        summary.findings().print(self.options.format, stream)?;
        written.into_iter().collect()
    }
}

/// Whether it has ended; a signal ends the wait too.
fn wait_for_end(end: Option<&OwnedFd>, longest: Duration) -> Result<bool> {
    let timeout = Timespec::try_from(longest)?;
    let mut ends: Vec<PollFd<'_>> = end
        .into_iter()
        .map(|end| PollFd::new(end, PollFlags::IN))
        .collect();
    match poll(&mut ends, Some(&timeout)) {
        Ok(ready) => Ok(ready > 0),
        Err(rustix::io::Errno::INTR) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

fn own_cpu_time() -> Result<Duration> {
    Ok(clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID)?.into())
}
