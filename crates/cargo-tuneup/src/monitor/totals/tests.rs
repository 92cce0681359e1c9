use super::*;

const MS: u64 = 1_000_000;

/// A process that had begun with the watch, with so many milliseconds of its own and of children.
fn entry(pid: i32, parent: i32, own_ms: u64, waited_ms: u64) -> Entry {
    let cpu = |ms: u64| Amounts {
        cpu_ns: ms * MS,
        ..Amounts::default()
    };
    Entry {
        id: Identity { pid, start: 1 },
        parent,
        account: Account {
            own: cpu(own_ms),
            waited: cpu(waited_ms),
        },
        is_older: false,
    }
}

fn cpu_ms(totals: &mut Totals, entries: &[Entry]) -> u64 {
    totals.update(entries, None).cpu_ns / MS
}

#[test]
fn a_child_that_was_waited_for_counts_once() {
    let mut totals = Totals::default();
    assert_eq!(
        cpu_ms(&mut totals, &[entry(1, 0, 100, 0), entry(2, 1, 500, 0)]),
        600
    );
    // It has used 50 ms more after the last look.
    assert_eq!(cpu_ms(&mut totals, &[entry(1, 0, 100, 550)]), 650);
}

#[test]
fn a_child_that_was_never_seen_counts() {
    let mut totals = Totals::default();
    cpu_ms(&mut totals, &[entry(1, 0, 100, 0)]);
    assert_eq!(cpu_ms(&mut totals, &[entry(1, 0, 100, 70)]), 170);
}

#[test]
fn a_child_that_nobody_has_waited_for_is_not_lost() {
    let mut totals = Totals::default();
    cpu_ms(&mut totals, &[entry(1, 0, 100, 0), entry(2, 1, 500, 0)]);
    assert_eq!(cpu_ms(&mut totals, &[entry(1, 0, 120, 0)]), 620);
    assert_eq!(cpu_ms(&mut totals, &[entry(1, 0, 130, 0)]), 630);
}

#[test]
fn what_ticks_have_cut_off_is_not_taken_for_a_loss() {
    let mut totals = Totals::default();
    for round in 1..=50 {
        // Its clock says 19 ms; the parent's account is rounded down to 10.
        let lasting = entry(1, 0, 100, (round - 1) * 10);
        cpu_ms(&mut totals, &[lasting, entry(2, 1, 19, 0)]);
        let last = cpu_ms(&mut totals, &[entry(1, 0, 100, round * 10)]);
        assert!(last <= 100 + round * 10 + 9, "{round}: {last}");
    }
}

#[test]
fn a_grandchild_whose_parent_has_ended_too_is_in_the_account_of_a_grandparent() {
    let mut totals = Totals::default();
    let all = [entry(1, 0, 10, 0), entry(2, 1, 20, 0), entry(3, 2, 400, 0)];
    assert_eq!(cpu_ms(&mut totals, &all), 430);
    assert_eq!(cpu_ms(&mut totals, &[entry(1, 0, 10, 420)]), 430);
}

#[test]
fn a_grandchild_that_a_subreaper_above_has_waited_for_is_not_counted_twice() {
    let mut totals = Totals::default();
    let all = [
        entry(1, 0, 0, 0),
        entry(2, 1, 0, 0),
        entry(3, 2, 0, 0),
        entry(4, 3, 400, 0),
    ];
    assert_eq!(cpu_ms(&mut totals, &all), 400);
    // 3 has ended before 4, which was given to 1; 2 has waited for 3 alone.
    let left = [entry(1, 0, 0, 400), entry(2, 1, 0, 0)];
    assert_eq!(cpu_ms(&mut totals, &left), 400);
}

#[test]
fn an_orphan_that_ends_outside_of_the_tree_is_not_lost() {
    let mut totals = Totals::default();
    let orphan = entry(7, 1, 300, 0);
    cpu_ms(&mut totals, &[entry(5, 4, 10, 0), orphan]);
    assert_eq!(cpu_ms(&mut totals, &[entry(5, 4, 10, 0)]), 310);
    assert_eq!(cpu_ms(&mut totals, &[]), 310, "nor is the root");
}

#[test]
fn what_this_process_has_waited_for_is_not_counted_twice() {
    let mut totals = Totals::default();
    let reaped = |ms: u64| {
        let amounts = Amounts {
            cpu_ns: ms * MS,
            ..Amounts::default()
        };
        Some(amounts)
    };
    let all = [entry(5, 4, 100, 0), entry(6, 4, 300, 0)];
    assert_eq!(totals.update(&all, reaped(0)).cpu_ns, 400 * MS);
    assert_eq!(totals.update(&all[..1], reaped(310)).cpu_ns, 410 * MS);
    assert_eq!(totals.update(&[], reaped(411)).cpu_ns, 411 * MS);
}

#[test]
fn a_number_that_is_used_again_is_another_process() {
    let mut totals = Totals::default();
    cpu_ms(&mut totals, &[entry(1, 0, 10, 0), entry(2, 1, 200, 0)]);
    let mut other = entry(2, 1, 50, 0);
    other.id.start = 9;
    assert_eq!(cpu_ms(&mut totals, &[entry(1, 0, 10, 200), other]), 260);
}

#[test]
fn what_was_used_before_the_watch_is_not_counted() {
    let mut totals = Totals::default();
    let older = |own_ms| Entry {
        is_older: true,
        ..entry(1, 0, own_ms, 40)
    };
    assert_eq!(cpu_ms(&mut totals, &[older(1_000)]), 0);
    assert_eq!(cpu_ms(&mut totals, &[older(1_030)]), 30);
    // An older orphan that is found late.
    let found = Entry {
        is_older: true,
        ..entry(9, 1, 700, 0)
    };
    assert_eq!(cpu_ms(&mut totals, &[older(1_030), found]), 30);
    assert_eq!(cpu_ms(&mut totals, &[older(1_030)]), 30);
}

#[test]
fn bytes_of_a_child_are_in_the_number_of_its_parent() {
    let mut totals = Totals::default();
    let wrote = |pid, parent, bytes| {
        let mut entry = entry(pid, parent, 0, 0);
        entry.account.own.written_bytes = bytes;
        entry
    };
    totals.update(&[wrote(1, 0, 5), wrote(2, 1, 1_000)], None);
    assert_eq!(
        totals.update(&[wrote(1, 0, 1_005)], None).written_bytes,
        1_005
    );
    assert_eq!(totals.update(&[], None).written_bytes, 1_005);
}

proptest::proptest! {
    /// Whatever is seen, in whatever order, what is told never falls.
    #[test]
    fn no_sum_ever_falls(looks in proptest::collection::vec(
        proptest::collection::vec((1..6_i32, 0..6_i32, 0..1_000_u64, 0..1_000_u64), 0..6), 1..12,
    )) {
        let mut totals = Totals::default();
        let mut last = 0;
        for look in looks {
            let entries: Vec<Entry> = look.into_iter().map(|(pid, parent, own, waited)| entry(pid, parent, own, waited)).collect();
            let now = cpu_ms(&mut totals, &entries);
            proptest::prop_assert!(now >= last);
            last = now;
        }
    }
}
