//! The interner against a map, and from several threads.

use std::{collections::HashMap, thread};

use proptest::prelude::*;
use tuneup_memory::{Error, Interner, SharedInterner, Symbol};

fn string() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ab]{0,3}",
        "[a-zé€😀]{0,10}",
        (900usize..1_500).prop_map(|len| "a".repeat(len)),
    ]
}

proptest! {
    #[test]
    fn agrees_with_a_map(
        strings in prop::collection::vec(string(), 0..100),
        limit in prop_oneof![Just(usize::MAX), 0usize..2_000],
    ) {
        let mut interner = Interner::new().with_limit(limit);
        let mut naive: HashMap<&str, usize> = HashMap::new();
        let mut symbols: Vec<(Symbol, &str)> = Vec::new();
        for string in &strings {
            let string = string.as_str();
            prop_assert_eq!(interner.get(string).map(Symbol::index), naive.get(string).copied());
            let stored: usize = naive.keys().map(|known| known.len()).sum();
            match interner.intern(string) {
                Ok(symbol) => {
                    let next = naive.len();
                    prop_assert_eq!(symbol.index(), *naive.entry(string).or_insert(next));
                    prop_assert!(naive.len() == next || stored + string.len() <= limit);
                    symbols.push((symbol, string));
                }
                Err(error) => {
                    let is_full = matches!(error, Error::LimitReached { .. });
                    prop_assert!(is_full && !naive.contains_key(string));
                    prop_assert!(stored + string.len() > limit);
                }
            }
        }
        prop_assert_eq!(interner.len(), naive.len());
        prop_assert!(symbols.iter().all(|&(symbol, string)| interner.resolve(symbol) == string));
        for (at, (symbol, string)) in interner.iter().enumerate() {
            prop_assert_eq!((symbol.index(), naive[string]), (at, at));
        }
        prop_assert_eq!(interner.iter().len(), naive.len());
    }
}

#[test]
fn bytes_need_not_be_text() {
    let mut interner = Interner::<[u8]>::default();
    let keys: Vec<Vec<u8>> = (0..=255)
        .map(|byte| vec![byte; usize::from(byte)])
        .collect();
    let symbols: Vec<_> = keys
        .iter()
        .map(|key| interner.intern(key).unwrap())
        .collect();
    for (key, symbol) in keys.iter().zip(symbols) {
        assert_eq!(
            (interner.get(key), interner.resolve(symbol)),
            (Some(symbol), &**key)
        );
    }
}

#[test]
fn threads_agree_on_symbols() {
    let interner = SharedInterner::new();
    let words: Vec<String> = (0..2_000)
        .map(|number| format!("word {}", number % 500))
        .collect();
    let tables: Vec<Vec<(Symbol, &str)>> = thread::scope(|scope| {
        let workers: Vec<_> = (0..4)
            .map(|worker| {
                let (interner, words) = (&interner, &words);
                scope.spawn(move || {
                    let shifted = words.iter().cycle().skip(worker * 100).take(words.len());
                    let symbols = shifted.map(|word| interner.intern(word).unwrap());
                    symbols
                        .map(|symbol| (symbol, interner.resolve(symbol)))
                        .collect()
                })
            })
            .collect();
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap())
            .collect()
    });
    assert_eq!(interner.len(), 500);
    // The strings were borrowed while others were added.
    for (symbol, string) in tables.into_iter().flatten() {
        assert_eq!(
            (interner.resolve(symbol), interner.get(string)),
            (string, Some(symbol))
        );
    }
    assert_eq!(interner.into_inner().len(), 500);
}

#[test]
#[should_panic(expected = "is of another interner")]
fn a_symbol_of_a_larger_interner_panics() {
    let mut other = Interner::new();
    let symbol = other.intern("x").unwrap();
    let _ = Interner::new().resolve(symbol);
}
