//! Who waits for whom, so that a load that would wait for itself is told so instead of waiting for ever.
//!
//! Only a load that runs inside of another one can wait for itself; all others come here for one look at a thread-local list.

use std::{
    cell::RefCell,
    pin::Pin,
    sync::{Mutex, PoisonError},
    task::{Context, Poll},
};

/// A load would have waited for itself.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Recursive;

thread_local! {
    /// The loads that this thread is inside of, by their addresses; the innermost last.
    static LEADING: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

/// Pairs of loads of which the first waits for the second, in all caches of the process. As many as there are loads that
/// wait inside of loads.
static EDGES: Mutex<Vec<(usize, usize)>> = Mutex::new(Vec::new());

/// While it lives, this thread is inside of a load.
#[must_use = "the load counts as left when the guard is dropped"]
pub(crate) struct Leading(());

impl Leading {
    pub(crate) fn enter<V>(flight: &super::Flight<V>) -> Self {
        Self::enter_address(flight.address())
    }

    fn enter_address(address: usize) -> Self {
        LEADING.with_borrow_mut(|leading| leading.push(address));
        Self(())
    }

    /// A future whose polls are inside of a load.
    pub(crate) fn polling<V, F>(flight: &super::Flight<V>, future: F) -> Led<F> {
        Led {
            address: flight.address(),
            future,
        }
    }
}

impl Drop for Leading {
    fn drop(&mut self) {
        // A thread that is torn down leads nothing.
        let _ = LEADING.try_with(|leading| leading.borrow_mut().pop());
    }
}

pin_project_lite::pin_project! {
    /// A future that is polled inside of a load.
    #[must_use = "futures do nothing unless polled"]
    pub(crate) struct Led<F> {
        address: usize,
        #[pin]
        future: F,
    }
}

impl<F: Future> Future for Led<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let _leading = Leading::enter_address(*this.address);
        this.future.poll(context)
    }
}

/// While it lives, the loads that this thread was inside of wait for another one.
#[derive(Debug)]
#[must_use = "the wait counts as over when the guard is dropped"]
pub(super) struct Waiting {
    /// Empty for all who lead nothing.
    edges: Vec<(usize, usize)>,
}

impl Waiting {
    pub(super) fn begin(flight: usize) -> Result<Self, Recursive> {
        let edges: Vec<_> = LEADING
            .try_with(|leading| leading.borrow().iter().map(|led| (*led, flight)).collect())
            .unwrap_or_default();
        if edges.is_empty() {
            return Ok(Self { edges });
        }
        let mut known = EDGES.lock().unwrap_or_else(PoisonError::into_inner);
        if edges.iter().any(|(led, _)| reaches(&known, flight, *led)) {
            return Err(Recursive);
        }
        known.extend_from_slice(&edges);
        Ok(Self { edges })
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if self.edges.is_empty() {
            return;
        }
        let mut known = EDGES.lock().unwrap_or_else(PoisonError::into_inner);
        for edge in &self.edges {
            if let Some(place) = known.iter().position(|other| other == edge) {
                known.swap_remove(place);
            }
        }
    }
}

/// Whether `from` waits for `to`, or for one that does.
fn reaches(edges: &[(usize, usize)], from: usize, to: usize) -> bool {
    let mut seen = vec![from];
    let mut next = 0;
    while let Some(&at) = seen.get(next) {
        if at == to {
            return true;
        }
        next += 1;
        for (waits, awaited) in edges {
            if *waits == at && !seen.contains(awaited) {
                seen.push(*awaited);
            }
        }
    }
    false
}
