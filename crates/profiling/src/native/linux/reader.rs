//! Reads the samples, on a thread of its own that is not sampled.

use std::{
    io::{PipeReader, Read as _},
    os::fd::AsFd as _,
    sync::mpsc::{Receiver, Sender},
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use tuneup_symbols::{CodeMap, Process, Symbols};

use super::{
    super::Options,
    attribution::{self, Run},
    denial::{Request, refused},
    events::{EventOptions, Events},
    record::{Record, Records},
    stack_tree::{StackTree, Stacks},
    system,
    unwind::Unwinder,
};
use crate::{Error, Profile, Sampling};

/// Places in all stacks that are kept apart; about 16 MB.
const MOST_STACK_NODES: usize = 1 << 18;
/// Pairs of a place and a thread that are kept.
const MOST_STACK_THREADS: usize = 1 << 16;

/// Rings that fill slowly are read this often.
const LONGEST_WAIT_MS: i32 = 250;

/// What the owner asks for.
#[derive(Debug)]
pub(super) enum Command {
    Snapshot(Sender<Profile>),
    Finish(Sender<Profile>),
    Stop,
}

/// The sampler's own state.
pub(super) struct Reader {
    process: Process,
    /// This thread, which is never counted.
    thread: u32,
    events: Events,
    unwinder: Unwinder,
    tree: StackTree,
    started: Instant,
    run: Run,
    records: Vec<u8>,
    stack: Vec<u64>,
}

impl Reader {
    /// Opens the events and switches them on.
    pub(super) fn start(options: Options) -> Result<Self, Error> {
        let process = Process::new(options.process);
        let thread = system::current_thread();
        let except = process.is_own().then_some(thread);
        let unwinder = Unwinder::new(process.clone(), options.max_depth);
        let event_options = EventOptions {
            rate_hz: options.rate_hz,
            user_stack_bytes: options.user_stack_bytes,
        };
        let events = Events::open(&process, except, event_options)?;
        let run = run(process.program(), options);
        events
            .enable()
            .map_err(|source| refused(Request::OwnEvent, source))?;
        Ok(Self {
            process,
            thread,
            events,
            unwinder,
            tree: StackTree::new(MOST_STACK_NODES, MOST_STACK_THREADS),
            started: Instant::now(),
            run,
            records: Vec::new(),
            stack: Vec::new(),
        })
    }

    /// Reads until the owner says that it is enough.
    pub(super) fn run(mut self, commands: &Receiver<Command>, mut wakes: &PipeReader) {
        loop {
            let is_woken = self.events.wait(wakes.as_fd(), LONGEST_WAIT_MS);
            self.read();
            if !is_woken {
                continue;
            }
            // A byte comes after its command.
            if wakes.read_exact(&mut [0]).is_err() {
                return;
            }
            match commands.recv() {
                Ok(Command::Snapshot(answer)) => self.snapshot(answer),
                Ok(Command::Finish(answer)) => return self.finish(&answer),
                Ok(Command::Stop) | Err(_) => return,
            }
        }
    }

    fn snapshot(&self, answer: Sender<Profile>) {
        let recording = Recording {
            process: self.process.clone(),
            run: self.run_until_now(),
            code: self.unwinder.code().clone(),
            stacks: self.tree.stacks().clone(),
        };
        // Looking names up takes long, and rings would overflow. A thread that this one starts is not
        // sampled either.
        let names = thread::Builder::new().name("tuneup-symbols".to_owned());
        let spawned = names.spawn(move || {
            // The owner may have given up waiting.
            let _ = answer.send(recording.profile());
        });
        // Without a thread the answer's sender is dropped, and its owner gets an empty profile.
        drop(spawned);
    }

    fn finish(mut self, answer: &Sender<Profile>) {
        // An event that cannot be switched off goes with its descriptor.
        let _ = self.events.disable();
        self.read();
        let run = self.run_until_now();
        let Self {
            process,
            events,
            unwinder,
            tree,
            ..
        } = self;
        drop(events);
        let recording = Recording {
            process,
            run,
            code: unwinder.code().clone(),
            stacks: tree.stacks().clone(),
        };
        // The owner may have given up waiting.
        let _ = answer.send(recording.profile());
    }

    fn run_until_now(&self) -> Run {
        Run {
            duration: self.started.elapsed(),
            ..self.run.clone()
        }
    }

    fn read(&mut self) {
        let with_stack = self.events.with_stack();
        let sampling = &mut self.run.sampling;
        for ring in self.events.rings() {
            ring.drain(&mut self.records);
            for record in Records::new(&self.records, with_stack) {
                match record {
                    Record::Sample(sample)
                        if sample.process == self.process.id() && sample.thread != self.thread =>
                    {
                        sampling.ticks += 1;
                        self.unwinder.unwind(&sample, &mut self.stack);
                        self.tree.add(sample.thread, &self.stack);
                    }
                    Record::Lost(records) => sampling.missed += records,
                    Record::Malformed => sampling.missed += 1,
                    Record::Sample(_) | Record::Other => {}
                }
            }
        }
    }
}

/// Everything of which a profile is made.
struct Recording {
    process: Process,
    run: Run,
    code: CodeMap,
    stacks: Stacks,
}

impl Recording {
    fn profile(self) -> Profile {
        let addresses = self.stacks.addresses();
        let symbols = Symbols::resolve(&self.process, &self.code, addresses);
        attribution::profile(self.run, &self.stacks, &symbols)
    }
}

fn run(program: String, options: Options) -> Run {
    let since_epoch = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Run {
        program,
        started_unix_ns: u64::try_from(since_epoch.as_nanos()).unwrap_or(u64::MAX),
        duration: Duration::ZERO,
        sampling: Sampling {
            rate_hz: options.rate_hz.into(),
            ticks: 0,
            missed: 0,
        },
    }
}

/// The profile of a sampler whose thread is gone.
pub(super) fn nothing(options: Options) -> Profile {
    let program = Process::new(options.process).program();
    let tree = StackTree::new(1, 0);
    attribution::profile(run(program, options), tree.stacks(), &Symbols::default())
}
