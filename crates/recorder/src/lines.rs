//! Line timers: guards and futures that say on which line of a function time runs.

use std::{
    fmt,
    marker::PhantomData,
    pin::Pin,
    sync::{OnceLock, atomic::Ordering},
    task::{Context, Poll},
};

use tuneup_measure::__private::read_counter;

use crate::{
    frame,
    line_records::{LineRecord, Paused},
    registry::SESSION,
    site::Name,
    thread_block::ThreadBlock,
};

/// A function whose lines are recorded: a static, whose address is its identity.
///
/// ```
/// use tuneup_recorder::LineSite;
///
/// static PARSE: LineSite = LineSite::new(|| "my_crate::parse", file!(), &[10, 11, 13], false);
/// assert_eq!(PARSE.lines(), [10, 11, 13]);
/// ```
pub struct LineSite {
    name: Name,
    file: &'static str,
    lines: &'static [u32],
    is_async: bool,
    resolved: OnceLock<&'static str>,
}

impl fmt::Debug for LineSite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LineSite")
            .field("name", &self.name())
            .field("lines", &self.lines)
            .finish_non_exhaustive()
    }
}

impl LineSite {
    /// A function with statements on `lines` of `file`, in ascending order; the first of them is where
    /// the function itself begins. `name` is called once, when somebody asks.
    ///
    /// ```
    /// use tuneup_recorder::LineSite;
    ///
    /// static SITE: LineSite = LineSite::new(|| "work", file!(), &[1, 2], false);
    /// assert_eq!(SITE.name(), "work");
    /// ```
    #[must_use]
    pub const fn new(
        name: fn() -> &'static str,
        file: &'static str,
        lines: &'static [u32],
        is_async: bool,
    ) -> Self {
        Self::with_name(Name::Asked(name), file, lines, is_async)
    }

    /// A function whose name is known.
    pub(crate) const fn known(
        name: &'static str,
        file: &'static str,
        lines: &'static [u32],
        is_async: bool,
    ) -> Self {
        Self::with_name(Name::Known(name), file, lines, is_async)
    }

    const fn with_name(
        name: Name,
        file: &'static str,
        lines: &'static [u32],
        is_async: bool,
    ) -> Self {
        Self {
            name,
            file,
            lines,
            is_async,
            resolved: OnceLock::new(),
        }
    }

    /// The full path of the function.
    ///
    /// ```
    /// # use tuneup_recorder::LineSite;
    /// static SITE: LineSite = LineSite::new(|| "work", file!(), &[1], false);
    /// assert_eq!(SITE.name(), "work");
    /// ```
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self.name {
            Name::Known(name) => name,
            Name::Asked(name) => self.resolved.get_or_init(name),
        }
    }

    /// Its file, as the compiler was given it.
    ///
    /// ```
    /// # use tuneup_recorder::LineSite;
    /// static SITE: LineSite = LineSite::new(|| "work", "src/work.rs", &[1], false);
    /// assert_eq!(SITE.file(), "src/work.rs");
    /// ```
    #[must_use]
    pub fn file(&self) -> &'static str {
        self.file
    }

    /// The lines with statements.
    ///
    /// ```
    /// # use tuneup_recorder::LineSite;
    /// static SITE: LineSite = LineSite::new(|| "work", file!(), &[7, 8], false);
    /// assert_eq!(SITE.lines(), [7, 8]);
    /// ```
    #[must_use]
    pub fn lines(&self) -> &'static [u32] {
        self.lines
    }

    /// Whether its lines can wait.
    ///
    /// ```
    /// # use tuneup_recorder::LineSite;
    /// static SITE: LineSite = LineSite::new(|| "work", file!(), &[1], true);
    /// assert!(SITE.is_async());
    /// ```
    #[must_use]
    pub fn is_async(&self) -> bool {
        self.is_async
    }
}

