//! Allocations by the name of what a program is doing.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    fmt,
    future::Future,
    marker::PhantomData,
    pin::Pin,
    sync::{Mutex, MutexGuard, Once, PoisonError},
    task::{Context, Poll},
};

use tuneup_recorder::{AllocationCounters, tag_stacks, without_tracing};

use crate::fork::around_forks;

/// Names that are kept apart; all further ones are one scope.
const MOST_SCOPES: usize = 4096;

/// The name of the scopes that found no room.
const OTHERS: &str = "(other scopes)";

/// What was allocated and freed while a scope was entered, in all threads together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScopeStats {
    /// Its name.
    pub name: String,
    /// How often it was entered; a future enters it at each poll.
    pub entries: u64,
    /// What was counted in it and in the scopes that were entered inside of it.
    pub cumulative: AllocationCounters,
    /// What was counted in it alone.
    pub own: AllocationCounters,
}

struct Scopes {
    numbers: HashMap<String, u32>,
    stats: Vec<ScopeStats>,
}

static SCOPES: Mutex<Option<Scopes>> = Mutex::new(None);

/// A panic under the lock leaves numbers that are right.
fn lock() -> MutexGuard<'static, Option<Scopes>> {
    static PREPARED: Once = Once::new();
    PREPARED.call_once(|| around_forks(Some(hold), Some(let_go), let_go));
    SCOPES.lock().unwrap_or_else(PoisonError::into_inner)
}

thread_local! {
    /// The lock, while the thread forks: in the child there is nobody else who could free it.
    static HELD: Cell<Option<MutexGuard<'static, Option<Scopes>>>> = const { Cell::new(None) };
}

extern "C" fn hold() {
    let _ = HELD.try_with(|held| held.set(Some(lock())));
}

extern "C" fn let_go() {
    let _ = HELD.try_with(|held| held.set(None));
}

impl Scopes {
    fn number(&mut self, name: &str) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let name = match self.stats.len() < MOST_SCOPES {
            true => name,
            false => OTHERS,
        };
        let known = self.stats.len() as u32;
        let stats = &mut self.stats;
        // Number 0 is that of no scope.
        *self.numbers.entry(name.to_owned()).or_insert_with(|| {
            stats.push(ScopeStats {
                name: name.to_owned(),
                ..ScopeStats::default()
            });
            known + 1
        })
    }
}

/// A scope that the current thread is in.
struct Entered {
    number: u32,
    /// The mark of stacks outside of it.
    outer: u32,
    before: AllocationCounters,
    /// What was counted in the scopes inside of it.
    inside: AllocationCounters,
}

thread_local! {
    static ENTERED: RefCell<Vec<Entered>> = const { RefCell::new(Vec::new()) };
}

/// Counts what the current thread allocates and frees under a name, until the guard is dropped. Scopes may be nested; what
/// is freed in a scope may have been allocated elsewhere. A trace that is running knows blocks by the scope that they were
/// allocated in.
///
/// Entering and leaving take a lock and a hash lookup, about 100 ns; allocations in it cost what they cost elsewhere.
/// 4096 names are kept apart. For async code use [`ScopedFuture`], which follows a future from thread to thread.
///
/// ```
/// use tuneup_memory::{TrackingAllocator, scope, scopes};
///
/// #[global_allocator]
/// static ALLOCATOR: TrackingAllocator = TrackingAllocator::system();
///
/// let kept = {
///     let _scope = scope("load");
///     vec![0_u8; 1000]
/// };
/// let load = &scopes()[0];
/// assert_eq!((load.name.as_str(), load.cumulative.allocated_bytes), ("load", 1000));
/// # drop(kept);
/// ```
pub fn scope(name: &str) -> ScopeGuard {
    let number = number_of(name);
    enter(number);
    ScopeGuard {
        not_send: PhantomData,
    }
}

fn number_of(name: &str) -> u32 {
    uncounted(|| {
        let mut scopes = lock();
        let scopes = scopes.get_or_insert_with(|| Scopes {
            numbers: HashMap::new(),
            stats: Vec::new(),
        });
        scopes.number(name)
    })
}

fn enter(number: u32) {
    let outer = tag_stacks(number);
    let entered = Entered {
        number,
        outer,
        before: AllocationCounters::of_this_thread(),
        inside: AllocationCounters::default(),
    };
    uncounted(|| {
        // A thread that is being torn down is in no scope.
        let _ = ENTERED.try_with(|scopes| scopes.borrow_mut().push(entered));
    });
    let _ = ENTERED.try_with(|scopes| {
        if let Some(entered) = scopes.borrow_mut().last_mut() {
            entered.before = AllocationCounters::of_this_thread();
        }
    });
}

fn leave() {
    let now = AllocationCounters::of_this_thread();
    let _ = ENTERED.try_with(|scopes| {
        let mut scopes = scopes.borrow_mut();
        let Some(left) = scopes.pop() else { return };
        let _ = tag_stacks(left.outer);
        let cumulative = difference(now, left.before);
        // A scope inside of itself is in the outer one's sum already.
        let is_inside_itself = scopes.iter().any(|outer| outer.number == left.number);
        if let Some(outer) = scopes.last_mut() {
            add(&mut outer.inside, cumulative);
        }
        if let Some(scopes) = lock().as_mut() {
            let stats = &mut scopes.stats[left.number as usize - 1];
            stats.entries += 1;
            add(&mut stats.own, difference(cumulative, left.inside));
            if !is_inside_itself {
                add(&mut stats.cumulative, cumulative);
            }
        }
    });
}

