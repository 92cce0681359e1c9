//! Steps of a release: each runs once and leaves what it has made, so that a release that was stopped goes on where it was.

use std::{
    error::Error as StdError,
    fs, io,
    path::PathBuf,
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

pub use self::report::{MadeFile, StepEvent, StepOutcome, StepReport, StepsReport};
use crate::{Clock, Error, whole_file::write_whole};

mod report;
#[cfg(test)]
mod tests;

/// Runs named steps in their order, and keeps in a file what each has made.
///
/// A step that was done before, for the same subject, is not run again if the run resumes: what it made is read from the file, and the files that it wrote are
/// compared with their hashes. If one is gone, its step and all after it run again; if one has changed, that is an error.
///
/// ```
/// use tuneup_packaging::{Made, Steps, StepsBuilder, System};
///
/// let folder = tempfile::tempdir().unwrap();
/// let state = folder.path().join("state.json");
/// let builder = StepsBuilder::new(&state, "commit 1a2b3c")
///     .step("plan", "what is released")
///     .optional_step("pack", "the archive");
/// let mut steps = builder.clone().build(&System, |_| {})?;
/// let version: String = steps.run("plan", || Ok(Made::of("0.2.0".to_owned())))?;
/// let archive = folder.path().join("archive");
/// steps.run_optional("pack", || {
///     std::fs::write(&archive, &version)?;
///     Ok(Made::of(()).with_file(&archive))
/// })?;
/// assert_eq!(steps.report().steps.len(), 2);
///
/// // A run that resumes does nothing again.
/// let mut steps = builder.resume(true).build(&System, |_| {})?;
/// let version: String = steps.run("plan", || panic!("it was done"))?;
/// assert_eq!(version, "0.2.0");
/// # Ok::<(), tuneup_packaging::Error>(())
/// ```
pub struct Steps<'a> {
    plan: StepsBuilder,
    /// Of the run before, for the same subject: what is not yet called for.
    before: Vec<Done>,
    done: Vec<Done>,
    report: StepsReport,
    clock: &'a dyn Clock,
    observer: Box<dyn FnMut(StepEvent<'_>) + 'a>,
}

/// Which steps there are, and how they are run.
///
/// See [`Steps`].
#[derive(Clone, Debug)]
#[must_use = "nothing is run before `build`"]
pub struct StepsBuilder {
    state: PathBuf,
    subject: String,
    steps: Vec<Planned>,
    skipped: Vec<String>,
    resumes: bool,
}

#[derive(Clone, Debug)]
struct Planned {
    name: &'static str,
    about: &'static str,
    is_optional: bool,
}

/// What a step has made: a value that later steps need, and files.
///
/// ```
/// use tuneup_packaging::Made;
///
/// let made = Made::of(3).with_file("target/three");
/// assert_eq!((made.value, made.files.len()), (3, 1));
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Made<T> {
    /// Written to the state, so that a run that resumes has it.
    pub value: T,
    /// Files whose hashes are kept and told.
    pub files: Vec<PathBuf>,
}

/// What the state holds of a step.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Done {
    name: String,
    value: Value,
    files: Vec<MadeFile>,
    time: Duration,
}

#[derive(Serialize, Deserialize)]
struct State {
    subject: String,
    done: Vec<Done>,
}

/// What a step may fail with.
type Failure = Box<dyn StdError + Send + Sync>;

impl<T> Made<T> {
    /// A value, and no files.
    pub fn of(value: T) -> Self {
        Self {
            value,
            files: Vec::new(),
        }
    }

    /// Adds a file, which has to be there when the step ends.
    #[must_use]
    pub fn with_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.files.push(path.into());
        self
    }

    /// Adds several files.
    #[must_use]
    pub fn with_files(mut self, paths: impl IntoIterator<Item = PathBuf>) -> Self {
        self.files.extend(paths);
        self
    }
}

impl StepsBuilder {
    /// Steps whose state is kept in a file. What was done for another subject (a commit, a version, settings: whatever decides what the steps make) is not
    /// reused.
    pub fn new(state: impl Into<PathBuf>, subject: impl Into<String>) -> Self {
        Self {
            state: state.into(),
            subject: subject.into(),
            steps: Vec::new(),
            skipped: Vec::new(),
            resumes: false,
        }
    }