/// A call of a line-profiled function; it ends when the timer is dropped.
///
/// ```
/// use tuneup_recorder::{LineSite, LineTimer};
///
/// fn work() -> u32 {
///     static SITE: LineSite = LineSite::new(|| "work", file!(), &[1, 2], false);
///     let timer = LineTimer::enter(&SITE);
///     timer.mark(1);
///     6 * 7
/// }
/// assert_eq!(work(), 42);
/// ```
#[must_use = "the call ends where the timer is dropped: bind it to a name that lives until then"]
#[derive(Debug)]
pub struct LineTimer {
    running: Option<Running>,
    /// Not `Send`: it belongs to the thread in which the function was called.
    bound: PhantomData<*const ()>,
}

struct Running {
    block: &'static ThreadBlock,
    record: &'static LineRecord,
    session: u64,
    around: Paused,
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running").finish_non_exhaustive()
    }
}

impl Running {
    fn begin(site: &'static LineSite, line: usize) -> Option<Self> {
        let block = frame::block()?;
        let record = block.lines.of(site)?;
        let cell = record.cell(line)?;
        let around = record.run_on(cell, block.now(), block.mode().allocations());
        Some(Self {
            block,
            record,
            session: block.session.load(Ordering::Relaxed),
            around,
        })
    }

    /// Whether the block is still recording the session in which the call began.
    #[inline(always)]
    fn is_current(&self) -> bool {
        self.block.session.load(Ordering::Relaxed) == self.session
    }

    #[inline(always)]
    fn mark(&self, line: usize) {
        if self.is_current() {
            mark(self.block, self.record, line);
        }
    }

    /// The line that was running; `None` if another session is recording by now.
    fn end(&self) -> Option<(usize, u64)> {
        if !self.is_current() {
            return None;
        }
        let line = self.record.running_line().unwrap_or(0);
        let now = self.block.now();
        self.record
            .resume(self.around, now, self.block.mode().allocations());
        Some((line, now))
    }
}

#[inline(always)]
fn mark(block: &ThreadBlock, record: &LineRecord, line: usize) {
    let Some(cell) = record.cell(line) else {
        return;
    };
    cell.hits.add(1);
    let mode = block.mode();
    if mode.is_plain() {
        record.run_on(cell, read_counter(), false);
    } else {
        record.run_on(cell, block.now(), mode.allocations());
    }
}

impl LineTimer {
    /// Begins a call; time runs on the first of the site's lines. While nothing records it costs one
    /// relaxed load.
    ///
    /// ```
    /// use tuneup_recorder::{LineSite, LineTimer};
    ///
    /// static SITE: LineSite = LineSite::new(|| "work", file!(), &[1], false);
    /// let timer = LineTimer::enter(&SITE);
    /// # drop(timer);
    /// ```
    #[inline]
    pub fn enter(site: &'static LineSite) -> Self {
        let timer = Self::enter_closure(site, 0);
        if let Some(running) = &timer.running {
            running.record.calls.add(1);
        }
        timer
    }

    /// Begins the body of a closure of the function: no call of its own, time runs on the line with this
    /// index. The thread in which it runs need not be the function's.
    ///
    /// ```
    /// use tuneup_recorder::{LineSite, LineTimer};
    ///
    /// static SITE: LineSite = LineSite::new(|| "work", file!(), &[1, 2], false);
    /// let timer = LineTimer::enter_closure(&SITE, 1);
    /// # drop(timer);
    /// ```
    #[inline]
    pub fn enter_closure(site: &'static LineSite, index: usize) -> Self {
        let records = SESSION.load(Ordering::Relaxed) != 0;
        Self {
            running: if records {
                Running::begin(site, index)
            } else {
                None
            },
            bound: PhantomData,
        }
    }

    /// From here on time runs on the line with this index, which is hit once more. One reading of the
    /// clock and a few additions; one branch while nothing records.
    ///
    /// ```
    /// use tuneup_recorder::{LineSite, LineTimer};
    ///
    /// static SITE: LineSite = LineSite::new(|| "work", file!(), &[1, 2], false);
    /// let timer = LineTimer::enter(&SITE);
    /// timer.mark(1);
    /// ```
    #[inline]
    pub fn mark(&self, index: usize) {
        if let Some(running) = &self.running {
            running.mark(index);
        }
    }
}

