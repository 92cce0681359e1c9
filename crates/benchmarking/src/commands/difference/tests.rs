//! The first difference beside a naive one.

use proptest::prelude::*;

use super::*;

/// Gives a few bytes at a time.
struct Trickle<'a>(&'a [u8]);

impl Read for Trickle<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = self.0.len().min(buffer.len()).min(3);
        buffer[..len].copy_from_slice(&self.0[..len]);
        self.0 = &self.0[len..];
        Ok(len)
    }
}

proptest! {
    #[test]
    fn the_first_difference_is_found(
        common in prop::collection::vec(prop::sample::select(b"a\n".to_vec()), 0..50),
        left in prop::collection::vec(prop::sample::select(b"a\n".to_vec()), 0..3),
        right in prop::collection::vec(prop::sample::select(b"a\n".to_vec()), 0..3),
    ) {
        let (left, right) = ([&common[..], &left].concat(), [&common[..], &right].concat());
        let naive = (left != right).then(|| {
            let offset = (0..).find(|&at| left.get(at) != right.get(at)).unwrap();
            Difference {
                offset: offset as u64,
                line: 1 + left[..offset].iter().filter(|byte| **byte == b'\n').count() as u64,
            }
        });
        prop_assert_eq!(first_difference(&left[..], &right[..]).unwrap(), naive);
    }
}

#[test]
fn long_outputs_are_compared_chunk_by_chunk() {
    let mut left = b"0123456789\n".repeat(20_000);
    let right = left.clone();
    assert_eq!(first_difference(&left[..], Trickle(&right)).unwrap(), None);
    left[150_003] = b'x';
    let difference = first_difference(&left[..], Trickle(&right)).unwrap();
    let expected = Difference {
        offset: 150_003,
        line: 13_637,
    };
    assert_eq!(difference, Some(expected));
}
