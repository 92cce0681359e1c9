//! How many of these orders come from a customer on that list?
//!
//! Half of them do. List and orders grow together.

use std::collections::HashSet;

use tuneup_benchmarking::harness::{Class, Suite};

/// Walks the list once for every order: O(orders × list).
// ANCHOR: slow
pub fn search_the_list(customers: &[String], blocked: &[String]) -> usize {
    customers
        .iter()
        .filter(|customer| blocked.contains(customer))
        .count()
}
// ANCHOR_END: slow

/// Makes the list a set first, of borrowed strings: O(orders + list).
// ANCHOR: fast
pub fn build_a_set(customers: &[String], blocked: &[String]) -> usize {
    let blocked: HashSet<&str> = blocked.iter().map(String::as_str).collect();
    customers
        .iter()
        .filter(|customer| blocked.contains(customer.as_str()))
        .count()
}
// ANCHOR_END: fast

/// Sorts the list first: O((orders + list) × log list).
// ANCHOR: sorted
pub fn sort_and_bisect(customers: &[String], blocked: &[String]) -> usize {
    let mut sorted: Vec<&str> = blocked.iter().map(String::as_str).collect();
    sorted.sort_unstable();
    customers
        .iter()
        .filter(|customer| sorted.binary_search(&customer.as_str()).is_ok())
        .count()
}
// ANCHOR_END: sorted

/// The customers of the orders, and the list.
pub struct Orders {
    /// One entry per order.
    pub customers: Vec<String>,
    /// The list.
    pub blocked: Vec<String>,
}

/// `orders` orders, half of them of one of the `blocked` customers on the list.
pub fn input(orders: usize, blocked: usize) -> Orders {
    let mut random = fastrand::Rng::with_seed(2);
    let name = |number: usize| format!("customer-{number:06}@example.org");
    let mut numbers: Vec<usize> = (0..2 * blocked).collect();
    random.shuffle(&mut numbers);
    let customers = (0..orders)
        .map(|_| {
            random
                .choice(&numbers)
                .copied()
                .map(name)
                .unwrap_or_default()
        })
        .collect();
    let blocked = numbers[..blocked].iter().copied().map(name).collect();
    Orders { customers, blocked }
}

/// Registers list and orders growing together, and a list of four.
pub fn register(suite: &mut Suite) {
    suite
        .group("cookbook/membership")
        .about("how many of n orders come from one of n customers on a list?")
        .size(512)
        .sizes(&[8, 16, 32, 64, 128, 256, 512])
        .elements(|n| n as u64)
        .input(|n| input(n, n))
        .case("search the list", |orders: &Orders| {
            search_the_list(&orders.customers, &orders.blocked)
        })
        .class(Class::Quadratic)
        .case("build a set", |orders: &Orders| {
            build_a_set(&orders.customers, &orders.blocked)
        })
        .class(Class::Linear)
        .case("sort and bisect", |orders: &Orders| {
            sort_and_bisect(&orders.customers, &orders.blocked)
        })
        .class(Class::Linearithmic)
        .finish();
    suite
        .group("cookbook/membership-short")
        .about("how many of n orders come from one of 4 customers on a list?")
        .size(512)
        .elements(|n| n as u64)
        .input(|n| input(n, 4))
        .case("search the list", |orders: &Orders| {
            search_the_list(&orders.customers, &orders.blocked)
        })
        .case("build a set", |orders: &Orders| {
            build_a_set(&orders.customers, &orders.blocked)
        })
        .case("sort and bisect", |orders: &Orders| {
            sort_and_bisect(&orders.customers, &orders.blocked)
        })
        .finish();
}
