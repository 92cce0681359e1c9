//! Opening the file, and saying what is wrong with it.

use std::{
    fs::File,
    io::{self, Read as _},
    path::Path,
};

use redb::{Database, DatabaseError};

use super::{
    STORE,
    guarded::{AssertionViolated, Guarded},
    tables::{self, Prepared},
};
use crate::Error;

/// The first bytes of each file of redb.
const REDB: [u8; 9] = *b"redb\x1A\x0A\xA9\x0D\x0A";

/// A file that was not closed is checked whole and repaired; one that is damaged is an error.
pub(super) fn open(path: &Path, memory_bytes: usize) -> Result<Guarded, Error> {
    let violated = |_: AssertionViolated| damaged(path, AssertionViolated::REASON);
    let create = || {
        Database::builder()
            .set_cache_size(memory_bytes)
            .create(path)
    };
    let database = Guarded::open(create)
        .map_err(violated)?
        .map_err(|error| explain(path, error))?;
    match database.run(tables::prepare) {
        Some(prepared) => check_prepared(path, prepared.map_err(violated)?)?,
        None => unreachable!("it was just opened"),
    }
    Ok(database)
}

fn check_prepared(path: &Path, prepared: Result<Prepared, redb::Error>) -> Result<(), Error> {
    match prepared {
        Ok(Prepared::Ready) => Ok(()),
        Ok(Prepared::OfLayout(layout)) => Err(Error::StoreFile {
            path: path.to_owned(),
            reason: format!("its tables have layout {layout}, which is of another version"),
            advice: "give another path, or move the file away; the cache fills again",
        }),
        Err(redb::Error::Corrupted(reason)) => Err(damaged(path, &reason)),
        Ok(Prepared::OfSomethingElse)
        | Err(
            redb::Error::TableTypeMismatch { .. }
            | redb::Error::TableIsMultimap(_)
            | redb::Error::TypeDefinitionChanged { .. },
        ) => Err(foreign(path, "it is a database of something else")),
        Err(error) => Err(Error::Store {
            store: STORE,
            operation: "prepare its tables",
            source: Box::new(error),
        }),
    }
}

fn explain(path: &Path, error: DatabaseError) -> Error {
    let (reason, advice) = match error {
        DatabaseError::DatabaseAlreadyOpen => (
            "it is open already, in this process or another".to_owned(),
            "clone the store that has it open, or give each process a file of its own",
        ),
        DatabaseError::UpgradeRequired(version) => (
            format!("it has version {version} of the file format"),
            "give another path, or move the file away; the cache fills again",
        ),
        DatabaseError::Storage(redb::StorageError::Corrupted(reason)) => {
            return damaged(path, &reason);
        }
        DatabaseError::Storage(redb::StorageError::Io(error)) if is_of_content(&error) => {
            return damaged(path, &error.to_string());
        }
        error => {
            return Error::Store {
                store: STORE,
                operation: "open its file",
                source: Box::new(error),
            };
        }
    };
    Error::StoreFile {
        path: path.to_owned(),
        reason,
        advice,
    }
}

/// Only a file that is one of redb is called damaged, and its deletion advised: any other may be somebody's work.
pub(super) fn damaged(path: &Path, reason: &str) -> Error {
    if !begins_as_redb(path) {
        return foreign(path, "it is a file of something else and no store");
    }
    Error::StoreFile {
        path: path.to_owned(),
        reason: format!("it is damaged ({reason})"),
        advice: "move it away or delete it; the cache fills again",
    }
}

fn foreign(path: &Path, reason: &str) -> Error {
    Error::StoreFile {
        path: path.to_owned(),
        reason: reason.to_owned(),
        advice: "give another path",
    }
}

/// Whether the file begins as one of redb does, or would if it went on.
fn begins_as_redb(path: &Path) -> bool {
    let mut begin = Vec::new();
    let read =
        File::open(path).and_then(|file| file.take(REDB.len() as u64).read_to_end(&mut begin));
    read.is_ok() && REDB.starts_with(&begin)
}

/// Whether the error is about what the file contains: it ends too early, or is something else.
pub(super) fn is_of_content(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof
    )
}
