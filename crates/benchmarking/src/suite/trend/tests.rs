//! Trends from runs that are known.

use tuneup_report::Terminal;

use super::*;

fn trend(times: &[f64], changes: &[usize]) -> Trend {
    Trend {
        name: "cookbook/queue/deque".to_owned(),
        times_ns: times.iter().map(|&ns| (ns, ns - 1.0, ns + 1.0)).collect(),
        changes: changes.to_vec(),
    }
}

#[test]
fn a_level_is_the_mean_of_its_runs() {
    let levels = trend(&[10.0, 12.0, 20.0, 22.0, 24.0], &[2]).levels();
    assert_eq!(levels, [(0.0, 11.0), (1.0, 11.0), (2.0, 22.0), (4.0, 22.0)]);
}

#[test]
fn trends_are_drawn_and_tabled() {
    let changed = trend(&[100.0, 100.0, 150.0, 150.0], &[2]);
    let svg = changed.plot().unwrap().to_string();
    assert!(svg.contains("cookbook/queue/deque") && svg.contains("level"));
    let steady = trend(&[100.0, 100.0, 100.0], &[]);
    assert!(!steady.plot().unwrap().to_string().contains("level"));
    assert_eq!(
        table(&[changed, steady, trend(&[], &[])]).render(&Terminal::plain(100)),
        "\
case                  runs     first      last   change  levels
───────────────────────────────────────────────────────────────
cookbook/queue/deque     4  100.0 ns  150.0 ns  +50.0 %       2
cookbook/queue/deque     3  100.0 ns  100.0 ns    0.0 %       1
"
    );
}

#[cfg(feature = "history")]
#[test]
fn runs_are_kept_and_their_change_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let mut history = History::open(folder.path().join("history.sqlite")).unwrap();
    let mut results = super::super::results::tests::example();
    for run in 0..20_u32 {
        // A little noise, and twice the time from the tenth run on.
        let ns = 1_000.0 * if run < 10 { 1.0 } else { 2.0 } + f64::from(run % 3);
        let time = &mut results.benches[0].cases[0].time;
        (time.estimate_ns, time.low_ns, time.high_ns) = (ns, ns - 5.0, ns + 5.0);
        if run == 2 {
            assert_eq!(
                results.trends(&history).unwrap(),
                [],
                "two runs show nothing"
            );
        }
        results.add_to(&mut history).unwrap();
    }
    let trends = results.trends(&history).unwrap();
    let found: Vec<_> = trends
        .iter()
        .map(|trend| {
            (
                trend.name.as_str(),
                trend.times_ns.len(),
                &trend.changes[..],
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            ("cookbook/duplicates/naive", 20, &[10][..]),
            ("cookbook/duplicates/fast", 20, &[][..]),
            ("cookbook/queue/deque", 20, &[][..]),
        ]
    );
    assert_eq!(trends[0].times_ns[0], (1_000.0, 995.0, 1_005.0));
}
