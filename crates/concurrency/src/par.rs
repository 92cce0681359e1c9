//! Parallel work on items that are all there: a map and its relatives, on the threads of rayon.
//!
//! All take whatever rayon can index as items: `&[T]`, `&Vec<T>`, `Vec<T>` (the function gets the items by value), `&mut [T]`, arrays, ranges
//! of `usize` and of integers up to 32 bits, and what rayon's adaptors make of them (`zip`, `enumerate`, `par_chunks`). For other iterators, for results
//! while they come, and for bounded memory there is [`ParImap`](crate::ParImap).
//!
//! # When another thread helps
//! The items of a call begin on the thread that called. Other threads are woken only if what is left costs more than waking them, about 15 µs,
//! by what the items have cost until then, or where nothing is done yet, at the last call from the same place in the program. The first call from a place that
//! is new wakes them in any case, if there are two items or more. Of the calls that are known to take less than a microsecond only one in
//! sixty-four reads a clock; the others look at the counter of the processor before and after their first item, and cost some 20 ns more than a plain
//! loop. If that item takes longer than all were expected to, the others are shared. That a later one does is not noticed before the call is over.
//!
//! Threads take chunks of some 100 µs at most, smaller towards the end (guided self-scheduling); no chunk is more than four
//! times as long as the thread's one before. The threads are those of the rayon pool of the calling thread (the global one outside of any,
//! which starts at the first call that needs it), and as many as it has, with the caller among them.
//!
//! # What never happens
//! The calling thread runs nothing but items of its own call while it waits, and waits only for threads in the middle of such an item. So
//! calls may be nested to any depth, in pools of any size, and no call made with a lock held can meet the same lock in somebody
//! else's task, as happens in rayon, whose waiting threads take up any task of the pool (rayon #592). What is not prevented: a function that
//! itself takes a lock that its caller holds waits forever, here as in a thread, and so do rayon's own operations inside of the function if
//! they are called with a lock held.
//!
//! The price: where the waiting thread is one of the pool's, it sleeps for the last item of another thread, though the pool had other work.
//!
//! # Panics
//! If the function panics, no more items are begun, all results are dropped, and the panic goes on in the caller as an
//! [`ItemPanic`](crate::ItemPanic) that tells the index of the item: of those that panicked, the first. Nothing is dropped twice or leaked.
//!
//! # Examples
//! ```
//! use tuneup_concurrency::par;
//!
//! let words = vec!["parallel", "map"];
//! assert_eq!(par::map(&words, |word| word.len()), [8, 3]);
//! assert_eq!(par::map(0..4, |n| n * n), [0, 1, 4, 9]);
//! ```

use std::{convert::Infallible, num::NonZeroUsize};

use rayon::{
    iter::{IndexedParallelIterator, IntoParallelIterator},
    slice::ParallelSlice,
};

use crate::{Imap, ItemError, cost::Site};

mod batched;
mod collect;
mod engine;
mod failures;
mod fold;
mod loan;
mod starmap;
pub(crate) mod sync;
#[cfg(all(test, not(loom)))]
mod tests;

pub(crate) use self::collect::append;
pub use self::{batched::Batched, starmap::StarFn};

/// The function's results for all items, in the order of the items: `Pool.map` of Python.
///
/// One allocation, for the results, which are written straight to their places. Blocks until all is done. See the
/// [module](self) for when other threads help and what they may do meanwhile.
///
/// # Panics
/// If the function does, with an [`ItemPanic`](crate::ItemPanic).
///
/// # Examples
/// ```
/// use tuneup_concurrency::par;
///
/// let numbers = [1_u64, 2, 3];
/// assert_eq!(par::map(&numbers, |n| n * 2 + 1), [3, 5, 7]);
///
/// // A vector gives its items away.
/// let names = vec!["a".to_owned(), "b".to_owned()];
/// assert_eq!(par::map(names, |name| name + "!"), ["a!", "b!"]);
/// ```
#[doc(alias = "par_iter")]
#[doc(alias = "pmap")]
#[inline]
#[track_caller]
pub fn map<I, R, F>(items: I, f: F) -> Vec<R>
where
    I: IntoParallelIterator<Iter: IndexedParallelIterator>,
    R: Send,
    F: Fn(I::Item) -> R + Sync,
{
    let site = Site::of_caller();
    let results = collect::collect(items.into_par_iter(), site, |item| {
        Ok::<R, Infallible>(f(item))
    });
    match results {
        Ok(results) => results,
        Err(ItemError { error, .. }) => match error {},
    }
}

