//! All orders in which a lender and its helpers can meet at the gate, tried by loom. Run by `cargo xtask test --only models`.
//!
//! What is lent is a cell that loom watches; the lender writes to it when the gate is closed, as if it took it away: a helper who is still
//! inside then is an error.

use loom::{cell::UnsafeCell, sync::Arc, sync::atomic::AtomicUsize};

use super::{Gate, Ordering};
use crate::model_checking::{self, spawn_with};

struct Lent {
    cell: UnsafeCell<u32>,
    helped: AtomicUsize,
}

impl Lent {
    fn help(&self) {
        // SAFETY: nobody writes while helpers are inside; loom fails if one does.
        let value = self.cell.with(|value| unsafe { *value });
        assert_eq!(value, 7, "helped after the gate was closed");
        self.helped.fetch_add(1, Ordering::Relaxed);
    }
}

// SAFETY: helpers only read the cell; loom fails if the lender writes to it meanwhile.
unsafe impl Sync for Lent {}

fn check(helpers: usize) {
    model_checking::check(3, move || {
        let lent = Lent {
            cell: UnsafeCell::new(7),
            helped: AtomicUsize::new(0),
        };
        let help = || lent.help();
        // SAFETY: it is closed below.
        let gate = Arc::new(unsafe { Gate::new(&help) });
        let threads: Vec<_> = (0..helpers)
            .map(|_| spawn_with(&gate, |gate| gate.help()))
            .collect();
        gate.close();
        // SAFETY: the gate is closed and nobody is inside; loom fails if somebody is.
        lent.cell.with_mut(|value| unsafe { *value = 0 });
        let helped = lent.helped.load(Ordering::Relaxed);
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!(lent.helped.load(Ordering::Relaxed), helped);
        assert!(gate.take_panic().is_none());
    });
}

#[test]
fn loom_nobody_is_inside_when_one_helper_was_asked() {
    check(1);
}

#[test]
fn loom_nobody_is_inside_when_two_helpers_were_asked() {
    check(2);
}
