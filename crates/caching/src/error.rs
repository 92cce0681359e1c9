//! The one error type of the crate.

#[cfg(feature = "store")]
use std::time::Duration;

#[cfg(feature = "file-store")]
use std::path::PathBuf;

/// What can go wrong when a cache is set up, filled or simulated.
///
/// Messages are lower case, carry the names involved and say what to do.
///
/// ```
/// let error = tuneup_caching::Error::OutOfRange {
///     option: "capacity",
///     value: "0".to_owned(),
///     allowed: "1 or more",
/// };
/// assert_eq!(error.to_string(), "capacity is 0; allowed is 1 or more");
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A number was outside of what it may be.
    #[error("{option} is {value}; allowed is {allowed}")]
    OutOfRange {
        /// What was set.
        option: &'static str,
        /// To what.
        value: String,
        /// What it may be.
        allowed: &'static str,
    },

    /// A line of a trace is not what its format has.
    #[cfg(feature = "simulate")]
    #[error("{trace}:{line}: expected {expected}, found {found:?}")]
    TraceLine {
        /// The path or name of the trace.
        trace: String,
        /// Counted from 1.
        line: u64,
        /// What the format has there.
        expected: &'static str,
        /// What was there, at most its first 80 bytes.
        found: String,
    },

    /// A trace could not be opened, read or decompressed.
    #[cfg(feature = "simulate")]
    #[error("cannot read the trace {trace}; is it there, whole and undamaged?")]
    TraceRead {
        /// The path or name of the trace.
        trace: String,
        /// What the system or the decoder said.
        #[source]
        source: std::io::Error,
    },

    /// The bytes of a trace of integers are no whole number of keys.
    #[cfg(feature = "simulate")]
    #[error(
        "{trace} ends with {extra_bytes} bytes of a key of {key_bytes}; it is truncated or in another format"
    )]
    TraceTail {
        /// The path or name of the trace.
        trace: String,
        /// How many bytes follow the last whole key.
        extra_bytes: usize,
        /// The width of a key.
        key_bytes: usize,
    },

    /// The format of a trace shows neither in its name nor in its content.
    #[cfg(feature = "simulate")]
    #[error("the format of {trace} cannot be told; name it with Trace::read_as")]
    TraceFormat {
        /// The path or name of the trace.
        trace: String,
    },

    /// A trace is longer than its reader may make it.
    #[cfg(feature = "simulate")]
    #[error("{trace} has more than {limit} requests; read a part of it or raise the limit")]
    TraceTooLong {
        /// The path or name of the trace.
        trace: String,
        /// How many requests there may be.
        limit: u32,
    },

    /// The callback for progress stopped a simulation.
    #[cfg(feature = "simulate")]
    #[error("the simulation was stopped by its callback; run it again for results")]
    Stopped,

    /// A store could not do what it was asked to: it is down, full, or broken.
    #[cfg(feature = "store")]
    #[error("the {store} could not {operation}")]
    Store {
        /// Which store, such as `redis store`.
        store: &'static str,
        /// What it was to do, such as `get a value`.
        operation: &'static str,
        /// What went wrong.
        source: Box<dyn std::error::Error + Send + Sync>,
    },

    /// A store did not answer in time.
    #[cfg(feature = "store")]
    #[error("the {store} could not {operation} within {timeout:?}")]
    StoreTimedOut {
        /// Which store, such as `redis store`.
        store: &'static str,
        /// What it was to do, such as `get a value`.
        operation: &'static str,
        /// How long it had.
        timeout: Duration,
    },

    /// A key of a store holds something that no cache has put there, such as a list of Redis.
    #[cfg(feature = "store")]
    #[error(
        "a key of the {store} holds something other than bytes; give the cache a namespace of its own"
    )]
    ForeignValue {
        /// Which store, such as `redis store`.
        store: &'static str,
    },

    /// A value in a store is not as it was stored.
    #[cfg(feature = "store")]
    #[error(
        "a value in the {store} cannot be used, since it is damaged ({reason}); write it anew or remove it"
    )]
    DamagedValue {
        /// Which store, such as `file store`.
        store: &'static str,
        /// What is wrong with it, and where it is.
        reason: String,
    },

    /// A store was not asked, because it has failed too often of late.
    #[cfg(feature = "store")]
    #[error(
        "the store is not asked, since it has failed repeatedly; the next try is in {retry_in:?}"
    )]
    CircuitOpen {
        /// After what time a call will be let through as a trial.
        retry_in: Duration,
    },

    /// A key or value has no bytes.
    #[cfg(feature = "store")]
    #[error("a value of type {type_name} cannot be turned into bytes")]
    Encode {
        /// Of what type it is.
        type_name: &'static str,
        /// What the codec said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },

    /// Bytes are no key or value of the type.
    #[cfg(feature = "store")]
    #[error("these bytes are no value of type {type_name}")]
    Decode {
        /// Of what type it should be.
        type_name: &'static str,
        /// What the codec said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },

    /// A thread could not be started.
    #[cfg(feature = "store")]
    #[error("the thread that {what} could not be started")]
    Thread {
        /// What it is for.
        what: &'static str,
        /// What the system said.
        source: std::io::Error,
    },

    /// A file is not one that a [`FileStore`](crate::FileStore) can use; it is left as it is.
    #[cfg(feature = "file-store")]
    #[error("{} cannot be used as a store: {reason}; {advice}", path.display())]
    StoreFile {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
        /// What to do.
        advice: &'static str,
    },

    /// The address of a server cannot be read. The address is not repeated, since it may hold a password.
    #[cfg(feature = "redis")]
    #[error(
        "the address of the server is not understood; give redis://[user[:password]@]host[:port][/database], or unix:///path"
    )]
    Address,
}
