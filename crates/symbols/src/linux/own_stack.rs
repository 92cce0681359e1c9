//! The calls that the current thread is in, by the unwind tables, without an allocation.

use std::{
    cell::UnsafeCell,
    fmt,
    mem::MaybeUninit,
    ops::Range,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use framehop::{
    CacheNative, MustNotAllocateDuringUnwind, UnwindRegsNative, Unwinder as _, UnwinderNative,
};

use super::{
    code_map::CodeMap,
    process::Process,
    registers::{self, Registers},
};

type Cache = CacheNative<MustNotAllocateDuringUnwind>;

/// For each processor: a thread that is interrupted during a walk keeps its cache.
const CACHES_PER_PROCESSOR: usize = 2;
const FEWEST_CACHES: usize = 8;
const MOST_CACHES: usize = 128;

/// What unwinding may need of the stack.
const LEAST_STACK_BYTES: usize = 64 << 10;

/// So many frames are compared when frame pointers are tried out.
const MOST_COMPARED: usize = 128;

/// Finds the calls that the current thread is in, where code has no frame pointers: by unwind tables, which were read
/// before.
///
/// May be used inside of an allocator or a signal handler: to unwind allocates nothing, takes no lock and waits for nobody.
/// Two threads for each processor can do it at the same time (at least 8, at most 128 in all): one that finds no cache free
/// gets no frames, or waits ([`with_most_yields`](Self::with_most_yields)). Each cache takes 33 KB, and the tables as much as the sections `.eh_frame` of all files: together 0.5 MB
/// for a small program on two processors.
///
/// Unwinding is [framehop](https://docs.rs/framehop)'s. What [`std::backtrace`] does instead allocates, and takes locks.
///
/// ```
/// use std::mem::MaybeUninit;
/// use tuneup_symbols::OwnStack;
///
/// let own = OwnStack::load();
/// let mut frames = [MaybeUninit::uninit(); 32];
/// // Where the stack ends `pthread_getattr_np` knows; here it is enough to look as far as this function's frame.
/// let here = (&raw const frames).addr();
/// let end = here + size_of_val(&frames);
/// // SAFETY: from here to the end is one variable.
/// let len = unsafe { own.unwind_here(0..end, &mut frames) };
/// assert!(len <= 32);
/// ```
#[doc(alias = "backtrace")]
#[doc(alias = "unwinder")]
pub struct OwnStack {
    framehop: UnwinderNative<Vec<u8>, MustNotAllocateDuringUnwind>,
    /// Where the code lay whose tables were read.
    code: CodeMap,
    caches: Box<[Slot]>,
    most_yields: u32,
}

/// Invariant: whoever has set `is_taken` has the cache for itself.
struct Slot {
    is_taken: AtomicBool,
    cache: UnsafeCell<Cache>,
}

// SAFETY: by the invariant of a slot; everything else is only read.
unsafe impl Sync for OwnStack {}

impl fmt::Debug for OwnStack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnStack").finish_non_exhaustive()
    }
}

impl OwnStack {
    /// Reads the unwind tables of the program and of all libraries that it has loaded, which takes some milliseconds. Through
    /// code that is loaded later frame pointers are followed; load again after it.
    ///
    /// ```
    /// let own = tuneup_symbols::OwnStack::load();
    /// # let _ = own;
    /// ```
    #[must_use]
    pub fn load() -> Self {
        let mut framehop = UnwinderNative::new();
        let mut code = CodeMap::new();
        for module in code.look(&Process::current()).added {
            framehop.add_module(module.unwind_tables());
        }
        let processors = thread::available_parallelism().map_or(1, usize::from);
        let caches = (CACHES_PER_PROCESSOR * processors).clamp(FEWEST_CACHES, MOST_CACHES);
        let slot = || Slot {
            is_taken: AtomicBool::new(false),
            cache: UnsafeCell::new(Cache::new_in()),
        };
        Self {
            framehop,
            code,
            caches: std::iter::repeat_with(slot).take(caches).collect(),
            most_yields: 0,
        }
    }

    /// Lets a thread that finds no cache free give the processor to others, so many times at most, until one is: caches are
    /// free within microseconds, unless the threads that have them were interrupted. Default: 0, as is needed in a signal
    /// handler.
    ///
    /// ```
    /// let own = tuneup_symbols::OwnStack::load().with_most_yields(100);
    /// # let _ = own;
    /// ```
    #[must_use]
    pub fn with_most_yields(self, most_yields: u32) -> Self {
        Self {
            most_yields,
            ..self
        }
    }