/// The function's results for all items of any iterator, in the order of completion.
///
/// For what rayon cannot index: maps and sets, chained and filtered iterators. The calling thread alone advances the iterator, which need not be
/// `Send`. Threads of its own are started where it pays, and end with the call: this is
/// [`par_imap_scoped`](crate::ParImap::par_imap_scoped), [unordered](crate::Imap::unordered) and collected, and the same is said there of when they start, and what waits for what.
///
/// # Panics
/// If the function does, with an [`ItemPanic`](crate::ItemPanic), or if the iterator does.
///
/// # Examples
/// ```
/// use std::collections::BTreeMap;
/// use tuneup_concurrency::par;
///
/// let stock = BTreeMap::from([("apples", 3), ("pears", 5)]);
/// let mut lines = par::map_unordered(&stock, |(name, count)| format!("{count} {name}"));
/// lines.sort();
/// assert_eq!(lines, ["3 apples", "5 pears"]);
/// ```
#[doc(alias = "par_bridge")]
#[track_caller]
pub fn map_unordered<I, R, F>(items: I, f: F) -> Vec<R>
where
    I: IntoIterator<Item: Send>,
    R: Send,
    F: Fn(I::Item) -> R + Sync,
{
    let site = Site::of_caller();
    std::thread::scope(|scope| {
        Imap::in_scope(items.into_iter(), scope, &f, site)
            .unordered()
            .collect()
    })
}

/// As [`map`], for functions of several arguments and items that are tuples: `Pool.starmap` of Python.
///
/// Made for functions that have a name. The arguments of a closure need their types written down; `par::map(items, |(a, b)| …)` needs
/// none.
///
/// # Panics
/// If the function does, with an [`ItemPanic`](crate::ItemPanic).
///
/// # Examples
/// ```
/// use tuneup_concurrency::par;
///
/// assert_eq!(par::starmap(vec![(2_u32, 5), (3, 2)], u32::pow), [32, 9]);
///
/// // Of a slice, the function gets references.
/// let pairs = [(1, "one"), (2, "two")];
/// assert_eq!(par::starmap(&pairs, |n: &i32, text: &&str| format!("{n} {text}")), ["1 one", "2 two"]);
/// ```
#[inline]
#[track_caller]
pub fn starmap<I, F>(items: I, f: F) -> Vec<F::Output>
where
    I: IntoParallelIterator<Iter: IndexedParallelIterator>,
    F: StarFn<I::Item, Output: Send> + Sync,
{
    map(items, |arguments| f.call(arguments))
}

/// As [`map`], for functions that can fail: all results, or the error of one item and its index.
///
/// After an error no thread takes another chunk of items. Of several errors until then the one of the first item is
/// returned; an item before it may not have been looked at, so that another run may name another item.
///
/// # Errors
/// [`ItemError`] if the function returned an error.
///
/// # Panics
/// If the function does, with an [`ItemPanic`](crate::ItemPanic), and no item before it returned an error.
///
/// # Examples
/// ```
/// use tuneup_concurrency::par;
///
/// assert_eq!(par::try_map(&["1", "2"], |text| text.parse()), Ok(vec![1, 2]));
/// let error = par::try_map(&["1", "two"], |text| text.parse::<i32>()).unwrap_err();
/// assert_eq!(error.index, 1);
/// ```
#[inline]
#[track_caller]
pub fn try_map<I, R, E, F>(items: I, f: F) -> Result<Vec<R>, ItemError<E>>
where
    I: IntoParallelIterator<Iter: IndexedParallelIterator>,
    R: Send,
    E: Send,
    F: Fn(I::Item) -> Result<R, E> + Sync,
{
    let site = Site::of_caller();
    collect::collect(items.into_par_iter(), site, f)
}

