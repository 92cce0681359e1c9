//! Loads that give nothing, and how those who wait for them hear of it.

use std::sync::Arc;

use super::{Recursive, Shared};

/// How an error of a leader gets to those who wait.
pub(crate) trait Sharing<X> {
    fn share(error: &X) -> Option<Shared>;
    fn accept(shared: &Shared) -> Option<X>;
}

/// It does not: each tries for itself.
pub(crate) enum Unshared {}

impl<X> Sharing<X> for Unshared {
    fn share(_: &X) -> Option<Shared> {
        None
    }

    fn accept(_: &Shared) -> Option<X> {
        None
    }
}

/// By reference, if they expect the same type of error.
pub(crate) enum ByReference {}

impl<E: Send + Sync + 'static> Sharing<Arc<E>> for ByReference {
    fn share(error: &Arc<E>) -> Option<Shared> {
        Some(Arc::clone(error) as Shared)
    }

    fn accept(shared: &Shared) -> Option<Arc<E>> {
        Arc::clone(shared).downcast().ok()
    }
}

/// Why a load gave nothing.
pub(crate) enum NotLoaded<X> {
    Failed(X),
    Recursive,
}

impl<X> From<Recursive> for NotLoaded<X> {
    fn from(_: Recursive) -> Self {
        Self::Recursive
    }
}
