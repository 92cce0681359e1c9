//! Keys that the user chooses.

use std::{
    hash::Hash,
    sync::atomic::{AtomicU32, Ordering::Relaxed},
};

use tuneup_caching::memoize;

struct Connection {
    queries: AtomicU32,
}

#[test]
fn arguments_can_be_left_out() {
    #[memoize(key = "(id, name)", maxsize = 10)]
    fn load(connection: &Connection, id: u64, name: &str) -> String {
        connection.queries.fetch_add(1, Relaxed);
        format!("{name}{id}")
    }
    #[memoize(key = "id")]
    fn load_one(connection: &Connection, id: u64, log: impl Fn(u64)) -> u64 {
        connection.queries.fetch_add(1, Relaxed);
        log(id);
        id
    }
    let connection = Connection {
        queries: AtomicU32::new(0),
    };
    let other = Connection {
        queries: AtomicU32::new(0),
    };
    assert_eq!(load(&connection, 1, "a"), load(&other, 1, "a"));
    assert_eq!(
        load_one(&connection, 1, |_| ()),
        load_one(&other, 1, |_| unreachable!())
    );
    assert_eq!(
        (connection.queries.into_inner(), other.queries.into_inner()),
        (2, 0)
    );
    assert!(load::cache_invalidate(&1, "a") && load_one::cache_invalidate(&1));
}

#[test]
fn parentheses_say_nothing() {
    #[memoize(key = "(name)")]
    fn one(name: String, _other: u32) -> usize {
        name.len()
    }
    #[memoize(key = "((name, (other)))")]
    fn both(name: String, other: u32) -> usize {
        name.len() + other as usize
    }
    assert_eq!((one("a".to_owned(), 1), one("a".to_owned(), 2)), (1, 1));
    assert!(one::cache_invalidate(&"a".to_owned()));
    assert_eq!((both("a".to_owned(), 1), both("a".to_owned(), 2)), (2, 3));
    assert!(both::cache_invalidate(&"a".to_owned(), &2));
}

#[test]
fn an_expression_says_which_calls_are_the_same() {
    #[memoize(key = "x.to_bits()")]
    fn root(x: f64) -> f64 {
        x.sqrt()
    }
    #[memoize(key = "(name.to_lowercase(), n % 10)", by_thread)]
    fn greet(name: &str, n: u32) -> String {
        format!("{name} {n}")
    }
    #[memoize(key = "name.map(str::to_owned)")]
    fn len(name: Option<&str>) -> usize {
        name.map_or(0, str::len)
    }
    #[memoize(key = "left + right")]
    fn of_pattern((left, right): (u32, u32)) -> u32 {
        left * right
    }
    assert_eq!(
        (root(4.0), root(4.0), root(0.0), root(-0.0)),
        (2.0, 2.0, 0.0, -0.0)
    );
    assert_eq!((root::cache_info().hits, root::cache_info().len), (1, 3));
    assert!(root::cache_invalidate(4.0) && !root::cache_invalidate(5.0));
    assert_eq!(
        (greet("Ada", 1), greet("ADA", 11)),
        ("Ada 1".to_owned(), "Ada 1".to_owned())
    );
    assert!(greet::cache_invalidate("aDa", 21));
    assert_eq!(
        (len(None), len(Some("ab")), len(Some(&"cab"[1..]))),
        (0, 2, 2)
    );
    assert_eq!(len::cache_info().hits, 1);
    assert_eq!((of_pattern((1, 4)), of_pattern((2, 3))), (4, 4));
}

#[test]
fn types_share_entries_by_a_key_unless_they_are_told_apart() {
    #[memoize(key = "side.clone().into().to_bits()", maxsize = 9)]
    fn area<T: Into<f64> + Clone>(side: T) -> f64 {
        let side = side.into();
        side * side
    }
    #[memoize(key = "side.clone().into().to_bits()", typed, maxsize = 9)]
    fn typed_area<T: Into<f64> + Clone + 'static>(side: T) -> f64 {
        area(side)
    }
    assert_eq!((area(3_u8), area(3_f32)), (9.0, 9.0));
    assert_eq!(
        (area::cache_info::<u8>().hits, area::cache_info::<u8>().len),
        (1, 1)
    );
    assert_eq!((typed_area(3_u8), typed_area(3_f32)), (9.0, 9.0));
    assert_eq!(
        (
            typed_area::cache_info::<u8>().hits,
            typed_area::cache_info::<f32>().len
        ),
        (0, 1)
    );
}

#[test]
fn by_thread_generic_and_of_an_expression() {
    #[memoize(by_thread)]
    fn twice<T: Clone + Eq + Hash + 'static>(value: &T) -> (T, T) {
        (value.clone(), value.clone())
    }
    assert_eq!(
        (twice(&1), twice(&'a'), twice(&1)),
        ((1, 1), ('a', 'a'), (1, 1))
    );
    assert_eq!(
        (
            twice::cache_info::<i32>().hits,
            twice::cache_info::<char>().hits
        ),
        (1, 0)
    );
    twice::cache_clear::<i32>();
    assert_eq!(
        (
            twice::cache_info::<i32>().len,
            twice::cache_info::<char>().len
        ),
        (0, 1)
    );
}
