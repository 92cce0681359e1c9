//! Where elements lie.

use super::chunks::Chunks;

#[test]
fn chunks_follow_each_other_without_a_gap() {
    let chunks = Chunks::new();
    for number in 0..5_000_usize {
        assert_eq!((chunks.len(), chunks.get(number)), (number, None));
        chunks.push(number);
    }
    assert!((0..5_000).all(|number| chunks.get(number) == Some(&number)));
    let capacity = Chunks::<usize>::CAPACITY;
    assert_eq!(
        (capacity, chunks.get(capacity - 1), chunks.get(capacity)),
        (4_294_967_280, None, None)
    );
}
