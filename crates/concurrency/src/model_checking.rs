//! What the models of this crate share.

use loom::{
    sync::Arc,
    thread::{self, JoinHandle},
};

/// Tries all orders in which the threads of a model can meet, with so many preemptions at most.
pub(crate) fn check(preemptions: usize, model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.check(model);
}

/// Starts a thread that does something with what it shares.
pub(crate) fn spawn_with<S: Send + Sync + 'static, T: 'static>(
    shared: &Arc<S>,
    act: impl FnOnce(&S) -> T + 'static,
) -> JoinHandle<T> {
    let shared = Arc::clone(shared);
    thread::spawn(move || act(&shared))
}
