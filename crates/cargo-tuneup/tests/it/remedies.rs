//! The lines that `advise` recommends compile, and do what it says.
#![expect(unreachable_pub, reason = "people copy them into modules of their own")]

mod advice;
mod batches;
mod cache;
mod comparison;
mod complexity;
mod gather;
mod leak_watch;
mod lines;
mod memoize;
mod parallel;
mod pipeline;
mod pool;
mod threads;

fn pages() -> Vec<String> {
    ["one", "two", "three"].map(str::to_owned).into()
}

#[test]
fn what_is_recommended_for_loops_over_items_gives_what_a_loop_gives() {
    assert_eq!(threads::sizes_of(pages()).unwrap(), [3, 3, 5]);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    assert_eq!(
        runtime.block_on(gather::sizes_of(pages())).unwrap(),
        [3, 3, 5]
    );
    assert_eq!(pipeline::total(pages()).unwrap(), 11);
    assert_eq!(parallel::squares(&[1, 2, 3]), [1, 4, 9]);
    let requests = std::cell::Cell::new(0);
    let ids: Vec<u64> = (0..1_001).collect();
    let names = batches::names_of(&ids, |ids| {
        requests.set(requests.get() + 1);
        ids.iter().map(u64::to_string).collect()
    });
    assert_eq!((names.len(), requests.get()), (1_001, 3));
}

#[test]
fn what_is_recommended_for_memory_runs() {
    assert_eq!(pool::total_length(&["one", "three"]).unwrap(), 8);
    let report = leak_watch::watch(|| {}).unwrap();
    assert_eq!(report.moments, 20);
}

#[test]
fn what_is_recommended_for_caches_runs() {
    assert_eq!(memoize::ways(40, 2), 165_580_141);
    assert_eq!(memoize::ways::cache_info().loads, 41);
    assert_eq!(cache::pages().unwrap().info().capacity, Some(10_000));
    let keys: Vec<String> = (0..2_000)
        .map(|request| (request % 50).to_string())
        .collect();
    let advice = advice::which_cache(&keys).unwrap();
    assert_eq!(advice.recommended.size, 50);
}

#[test]
fn what_is_recommended_for_measuring_runs() {
    assert_eq!(lines::most_frequent(&["b", "a", "b"]).as_deref(), Some("b"));
    assert_eq!(comparison::two_ways_to_join().unwrap().cases.len(), 2);
    assert_eq!(complexity::growth_of_sorting().unwrap().points.len(), 5);
}
