//! How strings are laid out in chunks.

use super::*;

#[test]
fn short_strings_share_chunks_and_long_ones_do_not_waste_them() {
    let mut storage = Storage::default();
    let lengths = [10, 2_000, 1_000_000, 2_080, 6, 0, 10_000, 1];
    let strings: Vec<Vec<u8>> = (b'a'..)
        .zip(lengths)
        .map(|(byte, len)| vec![byte; len])
        .collect();
    let symbols: Vec<_> = strings
        .iter()
        .map(|bytes| storage.push(bytes).unwrap())
        .collect();
    for (bytes, symbol) in strings.iter().zip(symbols) {
        assert_eq!(storage.bytes(symbol), bytes);
    }
    // The first chunk is full to the last byte, and the last string is in the second.
    let (chunks, tables) = (4_096 + 8_192, 1_024);
    assert!(storage.size_bytes() < chunks + 1_000_000 + 10_000 + tables);
}

#[test]
fn bytes_stay_where_they_are() {
    let mut storage = Storage::default();
    let places: Vec<_> = (0..100_000_u32)
        .map(|number| {
            let symbol = storage.push(&number.to_ne_bytes()).unwrap();
            (symbol, storage.bytes(symbol).as_ptr())
        })
        .collect();
    assert!(
        places
            .iter()
            .all(|&(symbol, place)| storage.bytes(symbol).as_ptr() == place)
    );
    // 4 + 8 + … + 256 KiB, and a table that doubles.
    assert!(storage.size_bytes() < (512 << 10) + 12 * 131_072);
}

#[test]
fn there_are_as_many_symbols_as_fit_into_four_bytes() {
    assert_eq!(
        Symbol::new(u32::MAX as usize - 1).unwrap().index(),
        u32::MAX as usize - 1
    );
    assert_eq!(Symbol::new(u32::MAX as usize), None);
}
