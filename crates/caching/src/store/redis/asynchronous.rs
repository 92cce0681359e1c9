//! The connection that all asynchronous calls share.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use redis::{
    AsyncConnectionConfig, ConnectionInfo, ErrorKind, RedisError,
    aio::{ConnectionLike as _, MultiplexedConnection},
};
use tokio::{
    sync::Mutex,
    task::AbortHandle,
    time::{error::Elapsed, timeout},
};

use super::{
    commands::{self, Command},
    gauged_stream::GaugedStream,
};
use crate::Error;

/// One connection on which the commands of all tasks follow each other without waiting for answers.
pub(super) struct SharedConnection {
    server: ConnectionInfo,
    current: Mutex<Current>,
    /// How many attempts to connect have failed.
    failed_attempts: AtomicU64,
    config: AsyncConnectionConfig,
    connect_timeout: Duration,
    command_timeout: Duration,
}

#[derive(Clone)]
struct Connection {
    commands: MultiplexedConnection,
    /// Reads the answers.
    _driver: Arc<Driver>,
}

/// A task that ends when nobody needs it any more, even in the middle of an answer.
struct Driver(AbortHandle);

impl Drop for Driver {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[derive(Default)]
struct Current {
    connection: Option<Connection>,
    /// Tells a connection from the ones before it.
    number: u64,
}

impl SharedConnection {
    pub(super) fn new(
        server: ConnectionInfo,
        connect_timeout: Duration,
        command_timeout: Duration,
    ) -> Self {
        Self {
            server,
            current: Mutex::default(),
            failed_attempts: AtomicU64::new(0),
            config: AsyncConnectionConfig::new().set_response_timeout(command_timeout),
            connect_timeout,
            command_timeout,
        }
    }

    pub(super) async fn query<T>(&self, command: &Command<T>) -> Result<T, Error> {
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(Error::Store {
                store: commands::STORE,
                operation: command.operation,
                source: "asynchronous calls need a tokio runtime".into(),
            });
        }
        let (connection, number, is_new) = self.connection(command.operation).await?;
        match self.attempt(connection, number, command).await {
            Err(error) if !is_new && command.repeatable && error.is_connection_dropped() => {
                let (connection, number, _) = self.connection(command.operation).await?;
                self.attempt(connection, number, command).await
            }
            result => result,
        }
        .map_err(|error| command.failure(error, self.command_timeout))
    }

    async fn attempt<T>(
        &self,
        mut connection: Connection,
        number: u64,
        command: &Command<T>,
    ) -> Result<T, RedisError> {
        let result = connection
            .commands
            .req_packed_command(&command.cmd)
            .await
            .and_then(redis::Value::extract_error)
            .and_then(|value| command.answer(value));
        // Answers are matched to questions in their order, so that a late one does no harm to a connection. But a server
        // that is silent for long is perhaps no longer there, which only a new connection can tell.
        if result
            .as_ref()
            .is_err_and(|error| !commands::keeps_connection(error))
        {
            let mut current = self.current.lock().await;
            if current.number == number {
                current.connection = None;
            }
        }
        result
    }

    /// The connection, its number, and whether it was made just now.
    async fn connection(&self, operation: &'static str) -> Result<(Connection, u64, bool), Error> {
        let failed_before = self.failed_attempts.load(Ordering::Acquire);
        let mut current = self.current.lock().await;
        if let Some(connection) = &current.connection {
            return Ok((connection.clone(), current.number, false));
        }
        if self.failed_attempts.load(Ordering::Acquire) != failed_before {
            // Somebody tried and failed while this call waited. If each who waits tried in turn, the last would wait for
            // the sum of their timeouts.
            let error = RedisError::from((ErrorKind::IoError, "connecting has just failed"));
            return Err(commands::failure(operation, error, self.connect_timeout));
        }
        match self.connect().await {
            Ok(connection) => {
                current.number += 1;
                current.connection = Some(connection.clone());
                Ok((connection, current.number, true))
            }
            Err(error) => {
                self.failed_attempts.fetch_add(1, Ordering::Release);
                Err(commands::failure(operation, error, self.connect_timeout))
            }
        }
    }

    async fn connect(&self) -> Result<Connection, RedisError> {
        let opening = async {
            let stream = GaugedStream::connect(&self.server.addr, self.connect_timeout).await?;
            MultiplexedConnection::new_with_config(&self.server.redis, stream, self.config.clone())
                .await
        };
        let (commands, driver) = timeout(self.connect_timeout, opening)
            .await
            .map_err(|_: Elapsed| RedisError::from(io::Error::from(io::ErrorKind::TimedOut)))??;
        Ok(Connection {
            commands,
            _driver: Arc::new(Driver(tokio::spawn(driver).abort_handle())),
        })
    }
}
