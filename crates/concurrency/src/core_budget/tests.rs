use std::num::NonZeroUsize;

use proptest::prelude::*;

use super::{CoreBudget, CoreLease};

proptest! {
    /// Beside a plain list of who has how many.
    #[test]
    fn leases_add_up(cores in 1_usize..9, steps in prop::collection::vec((any::<bool>(), 1_usize..12), 0..40)) {
        let budget = CoreBudget::new(NonZeroUsize::new(cores).unwrap());
        let mut leases: Vec<CoreLease> = Vec::new();
        for (takes, number) in steps {
            let in_use: usize = leases.iter().map(|lease| lease.cores().get()).sum();
            prop_assert_eq!(budget.in_use(), in_use);
            if takes {
                let lease = budget.lease(NonZeroUsize::new(number).unwrap());
                let granted = number.min(cores.saturating_sub(in_use)).max(1);
                prop_assert_eq!(lease.cores().get(), granted);
                leases.push(lease);
            } else if !leases.is_empty() {
                drop(leases.swap_remove(number % leases.len()));
            }
        }
        drop(leases);
        prop_assert_eq!(budget.in_use(), 0);
    }
}

#[test]
fn threads_never_lease_more_than_there_is_but_one_each() {
    let budget = CoreBudget::new(NonZeroUsize::new(4).unwrap());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for wanted in 1..200 {
                    let lease = budget.lease(NonZeroUsize::new(wanted % 4 + 1).unwrap());
                    // The last three may have had to be given one each beside four that are taken.
                    assert!(budget.in_use() <= 4 + 3);
                    drop(lease);
                }
            });
        }
    });
    assert_eq!(budget.in_use(), 0);
}

#[test]
fn the_largest_budget_of_all_goes_on_when_it_is_used_up() {
    let budget = CoreBudget::new(NonZeroUsize::MAX);
    let all = budget.lease(NonZeroUsize::MAX);
    let [second, third] = [(); 2].map(|()| budget.lease(NonZeroUsize::MAX));
    assert_eq!(
        [&all, &second, &third].map(CoreLease::cores),
        [NonZeroUsize::MAX, NonZeroUsize::MIN, NonZeroUsize::MIN]
    );
    assert_eq!(budget.in_use(), usize::MAX);
    drop(all);
    assert_eq!(budget.in_use(), 2);
    drop((second, third));
    assert_eq!(budget.in_use(), 0);
}
