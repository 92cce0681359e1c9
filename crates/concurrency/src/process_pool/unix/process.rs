//! A worker process, seen from its pool.

use std::{
    collections::HashMap,
    io::{self, BufReader, Write as _},
    process::ExitStatus,
    sync::Arc,
    time::{Duration, Instant},
};

use super::{channel::Channel, life::Life, spawn::spawn};
use crate::process_pool::{
    Launch, ProcessError, Slot,
    frame::{self, Frame},
};

/// What the names of all jobs may have.
const MOST_NAMES_BYTES: usize = 1 << 20;

/// How long a worker that is told to end may take, before it is killed: for what runs at the exit of a program.
const GRACE: Duration = Duration::from_secs(5);

/// A worker that is ready. To drop it kills and reaps it.
pub(crate) struct WorkerProcess {
    channel: BufReader<Channel>,
    life: Arc<Life>,
    /// The numbers of its jobs.
    jobs: HashMap<String, u32>,
    jobs_done: u64,
}

impl WorkerProcess {
    /// Starts one and waits until it is ready. Meanwhile `slot` can end it.
    pub(crate) fn start(launch: &Launch, slot: &Slot) -> Result<Self, ProcessError> {
        let (child, stream) = spawn(launch).map_err(|source| ProcessError::Spawn {
            program: launch.shown().to_owned(),
            source,
        })?;
        let life = Arc::new(Life::new(child));
        let mut worker = Self {
            channel: BufReader::new(Channel::new(stream, Arc::clone(&life))),
            life,
            jobs: HashMap::new(),
            jobs_done: 0,
        };
        slot.attach(&worker.life);
        let program = launch.shown();
        let names = worker
            .shake_hands(launch)
            .map_err(|error| match error.kind() {
                io::ErrorKind::TimedOut => ProcessError::NotReady {
                    program: program.to_owned(),
                    timeout: launch.start_timeout,
                },
                io::ErrorKind::InvalidData => ProcessError::unfit(
                    program,
                    "it has another version of tuneup-concurrency; build it with the same",
                ),
                _ => ProcessError::EndedEarly {
                    program: program.to_owned(),
                    status: worker.life.end(),
                },
            })?;
        for (name, number) in names.into_iter().zip(0..) {
            if worker.jobs.insert(name, number).is_some() {
                let reason = "two of its jobs have the same name; give each its own";
                return Err(ProcessError::unfit(program, reason));
            }
        }
        Ok(worker)
    }

    /// The names of its jobs, in the order of their numbers.
    fn shake_hands(&mut self, launch: &Launch) -> io::Result<Vec<String>> {
        let invalid = |_| io::Error::from(io::ErrorKind::InvalidData);
        let deadline = Instant::now().checked_add(launch.start_timeout);
        self.channel.get_mut().set_deadline(deadline);
        let mut most = Frame::of(&launch.max_message_bytes).map_err(invalid)?;
        self.channel.get_mut().write_all(most.seal(frame::BEGIN))?;
        let mut body = Vec::new();
        match frame::read(&mut self.channel, MOST_NAMES_BYTES, &mut body)? {
            frame::READY => frame::decode(&body).map_err(invalid),
            _ => Err(io::ErrorKind::InvalidData.into()),
        }
    }

    pub(crate) fn number_of(&self, job: &str) -> Option<u32> {
        self.jobs.get(job).copied()
    }

    pub(crate) fn life(&self) -> &Arc<Life> {
        &self.life
    }

    pub(crate) fn jobs_done(&self) -> u64 {
        self.jobs_done
    }

    pub(crate) fn is_alive(&self) -> bool {
        !self.channel.get_ref().is_hung_up()
    }

    /// Has it do a job, and gives its answer: of what kind, and what.
    pub(crate) fn call(
        &mut self,
        number: u32,
        input: &mut Frame,
        deadline: Option<Instant>,
        max_bytes: usize,
    ) -> io::Result<(u32, Vec<u8>)> {
        self.channel.get_mut().set_deadline(deadline);
        self.channel.get_mut().write_all(input.seal(number))?;
        let mut body = Vec::new();
        let kind = frame::read(&mut self.channel, max_bytes, &mut body)?;
        if !self.channel.buffer().is_empty() {
            return Err(io::ErrorKind::InvalidData.into());
        }
        self.jobs_done += 1;
        Ok((kind, body))
    }

    /// Tells it to end in good order. [`wait`](Self::wait) for it then.
    pub(crate) fn dismiss(&mut self) {
        if let Ok(mut end) = Frame::of(&()) {
            let deadline = Instant::now().checked_add(GRACE);
            self.channel.get_mut().set_deadline(deadline);
            // One that is gone needs not be told.
            let _ = self.channel.get_mut().write_all(end.seal(frame::END));
        }
    }

    /// Waits until one that was dismissed has ended, for some seconds at most.
    pub(crate) fn wait(mut self) {
        let _ = io::copy(self.channel.get_mut(), &mut io::sink());
    }

    /// Kills it if it lives, and says how it ended.
    pub(crate) fn end(self) -> Option<ExitStatus> {
        self.life.end()
    }
}

impl Drop for WorkerProcess {
    fn drop(&mut self) {
        self.life.end();
    }
}
