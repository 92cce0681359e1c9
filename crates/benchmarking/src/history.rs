//! Results by machine, commit and bench, in one SQLite file.
//!
//! One file with a rollback journal, not a write-ahead log: a history is written a few times an hour and read as
//! seldom, so writers do not need to pass readers; and one file can be copied, kept as a CI artefact, and put on a network
//! drive, which a write-ahead log cannot. Every append is one transaction with full synchronisation: after a kill or a
//! power cut it is there completely or not at all.

mod record;
mod schema;
mod series;
#[cfg(test)]
mod tests;

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, Transaction, TransactionBehavior, params};

pub use self::record::{HistoryBench, HistoryResult, HistoryRun, HistoryRunInfo};
pub use self::series::{HistoryPoint, HistorySeries};
use crate::{Error, Machine};

/// Results kept for each bench, unit and machine, unless asked otherwise.
const DEFAULT_MAX_RUNS: NonZeroUsize = NonZeroUsize::new(1000).expect("not zero");
/// All runs of a machine are bounded too, so that benches which no longer exist leave in the end.
const RUNS_PER_BENCH_BOUND: usize = 10;
/// How long to wait for another writer.
const BUSY: Duration = Duration::from_secs(10);

/// An open history file.
///
/// Several processes and threads may have the same file open, each with a `History` of its own; a writer waits up to
/// 10 s for another one. Every call blocks on the file. `Send`, not `Sync`.
///
/// Keeps the newest 1000 results of each bench, unit and machine ([`with_max_runs`](Self::with_max_runs)), and of each
/// machine ten times as many runs.
///
/// ```
/// use tuneup_benchmarking::{History, HistoryResult, HistoryRun, Machine};
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("history.sqlite");
/// let mut history = History::open(&path)?;
/// let machine = Machine::detect();
/// for value in [102.0, 99.5, 101.0] {
///     let run = HistoryRun::new(machine.clone())
///         .with_commit("4f5c2d1")
///         .with_result(HistoryResult::new("parse/json", "ns", value).with_interval(value - 2.0, value + 2.0));
///     history.append(&run)?;
/// }
/// let series = history.series(&machine.id(), "parse/json", "ns")?;
/// assert_eq!(series.values(), [102.0, 99.5, 101.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct History {
    connection: Connection,
    path: PathBuf,
    max_runs: NonZeroUsize,
}

