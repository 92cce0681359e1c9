//! Other people's ways to record a call, each as its documentation says to use it.

use std::{
    ops::Range,
    sync::{Once, OnceLock},
};

use fastrace::local::{LocalCollector, LocalSpan};
use hotpath::{Format, HotpathGuard, HotpathGuardBuilder};
use tuneup_benchmarking::harness::Cases;

use super::calls::{sum, sum_of_rounds, triple, two_busy};

#[hotpath::measure]
#[inline(never)]
fn measured(x: u64) -> u64 {
    triple(x)
}

#[inline(never)]
fn in_local_span(x: u64) -> u64 {
    let _span = LocalSpan::enter_with_local_parent("in_local_span");
    triple(x)
}

#[inline(never)]
fn in_puffin_scope(x: u64) -> u64 {
    puffin::profile_function!();
    triple(x)
}

#[inline(never)]
fn in_tracing_span(x: u64) -> u64 {
    let _span = tracing::info_span!("in_tracing_span").entered();
    triple(x)
}

/// The queues of hotpath are emptied by a thread of its own, twenty times a second: most blocks of iterations are over before it comes,
/// and what they cost is what a burst of calls does.
///
/// The guard lives as long as the process, and opens no port. A second one could be had, but its thread would spin: the channel on which it waits is
/// connected for the first one only.
#[expect(
    clippy::disallowed_methods,
    reason = "hotpath asks the environment alone whether to listen on a port"
)]
pub(super) fn hotpath() {
    static GUARD: OnceLock<HotpathGuard> = OnceLock::new();
    GUARD.get_or_init(|| {
        // SAFETY: no other thread reads or writes the environment: cases are prepared by the one thread of the bench, and those that the cases
        // before this one started have ended.
        unsafe { std::env::set_var("HOTPATH_METRICS_SERVER_OFF", "1") };
        let builder = HotpathGuardBuilder::new("benches").format(Format::None);
        builder.build()
    });
    measured(1);
}

/// The spans of a round are collected, and dropped.
fn fastrace_round(range: Range<u64>) -> u64 {
    let collector = LocalCollector::start();
    let answer = sum(range, in_local_span);
    drop(collector.collect());
    answer
}

/// A round is a frame, and a scope as well: without one around them, each scope would be sent off by itself, which costs four times
/// as much.
fn puffin_round(range: Range<u64>) -> u64 {
    let answer = {
        puffin::profile_scope!("round");
        sum(range, in_puffin_scope)
    };
    puffin::GlobalProfiler::lock().new_frame();
    answer
}

struct PuffinScopes;

fn puffin() -> PuffinScopes {
    puffin::set_scopes_on(true);
    PuffinScopes
}

impl Drop for PuffinScopes {
    fn drop(&mut self) {
        puffin::set_scopes_on(false);
    }
}

/// The subscriber of the whole process, as in most programs: the quickest to find. Nothing but the cases of tracing has spans.
fn tracing() {
    static SUBSCRIBER: Once = Once::new();
    SUBSCRIBER.call_once(|| {
        tracing::subscriber::set_global_default(tracing_subscriber::registry())
            .expect("nobody else sets one");
    });
}

pub(super) fn call(cases: Cases<'_, u64, u64>) -> Cases<'_, u64, u64> {
    cases
        .peer("fastrace", |&n: &u64| sum_of_rounds(n, fastrace_round))
        .peer("puffin", |&n: &u64| sum_of_rounds(n, puffin_round))
        .within(puffin)
        .peer("tracing", |&n: &u64| sum(0..n, in_tracing_span))
        .within(tracing)
        .peer("hotpath", |&n: &u64| sum(0..n, measured))
        .within(hotpath)
}

pub(super) fn call_of_two_threads(cases: Cases<'_, u64, u64>) -> Cases<'_, u64, u64> {
    let cases = two_busy(cases, "fastrace", |n| sum_of_rounds(n, fastrace_round)).mark_peer();
    let cases = two_busy(cases, "puffin", |n| sum_of_rounds(n, puffin_round))
        .mark_peer()
        .within(puffin);
    let cases = two_busy(cases, "tracing", |n| sum(0..n, in_tracing_span))
        .mark_peer()
        .within(tracing);
    two_busy(cases, "hotpath", |n| sum(0..n, measured))
        .mark_peer()
        .within(hotpath)
}
