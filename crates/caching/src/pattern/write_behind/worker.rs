//! The thread that carries changes to the sink.

use std::{
    hash::Hash,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread,
};

use super::{Sink, shared::Shared};
use crate::Error;

pub(super) fn start<K, V, S>(shared: Arc<Shared<K, V>>, sink: S) -> Result<(), Error>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
    S: Sink<K, V> + 'static,
{
    thread::Builder::new()
        .name("tuneup-write-behind".to_owned())
        .spawn(move || {
            while let Some(batch) = shared.next_batch() {
                // No lock is held, and a panic of the sink is a failure like others.
                let result = catch_unwind(AssertUnwindSafe(|| sink.apply(&batch.changes)));
                drop(batch);
                shared.finish(matches!(result, Ok(Ok(()))));
            }
        })
        .map(drop)
        .map_err(|error| Error::Thread {
            what: "carries changes to the sink",
            source: error,
        })
}
