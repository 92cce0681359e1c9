//! Frames against garbage.

use proptest::prelude::*;

use super::*;

fn sealed(value: &impl Serialize, kind: u32) -> Vec<u8> {
    Frame::of(value).unwrap().seal(kind).to_vec()
}

proptest! {
    #[test]
    fn what_is_sent_comes_out(values: Vec<(u32, Vec<u8>, Option<String>)>) {
        let kinds = 0..;
        let bytes: Vec<u8> = values.iter().zip(kinds).flat_map(|(value, kind)| sealed(value, kind)).collect();
        let mut from = &bytes[..];
        let mut body = Vec::new();
        for (value, kind) in values.iter().zip(0..) {
            prop_assert_eq!(read(&mut from, MOST_BYTES, &mut body).unwrap(), kind);
            prop_assert_eq!(&decode::<(u32, Vec<u8>, Option<String>)>(&body).unwrap(), value);
        }
        prop_assert_eq!(read(&mut from, MOST_BYTES, &mut body).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn garbage_takes_no_more_memory_than_it_has_bytes(garbage: Vec<u8>) {
        let mut body = Vec::new();
        let _ = read(&mut &garbage[..], MOST_BYTES, &mut body);
        prop_assert!(body.capacity() <= garbage.len().max(64) * 2, "{}", body.capacity());
    }
}

#[test]
fn a_frame_that_is_cut_off_is_an_end() {
    let whole = sealed(&"some text", 7);
    for bytes in 0..whole.len() {
        let error = read(&mut &whole[..bytes], MOST_BYTES, &mut Vec::new()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof, "{bytes}");
    }
}

#[test]
fn the_bound_is_exact() {
    let frame = sealed(&[[0_u8; 25]; 4], 7);
    assert_eq!(read(&mut &frame[..], 100, &mut Vec::new()).unwrap(), 7);
    let error = read(&mut &frame[..], 99, &mut Vec::new()).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidData);
}

#[test]
fn bytes_that_are_left_over_are_an_error() {
    assert!(decode::<u8>(&[1]).is_ok());
    assert!(decode::<u8>(&[1, 2]).is_err());
}