    /// Adds a step that others need: it cannot be skipped.
    pub fn step(self, name: &'static str, about: &'static str) -> Self {
        self.with(name, about, false)
    }

    /// Adds a step that may be skipped.
    pub fn optional_step(self, name: &'static str, about: &'static str) -> Self {
        self.with(name, about, true)
    }

    fn with(mut self, name: &'static str, about: &'static str, is_optional: bool) -> Self {
        self.steps.push(Planned {
            name,
            about,
            is_optional,
        });
        self
    }

    /// Leaves steps out.
    pub fn skip(mut self, names: impl IntoIterator<Item = String>) -> Self {
        self.skipped.extend(names);
        self
    }

    /// Whether to go on with what an earlier run has done; by default all steps run.
    pub fn resume(mut self, resumes: bool) -> Self {
        self.resumes = resumes;
        self
    }

    /// Ready to run, with somebody who is told of each step.
    ///
    /// # Errors
    ///
    /// A step to be skipped is unknown or needed; the state cannot be read, or is there for something else than what is to be resumed.
    pub fn build<'a>(
        self,
        clock: &'a dyn Clock,
        observer: impl FnMut(StepEvent<'_>) + 'a,
    ) -> Result<Steps<'a>, Error> {
        for name in &self.skipped {
            match self.steps.iter().find(|step| step.name == name) {
                Some(step) if step.is_optional => {}
                Some(_) => return Err(Error::StepNeeded { step: name.clone() }),
                None => {
                    return Err(Error::UnknownStep {
                        step: name.clone(),
                        known: self.optional_names(),
                    });
                }
            }
        }
        let before = match self.resumes {
            true => self.read_state()?,
            false => Vec::new(),
        };
        Ok(Steps {
            plan: self,
            before,
            done: Vec::new(),
            report: StepsReport::default(),
            clock,
            observer: Box::new(observer),
        })
    }

    fn optional_names(&self) -> Vec<String> {
        let optional = self.steps.iter().filter(|step| step.is_optional);
        optional.map(|step| step.name.to_owned()).collect()
    }

    fn read_state(&self) -> Result<Vec<Done>, Error> {
        let text = match fs::read(&self.state) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(Error::NothingToResume {
                    path: self.state.clone(),
                    reason: "no run was stopped".to_owned(),
                });
            }
            Err(error) => return Err(Error::file("read", &self.state)(error)),
        };
        let state: State =
            serde_json::from_slice(&text).map_err(|error| Error::NothingToResume {
                path: self.state.clone(),
                reason: format!("it is damaged ({error})"),
            })?;
        if state.subject != self.subject {
            return Err(Error::NothingToResume {
                path: self.state.clone(),
                reason: format!("it was for {}, and this is {}", state.subject, self.subject),
            });
        }
        Ok(state.done)
    }
}

