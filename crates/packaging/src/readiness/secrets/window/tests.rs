use proptest::prelude::*;

use super::*;

/// Made of two parts, so that nobody finds a key in this file.
fn key() -> String {
    ["AKIA", "Q7RMT3ZK5WYUB2LN"].concat()
}

fn sightings(text: &[u8]) -> Vec<(u64, Vec<u8>)> {
    let mut found = Vec::new();
    let read = search(text, &mut Vec::new(), |sighting| {
        found.push((sighting.line, sighting.secret.to_vec()));
    });
    assert_eq!(read.unwrap(), text.len() as u64);
    found
}

#[test]
fn a_secret_is_found_wherever_windows_meet() {
    for at in [
        0,
        STEP - BEFORE - 1,
        STEP - 20,
        STEP - 1,
        STEP,
        STEP + 1,
        STEP + MOST_SECRET - 1,
        3 * STEP,
    ] {
        let mut text = vec![b'\n'; at];
        text.extend_from_slice(key().as_bytes());
        text.extend(vec![b' '; 2 * STEP]);
        assert_eq!(
            sightings(&text),
            [(at as u64 + 1, key().into_bytes())],
            "at {at}"
        );
    }
}

#[test]
fn the_end_of_a_word_is_no_secret_even_where_a_window_begins() {
    for at in [STEP - BEFORE, STEP, 2 * STEP] {
        let mut text = vec![b'X'; at];
        text.extend_from_slice(key().as_bytes());
        text.push(b' ');
        assert_eq!(sightings(&text), [], "at {at}");
    }
}

#[test]
fn a_long_key_is_cut_in_the_same_place_whatever_stands_before_it() {
    let body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj\n".repeat(400);
    let text = [
        "-----BEGIN PRIVATE",
        " KEY-----\n",
        &body,
        "-----END PRIVATE KEY-----\n",
    ]
    .concat();
    let alone = sightings(text.as_bytes());
    let shifted = sightings(format!("{}{text}", "\n".repeat(STEP - 5000)).as_bytes());
    assert_eq!(alone.len(), 1);
    assert_eq!(shifted.len(), 1);
    assert_eq!(alone[0].1, shifted[0].1);
    assert_eq!(alone[0].1.len(), MOST_SECRET / 2);
}

proptest! {
    // Each case is some megabytes.
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// A text read in windows has the same secrets, on the same lines, as each of its lines by itself.
    #[test]
    fn windows_change_nothing(gaps in prop::collection::vec(0_usize..(STEP / 2), 1..6)) {
        let mut text = Vec::new();
        let mut expected = Vec::new();
        for gap in gaps {
            text.extend(b"x\n".repeat(gap / 2));
            let line = text.iter().filter(|byte| **byte == b'\n').count() as u64 + 1;
            expected.push((line, key().into_bytes()));
            text.extend_from_slice(key().as_bytes());
            text.push(b'\n');
        }
        prop_assert_eq!(sightings(&text), expected);
    }
}
