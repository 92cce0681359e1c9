//! How many processors the process may keep busy, all of its executors together.

#[cfg(test)]
mod tests;

use std::{
    num::NonZeroUsize,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

/// The processors that this process may use, and who has taken how many.
///
/// Whoever starts threads that compute takes a [`CoreLease`] and starts as many as it was granted. So a pool of rayon, a runtime of tokio
/// and own threads in one process do not each take all processors, which they do by default: with twice as many busy threads as
/// processors the system switches between them, and who waits for a lock waits for a thread that does not run.
///
/// It is an agreement, not a limit: nobody is kept from starting threads. [`CpuExecutor`](crate::CpuExecutor) and
/// [`Imap`](crate::Imap) take part by themselves. The pool of rayon, on which [`par`](crate::par) works, and the pool of `cpu` do not: they
/// stay for the life of the process, with threads that sleep when nobody needs them, and would keep others from the processors meanwhile.
/// A runtime takes part like this:
///
/// ```
/// let lease = tuneup_concurrency::CoreBudget::global().lease(std::num::NonZeroUsize::MIN);
/// let runtime = tokio::runtime::Builder::new_multi_thread()
///     .worker_threads(lease.cores().get())
///     .build()?;
/// // The lease lives as long as the runtime.
/// drop(runtime);
/// drop(lease);
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// A clone is the same budget. `Send` and `Sync`.
#[derive(Clone, Debug)]
#[doc(alias = "available_parallelism")]
#[doc(alias = "num_cpus")]
pub struct CoreBudget {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    cores: NonZeroUsize,
    /// Wider than the cores: of a budget of all that a number can say, each lease still gets one more.
    in_use: Mutex<u128>,
}

impl Shared {
    fn in_use(&self) -> MutexGuard<'_, u128> {
        self.in_use.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CoreBudget {
    /// A budget of one's own, for tests, or for a part of the program that is to get along with less.
    ///
    /// ```
    /// use std::num::NonZeroUsize;
    /// use tuneup_concurrency::CoreBudget;
    ///
    /// let eight = NonZeroUsize::new(8).unwrap();
    /// assert_eq!(CoreBudget::new(eight).cores(), eight);
    /// ```
    #[must_use]
    pub fn new(cores: NonZeroUsize) -> Self {
        Self {
            shared: Arc::new(Shared {
                cores,
                in_use: Mutex::new(0),
            }),
        }
    }

    /// The one budget of the process.
    ///
    /// How many processors it has is read when it is first asked for, by [`std::thread::available_parallelism`], and not again. On Linux that
    /// is what the affinity mask leaves of the processors, and what control groups leave of those: of version 2, `cpu.max` of the group of the
    /// process and of all groups above; of version 1, `cpu.cfs_quota_us` over `cpu.cfs_period_us`. A quota is rounded down to whole
    /// processors, and is at least one. Weights (`cpu.weight`, `cpu.shares`) are not looked at, because they limit nobody while others are
    /// idle. Elsewhere it is what the system says. If it says nothing, one.
    ///
    /// ```
    /// let budget = tuneup_concurrency::CoreBudget::global();
    /// assert!(std::ptr::eq(budget, tuneup_concurrency::CoreBudget::global()));
    /// ```
    #[must_use]
    pub fn global() -> &'static Self {
        static GLOBAL: OnceLock<CoreBudget> = OnceLock::new();
        GLOBAL.get_or_init(|| {
            Self::new(std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN))
        })
    }

    /// How many processors there are. Leases change nothing about it.
    ///
    /// ```
    /// assert!(tuneup_concurrency::CoreBudget::global().cores().get() >= 1);
    /// ```
    #[must_use]
    pub fn cores(&self) -> NonZeroUsize {
        self.shared.cores
    }

    /// Takes up to `wanted` processors: what is free, and at least one.
    ///
    /// It does not wait. Because of the one that everybody gets, more may be in use than there are: everybody gets on. Costs a lock that is
    /// held for an addition, and no allocation.
    ///
    /// ```
    /// use std::num::NonZeroUsize;
    /// use tuneup_concurrency::CoreBudget;
    ///
    /// let four = NonZeroUsize::new(4).unwrap();
    /// let budget = CoreBudget::new(four);
    /// let first = budget.lease(NonZeroUsize::new(3).unwrap());
    /// let second = budget.lease(four);
    /// let third = budget.lease(four);
    /// assert_eq!([&first, &second, &third].map(|lease| lease.cores().get()), [3, 1, 1]);
    /// assert_eq!(budget.in_use(), 5);
    /// drop(first);
    /// assert_eq!(budget.lease(four).cores().get(), 2);
    /// ```
    pub fn lease(&self, wanted: NonZeroUsize) -> CoreLease {
        let mut in_use = self.shared.in_use();
        let free = self.shared.cores.get().saturating_sub(saturated(*in_use));
        let cores = NonZeroUsize::new(free)
            .unwrap_or(NonZeroUsize::MIN)
            .min(wanted);
        *in_use += cores.get() as u128;
        drop(in_use);
        CoreLease {
            shared: Arc::clone(&self.shared),
            cores,
        }
    }

    /// How many are leased. It may be more than there are: see [`lease`](Self::lease).
    ///
    /// ```
    /// use std::num::NonZeroUsize;
    /// use tuneup_concurrency::CoreBudget;
    ///
    /// let budget = CoreBudget::new(NonZeroUsize::MIN);
    /// assert_eq!(budget.in_use(), 0);
    /// ```
    #[must_use]
    pub fn in_use(&self) -> usize {
        saturated(*self.shared.in_use())
    }
}

/// Processors that somebody has taken from a [`CoreBudget`]. They are given back when it is dropped.
///
/// ```
/// use std::num::NonZeroUsize;
/// use tuneup_concurrency::CoreBudget;
///
/// let budget = CoreBudget::new(NonZeroUsize::new(2).unwrap());
/// let lease = budget.lease(NonZeroUsize::MIN);
/// assert_eq!((lease.cores().get(), budget.in_use()), (1, 1));
/// drop(lease);
/// assert_eq!(budget.in_use(), 0);
/// ```
#[derive(Debug)]
#[must_use = "the processors are given back when the lease is dropped"]
pub struct CoreLease {
    shared: Arc<Shared>,
    cores: NonZeroUsize,
}

impl CoreLease {
    /// How many there are in it.
    ///
    /// See the example of [`CoreLease`].
    #[must_use]
    pub fn cores(&self) -> NonZeroUsize {
        self.cores
    }
}

impl Drop for CoreLease {
    fn drop(&mut self) {
        *self.shared.in_use() -= self.cores.get() as u128;
    }
}

fn saturated(cores: u128) -> usize {
    usize::try_from(cores).unwrap_or(usize::MAX)
}
