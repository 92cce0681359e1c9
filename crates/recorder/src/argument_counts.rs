//! How many of a function's calls had arguments that an earlier one had.

mod estimate;

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering::Relaxed},
};

use crate::session::is_recording;

/// So many bits of a hash choose a register.
const INDEX_BITS: u32 = 12;

const REGISTERS: usize = 1 << INDEX_BITS;

/// Counts the calls of one function and, approximately, their different arguments: a static beside its [`Site`](crate::Site).
///
/// Constant memory, 4 KiB, whatever it counts. The number of different arguments is an estimate by HyperLogLog: two in three are within
/// 1.6 %, and small ones are mostly exact. It counts while a session records, over all sessions of the process. Shared by threads: two atomic
/// operations a call, and a few more while much is new. Flajolet et al., "HyperLogLog: the analysis of a near-optimal cardinality
/// estimation algorithm" (2007).
///
/// ```
/// use tuneup_recorder::{ArgumentCounts, Arguments, Options, Session};
///
/// static COUNTS: ArgumentCounts = ArgumentCounts::new();
/// let session = Session::start(Options::default()).unwrap();
/// for n in 0..90 {
///     let mut arguments = Arguments::new();
///     arguments.add(&(n % 3));
///     COUNTS.count(arguments);
/// }
/// let read = COUNTS.read();
/// assert_eq!((read.hashed, read.distinct), (90, 3));
/// ```
#[derive(Debug)]
pub struct ArgumentCounts {
    hashed: AtomicU64,
    /// Whether a call had an argument that has no hash.
    is_unhashable: AtomicBool,
    /// The longest run of zeroes that hashes with this index had, and one more.
    registers: [AtomicU8; REGISTERS],
}

/// What [`ArgumentCounts`] have counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ArgumentReading {
    /// Calls whose arguments were hashed.
    pub hashed: u64,
    /// Different ones among them, estimated.
    pub distinct: u64,
    /// Whether there were calls with an argument that has no hash, which are not counted.
    pub is_unhashable: bool,
}

impl ArgumentCounts {
    /// Nothing was counted yet.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "it is for statics")]
    pub const fn new() -> Self {
        Self {
            hashed: AtomicU64::new(0),
            is_unhashable: AtomicBool::new(false),
            registers: [const { AtomicU8::new(0) }; REGISTERS],
        }
    }

    /// Counts a call, if a session records. Any thread; no lock, no allocation.
    pub fn count(&self, arguments: Arguments) {
        if !is_recording() {
            return;
        }
        let Some(hasher) = arguments.hasher else {
            self.is_unhashable.store(true, Relaxed);
            return;
        };
        self.hashed.fetch_add(1, Relaxed);
        let hash = hasher.finish();
        let register = &self.registers[(hash >> (u64::BITS - INDEX_BITS)) as usize];
        let rest = hash << INDEX_BITS;
        // What is left has so many bits, and may be all zeroes.
        let rank = (rest.leading_zeros().min(u64::BITS - INDEX_BITS) + 1) as u8;
        // Mostly it is there already, and nothing is written.
        if register.load(Relaxed) < rank {
            register.fetch_max(rank, Relaxed);
        }
    }

    /// What was counted so far. O(registers).
    #[must_use]
    pub fn read(&self) -> ArgumentReading {
        let hashed = self.hashed.load(Relaxed);
        let ranks = self.registers.iter().map(|register| register.load(Relaxed));
        let distinct = estimate::distinct(ranks, u64::BITS - INDEX_BITS);
        ArgumentReading {
            hashed,
            distinct: (distinct.round() as u64).min(hashed),
            is_unhashable: self.is_unhashable.load(Relaxed),
        }
    }
}

/// The arguments of one call, as far as they are hashed. For [`ArgumentCounts::count`].
#[derive(Debug)]
pub struct Arguments {
    /// None once there was an argument that has no hash.
    hasher: Option<DefaultHasher>,
}

impl Arguments {
    /// None yet.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "nobody has a use for it")]
    pub fn new() -> Self {
        Self {
            hasher: Some(DefaultHasher::new()),
        }
    }

    /// The next one.
    pub fn add(&mut self, argument: &(impl Hash + ?Sized)) {
        if let Some(hasher) = &mut self.hasher {
            argument.hash(hasher);
        }
    }

    fn give_up(&mut self) {
        self.hasher = None;
    }
}

/// An argument that may have a hash or not: `(&Argument(&value)).add_to(&mut arguments)`, with both traits of
/// this module in scope, is what the type of the value allows.
///
/// The compiler takes the method that needs no further reference: that of floating-point numbers, which are compared by their bits, then that of
/// [`Hashed`], then that of [`Unhashed`].
///
/// ```
/// use tuneup_recorder::{Argument, Arguments, Hashed as _, Unhashed as _};
///
/// let mut arguments = Arguments::new();
/// (&Argument(&"text")).add_to(&mut arguments);
/// (&Argument(&1.5_f64)).add_to(&mut arguments);
/// (&Argument(&std::cell::RefCell::new(1))).add_to(&mut arguments);
/// ```
#[derive(Debug)]
pub struct Argument<'a, T: ?Sized>(pub &'a T);

impl Argument<'_, f64> {
    /// Adds its bits.
    pub fn add_to(&self, arguments: &mut Arguments) {
        arguments.add(&self.0.to_bits());
    }
}

impl Argument<'_, f32> {
    /// Adds its bits.
    pub fn add_to(&self, arguments: &mut Arguments) {
        arguments.add(&self.0.to_bits());
    }
}

/// Arguments that have a hash; see [`Argument`].
pub trait Hashed {
    /// Adds the hash.
    fn add_to(&self, arguments: &mut Arguments);
}

impl<T: Hash + ?Sized> Hashed for Argument<'_, T> {
    fn add_to(&self, arguments: &mut Arguments) {
        arguments.add(self.0);
    }
}

/// All others; see [`Argument`].
pub trait Unhashed {
    /// Gives up.
    fn add_to(&self, arguments: &mut Arguments);
}

impl<T: ?Sized> Unhashed for &Argument<'_, T> {
    fn add_to(&self, arguments: &mut Arguments) {
        arguments.give_up();
    }
}

#[cfg(all(test, not(loom)))]
mod tests;
