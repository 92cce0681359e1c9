//! Registering a group: sizes, input, cases, promises.

use std::fmt::Debug;
use std::rc::Rc;

use super::routine::{Concurrent, Definition, Pure, Routine, Stateful, caught};
use super::{Class, Suite};
use crate::Error;
use crate::comparison::shorten;
use crate::protocol::{CaseInfo, GroupInfo, Limit};

#[cfg(test)]
mod tests;

/// A group that has no input yet; [`Group::input`] goes on to its cases.
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

    /// The job in one sentence.
    pub fn about(mut self, about: &str) -> Self {
        about.clone_into(&mut self.info.about);
        self
    }

    /// The size that is timed; default 1.
    pub fn size(mut self, size: usize) -> Self {
        self.info.size = size;
        self
    }

    /// The sizes of the complexity fit; without them there is none. A range of 64 to 1 or more tells neighbours apart.
    pub fn sizes(mut self, sizes: &[usize]) -> Self {
        self.info.sizes = sizes.to_vec();
        self
    }

    /// Items that one iteration handles, by size; call it after [`Group::size`].
    pub fn elements(mut self, items: impl Fn(usize) -> u64) -> Self {
        self.info.items = Some(items(self.info.size));
        self
    }

    /// Bytes that one iteration handles, by size; call it after [`Group::size`].
    pub fn bytes(mut self, bytes: impl Fn(usize) -> u64) -> Self {
        self.info.bytes = Some(bytes(self.info.size));
        self
    }

    /// Makes the input of a size: outside all timing, the same every time, shared by the cases.
    pub fn input<I: 'static, O>(self, make: impl Fn(usize) -> I + 'static) -> Cases<'s, I, O> {
        Cases {
            group: self,
            make: Rc::new(make),
            cases: Vec::new(),
        }
    }
}

type Answer<I, O> = Box<dyn Fn(&I) -> O>;
type Prepare<I> = Box<dyn Fn(&Rc<I>) -> Box<dyn Routine>>;

struct Case<I, O> {
    answer: Answer<I, O>,
    prepare: Prepare<I>,
}

/// The cases of a group; the first one is the reference where there is no peer.
#[must_use = "a group is registered by `finish`"]
pub struct Cases<'s, I, O> {
    group: Group<'s>,
    make: Rc<dyn Fn(usize) -> I>,
    cases: Vec<Case<I, O>>,
}

impl<I, O> Debug for Cases<'_, I, O> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Cases").field(&self.group.info).finish()
    }
}

impl<I: 'static, O: PartialEq + Debug + 'static> Cases<'_, I, O> {
    /// Adds a case: a function of the input. Its time includes dropping the answer.
    pub fn case(self, name: &str, f: impl Fn(&I) -> O + Clone + 'static) -> Self {
        let answer = f.clone();
        self.add(
            name,
            Box::new(answer),
            Box::new(move |input| {
                Box::new(Pure {
                    input: Rc::clone(input),
                    f: f.clone(),
                })
            }),
        )
    }

    /// Adds a case of somebody else's code, beside which the others are judged.
    pub fn peer(self, name: &str, f: impl Fn(&I) -> O + Clone + 'static) -> Self {
        self.case(name, f).mark_peer()
    }

    /// Adds a case with state that lives from one iteration to the next, such as a histogram or a cache.
    ///
    /// Its answer is checked on a fresh state.
    pub fn stateful<S: 'static>(
        self,
        name: &str,
        setup: impl Fn(&I) -> S + Clone + 'static,
        f: impl Fn(&mut S, &I) -> O + Clone + 'static,
    ) -> Self {
        let (answer_setup, answer) = (setup.clone(), f.clone());
        self.add(
            name,
            Box::new(move |input| answer(&mut answer_setup(input), input)),
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
            Box::new(move |input| answer(&answer_setup(input), input)),
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

    /// Says that the case just added is somebody else's code.
    pub fn mark_peer(mut self) -> Self {
        self.last().peer = true;
        self
    }

    /// The complexity class that the case just added claims; the fit is held against it.
    pub fn class(mut self, class: Class) -> Self {
        self.last().class = Some(class.to_string());
        self
    }

    /// A promise of the case just added: at most `ratio` times as long as the case named `against`.
    pub fn at_most(mut self, ratio: f64, against: &str) -> Self {
        self.last().limits.push(Limit {
            ratio,
            against: against.to_owned(),
        });
        self
    }

    /// Registers the group.
    ///
    /// # Panics
    ///
    /// When it has no case.
    pub fn finish(self) {
        let Self {
            group: Group { suite, info },
            make,
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
            check: Box::new(move |size| check(&check_info, &check_cases, &check_make(size))),
            prepare: Box::new(move |size| {
                let input = Rc::new(make(size));
                cases.iter().map(|case| (case.prepare)(&input)).collect()
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
        self.cases.push(Case { answer, prepare });
        self
    }

    fn last(&mut self) -> &mut CaseInfo {
        let info = &mut self.group.info;
        info.cases
            .last_mut()
            .unwrap_or_else(|| panic!("the bench group `{}` has no case yet", info.name))
    }
}

/// Compares every case's answer with the first one's.
fn check<I, O: PartialEq + Debug>(
    info: &GroupInfo,
    cases: &[Case<I, O>],
    input: &I,
) -> Result<(), Error> {
    let answer = |case: &Case<I, O>, about: &CaseInfo| {
        caught(&info.name, &about.name, || (case.answer)(input))
    };
    let expected = answer(&cases[0], &info.cases[0])?;
    for (case, about) in cases.iter().zip(&info.cases).skip(1) {
        let answer = answer(case, about)?;
        if answer != expected {
            return Err(Error::AnswersDiffer {
                comparison: info.name.clone(),
                reference: info.cases[0].name.clone(),
                case: about.name.clone(),
                left: shorten(&format!("{answer:?}")).into_owned(),
                right: shorten(&format!("{expected:?}")).into_owned(),
            });
        }
    }
    Ok(())
}
