//! The session that records, and the blocks of all threads.

use std::{
    cell::{Cell, RefCell},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicPtr, AtomicU64, Ordering},
    },
};

use crate::{frame, options::Options, processor_clock, thread_block::ThreadBlock};

/// The number of the session that records; 0 while none does. The one word that every recorded
/// function reads.
pub(crate) static SESSION: AtomicU64 = AtomicU64::new(0);

static REGISTRY: Mutex<Registry> = Mutex::new(Registry {
    last_session: 0,
    options: None,
});

/// The block that was made last; the others hang on it. Blocks are never removed: there are as many as
/// threads have recorded at the same time.
static YOUNGEST: AtomicPtr<ThreadBlock> = AtomicPtr::new(std::ptr::null_mut());

/// Calls that found no block: their thread was being torn down, or there was no memory.
static UNRECORDED: AtomicU64 = AtomicU64::new(0);

pub(crate) fn unrecorded_calls() -> u64 {
    UNRECORDED.load(Ordering::Relaxed)
}

pub(crate) struct Registry {
    last_session: u64,
    /// Of the session that records; `None` while none does.
    options: Option<Options>,
}

/// Whoever panicked under the lock has left the registry as it was: it is changed by plain stores.
pub(crate) fn lock() -> MutexGuard<'static, Registry> {
    REGISTRY.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Registry {
    /// Begins a session and gives its number; `None` if one records already.
    pub(crate) fn begin(&mut self, options: Options) -> Option<u64> {
        if self.options.is_some() {
            return None;
        }
        self.last_session += 1;
        self.options = Some(options);
        UNRECORDED.store(0, Ordering::Relaxed);
        SESSION.store(self.last_session, Ordering::Release);
        Some(self.last_session)
    }

    /// Ends the session that records.
    pub(crate) fn end(&mut self) {
        SESSION.store(0, Ordering::Release);
        self.options = None;
    }

    /// The blocks that hold something of the session.
    pub(crate) fn blocks_of(&self, session: u64) -> impl Iterator<Item = &'static ThreadBlock> {
        blocks().filter(move |block| block.session.load(Ordering::Acquire) == session)
    }
}

fn blocks() -> impl Iterator<Item = &'static ThreadBlock> {
    // SAFETY: null or a block, and blocks are never freed.
    let youngest: Option<&'static ThreadBlock> =
        unsafe { YOUNGEST.load(Ordering::Acquire).as_ref() };
    std::iter::successors(youngest, |block| block.older.get())
}

thread_local! {
    /// Whether the thread is inside of [`adopt`]: what runs in there must not come here again.
    static ADOPTING: Cell<bool> = const { Cell::new(false) };
    /// Gives the thread's block back when the thread ends.
    static OWNED: RefCell<Option<Owned>> = const { RefCell::new(None) };
}

struct Owned(&'static ThreadBlock);

impl Drop for Owned {
    fn drop(&mut self) {
        frame::leave();
        let _registry = lock();
        self.0.settle_threads();
        self.0.processor_clock.store(-1, Ordering::Relaxed);
        self.0.adopted.store(false, Ordering::Relaxed);
    }
}

/// A block for the current thread, prepared for `session`; `None` if the session has ended, the thread
/// is being torn down, or there is no memory. `owned` is the block that the thread has or had.
pub(crate) fn adopt(
    session: u64,
    owned: Option<&'static ThreadBlock>,
) -> Option<&'static ThreadBlock> {
    if ADOPTING.replace(true) {
        return None;
    }
    let block = adopt_once(session, owned);
    ADOPTING.set(false);
    if block.is_none() {
        UNRECORDED.fetch_add(1, Ordering::Relaxed);
    }
    block
}

fn adopt_once(session: u64, owned: Option<&'static ThreadBlock>) -> Option<&'static ThreadBlock> {
    // A thread whose `OWNED` is gone could not give a block back.
    let has_owned = OWNED.try_with(|owned| owned.borrow().is_some()).ok()?;
    let registry = lock();
    let options = registry.options.as_ref()?;
    if registry.last_session != session {
        return None;
    }
    let block = match owned {
        Some(block) if has_owned => block,
        _ => free_block(session).or_else(make_block)?,
    };
    if block.session.load(Ordering::Relaxed) != session && !block.prepare(session, options) {
        return None;
    }
    block.adopted.store(true, Ordering::Relaxed);
    block
        .processor_clock
        .store(processor_clock::of_this_thread(), Ordering::Relaxed);
    block.sampled_processor_ns.store(0, Ordering::Relaxed);
    drop(registry);
    OWNED
        .try_with(|owned| {
            owned
                .replace(Some(Owned(block)))
                .map(std::mem::ManuallyDrop::new)
        })
        .ok()?;
    Some(block)
}

/// A block without a thread: one that holds something of the session before others, so that a program
/// which starts thread after thread needs few of them.
fn free_block(session: u64) -> Option<&'static ThreadBlock> {
    let is_free = |block: &&ThreadBlock| !block.adopted.load(Ordering::Relaxed);
    let of_session = |block: &&ThreadBlock| block.session.load(Ordering::Relaxed) == session;
    blocks()
        .filter(is_free)
        .find(of_session)
        .or_else(|| blocks().find(is_free))
}

/// Only under the registry's lock.
fn make_block() -> Option<&'static ThreadBlock> {
    let block = ThreadBlock::allocate()?;
    block.older.set(blocks().next());
    YOUNGEST.store(std::ptr::from_ref(block).cast_mut(), Ordering::Release);
    Some(block)
}
