//! redb asserts what a damaged file may violate: here its panics become errors. The panic hook has been called by then, and a
//! library has no business to replace it: it is the program's, for all of its threads.

use std::panic::{AssertUnwindSafe, catch_unwind};

use redb::{Database, DatabaseError};

/// A database none of whose panics gets out: not from opening it, not from what is done with it, not from closing it,
/// which writes to the file too.
pub(super) struct Guarded {
    /// None while it is closed.
    database: Option<Database>,
}

/// redb panicked over what the file contains.
#[derive(Debug)]
pub(super) struct AssertionViolated;

impl AssertionViolated {
    pub(super) const REASON: &'static str = "reading it violates an assertion";
}

impl Guarded {
    pub(super) fn open(
        open: impl FnOnce() -> Result<Database, DatabaseError>,
    ) -> Result<Result<Self, DatabaseError>, AssertionViolated> {
        let opened = guard(open)?;
        Ok(opened.map(|database| Self {
            database: Some(database),
        }))
    }

    /// Does `job`, unless the database is closed. What it borrows from the database ends within it.
    pub(super) fn run<T>(
        &self,
        job: impl FnOnce(&Database) -> T,
    ) -> Option<Result<T, AssertionViolated>> {
        let database = self.database.as_ref()?;
        Some(guard(|| job(database)))
    }

    /// What could not be written is as after a sudden death of the program: there is nobody to tell.
    pub(super) fn close(&mut self) {
        let database = self.database.take();
        let _ = guard(|| drop(database));
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        self.close();
    }
}

fn guard<T>(job: impl FnOnce() -> T) -> Result<T, AssertionViolated> {
    catch_unwind(AssertUnwindSafe(job)).map_err(|_| AssertionViolated)
}
