//! The commands of a store, and what their answers must be.

use std::time::Duration;

use redis::{Cmd, ErrorKind, RedisError, Value, cmd};

use super::{super::ttl_ms, gauge::LARGEST_VALUE};
use crate::Error;

pub(super) const STORE: &str = "redis store";

/// The cursor with which a walk begins and ends.
pub(super) const SCAN_BEGIN: u64 = 0;
/// About how many keys the server looks at in one step of a walk.
const SCAN_STEP: u32 = 500;

/// Sets the value if what is there is the expected one; ARGV[3] is the time to live in ms, or empty.
const COMPARE_AND_SET: &str = "\
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if ARGV[3] == '' then redis.call('SET', KEYS[1], ARGV[2])
else redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end
return 1";
/// Deletes the value if it is the expected one.
const COMPARE_AND_REMOVE: &str = "\
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])";

/// Makes commands for the keys of one namespace.
pub(super) struct Commands {
    /// The namespace and `::`.
    prefix: Vec<u8>,
}

/// A command and how its answer is read.
pub(super) struct Command<T> {
    pub(super) cmd: Cmd,
    /// What it does, for errors: "could not …".
    pub(super) operation: &'static str,
    /// Whether doing it twice is the same as doing it once.
    pub(super) repeatable: bool,
    pub(super) read: fn(Value) -> Option<T>,
}

impl Commands {
    pub(super) fn new(namespace: &str) -> Self {
        Self {
            prefix: format!("{namespace}::").into_bytes(),
        }
    }

    fn key(&self, key: &[u8]) -> Vec<u8> {
        [&self.prefix, key].concat()
    }

    pub(super) fn channel(&self) -> Vec<u8> {
        self.key(b"invalidations")
    }

    pub(super) fn get(&self, key: &[u8]) -> Command<Option<Vec<u8>>> {
        let mut cmd = cmd("GET");
        cmd.arg(self.key(key));
        Command {
            cmd,
            operation: "get a value",
            repeatable: true,
            read: |answer| match answer {
                Value::Nil => Some(None),
                Value::BulkString(bytes) => Some(Some(bytes)),
                _ => None,
            },
        }
    }

    /// # Errors
    /// If the value is one that [could not be fetched](LARGEST_VALUE).
    pub(super) fn set(
        &self,
        key: &[u8],
        value: &[u8],
        ttl: Option<Duration>,
    ) -> Result<Command<()>, Error> {
        check_size(value)?;
        let mut cmd = cmd("SET");
        cmd.arg(self.key(key)).arg(value);
        if let Some(ttl) = ttl {
            cmd.arg("PX").arg(bounded_ms(ttl));
        }
        Ok(Command {
            cmd,
            operation: "set a value",
            repeatable: true,
            read: |answer| (answer == Value::Okay).then_some(()),
        })
    }

    /// # Errors
    /// As [`set`](Self::set).
    pub(super) fn compare_and_set(
        &self,
        key: &[u8],
        expected: Option<&[u8]>,
        value: &[u8],
        ttl: Option<Duration>,
    ) -> Result<Command<bool>, Error> {
        check_size(value)?;
        let cmd = match expected {
            None => {
                let mut cmd = cmd("SET");
                cmd.arg(self.key(key)).arg(value).arg("NX");
                if let Some(ttl) = ttl {
                    cmd.arg("PX").arg(bounded_ms(ttl));
                }
                cmd
            }
            Some(expected) => {
                let mut cmd = cmd("EVAL");
                cmd.arg(COMPARE_AND_SET).arg(1).arg(self.key(key));
                cmd.arg(expected).arg(value);
                cmd.arg(ttl.map_or_else(String::new, |ttl| bounded_ms(ttl).to_string()));
                cmd
            }
        };
        Ok(Command {
            cmd,
            operation: "compare and set a value",
            repeatable: false,
            read: |answer| match answer {
                Value::Okay | Value::Int(1) => Some(true),
                Value::Nil | Value::Int(0) => Some(false),
                _ => None,
            },
        })
    }

    pub(super) fn remove(&self, key: &[u8]) -> Command<bool> {
        let mut cmd = cmd("DEL");
        cmd.arg(self.key(key));
        Command {
            cmd,
            operation: "remove a value",
            repeatable: true,
            read: read_flag,
        }
    }