impl Steps<'_> {
    /// Runs a step that others need, or says what it made before.
    ///
    /// # Errors
    ///
    /// [`Error::StepFailed`] with what the step has failed with; its state cannot be kept; a file of it has changed since.
    ///
    /// # Panics
    ///
    /// The step was not named to the builder, or is optional.
    pub fn run<T: Serialize + DeserializeOwned>(
        &mut self,
        name: &'static str,
        run: impl FnOnce() -> Result<Made<T>, Failure>,
    ) -> Result<T, Error> {
        assert!(!self.planned(name).1.is_optional, "`{name}` is optional");
        self.run_or_read(name, run)
    }

    /// Runs a step, unless it is to be skipped: then there is nothing.
    ///
    /// # Errors
    ///
    /// As [`Steps::run`].
    ///
    /// # Panics
    ///
    /// The step was not named to the builder, or is needed.
    pub fn run_optional<T: Serialize + DeserializeOwned>(
        &mut self,
        name: &'static str,
        run: impl FnOnce() -> Result<Made<T>, Failure>,
    ) -> Result<Option<T>, Error> {
        assert!(self.planned(name).1.is_optional, "`{name}` is needed");
        if self.plan.skipped.iter().any(|skipped| skipped == name) {
            // What an earlier run made of it is not what this run goes by.
            self.before.retain(|done| done.name != name);
            self.ended(StepReport::of(name, StepOutcome::Skipped));
            return Ok(None);
        }
        self.run_or_read(name, run).map(Some)
    }

    /// What has become of the steps so far.
    #[must_use]
    pub fn report(&self) -> &StepsReport {
        &self.report
    }

    fn planned(&self, name: &str) -> (usize, &Planned) {
        let mut steps = self.plan.steps.iter().enumerate();
        steps
            .find(|(_, step)| step.name == name)
            .unwrap_or_else(|| panic!("`{name}` is no step that the builder knows"))
    }

    fn run_or_read<T: Serialize + DeserializeOwned>(
        &mut self,
        name: &'static str,
        run: impl FnOnce() -> Result<Made<T>, Failure>,
    ) -> Result<T, Error> {
        if let Some((done, value)) = self.done_before(name)? {
            let mut report = StepReport::of(name, StepOutcome::DoneBefore);
            report.files.clone_from(&done.files);
            report.time = done.time;
            self.done.push(done);
            self.keep()?;
            self.ended(report);
            return Ok(value);
        }
        // What came after it has gone by what it made.
        self.before.clear();
        let (index, planned) = self.planned(name);
        let event = StepEvent::Begun {
            index,
            count: self.plan.steps.len(),
            name,
            about: planned.about,
        };
        (self.observer)(event);
        let begun = self.clock.now();
        let made = run().and_then(|made| {
            let files = made.files.iter().map(|path| MadeFile::read(path));
            let files: Vec<MadeFile> = files.collect::<Result<_, _>>()?;
            Ok((serde_json::to_value(&made.value)?, made.value, files))
        });
        let time = since(begun, self.clock.now());
        match made {
            Ok((kept, value, files)) => {
                let mut report = StepReport::of(name, StepOutcome::Done);
                report.files.clone_from(&files);
                report.time = time;
                self.done.push(Done {
                    name: name.to_owned(),
                    value: kept,
                    files,
                    time,
                });
                self.keep()?;
                self.ended(report);
                Ok(value)
            }
            Err(source) => {
                let mut report = StepReport::of(name, StepOutcome::Failed);
                report.time = time;
                report.error = Some(chain(&*source));
                self.ended(report);
                Err(Error::StepFailed {
                    step: name.to_owned(),
                    source,
                })
            }
        }
    }

    /// What an earlier run has made, if it is all there. A value that is none of this type was made by another version of the program.
    fn done_before<T: DeserializeOwned>(&mut self, name: &str) -> Result<Option<(Done, T)>, Error> {
        let Some(index) = self.before.iter().position(|done| done.name == name) else {
            return Ok(None);
        };
        let done = self.before.remove(index);
        for file in &done.files {
            match MadeFile::read(&file.path) {
                Ok(found) if found == *file => {}
                Ok(found) => {
                    return Err(Error::MadeFileChanged {
                        step: name.to_owned(),
                        path: file.path.clone(),
                        expected: file.sha256.clone(),
                        found: found.sha256,
                    });
                }
                Err(_) => return Ok(None),
            }
        }
        let value = T::deserialize(&done.value).ok();
        Ok(value.map(|value| (done, value)))
    }

    /// Writes the state, complete or not at all.
    fn keep(&self) -> Result<(), Error> {
        let state = State {
            subject: self.plan.subject.clone(),
            done: self.done.iter().chain(&self.before).cloned().collect(),
        };
        let path = &self.plan.state;
        let text = serde_json::to_vec_pretty(&state)
            .map_err(io::Error::from)
            .map_err(Error::file("write", path))?;
        write_whole(path, &text)
    }

    fn ended(&mut self, report: StepReport) {
        (self.observer)(StepEvent::Ended(&report));
        self.report.steps.push(report);
    }
}

fn since(begun: SystemTime, now: SystemTime) -> Duration {
    now.duration_since(begun).unwrap_or_default()
}

/// An error with all that has led to it.
fn chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}