/// Calls the function for every item, in no order. Allocates nothing while one thread is enough.
///
/// # Panics
/// If the function does, with an [`ItemPanic`](crate::ItemPanic).
///
/// # Examples
/// ```
/// use tuneup_concurrency::par;
///
/// let mut numbers = vec![3, 1, 2];
/// par::for_each(&mut numbers, |n| *n *= 10);
/// assert_eq!(numbers, [30, 10, 20]);
/// ```
#[inline]
#[track_caller]
pub fn for_each<I, F>(items: I, f: F)
where
    I: IntoParallelIterator<Iter: IndexedParallelIterator>,
    F: Fn(I::Item) + Sync,
{
    // A vector of units takes no memory.
    map(items, f);
}

/// Folds the items: every thread begins with `identity` and adds items by `f`, and what the threads have is merged.
///
/// `merge` is only called with neighbours, in their order: it must be associative and need not be commutative. Where the
/// items are divided depends on time, so that sums of floats differ from run to run in their last digits. Besides the threads' accumulators
/// at most as many wait to be merged; `identity` is called once for each stretch that a thread works through.
///
/// # Panics
/// If a function does, with an [`ItemPanic`](crate::ItemPanic); of a panic in `merge` the index is the first item of its right half.
///
/// # Examples
/// ```
/// use tuneup_concurrency::par;
///
/// let words = ["to", "be", "or", "not"];
/// let text = par::fold(&words, String::new, |text, word| text + word, |left, right| left + &right);
/// assert_eq!(text, "tobeornot");
/// ```
#[doc(alias = "reduce")]
#[inline]
#[track_caller]
pub fn fold<I, A, D, F, M>(items: I, identity: D, f: F, merge: M) -> A
where
    I: IntoParallelIterator<Iter: IndexedParallelIterator>,
    A: Send,
    D: Fn() -> A + Sync,
    F: Fn(A, I::Item) -> A + Sync,
    M: Fn(A, A) -> A + Sync,
{
    let site = Site::of_caller();
    fold::fold(items.into_par_iter(), site, identity, f, merge)
}

/// As [`map`], for runs of `len` neighbours at once; the last run may be shorter.
///
/// For functions that are cheaper for many items together: a buffer, a lock, a request for each run. Against overhead it is not needed.
///
/// # Panics
/// If the function does, with an [`ItemPanic`](crate::ItemPanic) whose index counts runs.
///
/// # Examples
/// ```
/// use std::num::NonZeroUsize;
/// use tuneup_concurrency::par;
///
/// let numbers = [1, 2, 3, 4, 5];
/// let two = NonZeroUsize::new(2).unwrap();
/// assert_eq!(par::chunks(&numbers, two, |run| run.iter().sum::<i32>()), [3, 7, 5]);
/// ```
#[inline]
#[track_caller]
pub fn chunks<T, R, F>(items: &[T], len: NonZeroUsize, f: F) -> Vec<R>
where
    T: Sync,
    R: Send,
    F: Fn(&[T]) -> R + Sync,
{
    map(items.par_chunks(len.get()), f)
}

/// The iterator in vectors of `len` items, lazily; the last may be shorter: `itertools.batched` of Python.
///
/// For what [`ParImap`](crate::ParImap) is to get in batches of a fixed size. Allocates a vector a batch.
///
/// # Examples
/// ```
/// use std::num::NonZeroUsize;
/// use tuneup_concurrency::par;
///
/// let three = NonZeroUsize::new(3).unwrap();
/// let batches: Vec<_> = par::batched("tuneup!".chars(), three).collect();
/// assert_eq!(batches, [vec!['t', 'u', 'n'], vec!['e', 'u', 'p'], vec!['!']]);
/// ```
pub fn batched<I: IntoIterator>(items: I, len: NonZeroUsize) -> Batched<I::IntoIter> {
    Batched::new(items.into_iter(), len)
}