    pub(super) fn compare_and_remove(&self, key: &[u8], expected: &[u8]) -> Command<bool> {
        let mut cmd = cmd("EVAL");
        cmd.arg(COMPARE_AND_REMOVE).arg(1).arg(self.key(key));
        cmd.arg(expected);
        Command {
            cmd,
            operation: "compare and remove a value",
            repeatable: false,
            read: read_flag,
        }
    }

    pub(super) fn scan(&self, cursor: u64) -> Command<(u64, Vec<Vec<u8>>)> {
        let mut cmd = cmd("SCAN");
        cmd.arg(cursor).arg("MATCH").arg(self.pattern());
        cmd.arg("COUNT").arg(SCAN_STEP);
        Command {
            cmd,
            operation: "find its keys",
            repeatable: true,
            read: |answer| redis::from_redis_value(&answer).ok(),
        }
    }

    /// Keys as the server has them, with their namespace.
    pub(super) fn unlink(&self, keys: &[Vec<u8>]) -> Command<()> {
        let mut cmd = cmd("UNLINK");
        for key in keys {
            cmd.arg(key);
        }
        Command {
            cmd,
            operation: "remove its keys",
            repeatable: true,
            read: read_count,
        }
    }

    pub(super) fn publish(&self, message: &[u8]) -> Command<()> {
        let mut cmd = cmd("PUBLISH");
        cmd.arg(self.channel()).arg(message);
        Command {
            cmd,
            operation: "publish news",
            repeatable: true,
            read: read_count,
        }
    }

    /// The glob of all keys of the namespace, whose own letters stand for themselves.
    fn pattern(&self) -> Vec<u8> {
        let mut pattern = Vec::with_capacity(self.prefix.len() + 1);
        for byte in &self.prefix {
            if matches!(byte, b'*' | b'?' | b'[' | b']' | b'\\' | b'^') {
                pattern.push(b'\\');
            }
            pattern.push(*byte);
        }
        pattern.push(b'*');
        pattern
    }
}

impl<T> Command<T> {
    /// An answer of another kind means that the server is none, or answers another question.
    pub(super) fn answer(&self, value: Value) -> Result<T, RedisError> {
        (self.read)(value).ok_or_else(|| {
            RedisError::from((
                ErrorKind::TypeError,
                "the answer is none that this command can have",
            ))
        })
    }

    pub(super) fn failure(&self, error: RedisError, timeout: Duration) -> Error {
        failure(self.operation, error, timeout)
    }
}

pub(super) fn failure(operation: &'static str, error: RedisError, timeout: Duration) -> Error {
    if error.is_timeout() {
        return Error::StoreTimedOut {
            store: STORE,
            operation,
            timeout,
        };
    }
    // Servers before 7 wrap the error of a command in that of the script.
    let wrong_type = error.code() == Some("WRONGTYPE")
        || error
            .detail()
            .is_some_and(|detail| detail.contains("WRONGTYPE"));
    if wrong_type {
        return Error::ForeignValue { store: STORE };
    }
    Error::Store {
        store: STORE,
        operation,
        source: Box::new(error),
    }
}

/// Whether the connection is still in step with the server after this error: it was the server's own answer.
pub(super) fn keeps_connection(error: &RedisError) -> bool {
    // Only those have a code.
    error.code().is_some()
}

fn check_size(value: &[u8]) -> Result<(), Error> {
    if value.len() <= LARGEST_VALUE {
        return Ok(());
    }
    Err(Error::OutOfRange {
        option: "the size of a value",
        value: format!("{} bytes", value.len()),
        allowed: "at most 64 MiB in a redis store",
    })
}

/// The server adds the time to the present one and refuses what overflows; a century is enough.
fn bounded_ms(ttl: Duration) -> u64 {
    const CENTURY_MS: u64 = 100 * 365 * 24 * 3600 * 1000;
    ttl_ms(ttl).min(CENTURY_MS)
}

fn read_flag(answer: Value) -> Option<bool> {
    match answer {
        Value::Int(0) => Some(false),
        Value::Int(1) => Some(true),
        _ => None,
    }
}

fn read_count(answer: Value) -> Option<()> {
    matches!(answer, Value::Int(_)).then_some(())
}
