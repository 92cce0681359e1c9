//! Registering a group: sizes, input, cases, promises.

use std::fmt::Debug;
use std::rc::Rc;

use super::routine::{Concurrent, Definition, Enter, Prepared, Pure, Routine, Stateful, caught};
use super::{Class, Suite};
use crate::Error;
use crate::comparison::shorten;
use crate::protocol::{CaseInfo, GroupInfo, Limit};

#[cfg(test)]
mod tests;

/// A group that has no input yet: begun by [`Suite::group`]; [`Group::input`] goes on to its cases.
#[must_use = "a group is registered by `finish`"]
pub struct Group<'s> {
    suite: &'s mut Suite,
    info: GroupInfo,
}

impl std::fmt::Debug for Group<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Group").field(&self.info).finish()
    }
}

impl<'s> Group<'s> {
    pub(super) fn new(suite: &'s mut Suite, name: &str) -> Self {
        let info = GroupInfo {
            name: name.to_owned(),
            about: String::new(),
            size: 1,
            sizes: Vec::new(),
            bytes: None,
            items: None,
            cases: Vec::new(),
        };
        Self { suite, info }
    }

    /// The job in one sentence, shown beside the name; empty by default.
    ///
    /// ```
    /// # let mut suite = tuneup_benchmarking::harness::Suite::new();
    /// let group = suite.group("sets/duplicates").about("does the slice hold a value twice?");
    /// # let _ = group;
    /// ```
    pub fn about(mut self, about: &str) -> Self {
        about.clone_into(&mut self.info.about);
        self
    }

    /// The size that is timed; default 1.
    ///
    /// ```
    /// # let mut suite = tuneup_benchmarking::harness::Suite::new();
    /// let group = suite.group("sets/duplicates").size(4_096);
    /// # let _ = group;
    /// ```
    pub fn size(mut self, size: usize) -> Self {
        self.info.size = size;
        self
    }

    /// The sizes of the complexity fit; without them there is none. A range of 64 to 1 or more tells neighbours apart.
    ///
    /// ```
    /// # let mut suite = tuneup_benchmarking::harness::Suite::new();
    /// let group = suite.group("sets/duplicates").sizes(&[64, 256, 1_024, 4_096, 16_384]);
    /// # let _ = group;
    /// ```
    pub fn sizes(mut self, sizes: &[usize]) -> Self {
        self.info.sizes = sizes.to_vec();
        self
    }

    /// Items that one iteration handles, by size; call it after [`Group::size`].
    ///
    /// ```
    /// # let mut suite = tuneup_benchmarking::harness::Suite::new();
    /// let group = suite.group("sets/duplicates").size(4_096).elements(|n| n as u64);
    /// # let _ = group;
    /// ```
    #[doc(alias = "throughput")]
    pub fn elements(mut self, items: impl Fn(usize) -> u64) -> Self {
        self.info.items = Some(items(self.info.size));
        self
    }

    /// Bytes that one iteration handles, by size; call it after [`Group::size`].
    ///
    /// ```
    /// # let mut suite = tuneup_benchmarking::harness::Suite::new();
    /// let group = suite.group("text/words").size(65_536).bytes(|n| n as u64);
    /// # let _ = group;
    /// ```
    #[doc(alias = "throughput")]
    pub fn bytes(mut self, bytes: impl Fn(usize) -> u64) -> Self {
        self.info.bytes = Some(bytes(self.info.size));
        self
    }

    /// Makes the input of a size: outside all timing, the same every time, shared by the cases.
    ///
    /// What is random in it comes from a fixed seed: two builds must be given the same.
    ///
    /// ```
    /// # let mut suite = tuneup_benchmarking::harness::Suite::new();
    /// suite
    ///     .group("sort/shuffled")
    ///     .size(1_000)
    ///     .input(|n| (0..n as u64).map(|i| i * 48_271 % 65_537).collect::<Vec<_>>())
    ///     .case("largest", |values: &Vec<u64>| values.iter().max().copied())
    ///     .finish();
    /// ```
    pub fn input<I: 'static, O>(self, make: impl Fn(usize) -> I + 'static) -> Cases<'s, I, O> {
        Cases {
            group: self,
            make: Rc::new(make),
            expected: None,
            cases: Vec::new(),
        }
    }
}

type Expected<I, O> = Box<dyn Fn(&I) -> O>;
/// Given the scope to be opened when what the case keeps is there.
type Answer<I, O> = Box<dyn Fn(&I, Option<&Enter>) -> O>;
type Prepare<I> = Box<dyn Fn(&Rc<I>) -> Box<dyn Routine>>;

struct Case<I, O> {
    answer: Answer<I, O>,
    prepare: Prepare<I>,
    enter: Option<Enter>,
}