impl Drop for LineTimer {
    #[inline]
    fn drop(&mut self) {
        if let Some(running) = &self.running {
            running.end();
        }
    }
}

/// From here on time of the poll in progress runs on the line with this index: what
/// [`LineTimer::mark`] is for a body that may be resumed in another thread. Costs a lookup more.
///
/// ```
/// use tuneup_recorder::{LineSite, mark_line};
///
/// static SITE: LineSite = LineSite::new(|| "work", file!(), &[1, 2], true);
/// mark_line(&SITE, 1); // nothing is being polled: nothing happens
/// ```
#[inline]
pub fn mark_line(site: &'static LineSite, index: usize) {
    if let Some(block) = frame::block()
        && let Some(record) = block.lines.of(site)
        && record.running_line().is_some()
    {
        mark(block, record, index);
    }
}

/// The future of a line-profiled function: time runs on its lines while it is polled, and is waiting
/// on the line at which it was suspended in between.
///
/// ```
/// use std::{future::Future, pin::pin, task::{Context, Poll, Waker}};
/// use tuneup_recorder::{LineSite, LinedFuture, mark_line};
///
/// static SITE: LineSite = LineSite::new(|| "work", file!(), &[1, 2], true);
/// let mut future = pin!(LinedFuture::new(&SITE, async {
///     mark_line(&SITE, 1);
///     6 * 7
/// }));
/// let poll = future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
/// assert_eq!(poll, Poll::Ready(42));
/// ```
#[must_use = "futures do nothing unless they are awaited"]
#[derive(Debug)]
pub struct LinedFuture<F> {
    site: &'static LineSite,
    /// Where it was suspended; `None` before the first poll.
    suspended: Option<Suspended>,
    future: F,
}

#[derive(Debug, Clone, Copy)]
struct Suspended {
    session: u64,
    line: usize,
    at: u64,
}

impl<F> LinedFuture<F> {
    /// A future that has not been polled yet.
    ///
    /// ```
    /// use tuneup_recorder::{LineSite, LinedFuture};
    ///
    /// static SITE: LineSite = LineSite::new(|| "work", file!(), &[1], true);
    /// let future = LinedFuture::new(&SITE, async {});
    /// # drop(future);
    /// ```
    pub const fn new(site: &'static LineSite, future: F) -> Self {
        Self {
            site,
            suspended: None,
            future,
        }
    }
}

/// Begins a poll: what waited has waited until now.
fn begin_poll(site: &'static LineSite, suspended: Option<Suspended>) -> Option<Running> {
    let line = suspended.map_or(0, |suspended| suspended.line);
    let running = Running::begin(site, line)?;
    match suspended {
        Some(suspended) if suspended.session == running.session => {
            if let Some(cell) = running.record.cell(line) {
                let now = running.record.accounted();
                cell.waiting_ticks.add(now.saturating_sub(suspended.at));
            }
        }
        _ => running.record.calls.add(1),
    }
    Some(running)
}

/// Ends the poll also when the future panics.
struct EndPoll<'a> {
    running: Running,
    suspended: &'a mut Option<Suspended>,
}

impl Drop for EndPoll<'_> {
    fn drop(&mut self) {
        if let Some((line, at)) = self.running.end() {
            *self.suspended = Some(Suspended {
                session: self.running.session,
                line,
                at,
            });
        }
    }
}

impl<F: Future> Future for LinedFuture<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        // SAFETY: the inner future is not moved out of the pinned one: the reference is pinned again below.
        let this = unsafe { self.get_unchecked_mut() };
        let _poll = begin_poll(this.site, this.suspended).map(|running| EndPoll {
            running,
            suspended: &mut this.suspended,
        });
        // SAFETY: `future` is pinned structurally: it is never moved, and `LinedFuture` has no drop of its own.
        let future = unsafe { Pin::new_unchecked(&mut this.future) };
        future.poll(context)
    }
}
