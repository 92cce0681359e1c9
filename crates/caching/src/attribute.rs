//! The attribute, which a crate of its own defines: here is what it does for the user.

/// A function that remembers its answers: a call with arguments that were seen before does not run the body.
///
/// It follows Python's [`functools.lru_cache`](https://docs.python.org/3/library/functools.html#functools.lru_cache): what counts as a
/// hit or a miss, what is kept, and what a call inside of a call does are the same. It differs in that the default is
/// unbounded, that [`Policy::Adaptive`](crate::Policy::Adaptive) is the policy of a bounded cache unless another is chosen, and that concurrent callers with the same
/// arguments compute once.
///
/// ```
/// use tuneup_caching::memoize;
///
/// #[memoize]
/// fn fibonacci(n: u64) -> u64 {
///     if n < 2 { n } else { fibonacci(n - 1) + fibonacci(n - 2) }
/// }
///
/// assert_eq!(fibonacci(90), 2_880_067_194_370_816_120);
/// let info = fibonacci::cache_info();
/// assert_eq!((info.hits, info.misses), (88, 91));
/// ```
///
/// The function should depend on its arguments alone, and do nothing but return a value.
///
/// # Options
///
/// | option | meaning |
/// |---|---|
/// | `maxsize = 128` | keeps so many answers: a number or a constant expression of type `usize`. 0 keeps none, and counts. `"none"`, which is the default, keeps all: choose a bound where arguments come from outside |
/// | `ttl = "60s"` | an answer is good for so long: a whole number and `ns`, `us`, `ms`, `s`, `m`, `h` or `d`, at most 100 years |
/// | `policy = "lru"` | what goes when the cache is full: `adaptive` (default), `s3-fifo`, `sieve`, `lru`, `fifo`; `lru` is exact, in one shard |
/// | `key = "…"` | which calls are the same: an expression over the arguments |
/// | `typed` | with `key`, on a generic function: equal keys of different types have answers of their own |
/// | `cache_errors` | keeps `Err` and `None` as well |
/// | `by_thread` | a cache for each thread: no sharing, no waiting, a few times faster; LRU if it has a bound |
/// | `cache = "self.cache"` | of a method: a cache for each instance, in a field of the type [`MethodCache`](crate::MethodCache) |
/// | `shared` | of a method: one cache for all instances; of a function without `self` in an `impl` block: says that it is there |
/// | `crate = path` | where this crate is found, if not at `::tuneup_caching` |
///
/// # Beside the function
///
/// | | |
/// |---|---|
/// | `fibonacci::cache_info()` | what the cache has done and what it holds: [`Info`](crate::Info) |
/// | `fibonacci::cache_clear()` | forgets all answers, and begins to count anew |
/// | `fibonacci::cache_invalidate(&90)` | forgets one answer; whether there was one. Takes what the key is made of, by reference |
/// | `fibonacci::uncached(90)` | calls the body: nothing is looked up, and nothing is kept |
///
/// They belong to an empty enum that has the name and the visibility of the function. So no other type of that name can be
/// in the same scope. Those of a generic function take its types: `f::cache_info::<u8>()`; each choice of types has a cache
/// of its own, found by a comparison for each choice before it. Type parameters have to be `'static`.
///
/// What is over by its `ttl` goes when it is looked up, replaced or evicted.
///
/// # Arguments
///
/// Calls are the same when their arguments are equal: each has to be `Hash + Eq + Clone`, and `Send + Sync` without `by_thread`. What is passed by reference is looked up as
/// it is, and owned only for the cache: `&str` becomes `String`, `&[T]` becomes `Vec<T>`, `&Path` becomes `PathBuf`, `&T` a clone. A hit
/// clones no argument and allocates nothing; a miss clones each twice. Up to 12 arguments, of any patterns, are in the key.
///
/// Where this does not fit, `key` says which calls are the same. Names of arguments, alone or in parentheses, choose some and
/// leave the others out:
///
/// ```
/// use tuneup_caching::memoize;
/// # struct Connection;
/// # impl Connection { fn ask(&self, id: u64, _: &str) -> String { id.to_string() } }
///
/// #[memoize(key = "(id, locale)", maxsize = 1_000, ttl = "5m")]
/// fn name_of(connection: &Connection, id: u64, locale: &str) -> String {
///     connection.ask(id, locale)
/// }
///
/// assert_eq!(name_of(&Connection, 7, "en"), "7");
/// assert!(name_of::cache_invalidate(&7, "en"));
/// ```
///
/// Any other expression is evaluated at each call, with the arguments as they came (patterns by reference), and gives
/// a key that owns what it has. `cache_invalidate` then takes the arguments as the function does.
///
/// ```
/// use tuneup_caching::memoize;
///
/// #[memoize(key = "x.to_bits()")]
/// fn gamma(x: f64) -> f64 {
///     x.ln()
/// }
///
/// assert_eq!(gamma(1.0), 0.0);
/// assert!(gamma::cache_invalidate(1.0));
/// ```
///
/// A generic function with a `key` gives the same answer for equal keys whatever the types, as Python does for `3` and `3.0`, unless it is
/// `typed`. Without a `key`, different types are always different. `typed` where neither matters is an error.
///
/// # Answers
///
/// Each hit returns a clone: put large answers into an [`Arc`](std::sync::Arc). The type has to have a name, own what it has, and be `Send + Sync` without `by_thread`.
/// Of a function that returns `Result` or `Option`, only `Ok` and `Some` are kept, so that the error needs not be `Clone`;
/// `cache_errors` keeps everything. A panic is passed on, and nothing is kept.
///
/// ```
/// use tuneup_caching::memoize;
///
/// #[memoize(maxsize = 100)]
/// fn parse(text: &str) -> Result<u32, std::num::ParseIntError> {
///     text.parse()
/// }
///
/// assert!(parse("seven").is_err() && parse("seven").is_err());
/// assert_eq!((parse("7"), parse("7")), (Ok(7), Ok(7)));
/// assert_eq!((parse::cache_info().load_failures, parse::cache_info().len), (2, 1));
/// ```
///
/// What cannot be shared by threads needs `by_thread`:
///
/// ```compile_fail,E0277
/// #[tuneup_caching::memoize]
/// fn shared(n: u32) -> std::rc::Rc<u32> {
///     std::rc::Rc::new(n)
/// }
/// ```
///
/// # Methods
///
/// A method has a cache for each instance, which goes when the instance goes ([`MethodCache`](crate::MethodCache) has an example), or with `shared` one for all. Then a
/// clone of `self` is part of the key, unless `key` says what tells instances apart, which is cheaper. There is no default: a static
/// cache that holds instances keeps them alive, which in Python is a known trap.
///
/// Nothing but functions may stand in an `impl` block, so what is beside a method `area` is called `area_cache_info`,
/// `area_cache_clear`, `area_cache_invalidate` and `area_uncached`. In the `impl` of a trait there is no room for these: memoize a
/// method of the type that the one of the trait calls.
///
/// ```
/// use tuneup_caching::memoize;
///
/// struct Grid {
///     id: u32,
///     width: u64,
/// }
///
/// impl Grid {
///     #[memoize(shared, key = "(self.id, height)", maxsize = 100)]
///     fn area(&self, height: u64) -> u64 {
///         self.width * height
///     }
/// }
///
/// let grid = Grid { id: 1, width: 3 };
/// assert_eq!((grid.area(4), grid.area(4)), (12, 12));
/// assert_eq!(grid.area_cache_info().hits, 1);
/// ```
///
/// # Threads and recursion
///
/// Concurrent calls with the same arguments compute once, and the others wait; if the one that computes fails or panics,
/// one of the others computes. A call that would wait for itself, directly or by way of other functions and threads, computes
/// instead, as it does in Python. Recursion of any other kind needs no care, but stack: each level takes that of a few more
/// functions. No lock is held while a body runs; a body that waits for a lock which a waiting caller holds never ends.
///
/// With `by_thread` nothing waits. Answers go with their thread. With it, and without a bound, `Hash`, `Eq` and `Clone` of what is kept may call the function.
///
/// # Async functions
///
/// The output is kept. Tasks with the same arguments share one computation; if the one that computes is dropped, another does. A
/// future is `Send` if the one of the body is. With `by_thread`, the thread in which the future ends keeps the answer, and nothing is
/// shared meanwhile. A function that calls itself does so in a `Box`, as without the attribute.
///
/// ```
/// use tuneup_caching::memoize;
///
/// #[memoize(maxsize = 1_000, ttl = "1h")]
/// async fn resolve(host: &str) -> Option<u32> {
///     (host == "localhost").then_some(0x7f00_0001)
/// }
///
/// # pollster::block_on(async {
/// assert_eq!(resolve("localhost").await, resolve("localhost").await);
/// assert_eq!(resolve::cache_info().hits, 1);
/// # });
/// ```
///
/// # Other attributes
///
/// An attribute below this one belongs to the body, as a decorator of Python does: `#[profile]` there counts the calls that compute.
/// Documentation, `must_use`, `deprecated` and names for the linker belong to the function, conditions and lints to all.
///
/// # What it costs
///
/// With a bound or a `ttl`, a hit is one load more than [`Cache::get`](crate::Cache::get). Without, it is a lookup in a hash table from which nothing is
/// moved or dropped while it is read: no lock, no atomic read-modify-write, some 6 ns; an answer takes an allocation, and taking answers out (`cache_clear`,
/// `cache_invalidate`) some microseconds, for membarrier(2). With `by_thread` and no bound it is a lookup in a hash table, with a bound an
/// [`LruCache`](crate::LruCache)'s. A `key` that is an expression, and generic functions and methods, take a comparison and an indirect call more.
/// The static of a function takes a few words until the first call.
///
/// # What it refuses
///
/// Each with an error at the word in question: `const` and `unsafe` functions, `&mut` arguments, arguments that borrow inside
/// of a type (`Option<&str>`) or have no `Eq` (`f64`) and are in the key, `impl Trait` in the key or the answer, answers that
/// borrow, `Result` under another name (unless `cache_errors`), functions named as a primitive type, and conditions on
/// arguments.
#[doc(alias = "lru_cache")]
#[doc(alias = "functools")]
#[doc(alias = "cached")]
#[doc(alias = "memoise")]
#[doc(inline)]
pub use tuneup_macros::memoize;
