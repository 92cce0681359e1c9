//! The versions of `layout` agree.

use proptest::prelude::*;
use tuneup_benches::cookbook::layout::{
    Grid, Sale, Sales, grid, revenue_of_columns, revenue_of_records, sales, total_by_columns,
    total_by_row_slices, total_by_rows,
};

#[test]
fn a_record_is_a_cache_line() {
    assert_eq!(size_of::<Sale>(), 64);
}

#[test]
fn nothing_and_one_cell() {
    assert_eq!(revenue_of_records(&[]), 0);
    assert_eq!(revenue_of_columns(&Sales::default()), 0);
    for version in [total_by_columns, total_by_rows, total_by_row_slices] {
        assert_eq!(
            version(&Grid {
                side: 0,
                cells: Vec::new()
            }),
            0
        );
        assert_eq!(
            version(&Grid {
                side: 1,
                cells: vec![9]
            }),
            9
        );
        let cells = grid(17).cells;
        let expected: u64 = cells.iter().map(|cell| u64::from(*cell)).sum();
        assert_eq!(version(&Grid { side: 17, cells }), expected);
    }
}

#[test]
fn columns_keep_every_field() {
    let records = sales(3);
    let columns: Sales = records.iter().cloned().collect();
    assert_eq!(columns.id, [0, 1, 2]);
    assert_eq!(columns.customer, [0, 1, 2].map(|i| records[i].customer));
    assert_eq!(columns.time, [0, 1, 2].map(|i| records[i].time));
    assert_eq!(columns.product, [0, 1, 2].map(|i| records[i].product));
}

proptest! {
    #[test]
    fn agree_with_a_loop(pairs in prop::collection::vec((any::<u32>(), 0_u32..1_000), 0..50)) {
        let records: Vec<Sale> = pairs.iter().map(|(quantity, price)| Sale { quantity: *quantity, price: *price, ..Sale::default() }).collect();
        let mut expected = 0;
        for (quantity, price) in pairs {
            expected += u64::from(quantity) * u64::from(price);
        }
        prop_assert_eq!(revenue_of_records(&records), expected);
        prop_assert_eq!(revenue_of_columns(&records.into_iter().collect()), expected);
    }
}
