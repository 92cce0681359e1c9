//! The Redis store against a real server.
//!
//! A binary of its own, because it needs `redis-server` or `valkey-server` and stops and kills what it has started.
#![cfg(all(feature = "redis", unix))]

mod asynchronous;
mod broken;
mod outage;
mod server;
mod sharing;
mod store;
