//! What a policy would have hit: requests of a trace a second, on one core.

use tuneup_benchmarking::harness::Suite;
use tuneup_caching::{MissRatioCurve, Policy, Replacement, Trace, simulate};

use super::zipf::zipf;

const REQUESTS: usize = 1_000_000;
const SIZE: u64 = 10_000;

pub(super) fn register(suite: &mut Suite) {
    let replay = |policy: Replacement| {
        move |trace: &Trace| {
            let report = simulate(trace, [policy], [SIZE]);
            let report = report.expect("the size is more than 0");
            u64::from(report.hits(policy, SIZE) > Some(0))
        }
    };
    suite
        .group("caching/simulate")
        .about("a trace of a million requests of 100000 keys, Zipf 0.9, at one size of 10000: see the rate")
        .size(REQUESTS)
        .elements(|n| n as u64)
        .input(|n| {
            let trace = Trace::from_keys(zipf(100_000, 0.9, n, 4));
            trace.expect("fewer keys than there may be")
        })
        .expect(|_| 1)
        .case("LRU", replay(Policy::Lru.into()))
        .case("FIFO", replay(Policy::Fifo.into()))
        .case("SIEVE", replay(Policy::Sieve.into()))
        .case("S3-FIFO", replay(Policy::S3Fifo.into()))
        .case("adaptive", replay(Policy::Adaptive.into()))
        .case("optimal", replay(Replacement::Optimal))
        .case("LRU, all sizes", |trace| {
            u64::from(MissRatioCurve::from_trace(trace).hit_ratio(SIZE) > 0.0)
        })
        .finish();
}
