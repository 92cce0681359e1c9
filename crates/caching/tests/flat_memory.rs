//! A day of a cache whose entries come and go by their times: memory does not grow with the requests.
//!
//! In a process of its own, because of its allocator.

use std::time::Duration;

use tuneup_caching::{Cache, CacheBuilder};
use tuneup_measure::Clock;

#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

const REQUESTS_A_SECOND: u64 = 1;
const HOUR: u64 = 3_600 * REQUESTS_A_SECOND;

/// Bytes that live after each of 24 hours of requests for ever new keys, each good for ten minutes.
fn bytes_by_hour(builder: CacheBuilder<u64, String>) -> Vec<usize> {
    let (clock, time) = Clock::mock();
    let cache: Cache<u64, String> = builder
        .ttl(Duration::from_secs(600))
        .jitter(0.2)
        .clock(clock)
        .build()
        .unwrap();
    let hour = |hour: u64| {
        for request in hour * HOUR..(hour + 1) * HOUR {
            time.advance(Duration::from_secs(1) / REQUESTS_A_SECOND as u32);
            cache.get_or_insert_with(request, || format!("value {request:020}"));
            if request % 50 == 0 {
                let tag = format!("tag {request}");
                cache.insert_tagged(request + 1_000_000_000, "tagged".to_owned(), &[&tag]);
                cache.invalidate_tag(&tag);
            }
        }
        dhat::HeapStats::get().curr_bytes
    };
    (0..24).map(hour).collect()
}

#[test]
fn a_day_takes_little_more_than_an_hour() {
    let _profiler = dhat::Profiler::builder().testing().build();
    let builders: [fn() -> CacheBuilder<u64, String>; 2] =
        [|| CacheBuilder::unbounded(), || Cache::builder(10_000)];
    for builder in builders {
        let bytes = bytes_by_hour(builder());
        // Slots are used again and not given back: there are as many as entries were good at one time, in each shard, and the
        // most of a day is a little more than the most of an hour. What grows with the requests would show at once.
        let half_a_day = 12 * HOUR as usize;
        assert!(bytes[23] < bytes[11] + half_a_day / 2, "{bytes:?}");
        assert!(bytes[23] < bytes[0] + bytes[0] / 2, "{bytes:?}");
    }
}
