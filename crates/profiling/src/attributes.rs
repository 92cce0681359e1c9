//! The attributes, which a crate of their own defines: here is what they do for the user.

/// Records every call of a function.
///
/// It stands on functions of any kind: free functions, methods, provided methods of traits, methods of trait impls, generic, unsafe
/// and `extern` functions, and async ones. The body begins with a guard, and else stays as it is: `return`, `?`, panics and the
/// order in which things are dropped mean what they did. For all functions of an `impl` block or module at once there is
/// [`#[profile_all]`](macro@crate::profile_all), for a part of a function [`scope!`](crate::scope).
///
/// A recorded call costs two readings of the clock and a few additions; while no session records, one relaxed load.
///
/// ```
/// use tuneup_profiling::{Profiler, profile};
///
/// #[profile]
/// fn fibonacci(n: u32) -> u32 {
///     if n < 2 { n } else { fibonacci(n - 1) + fibonacci(n - 2) }
/// }
///
/// let session = Profiler::builder().start()?;
/// fibonacci(10);
/// let profile = session.finish();
/// let function = profile.function("fibonacci").unwrap();
/// assert_eq!((function.calls, function.primitive_calls), (177, 1));
/// # Ok::<(), tuneup_profiling::Error>(())
/// ```
///
/// # Options
///
/// | option | meaning |
/// |---|---|
/// | `name = "…"` | the name in the profile; without it, the full path: `my_crate::parser::Parser::next`, `<my_crate::A as my_crate::B>::c` |
/// | `sampled` | calls are counted and seen by the sampler, but the clock is not read: for functions that take a few nanoseconds |
/// | `boxed` | of an async function: its future goes to the heap, so that futures that contain it stay small |
/// | `skip` | inside of [`#[profile_all]`](macro@crate::profile_all): not this one |
/// | `crate = path` | where this crate is found, if not at `::tuneup_profiling` |
///
/// ```
/// use tuneup_profiling::{Profiler, profile};
///
/// #[profile(name = "hash", sampled)]
/// fn hash(byte: u8) -> u32 {
///     u32::from(byte).wrapping_mul(0x9e37_79b9)
/// }
///
/// let session = Profiler::builder().start()?;
/// hash(7);
/// let profile = session.finish();
/// let function = profile.function("hash").unwrap();
/// assert!(function.untimed && function.calls == 1);
/// # Ok::<(), tuneup_profiling::Error>(())
/// ```
///
/// # Async functions
///
/// Each poll is recorded, and what lies between two of them as waiting; a call counts once, at its first poll. The future stays
/// `Send` if it was, and grows by a few words. Of a function that is not `async` and returns a future, the call itself is recorded:
/// making the future, not polling it. Macros such as `#[async_trait]` turn every `async fn` of a block into such a function, before
/// attributes inside of the block are looked at: put [`#[profile_all]`](macro@crate::profile_all) above them.
///
/// ```
/// use tuneup_profiling::{Profiler, profile};
/// # use std::{pin::pin, task::{Context, Poll, Waker}};
/// # fn block_on<F: Future>(future: F) -> F::Output {
/// #     match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
/// #         Poll::Ready(output) => output,
/// #         Poll::Pending => unreachable!(),
/// #     }
/// # }
///
/// #[profile(name = "fetch")]
/// async fn fetch(id: u32) -> Result<u32, std::num::TryFromIntError> {
///     let id = u8::try_from(id)?;
///     Ok(u32::from(id) + 1)
/// }
///
/// let session = Profiler::builder().start()?;
/// assert_eq!(block_on(fetch(1))?, 2);
/// let profile = session.finish();
/// let polls = profile.function("fetch").unwrap().polls.unwrap();
/// assert_eq!((polls.polls, polls.completed), (1, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Limits
///
/// Functions that cannot be recorded are a compile error, and stay as they are: `const fn`, which the compiler may call, functions
/// without a body, and naked ones. Inlined functions with the attribute keep their `#[inline]`; that a call is recorded can all the
/// same keep the compiler from optimising across it.
#[doc(inline)]
pub use tuneup_macros::profile;

