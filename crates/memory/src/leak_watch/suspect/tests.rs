use super::*;
use crate::snapshot::Snapshot;

/// A number that looks random, from 0 to 1.
fn noise(seed: u64) -> f64 {
    let mixed = (seed + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mixed = (mixed ^ (mixed >> 31)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    (mixed >> 11) as f64 / (1_u64 << 53) as f64
}

/// Observes one snapshot a second: `bytes_at` gives the live bytes of each site at that second.
fn watched(seconds: u64, most_moments: usize, bytes_at: impl Fn(u64) -> Vec<f64>) -> History {
    let mut history = History::new(most_moments, 64);
    for second in 0..seconds {
        let stacks = bytes_at(second);
        let stacks = stacks.iter().enumerate();
        let stacks = stacks.map(|(site, bytes)| (site as u64 + 1, *bytes));
        history.observe(&Snapshot::of_sites(Duration::from_secs(second), stacks));
    }
    history
}

/// Names for the first hundred sites.
fn report(history: &History) -> LeakReport {
    let mut names = Names::default();
    for site in 1..=100 {
        names.insert(site, &format!("site_{site}"));
    }
    named_report(history, &names)
}

/// The suspected sites, and how fast they grow in bytes a second.
fn suspects(history: &History) -> Vec<(String, f64)> {
    let suspects = report(history).suspects;
    let suspects = suspects.iter();
    suspects
        .map(|suspect| {
            (
                suspect.site.clone(),
                suspect.bytes_per_minute.estimate / 60.0,
            )
        })
        .collect()
}

const MIB: f64 = (1_u64 << 20) as f64;

#[test]
fn a_small_leak_beside_busy_sites_and_a_warm_cache() {
    let history = watched(60, 120, |second| {
        let busy = (0..20).map(|site| MIB * noise(second * 100 + site));
        let cache = 100.0 * MIB + MIB * noise(second + 7_000);
        let leak = 1024.0 * (second + 1) as f64;
        [leak, cache].into_iter().chain(busy).collect()
    });
    let suspects = suspects(&history);
    assert_eq!(suspects.len(), 1, "{suspects:?}");
    assert_eq!(suspects[0].0, "site_1");
    assert!((suspects[0].1 - 1024.0).abs() < 1.0);
}

#[test]
fn what_stops_growing_is_no_leak() {
    let history = watched(100, 120, |second| {
        let fills = MIB * second.min(40) as f64;
        let falls = MIB * (100 - second) as f64;
        let steady = MIB;
        vec![fills, falls, steady]
    });
    assert_eq!(suspects(&history), []);
    assert!(
        report(&history)
            .to_string()
            .starts_with("no site keeps growing: 3 sites in 100 snapshots")
    );
}

#[test]
fn the_fastest_comes_first_and_those_seen_late_count_too() {
    let history = watched(100, 120, |second| {
        let late = 5000.0 * second.saturating_sub(60) as f64;
        vec![1000.0 * second as f64, 0.0, late]
    });
    let rates = suspects(&history)
        .iter()
        .map(|(_, rate)| rate.round())
        .collect::<Vec<_>>();
    assert_eq!(rates, [5000.0, 1000.0]);
    let late = &report(&history).suspects[0];
    assert_eq!(late.first_seen, Duration::from_secs(61));
}

#[test]
fn a_few_snapshots_say_nothing() {
    let history = watched(9, 120, |second| vec![second as f64]);
    assert_eq!(suspects(&history), []);
    let text = report(&history).to_string();
    assert!(
        text.starts_with("9 snapshots over 8")
            && text.ends_with("are too few to tell: 10 are needed"),
        "{text}"
    );
}

#[test]
fn estimates_that_wander_are_no_leak() {
    // 100 MiB of samples that stand for 64 KiB each: they wander by some MiB, in one direction for a while.
    let mut history = History::new(120, 64);
    let variance = 1600.0 * f64::powi(65_536.0, 2);
    for second in 0..60 {
        let bytes = 100.0 * MIB + 0.1 * MIB * second as f64;
        let mut snapshot =
            Snapshot::of_sites(Duration::from_secs(second), [(1, bytes)].into_iter());
        snapshot.stacks[0].sums.live.bytes_variance = variance;
        history.observe(&snapshot);
    }
    assert_eq!(suspects(&history), []);
    // The same growth of exact numbers is one.
    let exact = watched(60, 120, |second| {
        vec![100.0 * MIB + 0.1 * MIB * second as f64]
    });
    assert_eq!(suspects(&exact).len(), 1);
}

#[test]
fn a_snapshot_of_a_new_trace_begins_anew() {
    let mut history = watched(50, 120, |second| vec![second as f64]);
    let sites = [(1, 5.0)].into_iter();
    history.observe(&Snapshot::of_sites(Duration::from_secs(3), sites));
    assert_eq!(history.moments, [Duration::from_secs(3)]);
    assert!(history.series.values().all(|series| series.bytes == [5.0]));
}

#[test]
fn a_long_watch_is_thinned_and_forgets_no_leak() {
    let history = watched(5000, 32, |second| {
        vec![1024.0 * second as f64, MIB * noise(second)]
    });
    assert!(history.moments.len() <= 32);
    let suspects = suspects(&history);
    assert_eq!(suspects.len(), 1);
    assert!((suspects[0].1 - 1024.0).abs() < 1.0);
}

#[test]
fn the_largest_stacks_are_kept() {
    let history = watched(20, 120, |second| {
        (0..100)
            .map(|site| 1000.0 * f64::from(site) + second as f64)
            .collect()
    });
    assert_eq!(history.series.len(), 64);
    assert_eq!(
        history
            .series
            .values()
            .map(|series| series.bytes.len())
            .max(),
        Some(20)
    );
    assert!(history.dropped >= 36);
}
