//! Instruction counts through valgrind's Callgrind: one process for all cases, counting inside the measured block alone.

use std::process::{Command, Stdio};

use super::Stop;
use super::build::Executable;
use super::session::Session;
use crate::Error;

#[cfg(test)]
mod tests;

/// The function that Callgrind counts in, as its symbol demangles; see `harness::routine`. Callgrind keeps one setting for each
/// pattern, so that the two options name it in different ways.
const MEASURED: &str = "tuneup_benchmarking::harness::routine::tuneup_measured_block";

/// Whether valgrind is installed.
pub(super) fn is_available() -> bool {
    Command::new("valgrind")
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Counts instructions case by case.
pub(super) struct Counter {
    session: Session,
    folder: tempfile::TempDir,
    dumps: u32,
}

impl Counter {
    /// Starts the executable under Callgrind.
    pub(super) fn start(
        executable: &Executable,
        environment: &[(String, String)],
    ) -> Result<Self, Error> {
        let folder = tempfile::tempdir().map_err(|source| Error::Io {
            path: std::env::temp_dir(),
            source,
        })?;
        let out = folder.path().join("out");
        let mut command = Command::new("valgrind");
        command
            .args(["--tool=callgrind", "--quiet", "--collect-atstart=no"])
            .arg("--toggle-collect=*tuneup_measured_block*")
            .arg(format!("--dump-after={MEASURED}"))
            .arg(format!("--callgrind-out-file={}", out.display()))
            .arg(&executable.path)
            .stderr(Stdio::null());
        let session = Session::start_with(command, &executable.path, environment)?;
        Ok(Self {
            session,
            folder,
            dumps: 0,
        })
    }

    /// Instructions of so many iterations, each on its own, after one to warm up.
    pub(super) fn count(
        &mut self,
        place: (usize, usize),
        size: usize,
        iterations: usize,
        stop: &Stop,
    ) -> Result<Vec<u64>, Error> {
        let mut counts = Vec::with_capacity(iterations);
        for iteration in 0..=iterations {
            stop.check()?;
            self.session.run(place.0, place.1, size, 1)?;
            self.dumps += 1;
            let path = self.folder.path().join(format!("out.{}", self.dumps));
            if iteration > 0 {
                let text = std::fs::read_to_string(&path).map_err(|source| Error::Io {
                    path: path.clone(),
                    source,
                })?;
                counts.push(totals(&text).ok_or(Error::Callgrind { path })?);
            }
        }
        Ok(counts)
    }
}

/// The line `totals: N` of a Callgrind dump.
pub(super) fn totals(dump: &str) -> Option<u64> {
    dump.lines()
        .find_map(|line| line.strip_prefix("totals:"))?
        .trim()
        .parse()
        .ok()
}
