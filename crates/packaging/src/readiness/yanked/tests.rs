use super::*;

const LINES: &str = r#"{"vers":"1.0.0","cksum":"aa","yanked":true}
{"vers":"1.0.1","cksum":"bb","yanked":false}
"#;

#[test]
fn the_state_of_a_version_is_that_of_its_checksum() {
    let index = LINES.as_bytes();
    assert_eq!(is_yanked(index, "1.0.0", Some("aa")), Some(true));
    assert_eq!(is_yanked(index, "1.0.0", None), Some(true));
    assert_eq!(is_yanked(index, "1.0.1", Some("bb")), Some(false));
    // Another registry has another package of this name.
    assert_eq!(is_yanked(index, "1.0.0", Some("cc")), None);
    assert_eq!(is_yanked(index, "2.0.0", Some("aa")), None);
}

#[test]
fn the_copy_that_cargo_keeps_is_read() {
    let mut copy = b"\x03\x02\0\0\0etag: \"x\"\0".to_vec();
    for line in LINES.lines() {
        copy.extend_from_slice(b"1.0.0\0");
        copy.extend_from_slice(line.as_bytes());
        copy.push(0);
    }
    assert_eq!(is_yanked(&copy, "1.0.0", Some("aa")), Some(true));
    assert_eq!(is_yanked(&copy, "1.0.1", Some("bb")), Some(false));
    // Half a file says nothing of what is not there.
    assert_eq!(
        is_yanked(&copy[..copy.len() - 20], "1.0.1", Some("bb")),
        None
    );
}
