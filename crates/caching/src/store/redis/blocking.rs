//! Connections for blocking calls.

use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use redis::{Client, Connection, ConnectionLike as _, RedisError};

use super::commands::{self, Command, STORE};
use crate::Error;

/// At most so many connections at once as were asked for; idle ones wait for the next call.
pub(super) struct Pool {
    client: Client,
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
        client: Client,
        max_connections: usize,
        connect_timeout: Duration,
        command_timeout: Duration,
    ) -> Self {
        Self {
            client,
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
        match self.attempt(&mut slot, command) {
            Err(error) if was_idle && command.repeatable && error.is_connection_dropped() => {
                // It died while it was idle, and so did the others, most likely.
                self.close_idle();
                self.attempt(&mut slot, command)
            }
            result => result,
        }
        .map_err(|error| command.failure(error, self.command_timeout))
    }

    fn attempt<T>(&self, slot: &mut Slot<'_>, command: &Command<T>) -> Result<T, RedisError> {
        let mut connection = match slot.connection.take() {
            Some(connection) => connection,
            None => self.connect()?,
        };
        let result = connection
            .req_command(&command.cmd)
            .and_then(redis::Value::extract_error)
            .and_then(|value| command.answer(value));
        // After a timeout the answer may yet come, and would be taken for that of the next call.
        let in_step = result.as_ref().err().is_none_or(commands::keeps_connection);
        if in_step && connection.is_open() {
            slot.connection = Some(connection);
        }
        result
    }

    pub(super) fn connect(&self) -> Result<Connection, RedisError> {
        let connection = self
            .client
            .get_connection_with_timeout(self.connect_timeout)?;
        connection.set_read_timeout(Some(self.command_timeout))?;
        connection.set_write_timeout(Some(self.command_timeout))?;
        Ok(connection)
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
