//! A job in the queue: from the bytes of its input to the outcome of its task.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError, Weak},
};

use serde::de::DeserializeOwned;

use super::{
    ProcessError, ProcessTask, Slot,
    crew::{Answer, Crew},
    frame::{self, Frame},
};
use crate::{
    Task,
    task::{Core, Home, Job},
};

type Outcome<O> = Result<O, ProcessError>;

pub(super) struct Call<O> {
    core: Arc<Core<Outcome<O>>>,
    crew: Arc<Crew>,
    job: &'static str,
    /// Until it begins.
    input: Mutex<Option<Frame>>,
    slot: Arc<Slot>,
}

impl<O: DeserializeOwned + Send + 'static> Call<O> {
    pub(super) fn new(
        home: Weak<dyn Home>,
        crew: &Arc<Crew>,
        job: &'static str,
        input: Frame,
    ) -> Self {
        let core = Arc::new(Core::of_process(home));
        let slot = Arc::new(Slot::default());
        core.set_abort({
            let slot = Arc::clone(&slot);
            move || slot.cancel()
        });
        Self {
            core,
            crew: Arc::clone(crew),
            job,
            input: Mutex::new(Some(input)),
            slot,
        }
    }

    pub(super) fn task(&self) -> ProcessTask<O> {
        ProcessTask::new(Task::new(Arc::clone(&self.core)))
    }

    /// The outcome, or none if it has panicked, which is in the answer too.
    fn outcome(&self, (kind, body): Answer) -> Result<Outcome<O>, String> {
        let job = self.job;
        Ok(match kind {
            frame::DONE => {
                frame::decode(&body).map_err(|error| ProcessError::output(job, error.to_string()))
            }
            frame::PANICKED => return Err(text(&body)),
            frame::BAD_INPUT => Err(ProcessError::Input {
                job: job.to_owned(),
                reason: text(&body),
            }),
            frame::BAD_OUTPUT => Err(ProcessError::output(job, text(&body))),
            frame::LARGE_OUTPUT => Err(ProcessError::TooLarge {
                job: job.to_owned(),
                bytes: frame::decode(&body).unwrap_or(0),
                max_bytes: self.crew.max_message_bytes() as u64,
            }),
            _ => Err(ProcessError::output(
                job,
                "the kind of the answer is unknown".to_owned(),
            )),
        })
    }
}

/// What a worker says in words.
fn text(body: &[u8]) -> String {
    frame::decode(body).unwrap_or_default()
}

impl<O: DeserializeOwned + Send + 'static> Job for Call<O> {
    fn run(&self) -> bool {
        if !self.core.begin() {
            return false;
        }
        let entered: Arc<dyn Job> = self.core.clone();
        self.crew.enter(&entered);
        let input = self
            .input
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let (answer, veteran) = match input {
            Some(mut input) => self.crew.perform(self.job, &mut input, &self.slot),
            None => (Err(ProcessError::Cancelled), None),
        };
        self.crew.leave(&entered);
        let outcome = match answer {
            // How the type decodes is the user's code.
            Ok(answer) => catch_unwind(AssertUnwindSafe(|| self.outcome(answer))),
            Err(error) => Ok(Ok(Err(error))),
        };
        self.core.finish(match outcome {
            Ok(Ok(outcome)) => Ok(outcome),
            Ok(Err(message)) => Err(Box::new(message)),
            Err(payload) => Err(payload),
        });
        if let Some(veteran) = veteran {
            veteran.retire();
        }
        true
    }

    fn cancel(&self) -> bool {
        self.core.cancel()
    }

    fn is_waiting(&self) -> bool {
        self.core.is_waiting()
    }
}