/// What scopes need for themselves belongs to no trace, and to none of the scopes that the thread is in.
fn uncounted<R>(work: impl FnOnce() -> R) -> R {
    let before = AllocationCounters::of_this_thread();
    let result = without_tracing(work);
    let needed = difference(AllocationCounters::of_this_thread(), before);
    let _ = ENTERED.try_with(|scopes| {
        for entered in scopes.borrow_mut().iter_mut() {
            add(&mut entered.before, needed);
        }
    });
    result
}

fn difference(now: AllocationCounters, before: AllocationCounters) -> AllocationCounters {
    let mut difference = AllocationCounters::default();
    difference.allocated_blocks = now.allocated_blocks.wrapping_sub(before.allocated_blocks);
    difference.allocated_bytes = now.allocated_bytes.wrapping_sub(before.allocated_bytes);
    difference.freed_blocks = now.freed_blocks.wrapping_sub(before.freed_blocks);
    difference.freed_bytes = now.freed_bytes.wrapping_sub(before.freed_bytes);
    difference
}

fn add(sum: &mut AllocationCounters, other: AllocationCounters) {
    sum.allocated_blocks = sum.allocated_blocks.wrapping_add(other.allocated_blocks);
    sum.allocated_bytes = sum.allocated_bytes.wrapping_add(other.allocated_bytes);
    sum.freed_blocks = sum.freed_blocks.wrapping_add(other.freed_blocks);
    sum.freed_bytes = sum.freed_bytes.wrapping_add(other.freed_bytes);
}

/// A scope that the current thread is in; see [`scope`]. Guards are to be dropped in the opposite order of their making, as
/// they are at the end of a block.
#[must_use = "the scope ends when the guard is dropped; `let _ = …` drops it at once"]
pub struct ScopeGuard {
    /// The counters are the thread's.
    not_send: PhantomData<*const ()>,
}

impl fmt::Debug for ScopeGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScopeGuard").finish_non_exhaustive()
    }
}

impl Drop for ScopeGuard {
    fn drop(&mut self) {
        leave();
    }
}

/// A future that is in a [`scope`] whenever it is polled and when it is dropped, on whichever thread: what its neighbours
/// on the same thread allocate is not counted. Each poll enters the scope and leaves it, which takes about 100 ns.
///
/// ```
/// use tuneup_memory::{ScopedFuture, TrackingAllocator, scopes};
///
/// #[global_allocator]
/// static ALLOCATOR: TrackingAllocator = TrackingAllocator::system();
///
/// let request = ScopedFuture::new("request", async { vec![0_u8; 500] });
/// let body = pollster::block_on(request);
/// assert_eq!(scopes()[0].own.allocated_bytes, 500);
/// # drop(body);
/// ```
#[must_use = "futures do nothing unless polled"]
pub struct ScopedFuture<F> {
    scope: u32,
    /// `None` once it was dropped.
    future: Option<F>,
}

impl<F> ScopedFuture<F> {
    /// Puts a future into the scope of this name. Looks the name up once, under a lock.
    pub fn new(name: &str, future: F) -> Self {
        Self {
            scope: number_of(name),
            future: Some(future),
        }
    }
}

impl<F> fmt::Debug for ScopedFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScopedFuture").finish_non_exhaustive()
    }
}

/// In the scope for as long as it lives.
struct Inside;

impl Inside {
    fn new(scope: u32) -> Self {
        enter(scope);
        Self
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        leave();
    }
}

impl<F: Future> Future for ScopedFuture<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let _inside = Inside::new(self.scope);
        // SAFETY: the future is never moved out of its place, and dropped in it.
        let future = unsafe { self.map_unchecked_mut(|scoped| &mut scoped.future) };
        match future.as_pin_mut() {
            Some(future) => future.poll(context),
            None => Poll::Pending,
        }
    }
}

impl<F> Drop for ScopedFuture<F> {
    fn drop(&mut self) {
        let _inside = Inside::new(self.scope);
        self.future = None;
    }
}

/// What was counted in each scope so far, in the order in which their names were used first. A scope counts when it is left.
///
/// O(names), under a lock that who enters or leaves a scope waits for. All counters are 0 without a
/// [`TrackingAllocator`](crate::TrackingAllocator).
///
/// ```
/// use tuneup_memory::{scope, scopes};
///
/// for _ in 0..3 {
///     let _scope = scope("parse");
/// }
/// assert_eq!(scopes().iter().map(|scope| scope.entries).collect::<Vec<_>>(), [3]);
/// ```
#[must_use]
pub fn scopes() -> Vec<ScopeStats> {
    without_tracing(|| {
        lock()
            .as_ref()
            .map_or(Vec::new(), |scopes| scopes.stats.clone())
    })
}

/// The name of a scope, by the mark of its stacks.
#[cfg(feature = "trace")]
pub(crate) fn name_of(number: u32) -> Option<String> {
    let place = (number as usize).checked_sub(1)?;
    let scopes = lock();
    Some(scopes.as_ref()?.stats.get(place)?.name.clone())
}
