//! Futures of recorded async functions: a frame for every poll.

use std::{
    marker::PhantomData,
    pin::Pin,
    sync::atomic::Ordering,
    task::{Context, Poll},
};

use crate::{calls::Begun, frame, node::Node, site::Site, thread_block::ThreadBlock};

/// The future of a recorded async function.
///
/// Each poll is a part of one call, which counts at the first poll. Time between polls is waiting. The
/// distribution of calls is that of whole futures, from the first poll to the end. Polls while nothing
/// records cost one relaxed load.
///
/// ```
/// use std::{future::Future, pin::pin, task::{Context, Poll, Waker}};
/// use tuneup_recorder::{ProfiledFuture, Site, SiteKind};
///
/// static SITE: Site = Site::new(|| "work", SiteKind::Async, file!(), line!());
/// let mut future = pin!(ProfiledFuture::new(&SITE, async { 6 * 7 }));
/// let poll = future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
/// assert_eq!(poll, Poll::Ready(42));
/// ```
#[must_use = "futures do nothing unless they are awaited"]
#[derive(Debug)]
pub struct ProfiledFuture<F> {
    call: AsyncCall,
    future: F,
}

/// What is kept of a call between its polls: plain numbers, so that a future is as `Send` as it was.
#[derive(Debug)]
struct AsyncCall {
    site: &'static Site,
    /// The session in which it was polled last; 0 before the first poll and after the end.
    session: u64,
    began: u64,
    suspended: u64,
}

impl<F> ProfiledFuture<F> {
    /// A future that has not been polled yet.
    ///
    /// ```
    /// use tuneup_recorder::{ProfiledFuture, Site, SiteKind};
    ///
    /// static SITE: Site = Site::new(|| "work", SiteKind::Async, file!(), line!());
    /// let future = ProfiledFuture::new(&SITE, async {});
    /// # drop(future);
    /// ```
    pub const fn new(site: &'static Site, future: F) -> Self {
        Self {
            call: AsyncCall {
                site,
                session: 0,
                began: 0,
                suspended: 0,
            },
            future,
        }
    }
}

impl<F: Future> Future for ProfiledFuture<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        // SAFETY: the inner future is not moved out of the pinned one: the reference is pinned again below.
        let this = unsafe { self.get_unchecked_mut() };
        // SAFETY: `future` is pinned structurally: it is never moved, and no drop of `ProfiledFuture` touches it.
        let future = unsafe { Pin::new_unchecked(&mut this.future) };
        let Some(mut poll) = PollFrame::begin(&mut this.call) else {
            return future.poll(context);
        };
        let outcome = future.poll(context);
        poll.is_ready = outcome.is_ready();
        outcome
    }
}

/// A poll in progress; it ends when the frame is dropped, also by a panic.
struct PollFrame<'a> {
    block: &'static ThreadBlock,
    node: &'static Node,
    frame: Begun,
    call: &'a mut AsyncCall,
    is_ready: bool,
    bound: PhantomData<*const ()>,
}

impl<'a> PollFrame<'a> {
    fn begin(call: &'a mut AsyncCall) -> Option<Self> {
        let block = frame::block()?;
        let session = block.session.load(Ordering::Relaxed);
        let is_first = call.session != session;
        let frame = block.begin_slowly(call.site, u64::from(is_first));
        let Some(node) = frame.node() else {
            // The call tree is full: the poll counts as a call of `(other)`.
            if frame.is_recorded() {
                block.end(frame);
            }
            return None;
        };
        let now = node.start();
        if is_first {
            call.session = session;
            call.began = now;
        } else if let Some(record) = node.record()
            && !block.mode().untimed()
        {
            let waited = now.saturating_sub(call.suspended);
            record.polls.waiting_ticks.add(waited);
        }
        Some(Self {
            block,
            node,
            frame,
            call,
            is_ready: false,
            bound: PhantomData,
        })
    }
}

impl Drop for PollFrame<'_> {
    fn drop(&mut self) {
        let is_current = self.block.session.load(Ordering::Relaxed) == self.call.session;
        if !is_current || !std::ptr::eq(self.block.position.get(), self.node) {
            return self.block.end(self.frame);
        }
        let now = self.block.now();
        self.block.end_at(self.node, now, false);
        self.call.suspended = now;
        let Some(record) = self.node.record() else {
            return;
        };
        record.polls.polls.add(1);
        if !self.block.mode().untimed() {
            let ticks = now.saturating_sub(self.node.start());
            record.polls.longest_ticks.raise_to(ticks);
        }
        if self.is_ready {
            self.call.session = 0;
            record.polls.completed.add(1);
            let wall = now.saturating_sub(self.call.began);
            self.block.count_in_distribution(record, wall);
        }
    }
}

/// A future that is dropped between its first poll and its end was cancelled; its last wait ends here.
impl Drop for AsyncCall {
    fn drop(&mut self) {
        if self.session == 0 {
            return;
        }
        let Some(block) = frame::block() else {
            return;
        };
        if block.session.load(Ordering::Relaxed) == self.session
            && let Some(record) = block.record_of(self.site)
        {
            let waited = block.now().saturating_sub(self.suspended);
            record.polls.waiting_ticks.add(waited);
            record.polls.cancelled.add(1);
        }
    }
}