    /// In the child of a fork, gives back what threads had that are only in the parent: otherwise their caches stay in
    /// use. Allocates as many new ones, and leaves the old ones as they are, because some may be half-written.
    ///
    /// ```
    /// let own = tuneup_symbols::OwnStack::load();
    /// // SAFETY: nobody unwinds by it.
    /// unsafe { own.forget_other_threads() };
    /// ```
    ///
    /// # Safety
    ///
    /// No thread of this process is unwinding by it, nor does until this returns.
    pub unsafe fn forget_other_threads(&self) {
        let taken = |slot: &&Slot| slot.is_taken.load(Ordering::Relaxed);
        for slot in self.caches.iter().filter(taken) {
            // SAFETY: the caller promises that nobody uses the cache.
            unsafe { slot.cache.get().write(Cache::new_in()) };
            slot.is_taken.store(false, Ordering::Release);
        }
    }

    /// Fills `frames` with the return addresses of the calls that the caller of this function is in, from the innermost
    /// outwards, and gives their number: the first is in the caller itself. To name one, ask [`Symbols`](crate::Symbols) for the byte before it,
    /// which is in the call.
    ///
    /// Ends where the stack does, where the tables do, or where `frames` is full. Gives 0 if the current function is not on
    /// `stack` (as in a signal handler with a stack of its own), if less than 64 KiB of it are left, or if no cache is free.
    /// Reads nothing but `stack`, and of that only what lies further out than the current function.
    ///
    /// About 30 ns for a frame that was met before, and 1 µs for one that was not. Needs 14 KB of stack itself, and 39 KB
    /// in a build without optimisation.
    ///
    /// # Safety
    ///
    /// The part of `stack` that lies above the current stack pointer must be readable, as it is if `stack` is where the
    /// current thread's stack lies, or a part of it. If its begin is not known, 0 stands for it: then a
    /// stack that has no room left overflows.
    #[inline(never)]
    pub unsafe fn unwind_here(
        &self,
        stack: Range<usize>,
        frames: &mut [MaybeUninit<usize>],
    ) -> usize {
        let registers = registers::here();
        // SAFETY: the caller's promise.
        let Some(words) = (unsafe { StackWords::with_room(&stack, registers.stack) }) else {
            return 0;
        };
        let taken = self.take(stack.end);
        let Some(mut taken) = taken.or_else(|| self.wait(stack.end)) else {
            return 0;
        };
        self.unwind(registers, &words, taken.cache(), frames).len
    }

    /// Whether frame pointers lead from here to the callers that the unwind tables find, so that the cheaper way is
    /// good enough for stacks like the current one.
    ///
    /// Only frames up to the outermost one that lies in the same object file as the caller must agree, 128 at most: what
    /// starts a program or a thread belongs to the C library, which has no frame pointers. The function that a
    /// thread begins in is left out for the same reason.
    ///
    /// Takes about 5 µs, and allocates: ask once, and not from inside an allocator. `false` where `unwind_here` gives no frames.
    ///
    /// ```
    /// use tuneup_symbols::OwnStack;
    ///
    /// let own = OwnStack::load();
    /// // SAFETY: nothing lies in an empty range.
    /// assert!(!unsafe { own.frame_pointers_reach(0..0) });
    /// ```
    ///
    /// # Safety
    ///
    /// As of [`unwind_here`](Self::unwind_here).
    #[must_use]
    #[inline(never)]
    pub unsafe fn frame_pointers_reach(&self, stack: Range<usize>) -> bool {
        let registers = registers::here();
        // SAFETY: the caller's promise.
        let Some(words) = (unsafe { StackWords::with_room(&stack, registers.stack) }) else {
            return false;
        };
        let mut by_tables = [MaybeUninit::uninit(); MOST_COMPARED];
        let walked = self.unwind(registers, &words, &mut Cache::new_in(), &mut by_tables);
        // SAFETY: so many were written.
        let by_tables = unsafe { by_tables[..walked.len].assume_init_ref() };
        let expected = self.own_calls(by_tables, walked.is_whole);
        let by_pointers = words.return_addresses(registers.frame);
        !expected.is_empty()
            && expected
                .iter()
                .copied()
                .eq(by_pointers.take(expected.len()))
    }

