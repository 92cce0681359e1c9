//! A bench executable, started and spoken to.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::Error;
use crate::protocol::{HeapUse, Listing, PREFIX, Request, Response, SERVE, VERSION};

#[cfg(test)]
mod tests;

/// A running bench executable. Dropping it ends the process.
pub(crate) struct Session {
    name: String,
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    pub(crate) listing: Listing,
}

/// Most lines of its own that a case may print before an answer; more is taken for a runaway.
const STRAY_LINES: usize = 100_000;

impl Session {
    /// Starts the executable and asks what it can run.
    pub(crate) fn start(
        executable: &Path,
        environment: &[(String, String)],
    ) -> Result<Self, Error> {
        Self::start_with(Command::new(executable), executable, environment)
    }

    /// Starts it through another program, such as valgrind, whose command line is complete but for the executable's argument.
    pub(crate) fn start_with(
        mut command: Command,
        executable: &Path,
        environment: &[(String, String)],
    ) -> Result<Self, Error> {
        let name = executable.display().to_string();
        leave_to_us(&mut command);
        let mut child = command
            .arg(SERVE)
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|source| Error::Start {
                program: name.clone(),
                source,
            })?;
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().expect("standard output is piped"));
        let listing = Listing {
            version: VERSION,
            heap: false,
            groups: Vec::new(),
        };
        let mut session = Self {
            name,
            child,
            input,
            output,
            listing,
        };
        match session.ask(Request::List)? {
            Response::Listing(listing) if listing.version == VERSION => session.listing = listing,
            Response::Listing(listing) => {
                return Err(session.broken(format!(
                    "it speaks version {} of the protocol, not {VERSION}",
                    listing.version
                )));
            }
            _ => return Err(session.broken("it answered a request that was not made")),
        }
        Ok(session)
    }

    /// Facts about the inputs, by name.
    pub(crate) fn notes(&mut self) -> Result<Vec<(String, String)>, Error> {
        match self.ask(Request::Notes)? {
            Response::Notes(notes) => Ok(notes),
            _ => Err(self.broken("it answered a request that was not made")),
        }
    }

    /// Checks that the cases of a group answer alike.
    pub(crate) fn check(&mut self, group: usize, size: usize) -> Result<(), Error> {
        match self.ask(Request::Check { group, size })? {
            Response::Checked => Ok(()),
            _ => Err(self.broken("it answered a request that was not made")),
        }
    }

    /// Nanoseconds that so many iterations of a case took.
    pub(crate) fn run(
        &mut self,
        group: usize,
        case: usize,
        size: usize,
        iterations: u64,
    ) -> Result<f64, Error> {
        match self.ask(Request::Run {
            group,
            case,
            size,
            iterations,
        })? {
            Response::Ran { ns } => Ok(ns),
            _ => Err(self.broken("it answered a request that was not made")),
        }
    }

    /// What one iteration of a case asks of the allocator.
    pub(crate) fn heap(
        &mut self,
        group: usize,
        case: usize,
        size: usize,
    ) -> Result<HeapUse, Error> {
        match self.ask(Request::Heap { group, case, size })? {
            Response::Heap(heap) => Ok(heap),
            _ => Err(self.broken("it answered a request that was not made")),
        }
    }

    fn ask(&mut self, request: Request) -> Result<Response, Error> {
        let json = serde_json::to_string(&request).expect("a request has no map keys");
        let input = self
            .input
            .as_mut()
            .expect("open until the session is dropped");
        if writeln!(input, "{json}")
            .and_then(|()| input.flush())
            .is_err()
        {
            return Err(self.broken("it went away"));
        }
        let mut bytes = Vec::new();
        for _ in 0..STRAY_LINES {
            bytes.clear();
            match self.output.read_until(b'\n', &mut bytes) {
                Ok(1..) => {}
                _ => return Err(self.broken("it went away")),
            }
            // What a case prints need not be text.
            let line = String::from_utf8_lossy(&bytes);
            // A case that prints without a final newline shares its line with the answer.
            let Some((_, json)) = line.split_once(PREFIX) else {
                continue;
            };
            return match serde_json::from_str(json) {
                Ok(Response::Failed { message }) => Err(self.broken(message)),
                Ok(response) => Ok(response),
                Err(error) => Err(self.broken(format!("unreadable answer: {error}"))),
            };
        }
        Err(self.broken("it prints without end; is it a bench with `harness::main`?"))
    }

    fn broken(&self, reason: impl Into<String>) -> Error {
        Error::Session {
            program: self.name.clone(),
            reason: reason.into(),
        }
    }
}

/// Keeps a Ctrl-C on the terminal from the benches: it would end them in the middle of a measurement, which then looks like a bench that
/// failed and takes the results before it along. The driver is told, and stops where nothing is lost.
pub(super) fn leave_to_us(command: &mut Command) {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    #[cfg(not(unix))]
    let _ = command;
}

impl Drop for Session {
    fn drop(&mut self) {
        // Closing its input ends the server between requests; the kill is for one that is in the middle of a case.
        self.input = None;
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
