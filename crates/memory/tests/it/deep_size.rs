//! Sizes of values whose size is known.

use std::{collections::HashMap, rc::Rc};

use mem_dbg::MemSize;
use tuneup_memory::deep_size;

#[derive(MemSize)]
struct Shelf {
    name: String,
    books: Vec<Book>,
}

#[derive(MemSize)]
struct Book {
    title: String,
    marks: Option<Box<[u64]>>,
}

#[test]
fn all_that_is_owned_counts_with_its_capacity() {
    let mut books = Vec::with_capacity(5);
    books.push(Book {
        title: String::with_capacity(7),
        marks: None,
    });
    books.push(Book {
        title: String::new(),
        marks: Some(vec![0; 3].into_boxed_slice()),
    });
    let name = "x".repeat(100);
    let shelf = Shelf { name, books };
    let inline = size_of::<Shelf>() + 5 * size_of::<Book>();
    assert_eq!(deep_size(&shelf), inline + 100 + 7 + 24);
}

#[test]
fn what_is_shared_counts_once_and_what_is_borrowed_not_at_all() {
    let shared = Rc::new([0_u8; 4_000]);
    let one = deep_size(&shared);
    assert!((4_008..4_100).contains(&one));
    let many = vec![Rc::clone(&shared); 10];
    assert_eq!(deep_size(&many), one + 24 + 9 * 8);
    let text = "x".repeat(1_000);
    assert_eq!(deep_size(&text.as_str()), 16);
}

#[test]
fn a_map_counts_with_its_table() {
    let map: HashMap<u64, u64> = (0..1_000).map(|number| (number, number)).collect();
    // 2,048 buckets of 16 bytes, with a byte each to find them by.
    assert!((34_816..35_100).contains(&deep_size(&map)));
}
