//! The file format: what makes a file a history, and how a new one begins.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use crate::Error;

/// "tuHi" in the header's field for the application; `file(1)` and SQLite's tools show it.
const APPLICATION_ID: u32 = 0x7475_4869;
/// The version that this code reads and writes.
const VERSION: u32 = 1;
/// How every SQLite file begins (sqlite.org/fileformat2.html, section 1.3).
const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// Where the header keeps the two numbers, big-endian.
const USER_VERSION_AT: usize = 60;
const APPLICATION_ID_AT: usize = 68;

/// Every column that is read or written: a file with the mark but other tables was changed by somebody.
const COLUMNS: [&str; 4] = [
    "SELECT id, cpu, cores, os, arch, name FROM machine",
    "SELECT id, machine, commit_id, time_ms FROM run",
    "SELECT id, machine, bench, unit FROM series",
    "SELECT series, time_ms, run, value, low, high FROM result",
];

const SCHEMA: &str = "
CREATE TABLE machine (
    id TEXT PRIMARY KEY,
    cpu TEXT NOT NULL,
    cores INTEGER NOT NULL,
    os TEXT NOT NULL,
    arch TEXT NOT NULL,
    name TEXT
) STRICT, WITHOUT ROWID;
CREATE TABLE run (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    machine TEXT NOT NULL REFERENCES machine (id),
    commit_id TEXT,
    time_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX run_by_time ON run (machine, time_ms);
CREATE TABLE series (
    id INTEGER PRIMARY KEY,
    machine TEXT NOT NULL REFERENCES machine (id),
    bench TEXT NOT NULL,
    unit TEXT NOT NULL,
    UNIQUE (machine, bench, unit)
) STRICT;
-- The time is the run's: in the key it makes a series one range, which is read and pruned without a join.
CREATE TABLE result (
    series INTEGER NOT NULL REFERENCES series (id),
    time_ms INTEGER NOT NULL,
    run INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    value REAL NOT NULL,
    low REAL,
    high REAL,
    PRIMARY KEY (series, time_ms, run)
) STRICT, WITHOUT ROWID;
CREATE INDEX result_by_run ON result (run);
";

/// Opens a checked history, or creates one where the file is missing or empty.
pub(super) fn open(path: &Path, busy: Duration) -> Result<Connection, Error> {
    // The header is read without SQLite, which may roll back or checkpoint what it opens: a foreign file stays untouched.
    check_header(path)?;
    let mut connection = connect(path, busy).map_err(|source| failure(path, source))?;
    create(&mut connection).map_err(|source| failure(path, source))?;
    // Another process may have created the file in between, with a version of its own.
    check_header(path)?;
    check_damage(path, &connection)?;
    Ok(connection)
}

fn connect(path: &Path, busy: Duration) -> rusqlite::Result<Connection> {
    // Without the flag for URIs, which would give a meaning to file names that begin with "file:".
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(busy)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    Ok(connection)
}

/// Writes the schema, the mark and the version in one transaction, unless they are there.
fn create(connection: &mut Connection) -> rusqlite::Result<()> {
    let version = |connection: &Connection| {
        connection.pragma_query_value(None, "user_version", |row| row.get(0))
    };
    let found: u32 = version(connection)?;
    if found != 0 {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Only the holder of the lock can tell whether somebody else was faster.
    let found: u32 = version(&transaction)?;
    if found == 0 {
        transaction.execute_batch(SCHEMA)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", VERSION)?;
    }
    transaction.commit()
}

/// Refuses files of others and of newer versions; a missing or empty file is fine.
fn check_header(path: &Path) -> Result<(), Error> {
    let mut header = Vec::with_capacity(100);
    match File::open(path).and_then(|file| file.take(100).read_to_end(&mut header)) {
        Ok(0) => return Ok(()),
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(source) => {
            return Err(Error::UnreadableHistory {
                path: path.to_path_buf(),
                source,
            });
        }
    }
    let number = |at: usize| {
        header
            .get(at..at + 4)
            .map(|bytes| u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    };
    if !header.starts_with(MAGIC) || number(APPLICATION_ID_AT) != Some(APPLICATION_ID) {
        return Err(Error::ForeignHistory {
            path: path.to_path_buf(),
        });
    }
    match number(USER_VERSION_AT) {
        Some(found) if found > VERSION => Err(Error::NewerHistory {
            path: path.to_path_buf(),
            found,
            supported: VERSION,
        }),
        _ => Ok(()),
    }
}

/// Reads every page and index once, and asks for every column.
fn check_damage(path: &Path, connection: &Connection) -> Result<(), Error> {
    let damaged = |detail| {
        Err(Error::DamagedHistory {
            path: path.to_path_buf(),
            detail,
        })
    };
    let answer = connection.pragma_query_value(None, "quick_check", |row| row.get::<_, String>(0));
    match answer.map_err(|source| failure(path, source))? {
        text if text == "ok" => {}
        detail => return damaged(detail),
    }
    for columns in COLUMNS {
        match connection.prepare(columns) {
            Ok(_) => {}
            Err(rusqlite::Error::SqlInputError { msg, .. }) => return damaged(msg),
            Err(source) => return Err(failure(path, source)),
        }
    }
    Ok(())
}

/// Damage that SQLite stumbles upon is named as such.
fn failure(path: &Path, source: rusqlite::Error) -> Error {
    use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
    match source.sqlite_error_code() {
        Some(DatabaseCorrupt | NotADatabase) => Error::DamagedHistory {
            path: path.to_path_buf(),
            detail: source.to_string(),
        },
        _ => Error::History {
            path: path.to_path_buf(),
            source,
        },
    }
}
