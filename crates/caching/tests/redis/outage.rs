//! The server dies, comes back, or hangs, while the program goes on.

use std::{sync::Arc, thread, time::Duration};

use tuneup_caching::{Cache, CircuitBreaker, CircuitState, Error, RedisStore, Store, Tiered};
use tuneup_measure::{Clock, MockClock};

use super::server::{Server, wait_until};

type Numbers = Tiered<u64, u64, RedisStore>;

const OPEN_FOR: Duration = Duration::from_secs(10);

fn numbers(store: RedisStore, failures: u32) -> (Numbers, MockClock) {
    let (clock, mock) = Clock::mock();
    let breaker = CircuitBreaker::builder()
        .failures(failures)
        .open_for(OPEN_FOR)
        .clock(clock)
        .build()
        .unwrap();
    let tiered = Tiered::builder(Cache::new(1000).unwrap(), store)
        .circuit_breaker(breaker)
        .build()
        .unwrap();
    (tiered, mock)
}

fn load(numbers: &Numbers, key: u64) -> u64 {
    numbers
        .get_or_load(key, || Ok::<_, Error>(key * 10))
        .ok()
        .unwrap()
}

#[test]
fn killed_and_restarted_the_program_goes_on() {
    let Some(mut server) = Server::start("killed_and_restarted_the_program_goes_on") else {
        return;
    };
    let (numbers, mock) = numbers(server.store("space").build().unwrap(), 3);
    assert_eq!(load(&numbers, 1), 10);
    assert_eq!(numbers.info().store_failures, 0);

    server.kill();
    assert_eq!(numbers.get(&1), Some(10), "memory serves");
    for key in 2..50 {
        assert_eq!(load(&numbers, key), key * 10, "the loader serves");
    }
    let info = numbers.info();
    assert_eq!(info.store_failures, 3);
    assert_eq!(info.circuit.state, CircuitState::Open);
    assert!(info.store_refused > 40);
    let error = numbers.insert(1, 11).unwrap_err();
    assert!(matches!(error, Error::CircuitOpen { .. }), "{error}");
    assert_eq!(numbers.get(&1), Some(11), "memory has it all the same");

    server.run();
    mock.advance(OPEN_FOR);
    numbers.insert(1, 12).unwrap();
    assert_eq!(numbers.info().circuit.state, CircuitState::Closed);
    numbers.cache().invalidate_all();
    assert_eq!(numbers.get(&1), Some(12), "from the store");
    assert_eq!(numbers.info().store_hits, 1);
}

#[test]
fn a_restart_that_nobody_noticed_fails_no_call() {
    let Some(mut server) = Server::start("a_restart_that_nobody_noticed_fails_no_call") else {
        return;
    };
    let store = server.store("space").build().unwrap();
    let hold_all_connections = || {
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| Store::get(&store, b"key").unwrap());
            }
        });
    };
    hold_all_connections();
    server.kill();
    server.run();
    hold_all_connections();
}

#[test]
fn a_hanging_server_makes_few_calls_wait() {
    let Some(server) = Server::start("a_hanging_server_makes_few_calls_wait") else {
        return;
    };
    let store = server
        .store("space")
        .connect_timeout(Duration::from_millis(100))
        .command_timeout(Duration::from_millis(100))
        .build()
        .unwrap();
    let (numbers, mock) = numbers(store, 2);
    assert_eq!(load(&numbers, 1), 10);
    server.stop();
    let numbers = Arc::new(numbers);
    for key in 2..200 {
        assert_eq!(load(&numbers, key), key * 10);
    }
    // Only as many as open the breaker have waited.
    assert_eq!(numbers.info().store_failures, 2);
    assert_eq!(numbers.get(&1), Some(10));

    // A trial that fails makes one wait, while the others are served.
    mock.advance(OPEN_FOR);
    for key in 200..300 {
        assert_eq!(load(&numbers, key), key * 10);
    }
    let info = numbers.info();
    assert_eq!((info.store_failures, info.circuit.opens), (3, 2));

    server.go_on();
    wait_until("the circuit closes", || {
        mock.advance(OPEN_FOR);
        numbers.insert(1, 11).is_ok()
    });
    numbers.cache().invalidate_all();
    assert_eq!(
        numbers.get(&1),
        Some(11),
        "a late answer was not taken for another's"
    );
}
