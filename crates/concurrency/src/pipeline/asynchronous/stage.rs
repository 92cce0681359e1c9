//! A stage of futures: one thread polls all that are in flight.

use std::{
    error::Error,
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context, Poll},
    time::Instant,
};

use futures_core::Stream as _;
use futures_util::stream::FuturesUnordered;

use super::flight::Flight;
use crate::pipeline::work::{Entry, Link, Worked};

/// Calls `f` with the items and polls its futures, at most `limit` at a time, until there is no more to do.
pub(super) async fn work<T, R, E, F, Fut>(link: Link<T, R>, limit: usize, f: F)
where
    E: Into<Box<dyn Error + Send + Sync>>,
    F: FnMut(T) -> Fut,
    Fut: Future<Output = Result<R, E>>,
{
    let mut stage = Stage {
        usage: Usage::new(limit),
        link,
        limit,
        f,
        flights: FuturesUnordered::new(),
        done: Vec::new(),
        inputs: Vec::new(),
        may_get_more: true,
        is_waiting: false,
        items: 0,
    };
    poll_fn(|context| stage.poll(context)).await;
    let Stage {
        link, usage, items, ..
    } = stage;
    link.shared.add(link.number, items, &usage.worked);
}

struct Stage<T, R, F, Fut: Future> {
    link: Link<T, R>,
    limit: usize,
    f: F,
    flights: FuturesUnordered<Flight<Fut>>,
    /// What waits for room in the next queue. It counts as in flight: there are never more than `limit` of both.
    done: Vec<Entry<R>>,
    inputs: Vec<Entry<T>>,
    may_get_more: bool,
    is_waiting: bool,
    items: u64,
    usage: Usage,
}

impl<T, R, E, F, Fut> Stage<T, R, F, Fut>
where
    E: Into<Box<dyn Error + Send + Sync>>,
    F: FnMut(T) -> Fut,
    Fut: Future<Output = Result<R, E>>,
{
    /// One round: what is done goes on, and what has come begins. Ready when there is no more to do.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let begun = Instant::now();
        self.usage.until(begun);
        let is_over = self.round(context);
        let ended = Instant::now();
        self.usage.until(ended);
        self.usage.worked.polling += ended - begun;
        self.usage.in_flight = self.flights.len();
        self.usage.done = self.done.len();
        if is_over {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }

    fn round(&mut self, context: &mut Context<'_>) -> bool {
        if self
            .link
            .input
            .gate()
            .poll_stopped(context.waker())
            .is_ready()
        {
            return true;
        }
        while let Poll::Ready(Some((index, outcome))) =
            Pin::new(&mut self.flights).poll_next(context)
        {
            self.done.push(self.link.entry(index, outcome));
        }
        if !self.done.is_empty() {
            let output = &self.link.output;
            if let Poll::Ready(false) = output.poll_put_all(&mut self.done, context.waker()) {
                return true;
            }
        }
        self.begin(context);
        !self.may_get_more && self.flights.is_empty() && self.done.is_empty()
    }

    /// Begins as many as there is room for.
    fn begin(&mut self, context: &mut Context<'_>) {
        let room = self.limit - self.flights.len() - self.done.len();
        if !self.may_get_more || room == 0 {
            return;
        }
        let (inputs, seen) = (&mut self.inputs, &mut self.usage.worked.seen);
        let input = &self.link.input;
        match input.poll_take(inputs, room, &mut self.is_waiting, seen, context.waker()) {
            Poll::Pending => return,
            Poll::Ready(may_get_more) => self.may_get_more = may_get_more,
        }
        for Entry { index, item } in self.inputs.drain(..) {
            self.items += 1;
            let Some(item) = item else {
                self.done.push(Entry { index, item: None });
                continue;
            };
            match catch_unwind(AssertUnwindSafe(|| (self.f)(item))) {
                Ok(future) => self.flights.push(Flight::new(index, future)),
                Err(payload) => self.done.push(self.link.entry(index, Err(payload))),
            }
        }
        // What was begun is polled in a round of its own, so that others of the runtime get their turn in between.
        context.waker().wake_by_ref();
    }
}

/// What the places of a stage were used for, `limit` of them, over time.
struct Usage {
    limit: usize,
    since: Instant,
    in_flight: usize,
    done: usize,
    worked: Worked,
}

impl Usage {
    fn new(limit: usize) -> Self {
        Self {
            limit,
            since: Instant::now(),
            in_flight: 0,
            done: 0,
            worked: Worked::default(),
        }
    }

    /// Adds what was so until now.
    fn until(&mut self, now: Instant) {
        let each = now - self.since;
        // The limit has been checked: it fits.
        let all = |places: usize| each * places as u32;
        let free = self.limit - self.in_flight - self.done;
        self.worked.busy += all(self.in_flight);
        self.worked.seen.blocked += all(self.done);
        self.worked.seen.starved += all(free);
        self.since = now;
    }
}
