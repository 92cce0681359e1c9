//! Methods: a cache for each instance, or one for all.

use std::{
    rc::Rc,
    sync::{
        Arc, Weak,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
};

use tuneup_caching::{MethodCache, memoize};

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Polynomial {
    factors: Vec<u64>,
    cache: MethodCache,
}

static CALLS: AtomicU32 = AtomicU32::new(0);

impl Polynomial {
    fn of(factors: &[u64]) -> Self {
        Self {
            factors: factors.to_vec(),
            cache: MethodCache::new(),
        }
    }

    #[memoize(cache = "self.cache", maxsize = 2)]
    fn at(&self, x: u64) -> u64 {
        CALLS.fetch_add(1, Relaxed);
        self.factors.iter().rfold(0, |sum, factor| sum * x + factor)
    }

    #[memoize(cache = "self.cache")]
    fn plus(&self, x: u64) -> u64 {
        self.at(x) + x
    }

    #[memoize(cache = "self.cache", key = "name.len()")]
    async fn named(&self, name: &str) -> Option<String> {
        (!name.is_empty()).then(|| format!("{name}{:?}", self.factors))
    }

    #[memoize(cache = "self.cache")]
    fn typed<T: Copy + Eq + std::hash::Hash + Send + Sync + Into<u64> + 'static>(
        &self,
        x: T,
    ) -> u64 {
        self.at(x.into())
    }

    #[memoize(shared)]
    fn sum(&self, from: usize) -> u64 {
        self.factors[from..].iter().sum()
    }

    #[memoize(shared, key = "self.factors.len()")]
    fn degree(self: Rc<Self>) -> usize {
        self.factors.len()
    }

    #[memoize(shared)]
    fn monomial(degree: usize) -> Self {
        let mut factors = vec![0; degree];
        factors.push(1);
        Self::of(&factors)
    }

    #[memoize(shared, by_thread)]
    fn first(mut self) -> Option<u64> {
        self.factors.pop()
    }
}

#[test]
fn each_instance_has_its_answers() {
    let square = Polynomial::of(&[0, 0, 1]);
    let cube = Polynomial::of(&[0, 0, 0, 1]);
    assert_eq!(
        (square.at(3), cube.at(3), square.at(3), cube.at(3)),
        (9, 27, 9, 27)
    );
    assert_eq!(
        (square.at_cache_info().hits, square.at_cache_info().misses),
        (1, 1)
    );
    assert_eq!(
        (square.plus(3), square.plus_cache_info().misses),
        (12, 1),
        "of its own, and counted apart"
    );
    assert_eq!(
        (square.typed(3_u8), square.typed(3_u32), square.typed(3_u8)),
        (9, 9, 9)
    );
    assert_eq!(
        (
            square.typed_cache_info::<u8>().hits,
            square.typed_cache_info::<u32>().hits
        ),
        (1, 0)
    );
    for x in 0..5 {
        square.at(x);
    }
    assert_eq!(
        (square.at_cache_info().len, square.at_cache_info().capacity),
        (2, Some(2))
    );
    assert!(cube.at_cache_invalidate(&3) && !cube.at_cache_invalidate(&3));
    square.cache.clear();
    assert_eq!(
        (square.at_cache_info().len, square.plus_cache_info().len),
        (0, 0)
    );
    assert_eq!(square.at_uncached(2), 4);
}

#[test]
fn a_clone_begins_empty() {
    let one = Polynomial::of(&[1]);
    one.plus(1);
    let mut other = one.clone();
    assert_eq!((other.plus_cache_info().len, &other), (0, &one));
    other.factors[0] = 2;
    assert_eq!((one.plus(1), other.plus(1)), (2, 3));
}

#[test]
fn methods_may_be_async_with_a_key() {
    let one = Polynomial::of(&[1]);
    let both = pollster::block_on(async { (one.named("a").await, one.named("b").await) });
    assert_eq!(both, (Some("a[1]".to_owned()), Some("a[1]".to_owned())));
    assert_eq!(pollster::block_on(one.named("")), None);
    assert_eq!(one.named_cache_info().len, 1);
}

#[test]
fn all_instances_share_answers_where_they_are_equal() {
    let (one, same, other) = (
        Polynomial::of(&[1, 2]),
        Polynomial::of(&[1, 2]),
        Polynomial::of(&[5, 2]),
    );
    assert_eq!((one.sum(0), same.sum(0), other.sum(0)), (3, 3, 7));
    let info = one.sum_cache_info();
    assert_eq!((info.hits, info.misses), (1, 2));
    assert!(same.sum_cache_invalidate(&0) && !one.sum_cache_invalidate(&0));
    assert_eq!(
        (Rc::new(one).degree(), Rc::new(other.clone()).degree()),
        (2, 2)
    );
    assert_eq!(
        (other.clone().first(), other.clone().first()),
        (Some(2), Some(2))
    );
    assert_eq!(other.first_cache_info().hits, 1);
    assert_eq!(
        (Polynomial::monomial(1), Polynomial::monomial(1)),
        (Polynomial::of(&[0, 1]), Polynomial::of(&[0, 1]))
    );
    assert_eq!(Polynomial::monomial_cache_info().hits, 1);
}

#[test]
fn no_instance_is_kept_alive() {
    struct Watched {
        alive: Arc<()>,
        cache: MethodCache,
    }
    impl Watched {
        #[memoize(cache = "self.cache")]
        fn alive(&self, _n: u32) -> Weak<()> {
            Arc::downgrade(&self.alive)
        }
    }
    let watched = Watched {
        alive: Arc::new(()),
        cache: MethodCache::new(),
    };
    let alive = watched.alive(1);
    assert_eq!(alive.strong_count(), 1);
    drop(watched);
    assert_eq!(alive.strong_count(), 0);
}

#[test]
fn generic_types_do_not_share() {
    struct Of<T>(T);
    impl<T: Clone + Send + Sync + 'static> Of<T> {
        #[memoize(shared, key = "n")]
        fn size(&self, n: usize) -> usize {
            let _ = &self.0;
            n * size_of::<T>()
        }

        #[memoize(shared, key = "n % 8", by_thread)]
        fn pair(&self, n: usize) -> (T, usize) {
            (self.0.clone(), n)
        }
    }
    assert_eq!(
        (Of(1_u8).size(2), Of(1_u16).size(2), Of(2_u8).size(2)),
        (2, 4, 2)
    );
    assert_eq!((Of(1_u8).pair(2), Of('a').pair(2)), ((1, 2), ('a', 2)));
    assert_eq!(Of(1_u8).size_cache_info().hits, 1);
}