/// [`#[profile]`](macro@crate::profile) on all functions of an `impl` block, a trait or an inline module.
///
/// In a module, it reaches the functions, `impl` blocks, traits and inline modules in it, at any depth. Functions that cannot
/// be recorded, such as `const fn`, are left out without a word, and so are functions in bodies of others and those
/// that a macro call stands for. A `#[profile(…)]` on one of the functions says more of that one; `#[profile(skip)]` on
/// a function, `impl` block, trait or module leaves it out. The one option is `crate = path`, which is handed on.
///
/// What stands in `#[cfg_attr(…)]` inside is not seen: put the condition on the whole block instead.
///
/// ```
/// use tuneup_profiling::{Profiler, profile, profile_all};
///
/// struct Stack(Vec<u32>);
///
/// #[profile_all]
/// impl Stack {
///     const fn new() -> Self {
///         Self(Vec::new())
///     }
///
///     fn push(&mut self, value: u32) {
///         self.0.push(value);
///     }
///
///     #[profile(name = "pop")]
///     fn pop(&mut self) -> Option<u32> {
///         self.0.pop()
///     }
///
///     #[profile(skip)]
///     fn is_empty(&self) -> bool {
///         self.0.is_empty()
///     }
/// }
///
/// let session = Profiler::builder().start()?;
/// let mut stack = Stack::new();
/// stack.push(1);
/// while !stack.is_empty() {
///     stack.pop();
/// }
/// let profile = session.finish();
/// assert_eq!(profile.function("Stack::push").unwrap().calls, 1);
/// assert_eq!(profile.function("pop").unwrap().calls, 1);
/// assert!(profile.function("is_empty").is_none());
/// # Ok::<(), tuneup_profiling::Error>(())
/// ```
#[doc(inline)]
pub use tuneup_macros::profile_all;

/// Records every line of a function: how often it was reached, and the time until the next one was.
///
/// ```
/// use tuneup_profiling::{Profiler, profile_lines};
///
/// #[profile_lines]
/// fn longest(text: &str) -> usize {
///     let mut longest = 0;
///     for word in text.split(' ') {
///         longest = longest.max(word.len());
///     }
///     longest
/// }
///
/// let session = Profiler::builder().start()?;
/// assert_eq!(longest("to be or not"), 3);
/// let profile = session.finish();
/// let table = &profile.line_tables[0];
/// let hits: Vec<u64> = table.lines.iter().map(|line| line.hits).collect();
/// // The line of the `fn` itself has the time before the first statement; then the lines in their order.
/// assert_eq!(hits[1..], [1, 5, 4, 1]);
/// # Ok::<(), tuneup_profiling::Error>(())
/// ```
///
/// Options: `name = "…"`, `boxed` and `crate = path`, as for [`#[profile]`](macro@crate::profile), with which it goes together on one
/// function in any order.
///
/// # How to read it
///
/// A mark stands *between* statements, and says on which line time runs from there on. Marks are never put around something, so that
/// temporaries, borrows, `?`, `return`, `break` and `continue` mean what they did, in every edition. It follows that
///
/// - a statement counts on the line of its first token after its attributes, with all its further lines. Two statements on a line
///   are two hits;
/// - the header of a loop is hit each time that it is evaluated, the last time included; a `loop` has nothing to evaluate, but
///   is hit at each turn as well;
/// - an arm of a `match` has the line of its expression, or those of the statements in its block; the scrutinee and the guards are on
///   the line of the `match`. The conditions of `else if` are on the line of the first `if`;
/// - a block is divided into its lines where nothing of the statement is left to do after it: `let x = match …`, `return if …`,
///   `Ok(match …)`. Within `f(match …)` it is not, as the time of `f` would be on the last of its lines; all of it is
///   on the line of the statement;
/// - a closure in the function counts on its own lines, whenever and wherever it runs. The line at which it begins has
///   no hits of its own, if no statement begins there;
/// - what an expression at the end of the function leaves to be dropped after all variables is not counted, in editions before 2024.
///
/// Left alone, and on the line of the statement that contains them: calls of macros; `async` blocks and closures, as they run when and
/// where somebody else polls them, so that no line of this function is running then (write an `async fn` with the attribute
/// instead); `const` blocks, which the compiler evaluates. Items in the body are not touched. A statement that a macro
/// brought from another file is on the line of the `fn`; a function from `macro_rules!` has the lines of the macro.
///
/// # What it costs
///
/// Each mark reads the clock, and keeps the compiler from vectorising or reordering across it: use it to compare lines that do much,
/// after [`#[profile]`](macro@crate::profile) has shown the function that matters, and take it off again. While no session records,
/// a mark is one branch, and in async functions a lookup.
///
/// # Async functions
///
/// Time runs on the lines while the future is polled; while it is suspended, the line at which it was has waiting time.
///
/// ```
/// use tuneup_profiling::{Profiler, profile_lines};
/// # use std::{pin::pin, task::{Context, Poll, Waker}};
/// # fn block_on<F: Future>(future: F) -> F::Output {
/// #     match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
/// #         Poll::Ready(output) => output,
/// #         Poll::Pending => unreachable!(),
/// #     }
/// # }
///
/// #[profile_lines(name = "answer")]
/// async fn answer() -> u32 {
///     let six = std::future::ready(6).await;
///     six * 7
/// }
///
/// let session = Profiler::builder().start()?;
/// assert_eq!(block_on(answer()), 42);
/// let profile = session.finish();
/// let table = &profile.line_tables[0];
/// assert!(table.is_async && table.function == "answer");
/// assert_eq!(table.lines[1].hits, 1);
/// # Ok::<(), tuneup_profiling::Error>(())
/// ```
#[doc(alias = "line_profiler")]
#[doc(inline)]
pub use tuneup_macros::profile_lines;
