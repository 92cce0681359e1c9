use super::*;

fn read(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    plain(bytes).unwrap().read_to_end(&mut text).unwrap();
    text
}

#[test]
fn ascii_in_utf_16_is_read_as_ascii_in_both_orders() {
    let units: Vec<u16> = "\u{feff}one\ntwo".encode_utf16().collect();
    let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
    for bytes in [little, big] {
        assert_eq!(&read(&bytes)[2..], b"one\ntwo");
    }
}

#[test]
fn other_contents_stay_as_they_are() {
    for bytes in [
        &b""[..],
        b"a",
        b"\xff",
        b"a\0b",
        b"\0\0",
        b"\xef\xbb\xbfa\0",
    ] {
        assert_eq!(read(bytes), bytes);
    }
}

/// One byte at a time, so that some reads are of a zero alone.
struct Slow<'a>(&'a [u8]);

impl Read for Slow<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = buffer.len().min(1);
        self.0.read(&mut buffer[..length])
    }
}

#[test]
fn a_zero_alone_is_not_the_end() {
    let mut text = Vec::new();
    let mut content = plain(Slow(b"\xff\xfea\0\0\0b\0")).unwrap();
    content.read_to_end(&mut text).unwrap();
    assert_eq!(text, b"\xff\xfeab");
}
