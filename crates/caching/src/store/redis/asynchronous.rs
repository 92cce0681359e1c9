//! The connection that all asynchronous calls share.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use redis::{
    AsyncConnectionConfig, Client, ErrorKind, RedisError,
    aio::{ConnectionLike as _, MultiplexedConnection},
};
use tokio::sync::Mutex;

use super::commands::{self, Command};
use crate::Error;

/// One connection on which the commands of all tasks follow each other without waiting for answers.
pub(super) struct SharedConnection {
    client: Client,
    current: Mutex<Current>,
    /// How many attempts to connect have failed.
    failed_attempts: AtomicU64,
    config: AsyncConnectionConfig,
    connect_timeout: Duration,
    command_timeout: Duration,
}

#[derive(Default)]
struct Current {
    connection: Option<MultiplexedConnection>,
    /// Tells a connection from the ones before it.
    number: u64,
}

impl SharedConnection {
    pub(super) fn new(
        client: Client,
        connect_timeout: Duration,
        command_timeout: Duration,
    ) -> Self {
        Self {
            client,
            current: Mutex::default(),
            failed_attempts: AtomicU64::new(0),
            config: AsyncConnectionConfig::new()
                .set_connection_timeout(connect_timeout)
                .set_response_timeout(command_timeout),
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
        mut connection: MultiplexedConnection,
        number: u64,
        command: &Command<T>,
    ) -> Result<T, RedisError> {
        let result = connection
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
    async fn connection(
        &self,
        operation: &'static str,
    ) -> Result<(MultiplexedConnection, u64, bool), Error> {
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
        match self
            .client
            .get_multiplexed_async_connection_with_config(&self.config)
            .await
        {
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
}
