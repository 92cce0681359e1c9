//! The guards of calls, and the way from a thread to its block.

use std::{cell::Cell, ptr, sync::atomic::Ordering};

use crate::{
    calls::Begun,
    node::Node,
    registry::{self, SESSION},
    site::Site,
    thread_block::ThreadBlock,
};

struct Local {
    /// The session for which the thread has a block, if it is a plain one; else 0.
    plain_session: Cell<u64>,
    /// The session for which the thread has a block; 0 if it has none.
    session: Cell<u64>,
    /// The block it has, or had.
    block: Cell<*const ThreadBlock>,
}

// Without a destructor and with a constant initial value: two loads relative to the thread pointer.
thread_local! {
    static LOCAL: Local = const {
        Local {
            plain_session: Cell::new(0),
            session: Cell::new(0),
            block: Cell::new(ptr::null()),
        }
    };
}

/// The current thread's block for the session that records now.
#[inline(always)]
pub(crate) fn block() -> Option<&'static ThreadBlock> {
    let session = SESSION.load(Ordering::Relaxed);
    if session == 0 {
        return None;
    }
    block_for(session)
}

fn block_for(session: u64) -> Option<&'static ThreadBlock> {
    let (known, block) = LOCAL.with(|local| (local.session.get(), local.block.get()));
    if known != session {
        return adopt(session);
    }
    // SAFETY: it was set before the session, and blocks are never freed.
    Some(unsafe { &*block })
}

/// The block, if the thread has one for this session already, and the session counts and times by the processor's counter.
#[inline(always)]
fn plain_block(session: u64) -> Option<&'static ThreadBlock> {
    // Plain pointers leave the closure: of a reference the compiler would check that there is one.
    let (known, block) = LOCAL.with(|local| (local.plain_session.get(), local.block.get()));
    // SAFETY: it was set before the session, and blocks are never freed.
    (known == session).then(|| unsafe { &*block })
}

#[cold]
#[inline(never)]
fn adopt(session: u64) -> Option<&'static ThreadBlock> {
    // SAFETY: null or a block, and blocks are never freed.
    let owned = unsafe { LOCAL.with(|local| local.block.get()).as_ref() };
    let block = registry::adopt(session, owned)?;
    LOCAL.with(|local| {
        local.block.set(block);
        local.session.set(session);
        let plain = if block.mode().is_plain() { session } else { 0 };
        local.plain_session.set(plain);
    });
    Some(block)
}

/// The block of a frame that ends.
///
/// # Safety
/// The frame began in this thread and is recorded, so that the thread had a block.
#[inline(always)]
unsafe fn last_block() -> &'static ThreadBlock {
    let block = LOCAL.with(|local| local.block.get());
    // SAFETY: the caller promises that it was set, and blocks are never freed.
    unsafe { &*block }
}

/// Leaves the block to the next new thread. From here on the thread records nothing.
pub(crate) fn leave() {
    LOCAL.with(|local| {
        local.session.set(0);
        local.plain_session.set(0);
    });
}

/// A call that is being recorded; it ends when the frame is dropped.
///
/// Frames of a thread end in the reverse order of their beginning, as guards in nested blocks do; what
/// is still open inside of a frame that ends, ends with it.
#[must_use = "the call ends where the frame is dropped: bind it to a name that lives until then"]
#[derive(Debug)]
pub struct Frame {
    /// One word, so that a function that is not recorded pays for no more than that. It holds a pointer,
    /// which keeps the frame in its thread.
    call: Begun,
}

/// Begins a call of `site`.
///
/// While nothing records it costs one relaxed load. While something does: a lookup in the thread's
/// call tree and a reading of the clock, and another when the frame is dropped; nothing is allocated
/// but at the first call along a path.
///
/// ```
/// use tuneup_recorder::{Site, SiteKind, enter};
///
/// fn work() -> u32 {
///     static SITE: Site = Site::new(|| "work", SiteKind::Function, file!(), line!());
///     let _frame = enter(&SITE);
///     6 * 7
/// }
/// assert_eq!(work(), 42);
/// ```
#[inline(always)]
pub fn enter(site: &'static Site) -> Frame {
    let session = SESSION.load(Ordering::Relaxed);
    if session == 0 {
        return Frame {
            call: Begun::NOTHING,
        };
    }
    Frame {
        call: begin(site, session),
    }
}

#[inline(never)]
fn begin(site: &'static Site, session: u64) -> Begun {
    match plain_block(session) {
        Some(block) => block.begin(site),
        None => begin_otherwise(site, session),
    }
}

/// The first call of a thread in a session, and sessions that do more or less than others.
#[inline(never)]
fn begin_otherwise(site: &'static Site, session: u64) -> Begun {
    match block_for(session) {
        Some(block) if block.mode().counts_only() => block.begin_counted(site),
        Some(block) => block.begin_slowly(site, 1),
        None => Begun::NOTHING,
    }
}

impl Frame {
    /// The ticks of the calls that ended along the same path before this one.
    pub(crate) fn recorded_ticks(&self) -> u64 {
        let node = self.call.node();
        node.map_or(0, |node| node.ticks.before(node.start()))
    }
}

impl Drop for Frame {
    #[inline(always)]
    fn drop(&mut self) {
        if self.call.is_recorded() {
            end(self.call);
        }
    }
}

#[inline(never)]
fn end(call: Begun) {
    // SAFETY: frames are not `Send`, and the call is recorded.
    unsafe { last_block() }.end(call);
}

/// A call that is counted and not timed; it ends when the frame is dropped.
#[must_use = "the call ends where the frame is dropped: bind it to a name that lives until then"]
#[derive(Debug)]
pub struct UntimedFrame {
    /// The caller's node; null if nothing records.
    caller: *const Node,
}

/// Begins a call of `site` that is counted, and seen by a sampler, without a look at the clock.
///
/// ```
/// use tuneup_recorder::{Site, SiteKind, enter_untimed};
///
/// fn work() -> u32 {
///     static SITE: Site = Site::new(|| "work", SiteKind::Function, file!(), line!()).untimed();
///     let _frame = enter_untimed(&SITE);
///     6 * 7
/// }
/// assert_eq!(work(), 42);
/// ```
#[inline(always)]
pub fn enter_untimed(site: &'static Site) -> UntimedFrame {
    let session = SESSION.load(Ordering::Relaxed);
    if session == 0 {
        return UntimedFrame {
            caller: ptr::null(),
        };
    }
    UntimedFrame {
        caller: begin_untimed(site, session),
    }
}

#[inline(never)]
fn begin_untimed(site: &'static Site, session: u64) -> *const Node {
    match plain_block(session) {
        Some(block) => block.begin_untimed(site),
        None => begin_untimed_otherwise(site, session),
    }
}

#[inline(never)]
fn begin_untimed_otherwise(site: &'static Site, session: u64) -> *const Node {
    block_for(session).map_or(ptr::null(), |block| block.begin_untimed(site))
}

impl Drop for UntimedFrame {
    #[inline(always)]
    fn drop(&mut self) {
        if !self.caller.is_null() {
            end_untimed(self.caller);
        }
    }
}

#[inline(never)]
fn end_untimed(caller: *const Node) {
    // SAFETY: frames are not `Send`, and the call is recorded.
    unsafe { last_block() }.end_untimed(caller);
}
