//! Stands in for the recorder: writes down in order what the expansions tell it, and measures nothing.

use std::{
    any::type_name,
    cell::RefCell,
    collections::BTreeMap,
    future::Future,
    marker::PhantomData,
    pin::Pin,
    task::{Context, Poll},
};

thread_local! {
    static EVENTS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    static HITS: RefCell<BTreeMap<u32, u64>> = const { RefCell::new(BTreeMap::new()) };
}

/// Writes one more event down.
pub(crate) fn event(text: impl Into<String>) {
    EVENTS.with_borrow_mut(|events| events.push(text.into()));
}

/// The events so far, which are forgotten.
pub(crate) fn events() -> Vec<String> {
    EVENTS.take()
}

/// How often each line was reached, and the calls on the line of the `fn`; forgotten as well.
pub(crate) fn hits() -> BTreeMap<u32, u64> {
    HITS.take()
}

fn hit(line: u32) {
    HITS.with_borrow_mut(|hits| *hits.entry(line).or_default() += 1);
}

pub(crate) enum SiteKind {
    Function,
    Async,
}

pub(crate) struct Site {
    name: fn() -> &'static str,
    pub(crate) kind: SiteKind,
    pub(crate) file: &'static str,
    pub(crate) line: u32,
    untimed: bool,
}

impl Site {
    pub(crate) const fn new(
        name: fn() -> &'static str,
        kind: SiteKind,
        file: &'static str,
        line: u32,
    ) -> Self {
        Self {
            name,
            kind,
            file,
            line,
            untimed: false,
        }
    }

    pub(crate) const fn untimed(mut self) -> Self {
        self.untimed = true;
        self
    }

    fn describe(&self) -> String {
        format!("{} at {}:{}", (self.name)(), self.file, self.line)
    }
}

#[must_use]
pub(crate) struct Frame(&'static Site, PhantomData<*const ()>);

pub(crate) fn enter(site: &'static Site) -> Frame {
    assert!(matches!(site.kind, SiteKind::Function) && !site.untimed);
    event(format!("enter {}", site.describe()));
    Frame(site, PhantomData)
}

impl Drop for Frame {
    fn drop(&mut self) {
        event(format!("leave {}", (self.0.name)()));
    }
}

#[must_use]
pub(crate) struct UntimedFrame(&'static Site, PhantomData<*const ()>);

pub(crate) fn enter_untimed(site: &'static Site) -> UntimedFrame {
    assert!(matches!(site.kind, SiteKind::Function) && site.untimed);
    event(format!("enter untimed {}", site.describe()));
    UntimedFrame(site, PhantomData)
}

impl Drop for UntimedFrame {
    fn drop(&mut self) {
        event(format!("leave untimed {}", (self.0.name)()));
    }
}

#[must_use]
pub(crate) struct ProfiledFuture<F> {
    site: &'static Site,
    future: Pin<Box<F>>,
}

impl<F: Future> ProfiledFuture<F> {
    pub(crate) fn new(site: &'static Site, future: F) -> Self {
        assert!(matches!(site.kind, SiteKind::Async) && !site.untimed);
        let future = Box::pin(future);
        event(format!("begin {}", site.describe()));
        Self { site, future }
    }
}

impl<F: Future> Future for ProfiledFuture<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        event(format!("poll {}", (self.site.name)()));
        let poll = self.future.as_mut().poll(context);
        event(format!("polled {}", (self.site.name)()));
        poll
    }
}

pub(crate) fn path_of<T>(_: &T) -> &'static str {
    let mut path = type_name::<T>().rsplit_once("::").unwrap().0;
    while let Some(around) = path.strip_suffix("::{{closure}}") {
        path = around;
    }
    path
}

pub(crate) struct LineSite {
    name: fn() -> &'static str,
    pub(crate) file: &'static str,
    pub(crate) lines: &'static [u32],
    pub(crate) is_async: bool,
}

impl LineSite {
    pub(crate) const fn new(
        name: fn() -> &'static str,
        file: &'static str,
        lines: &'static [u32],
        is_async: bool,
    ) -> Self {
        Self {
            name,
            file,
            lines,
            is_async,
        }
    }

    fn call(&self) {
        assert!(self.file.ends_with(".rs"));
        event(format!("lines of {}", (self.name)()));
        hit(self.lines[0]);
        // What is never reached is in the table as well.
        HITS.with_borrow_mut(|hits| {
            for line in self.lines {
                hits.entry(*line).or_default();
            }
        });
    }
}

#[must_use]
pub(crate) struct LineTimer(&'static LineSite, PhantomData<*const ()>);

impl LineTimer {
    pub(crate) fn enter(site: &'static LineSite) -> Self {
        assert!(!site.is_async);
        site.call();
        Self(site, PhantomData)
    }

    pub(crate) fn enter_closure(site: &'static LineSite, index: usize) -> Self {
        event(format!("closure +{}", site.lines[index] - site.lines[0]));
        Self(site, PhantomData)
    }

    pub(crate) fn mark(&self, index: usize) {
        let line = self.0.lines[index];
        event(format!("+{}", line - self.0.lines[0]));
        hit(line);
    }
}

impl Drop for LineTimer {
    fn drop(&mut self) {
        event("end");
    }
}

pub(crate) fn mark_line(site: &'static LineSite, index: usize) {
    assert!(site.is_async);
    let line = site.lines[index];
    event(format!("+{}", line - site.lines[0]));
    hit(line);
}

#[must_use]
pub(crate) struct LinedFuture<F>(&'static LineSite, Pin<Box<F>>);

impl<F: Future> LinedFuture<F> {
    pub(crate) fn new(site: &'static LineSite, future: F) -> Self {
        assert!(site.is_async);
        site.call();
        Self(site, Box::pin(future))
    }
}

impl<F: Future> Future for LinedFuture<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        event(format!("poll lines of {}", (self.0.name)()));
        self.1.as_mut().poll(context)
    }
}
