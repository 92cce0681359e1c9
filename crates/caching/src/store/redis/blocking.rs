//! Connections for blocking calls.

use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use redis::{ConnectionInfo, RedisError};

use super::{
    commands::{self, Command, STORE},
    connection::{Connection, Deadline},
};
use crate::Error;

/// At most so many connections at once as were asked for; idle ones wait for the next call.
pub(super) struct Pool {
    server: ConnectionInfo,
    state: Mutex<State>,
    /// A connection was given back or closed.
    freed: Condvar,
    max_connections: usize,
    connect_timeout: Duration,
    command_timeout: Duration,
}

#[derive(Default)]
struct State {
    idle: Vec<Connection>,
    /// How many there are, idle, in use and being made.
    open: usize,
}

/// The right to one connection. Dropped without one, it makes room for another.
struct Slot<'p> {
    pool: &'p Pool,
    connection: Option<Connection>,
}

impl Pool {
    pub(super) fn new(
        server: ConnectionInfo,
        max_connections: usize,
        connect_timeout: Duration,
        command_timeout: Duration,
    ) -> Self {
        Self {
            server,
            state: Mutex::default(),
            freed: Condvar::new(),
            max_connections,
            connect_timeout,
            command_timeout,
        }
    }

    pub(super) fn query<T>(&self, command: &Command<T>) -> Result<T, Error> {
        let mut slot = self.take_slot(command.operation)?;
        let was_idle = slot.connection.is_some();
        let begun = Instant::now();
        match self.attempt(&mut slot, command, self.command_timeout) {
            Err(error) if was_idle && command.repeatable && error.is_connection_dropped() => {
                // It died while it was idle, and so did the others, most likely.
                self.close_idle();
                let left = self.command_timeout.saturating_sub(begun.elapsed());
                self.attempt(&mut slot, command, left)
            }
            result => result,
        }
        .map_err(|error| command.failure(error, self.command_timeout))
    }

    /// The answer within so long, which begins when there is a connection.
    fn attempt<T>(
        &self,
        slot: &mut Slot<'_>,
        command: &Command<T>,
        time: Duration,
    ) -> Result<T, RedisError> {
        let mut connection = match slot.connection.take() {
            Some(connection) => connection,
            None => self.connect()?,
        };
        let result = connection
            .ask(&command.cmd, Deadline::after(time))
            .and_then(|value| command.answer(value));
        // After a timeout the answer may yet come, and would be taken for that of the next call.
        if result.as_ref().err().is_none_or(commands::keeps_connection) {
            slot.connection = Some(connection);
        }
        result
    }

    pub(super) fn connect(&self) -> Result<Connection, RedisError> {
        Connection::open(&self.server, self.connect_timeout)
    }

    /// Waits for a connection as long as for an answer.
    fn take_slot(&self, operation: &'static str) -> Result<Slot<'_>, Error> {
        let deadline = Instant::now() + self.command_timeout;
        let mut state = self.lock();
        loop {
            if let Some(connection) = state.idle.pop() {
                return Ok(Slot {
                    pool: self,
                    connection: Some(connection),
                });
            }
            if state.open < self.max_connections {
                state.open += 1;
                return Ok(Slot {
                    pool: self,
                    connection: None,
                });
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Error::StoreTimedOut {
                    store: STORE,
                    operation,
                    timeout: self.command_timeout,
                });
            }
            (state, _) = self
                .freed
                .wait_timeout(state, left)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn close_idle(&self) {
        let closed = {
            let mut state = self.lock();
            state.open -= state.idle.len();
            std::mem::take(&mut state.idle)
        };
        self.freed.notify_all();
        drop(closed);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        {
            let mut state = self.pool.lock();
            match self.connection.take() {
                Some(connection) => state.idle.push(connection),
                None => state.open -= 1,
            }
        }
        self.pool.freed.notify_one();
    }
}