impl History {
    /// Opens a history, or creates it where there is no file yet. The folder must exist. The path `:memory:` means a
    /// history that is never written to a file.
    ///
    /// A file that is not a history of this crate, was written by a newer version, or is damaged is refused by name and
    /// left as it is. The check for damage reads the whole file.
    ///
    /// # Errors
    ///
    /// [`Error::ForeignHistory`], [`Error::NewerHistory`], [`Error::DamagedHistory`], or [`Error::History`] when the file
    /// cannot be read or written.
    ///
    /// ```
    /// use tuneup_benchmarking::{Error, History};
    ///
    /// # let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("notes.txt");
    /// std::fs::write(&path, "not a database")?;
    /// assert!(matches!(History::open(&path), Err(Error::ForeignHistory { .. })));
    /// assert_eq!(std::fs::read_to_string(&path)?, "not a database");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref().to_path_buf();
        let connection = schema::open(&path, BUSY)?;
        Ok(Self {
            connection,
            path,
            max_runs: DEFAULT_MAX_RUNS,
        })
    }

    /// Keeps so many results of each bench, unit and machine instead of 1000; older ones go with the next append.
    ///
    /// ```
    /// use std::num::NonZeroUsize;
    /// use tuneup_benchmarking::History;
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("history.sqlite");
    /// let history = History::open(&path)?.with_max_runs(NonZeroUsize::MIN);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_max_runs(mut self, max_runs: NonZeroUsize) -> Self {
        self.max_runs = max_runs;
        self
    }

    /// Adds a run with all its results, and drops what is beyond the bound, in one transaction.
    ///
    /// Returns the number of the run. O(results × results kept of each), and a synchronised write to the disk.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidResult`] for a value that is not finite, an empty or repeated name, or a reversed interval;
    /// [`Error::History`] when another writer holds the file for more than 10 s or the file cannot be written. Nothing is
    /// added then.
    ///
    /// ```
    /// use tuneup_benchmarking::{History, HistoryResult, HistoryRun, Machine};
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("history.sqlite");
    /// let mut history = History::open(&path)?;
    /// let machine = Machine::detect();
    /// let run = HistoryRun::new(machine).with_result(HistoryResult::new("sort", "ns", 5.0));
    /// assert!(history.append(&run)? < history.append(&run)?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn append(&mut self, run: &HistoryRun) -> Result<i64, Error> {
        run.check()?;
        let max_runs = self.max_runs.get();
        self.write(|transaction| {
            let id = insert_run(transaction, run)?;
            for result in &run.results {
                let series = series_id(transaction, &run.machine.id(), result)?;
                insert_result(transaction, series, id, to_ms(run.time), result)?;
                prune_series(transaction, series, max_runs)?;
            }
            prune_runs(transaction, &run.machine.id(), max_runs)?;
            Ok(id)
        })
    }

    /// The results of one bench on one machine in the order of their time; empty if there are none.
    ///
    /// `machine` is a [`Machine::id`]. O(results of the bench).
    ///
    /// # Errors
    ///
    /// [`Error::History`] when the file cannot be read.
    ///
    /// ```
    /// use tuneup_benchmarking::{History, HistoryResult, HistoryRun, Machine};
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("history.sqlite");
    /// let mut history = History::open(&path)?;
    /// let machine = Machine::detect();
    /// history.append(&HistoryRun::new(machine.clone()).with_result(HistoryResult::new("sort", "ns", 5.0)))?;
    /// assert_eq!(history.series(&machine.id(), "sort", "ns")?.values(), [5.0]);
    /// assert!(history.series(&machine.id(), "sort", "bytes")?.points.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn series(&self, machine: &str, bench: &str, unit: &str) -> Result<HistorySeries, Error> {
        let sql = "SELECT run.id, result.time_ms, commit_id, value, low, high \
                   FROM series JOIN result ON result.series = series.id JOIN run ON run.id = result.run \
                   WHERE series.machine = ?1 AND bench = ?2 AND unit = ?3 ORDER BY result.time_ms, run.id";
        let points = self.query(sql, params![machine, bench, unit], |row| {
            let low: Option<f64> = row.get(4)?;
            let high: Option<f64> = row.get(5)?;
            Ok(HistoryPoint {
                run: row.get(0)?,
                time: from_ms(row.get(1)?),
                commit: row.get(2)?,
                value: row.get(3)?,
                interval: low.zip(high),
            })
        })?;
        Ok(HistorySeries {
            bench: bench.to_owned(),
            unit: unit.to_owned(),
            points,
        })
    }

    /// Every bench of a machine, by name and unit.
    ///
    /// O(results of the machine).
    ///
    /// # Errors
    ///
    /// [`Error::History`] when the file cannot be read.
    ///
    /// ```
    /// use tuneup_benchmarking::{History, HistoryResult, HistoryRun, Machine};
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("history.sqlite");
    /// let mut history = History::open(&path)?;
    /// let machine = Machine::detect();
    /// history.append(&HistoryRun::new(machine.clone()).with_result(HistoryResult::new("sort", "ns", 5.0)))?;
    /// let benches = history.benches(&machine.id())?;
    /// assert_eq!((benches[0].bench.as_str(), benches[0].runs), ("sort", 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn benches(&self, machine: &str) -> Result<Vec<HistoryBench>, Error> {
        let sql = "SELECT bench, unit, count(*), min(time_ms), max(time_ms) \
                   FROM series JOIN result ON result.series = series.id \
                   WHERE machine = ?1 GROUP BY series.id ORDER BY bench, unit";
        self.query(sql, params![machine], |row| {
            Ok(HistoryBench {
                bench: row.get(0)?,
                unit: row.get(1)?,
                runs: count(row.get(2)?),
                first: from_ms(row.get(3)?),
                last: from_ms(row.get(4)?),
            })
        })
    }

    /// The newest runs of a machine, newest first, at most `limit`.
    ///
    /// # Errors
    ///
    /// [`Error::History`] when the file cannot be read.
    ///
    /// ```
    /// use tuneup_benchmarking::{History, HistoryRun, Machine};
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("history.sqlite");
    /// let mut history = History::open(&path)?;
    /// let machine = Machine::detect();
    /// history.append(&HistoryRun::new(machine.clone()).with_commit("4f5c2d1"))?;
    /// assert_eq!(history.runs(&machine.id(), 10)?[0].commit.as_deref(), Some("4f5c2d1"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn runs(&self, machine: &str, limit: usize) -> Result<Vec<HistoryRunInfo>, Error> {
        let sql = "SELECT id, time_ms, commit_id, (SELECT count(*) FROM result WHERE run = run.id) \
                   FROM run WHERE machine = ?1 ORDER BY time_ms DESC, id DESC LIMIT ?2";
        self.query(sql, params![machine, bounded(limit)], |row| {
            Ok(HistoryRunInfo {
                id: row.get(0)?,
                time: from_ms(row.get(1)?),
                commit: row.get(2)?,
                results: count(row.get(3)?),
            })
        })
    }

    /// Every machine that has results, by id.
    ///
    /// # Errors
    ///
    /// [`Error::History`] when the file cannot be read.
    ///
    /// ```
    /// use tuneup_benchmarking::{History, HistoryRun, Machine};
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("history.sqlite");
    /// let mut history = History::open(&path)?;
    /// history.append(&HistoryRun::new(Machine::detect()))?;
    /// assert_eq!(history.machines()?, [Machine::detect()]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn machines(&self) -> Result<Vec<Machine>, Error> {
        let sql = "SELECT cpu, cores, os, arch, name FROM machine ORDER BY id";
        self.query(sql, params![], |row| {
            Ok(Machine {
                cpu: row.get(0)?,
                cores: count(row.get(1)?),
                os: row.get(2)?,
                arch: row.get(3)?,
                name: row.get(4)?,
            })
        })
    }

    /// Runs `work` in a transaction that takes the write lock at once, so that it cannot fail half-way for want of it.
    fn write<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, Error> {
        let attempt = || {
            let transaction = self
                .connection
                .transaction_with_behavior(TransactionBehavior::Immediate)?;
            let answer = work(&transaction)?;
            transaction.commit()?;
            Ok(answer)
        };
        attempt().map_err(|source| Error::History {
            path: self.path.clone(),
            source,
        })
    }

    fn query<T>(
        &self,
        sql: &str,
        parameters: &[&dyn rusqlite::ToSql],
        row: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, Error> {
        let rows = || -> rusqlite::Result<Vec<T>> {
            self.connection
                .prepare_cached(sql)?
                .query_map(parameters, row)?
                .collect()
        };
        rows().map_err(|source| Error::History {
            path: self.path.clone(),
            source,
        })
    }
}

