//! A running sampler as its owner sees it: a thread that takes commands.

use std::{
    io::{self, PipeReader, PipeWriter, Write as _},
    sync::{
        Arc,
        mpsc::{self, Sender},
    },
    thread::{self, JoinHandle},
};

use super::{
    super::Options,
    reader::{self, Command, Reader},
};
use crate::{Error, Profile};

/// The hold on the thread that reads the samples.
#[derive(Debug)]
pub(in crate::native) struct Engine {
    options: Options,
    commands: Sender<Command>,
    /// The thread waits for samples and for this: a byte for each command.
    waker: PipeWriter,
    /// Where the thread reads, kept open: to write when nobody can read would end programs that let SIGPIPE.
    _wakes: Arc<PipeReader>,
    thread: Option<JoinHandle<()>>,
}

impl Engine {
    pub(in crate::native) fn start(options: Options) -> Result<Self, Error> {
        let (wakes, waker) = io::pipe().map_err(no_thread)?;
        let wakes = Arc::new(wakes);
        let read_by_thread = Arc::clone(&wakes);
        let (commands, receiver) = mpsc::channel();
        let (started, is_started) = mpsc::channel();
        // The thread opens the events itself, so that it is there before them and inherits none.
        let thread = thread::Builder::new()
            .name("tuneup-native".to_owned())
            .spawn(move || {
                let reader = Reader::start(options);
                let (answer, reader) = match reader {
                    Ok(reader) => (Ok(()), Some(reader)),
                    Err(error) => (Err(error), None),
                };
                let is_awaited = started.send(answer).is_ok();
                if let (Some(reader), true) = (reader, is_awaited) {
                    reader.run(&receiver, &read_by_thread);
                }
            })
            .map_err(no_thread)?;
        is_started
            .recv()
            .map_err(|gone| no_thread(io::Error::other(gone)))??;
        Ok(Self {
            options,
            commands,
            waker,
            _wakes: wakes,
            thread: Some(thread),
        })
    }

    pub(in crate::native) fn snapshot(&self) -> Profile {
        self.ask(Command::Snapshot)
    }

    pub(in crate::native) fn finish(self) -> Profile {
        self.ask(Command::Finish)
    }

    fn ask(&self, command: impl FnOnce(Sender<Profile>) -> Command) -> Profile {
        let (answer, profile) = mpsc::channel();
        self.tell(command(answer));
        profile
            .recv()
            .unwrap_or_else(|_| reader::nothing(self.options))
    }

    fn tell(&self, command: Command) {
        // Both fail only if the thread has ended, and then nobody is to be told.
        let _ = self.commands.send(command);
        let _ = (&self.waker).write_all(&[0]);
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.tell(Command::Stop);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn no_thread(source: io::Error) -> Error {
    Error::Sampler {
        what: "its thread cannot be started".to_owned(),
        mend: "raise the limits on threads and on open files (`ulimit -u`, `ulimit -n`)".to_owned(),
        source,
    }
}
