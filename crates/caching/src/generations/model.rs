//! All orders of a bringer and an invalidation.

use loom::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    thread,
};

use super::Generations;

const NOTHING: u32 = 0;
const OLD: u32 = 1;
const NEW: u32 = 2;

/// Cache and store are relaxed atomics: the protocol must not depend on locks inside of them.
#[test]
fn model_no_old_value_stays_after_an_invalidation() {
    loom::model(|| {
        let generations = Arc::new(Generations::new());
        let cache = Arc::new(AtomicU32::new(NOTHING));
        let store = Arc::new(AtomicU32::new(OLD));
        let bringer = {
            let (generations, cache, store) = (generations.clone(), cache.clone(), store.clone());
            thread::spawn(move || {
                let stamp = generations.stamp(&0);
                let value = store.load(Ordering::Acquire);
                cache.store(value, Ordering::Relaxed);
                if !generations.holds(stamp) {
                    cache.store(NOTHING, Ordering::Relaxed);
                }
            })
        };
        store.store(NEW, Ordering::Release);
        generations.invalidate(&0);
        if cache.load(Ordering::Relaxed) != NOTHING {
            cache.store(NOTHING, Ordering::Relaxed);
        }
        bringer.join().unwrap();
        assert_ne!(cache.load(Ordering::Relaxed), OLD);
    });
}
