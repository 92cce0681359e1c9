//! The crate from outside.

mod advise;
#[cfg(feature = "async")]
mod alive;
mod amounts;
#[cfg(target_os = "linux")]
mod asleep;
#[cfg(feature = "async")]
mod background;
#[cfg(feature = "async")]
mod cpu;
mod executor;
#[cfg(feature = "async")]
mod gather;
#[cfg(feature = "async")]
mod hybrid;
mod imap;
mod lines;
mod nesting;
#[cfg(feature = "async")]
mod no_timer;
mod par;
#[cfg(feature = "async")]
mod par_buffered;
mod parallel;
mod pipeline;
#[cfg(all(feature = "process", unix))]
mod process_pool;
mod progress;
#[cfg(feature = "async")]
mod race;
#[cfg(feature = "async")]
mod rate_limiter;
#[cfg(feature = "async")]
mod retry;
mod soak;
#[cfg(feature = "async")]
mod soak_waits;
mod task;
#[cfg(feature = "async")]
mod task_group;
mod traps;
mod wait;
mod watchdog;