/// Adds the run, and its machine if it is new; the number of the run.
fn insert_run(transaction: &Transaction<'_>, run: &HistoryRun) -> rusqlite::Result<i64> {
    let Machine {
        cpu,
        cores,
        os,
        arch,
        name,
    } = &run.machine;
    let id = run.machine.id();
    transaction.execute(
        "INSERT OR IGNORE INTO machine (id, cpu, cores, os, arch, name) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![id, cpu, bounded(*cores), os, arch, name],
    )?;
    transaction.execute(
        "INSERT INTO run (machine, commit_id, time_ms) VALUES (?1, ?2, ?3)",
        params![id, run.commit, to_ms(run.time)],
    )?;
    Ok(transaction.last_insert_rowid())
}

/// The number of the series that a result belongs to, which is added if it is new.
fn series_id(
    transaction: &Transaction<'_>,
    machine: &str,
    result: &HistoryResult,
) -> rusqlite::Result<i64> {
    let key = params![machine, result.bench, result.unit];
    let add = "INSERT OR IGNORE INTO series (machine, bench, unit) VALUES (?1, ?2, ?3)";
    transaction.prepare_cached(add)?.execute(key)?;
    let find = "SELECT id FROM series WHERE machine = ?1 AND bench = ?2 AND unit = ?3";
    transaction
        .prepare_cached(find)?
        .query_row(key, |row| row.get(0))
}

fn insert_result(
    transaction: &Transaction<'_>,
    series: i64,
    run: i64,
    time_ms: i64,
    result: &HistoryResult,
) -> rusqlite::Result<()> {
    let (low, high) = result.interval.unzip();
    let sql = "INSERT INTO result (series, time_ms, run, value, low, high) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    transaction
        .prepare_cached(sql)?
        .execute(params![series, time_ms, run, result.value, low, high])
        .map(drop)
}

/// Drops what is older than the newest `keep` results of a series.
fn prune_series(transaction: &Transaction<'_>, series: i64, keep: usize) -> rusqlite::Result<()> {
    let sql = "DELETE FROM result WHERE series = ?1 AND (time_ms, run) <= ( \
                 SELECT time_ms, run FROM result WHERE series = ?1 \
                 ORDER BY time_ms DESC, run DESC LIMIT 1 OFFSET ?2)";
    transaction
        .prepare_cached(sql)?
        .execute(params![series, bounded(keep)])
        .map(drop)
}

/// Drops the runs of a machine beyond the bound, what is left of their results, and series that are empty then.
fn prune_runs(transaction: &Transaction<'_>, machine: &str, keep: usize) -> rusqlite::Result<()> {
    let sql = "DELETE FROM run WHERE id IN ( \
                 SELECT id FROM run WHERE machine = ?1 ORDER BY time_ms DESC, id DESC LIMIT -1 OFFSET ?2)";
    let bound = bounded(keep.saturating_mul(RUNS_PER_BENCH_BOUND));
    if transaction
        .prepare_cached(sql)?
        .execute(params![machine, bound])?
        > 0
    {
        let sql = "DELETE FROM series WHERE machine = ?1 \
                   AND NOT EXISTS (SELECT 1 FROM result WHERE result.series = series.id)";
        transaction.prepare_cached(sql)?.execute(params![machine])?;
    }
    Ok(())
}

/// SQLite's integers are signed.
fn bounded(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn count(number: i64) -> usize {
    usize::try_from(number).unwrap_or(0)
}

/// Milliseconds since 1970, negative before.
fn to_ms(time: SystemTime) -> i64 {
    let whole = |duration: Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => whole(after),
        Err(before) => -whole(before.duration()),
    }
}

fn from_ms(ms: i64) -> SystemTime {
    let distance = Duration::from_millis(ms.unsigned_abs());
    let time = if ms >= 0 {
        UNIX_EPOCH.checked_add(distance)
    } else {
        UNIX_EPOCH.checked_sub(distance)
    };
    time.unwrap_or(UNIX_EPOCH)
}
