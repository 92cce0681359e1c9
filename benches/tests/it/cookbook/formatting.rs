//! The versions of `formatting` agree.

use proptest::prelude::*;
use tuneup_benches::cookbook::formatting::{Row, format_each, integers_by_itoa, write_into};

const VERSIONS: [fn(&[Row]) -> String; 3] = [format_each, write_into, integers_by_itoa];

#[test]
fn nothing_and_the_ends_of_the_types() {
    let rows = [
        Row {
            id: 0,
            value: i64::MIN,
        },
        Row {
            id: u32::MAX,
            value: i64::MAX,
        },
    ];
    for version in VERSIONS {
        assert_eq!(version(&[]), "");
        assert_eq!(
            version(&rows),
            "0,-9223372036854775808\n4294967295,9223372036854775807\n"
        );
    }
}

proptest! {
    #[test]
    fn every_row_can_be_read_back(rows in prop::collection::vec(any::<(u32, i64)>(), 0..30)) {
        let rows: Vec<Row> = rows.into_iter().map(|(id, value)| Row { id, value }).collect();
        for version in VERSIONS {
            let text = version(&rows);
            let read: Vec<Row> = text
                .lines()
                .map(|line| line.split_once(',').unwrap())
                .map(|(id, value)| Row { id: id.parse().unwrap(), value: value.parse().unwrap() })
                .collect();
            prop_assert_eq!(&read, &rows);
            prop_assert_eq!(text.len(), format_each(&rows).len());
        }
    }
}