impl<I, O> Case<I, O> {
    /// The answer, found inside of the scope of the case.
    fn answer(&self, input: &I) -> O {
        (self.answer)(input, self.enter.as_ref())
    }

    fn prepare(&self, input: &Rc<I>) -> Prepared {
        Prepared {
            routine: (self.prepare)(input),
            enter: self.enter.clone(),
        }
    }
}

/// The cases of a group; the fastest peer is the reference, and the first case where there is no peer.
#[must_use = "a group is registered by `finish`"]
pub struct Cases<'s, I, O> {
    group: Group<'s>,
    make: Rc<dyn Fn(usize) -> I>,
    expected: Option<Expected<I, O>>,
    cases: Vec<Case<I, O>>,
}

impl<I, O> Debug for Cases<'_, I, O> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Cases").field(&self.group.info).finish()
    }
}

impl<I: 'static, O: PartialEq + Debug + 'static> Cases<'_, I, O> {
    /// What every case must answer, from another source than the cases: a closed form, a slow and simple computation. Without it the
    /// cases are compared with the first one, which says nothing of a group of one.
    ///
    /// ```
    /// # let mut suite = tuneup_benchmarking::harness::Suite::new();
    /// let group = suite.group("math/sum").size(1_000).input(|n| n as u64).expect(|n| n * (n - 1) / 2);
    /// group.case("loop", |&n: &u64| (0..n).sum()).finish();
    /// ```
    pub fn expect(mut self, answer: impl Fn(&I) -> O + 'static) -> Self {
        self.expected = Some(Box::new(answer));
        self
    }

    /// Adds a case: a function of the input. Its time includes dropping the answer.
    ///
    /// ```
    /// # let mut suite = tuneup_benchmarking::harness::Suite::new();
    /// suite
    ///     .group("text/length")
    ///     .input(|n| "x".repeat(n))
    ///     .case("bytes", |text: &String| text.len())
    ///     .case("characters", |text: &String| text.chars().count())
    ///     .finish();
    /// ```
    ///
    /// # Panics
    ///
    /// When the group has a case of that name; so do the other ways to add one.
    pub fn case(self, name: &str, f: impl Fn(&I) -> O + Clone + 'static) -> Self {
        let answer = f.clone();
        self.add(
            name,
            Box::new(move |input, enter| {
                let _scope = enter.map(|enter| enter());
                answer(input)
            }),
            Box::new(move |input| {
                Box::new(Pure {
                    input: Rc::clone(input),
                    f: f.clone(),
                })
            }),
        )
    }

    /// Adds a case of somebody else's code, beside which the others are judged.
    ///
    /// ```
    /// # let mut suite = tuneup_benchmarking::harness::Suite::new();
    /// suite
    ///     .group("random/number")
    ///     .input(|n| n as u64)
    ///     .case("multiplied", |n: &u64| (n * 48_271 % 65_537) < 65_537)
    ///     .peer("fastrand", |n: &u64| fastrand::Rng::with_seed(*n).u64(..65_537) < 65_537)
    ///     .finish();
    /// ```
    pub fn peer(self, name: &str, f: impl Fn(&I) -> O + Clone + 'static) -> Self {
        self.case(name, f).mark_peer()
    }

    /// Adds a case with state that lives from one iteration to the next, such as a histogram or a cache.
    ///
    /// Its answer is checked on a fresh state.
    ///
    /// ```
    /// # let mut suite = tuneup_benchmarking::harness::Suite::new();
    /// suite
    ///     .group("text/upper case")
    ///     .input(|n| "x".repeat(n))
    ///     .case("a new text", |text: &String| text.to_uppercase().len())
    ///     .stateful("a kept buffer", |_| String::new(), |buffer: &mut String, text| {
    ///         buffer.clear();
    ///         buffer.extend(text.chars().flat_map(char::to_uppercase));
    ///         buffer.len()
    ///     })
    ///     .finish();
    /// ```
    #[doc(alias = "iter_batched")]
    pub fn stateful<S: 'static>(
        self,
        name: &str,
        setup: impl Fn(&I) -> S + Clone + 'static,
        f: impl Fn(&mut S, &I) -> O + Clone + 'static,
    ) -> Self {
        let (answer_setup, answer) = (setup.clone(), f.clone());
        self.add(
            name,
            Box::new(move |input, enter| {
                let mut state = answer_setup(input);
                let _scope = enter.map(|enter| enter());
                answer(&mut state, input)
            }),
            Box::new(move |input| {
                let state = setup(input);
                Box::new(Stateful {
                    input: Rc::clone(input),
                    state,
                    f: f.clone(),
                })
            }),
        )
    }

    /// Adds a case that several threads run at once on shared state; the time is that of one iteration on one thread while the
    /// others are busy too.
    ///
    /// Its answer is checked on a fresh state and one thread.
    ///
    /// ```
    /// # let mut suite = tuneup_benchmarking::harness::Suite::new();
    /// use std::sync::Mutex;
    /// use std::sync::atomic::{AtomicU64, Ordering};
    ///
    /// suite
    ///     .group("count/two threads")
    ///     .input(|n| n as u64)
    ///     .concurrent("lock", 2, |_| Mutex::new(0), |count, n| *count.lock().unwrap() += n)
    ///     .concurrent("atomic", 2, |_| AtomicU64::new(0), |count, &n| {
    ///         count.fetch_add(n, Ordering::Relaxed);
    ///     })
    ///     .finish();
    /// ```
    ///
    /// # Panics
    ///
    /// With no thread at all.
    pub fn concurrent<S: Sync + 'static>(
        self,
        name: &str,
        threads: usize,
        setup: impl Fn(&I) -> S + Clone + 'static,
        f: impl Fn(&S, &I) -> O + Clone + Sync + 'static,
    ) -> Self
    where
        I: Sync,
    {
        assert!(
            threads > 0,
            "the case `{name}` of the bench group `{}` needs one thread at least",
            self.group.info.name
        );
        let (answer_setup, answer) = (setup.clone(), f.clone());
        let mut cases = self.add(
            name,
            Box::new(move |input, enter| {
                let state = answer_setup(input);
                let _scope = enter.map(|enter| enter());
                answer(&state, input)
            }),
            Box::new(move |input| {
                let state = setup(input);
                Box::new(Concurrent {
                    input: Rc::clone(input),
                    state,
                    threads,
                    f: f.clone(),
                })
            }),
        );
        cases.last().threads = threads;
        cases
    }

    /// Says that the case just added is somebody else's code: [`Cases::peer`] for the other ways to add one.
    ///
    /// ```
    /// # let mut suite = tuneup_benchmarking::harness::Suite::new();
    /// suite
    ///     .group("buffer/push")
    ///     .input(|n| n)
    ///     .stateful("theirs", |_| Vec::new(), |buffer: &mut Vec<usize>, n| {
    ///         buffer.clear();
    ///         buffer.push(*n);
    ///     })
    ///     .mark_peer()
    ///     .finish();
    /// assert!(suite.groups().all(|group| group.cases[0].peer));
    /// ```
    ///
    /// # Panics
    ///
    /// When there is no case yet; so do the other ways to say something of one.
    pub fn mark_peer(mut self) -> Self {
        self.last().peer = true;
        self
    }

    /// Says that the case just added runs inside of a scope: `enter` opens it, and dropping what it gives closes it.
    ///
    /// For what a process has one of, such as a profiler that records or a global switch, while other cases of the group must run without it.
    /// It is opened before each block of iterations and closed after it, both outside of the timing, and so it is for the check of
    /// the answer, the counted iteration of a heap bench and Callgrind. What lives from one block to the next is the state of
    /// [`Cases::stateful`], which is made outside of the scope. Of a [`concurrent`](Cases::concurrent) case it is opened once, in the thread
    /// that starts the others.
    ///
    /// ```
    /// # let mut suite = tuneup_benchmarking::harness::Suite::new();
    /// use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
    ///
    /// static VERBOSE: AtomicBool = AtomicBool::new(false);
    ///
    /// struct Verbose;
    ///
    /// impl Verbose {
    ///     fn begin() -> Self {
    ///         VERBOSE.store(true, Relaxed);
    ///         Self
    ///     }
    /// }
    ///
    /// impl Drop for Verbose {
    ///     fn drop(&mut self) {
    ///         VERBOSE.store(false, Relaxed);
    ///     }
    /// }
    ///
    /// fn square(n: u64) -> u64 {
    ///     if VERBOSE.load(Relaxed) {
    ///         std::hint::black_box(format!("the square of {n}"));
    ///     }
    ///     n * n
    /// }
    ///
    /// suite
    ///     .group("math/square")
    ///     .input(|n| n as u64)
    ///     .case("quiet", |&n: &u64| square(n))
    ///     .case("verbose", |&n: &u64| square(n))
    ///     .within(Verbose::begin)
    ///     .finish();
    /// ```
    ///
    /// # Panics
    ///
    /// When there is no case yet. A scope that panics is reported as the case itself would be.
    #[doc(alias = "guard")]
    pub fn within<G: 'static>(mut self, enter: impl Fn() -> G + 'static) -> Self {
        // For the message alone, where there is none.
        self.last();
        if let Some(case) = self.cases.last_mut() {
            case.enter = Some(Rc::new(move || Box::new(enter())));
        }
        self
    }

    /// The complexity class that the case just added claims; the fit is held against it.
    ///
    /// ```
    /// # let mut suite = tuneup_benchmarking::harness::Suite::new();
    /// use tuneup_benchmarking::harness::Class;
    ///
    /// suite
    ///     .group("sorted/last")
    ///     .sizes(&[64, 256, 1_024, 4_096])
    ///     .input(|n| (0..n).collect::<Vec<_>>())
    ///     .case("end", |values: &Vec<usize>| values.last().copied())
    ///     .class(Class::Constant)
    ///     .case("maximum", |values: &Vec<usize>| values.iter().max().copied())
    ///     .class(Class::Linear)
    ///     .finish();
    /// ```
    #[doc(alias = "big_o")]
    pub fn class(mut self, class: Class) -> Self {
        self.last().class = Some(class.to_string());
        self
    }

    /// A promise of the case just added: at most `ratio` times as long as the case named `against`.
    ///
    /// A promise about a case that is not registered, such as a peer whose feature is off, is left out of the results.
    ///
    /// ```
    /// # let mut suite = tuneup_benchmarking::harness::Suite::new();
    /// suite
    ///     .group("sum/of a range")
    ///     .size(1_000)
    ///     .input(|n| n as u64)
    ///     .case("loop", |&n: &u64| (0..n).sum::<u64>())
    ///     .case("formula", |&n: &u64| n * n.saturating_sub(1) / 2)
    ///     .at_most(0.9, "loop")
    ///     .finish();
    /// ```
    pub fn at_most(mut self, ratio: f64, against: &str) -> Self {
        self.last().limits.push(Limit {
            ratio,
            against: against.to_owned(),
        });
        self
    }

    /// Registers the group. Nothing runs yet.
    ///
    /// ```
    /// # let mut suite = tuneup_benchmarking::harness::Suite::new();
    /// suite.group("math/square").input(|n| n as u64).case("product", |n: &u64| n * n).finish();
    /// assert_eq!(suite.groups().count(), 1);
    /// ```
    ///
    /// # Panics
    ///
    /// When it has no case.
    pub fn finish(self) {
        let Self {
            group: Group { suite, info },
            make,
            expected,
            cases,
        } = self;
        assert!(
            !cases.is_empty(),
            "the bench group `{}` has no case",
            info.name
        );
        let cases = Rc::new(cases);
        let (check_info, check_make, check_cases) =
            (info.clone(), Rc::clone(&make), Rc::clone(&cases));
        suite.definitions.push(Definition {
            info,
            check: Box::new(move |size| {
                check(
                    &check_info,
                    expected.as_deref(),
                    &check_cases,
                    &check_make(size),
                )
            }),
            prepare: Box::new(move |size| {
                let input = Rc::new(make(size));
                cases.iter().map(|case| case.prepare(&input)).collect()
            }),
        });
    }

    fn add(mut self, name: &str, answer: Answer<I, O>, prepare: Prepare<I>) -> Self {
        let cases = &mut self.group.info.cases;
        assert!(
            cases.iter().all(|case| case.name != name),
            "the bench group `{}` has two cases named `{name}`",
            self.group.info.name
        );
        cases.push(CaseInfo {
            name: name.to_owned(),
            peer: false,
            threads: 1,
            class: None,
            limits: Vec::new(),
        });
        self.cases.push(Case {
            answer,
            prepare,
            enter: None,
        });
        self
    }

    fn last(&mut self) -> &mut CaseInfo {
        let info = &mut self.group.info;
        info.cases
            .last_mut()
            .unwrap_or_else(|| panic!("the bench group `{}` has no case yet", info.name))
    }
}

/// The name under which an error speaks of the answer that was given beforehand.
const EXPECTED: &str = "the expected answer";

/// Compares every case's answer with the expected one, or with the first case's where none was given.
fn check<I, O: PartialEq + Debug>(
    info: &GroupInfo,
    expected: Option<&dyn Fn(&I) -> O>,
    cases: &[Case<I, O>],
    input: &I,
) -> Result<(), Error> {
    let answer = |case: &Case<I, O>, about: &CaseInfo| {
        caught(&info.name, &about.name, || case.answer(input))
    };
    let (reference, expected, first) = match expected {
        Some(expected) => (EXPECTED, expected(input), 0),
        None => (
            info.cases[0].name.as_str(),
            answer(&cases[0], &info.cases[0])?,
            1,
        ),
    };
    for (case, about) in cases.iter().zip(&info.cases).skip(first) {
        let answer = answer(case, about)?;
        if answer != expected {
            return Err(Error::AnswersDiffer {
                comparison: info.name.clone(),
                reference: reference.to_owned(),
                case: about.name.clone(),
                left: shorten(&format!("{answer:?}")).into_owned(),
                right: shorten(&format!("{expected:?}")).into_owned(),
            });
        }
    }
    Ok(())
}