    /// The calls without those further out than the object file of the innermost one.
    fn own_calls<'a>(&self, calls: &'a [usize], is_whole: bool) -> &'a [usize] {
        let origin = |call: &usize| {
            let place = self.code.containing(*call as u64 - 1)?;
            Some(&self.code.mappings()[place].mapping.origin)
        };
        let Some(own) = calls.first().and_then(origin) else {
            return &[];
        };
        // The outermost function is the one that the kernel jumps to; it may be the program's.
        let calls = &calls[..calls.len() - usize::from(is_whole)];
        let last = calls.iter().rposition(|call| origin(call) == Some(own));
        &calls[..last.map_or(0, |last| last + 1)]
    }

    fn unwind(
        &self,
        registers: Registers,
        words: &StackWords,
        cache: &mut Cache,
        frames: &mut [MaybeUninit<usize>],
    ) -> Walked {
        let native = native(registers, self.framehop.max_known_code_address());
        let mut read = |address| words.at(address).ok_or(());
        let mut walk = self
            .framehop
            .iter_frames(registers.instruction, native, cache, &mut read);
        let mut len = 0;
        // The first is the function that has read the registers.
        let mut is_call = false;
        loop {
            match walk.next() {
                Ok(Some(frame)) if is_call => {
                    let Some(place) = frames.get_mut(len) else {
                        return Walked::new(len, false);
                    };
                    place.write(frame.address() as usize);
                    len += 1;
                }
                Ok(Some(_)) => is_call = true,
                Ok(None) => return Walked::new(len, true),
                Err(_) => return Walked::new(len, false),
            }
        }
    }

    /// A cache that nobody uses; the same one for the same thread, if it can be.
    fn take(&self, stack_end: usize) -> Option<Taken<'_>> {
        let first = (stack_end >> 12) % self.caches.len();
        let (behind, before) = self.caches.split_at(first);
        let slots = before.iter().chain(behind);
        let mut free = slots.filter(|slot| !slot.is_taken.swap(true, Ordering::Acquire));
        free.next().map(|slot| Taken { slot })
    }

    #[cold]
    #[inline(never)]
    fn wait(&self, stack_end: usize) -> Option<Taken<'_>> {
        (0..self.most_yields).find_map(|_| {
            thread::yield_now();
            self.take(stack_end)
        })
    }
}

/// How a walk went.
struct Walked {
    len: usize,
    /// It came to the outermost frame.
    is_whole: bool,
}

impl Walked {
    fn new(len: usize, is_whole: bool) -> Self {
        Self { len, is_whole }
    }
}

struct Taken<'a> {
    slot: &'a Slot,
}

impl Taken<'_> {
    fn cache(&mut self) -> &mut Cache {
        // SAFETY: by the invariant of the slot.
        unsafe { &mut *self.slot.cache.get() }
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        self.slot.is_taken.store(false, Ordering::Release);
    }
}

/// The words of the current thread's stack from the current function outwards.
///
/// Invariant: they are readable as long as the function that has read the registers runs.
struct StackWords {
    addresses: Range<usize>,
}

impl StackWords {
    /// `None` if the stack pointer is not in the stack, or if there is no room below it for what unwinding needs.
    ///
    /// # Safety
    ///
    /// As of [`new`](Self::new).
    unsafe fn with_room(stack: &Range<usize>, stack_pointer: u64) -> Option<Self> {
        let left = (stack_pointer as usize).checked_sub(stack.start)?;
        (left >= LEAST_STACK_BYTES).then_some(())?;
        // SAFETY: the caller's promise.
        unsafe { Self::new(stack, stack_pointer) }
    }

    /// `None` if the stack pointer is not in the stack.
    ///
    /// # Safety
    ///
    /// What lies in `stack` above `stack_pointer` is readable, and the caller is the function whose pointer it is.
    unsafe fn new(stack: &Range<usize>, stack_pointer: u64) -> Option<Self> {
        let begin = stack_pointer as usize;
        stack.contains(&begin).then_some(Self {
            addresses: begin..stack.end,
        })
    }

    fn at(&self, address: u64) -> Option<u64> {
        let address = usize::try_from(address).ok()?;
        let end = address.checked_add(size_of::<u64>())?;
        if address < self.addresses.start
            || end > self.addresses.end
            || !address.is_multiple_of(align_of::<u64>())
        {
            return None;
        }
        let word = std::ptr::with_exposed_provenance::<u64>(address);
        // SAFETY: by the invariant, and because the word lies within the addresses and is aligned. Volatile, because the
        // compiler knows of nobody who reads what other functions keep there.
        Some(unsafe { word.read_volatile() })
    }

    /// Follows frame pointers: each frame begins with that of the caller and the return address.
    fn return_addresses(&self, frame: u64) -> impl Iterator<Item = usize> {
        let mut frame = Some(frame);
        std::iter::from_fn(move || {
            let this = frame?;
            let return_address = self.at(this.checked_add(8)?)?;
            // A stack grows downwards, so that callers lie above.
            frame = self.at(this).filter(|caller| *caller > this);
            Some(return_address as usize)
        })
    }
}

#[cfg(target_arch = "x86_64")]
fn native(registers: Registers, _highest_code: u64) -> UnwindRegsNative {
    UnwindRegsNative::new(registers.instruction, registers.stack, registers.frame)
}

/// Return addresses may be signed in the bits that no address uses.
#[cfg(target_arch = "aarch64")]
fn native(registers: Registers, highest_code: u64) -> UnwindRegsNative {
    let mask = framehop::aarch64::PtrAuthMask::from_max_known_address(highest_code);
    UnwindRegsNative::new_with_ptr_auth_mask(mask, registers.link, registers.stack, registers.frame)
}

#[cfg(test)]
mod tests;
