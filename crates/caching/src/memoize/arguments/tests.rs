use std::{
    ffi::{OsStr, OsString},
    hash::BuildHasher as _,
    path::{Path, PathBuf},
};

use proptest::prelude::*;

use super::*;
use crate::DefaultHasher;

/// Whether what is looked up is found under its key: equal, and of the same hash.
fn finds_its_key<L: Lookup<Key: Hash>>(lookup: &L) -> bool {
    let hasher = DefaultHasher::default();
    let key = lookup.to_key();
    lookup.equivalent(&key) && hasher.hash_one(lookup) == hasher.hash_one(&key)
}

proptest! {
    #[test]
    fn borrows_find_what_they_own(text in ".*", bytes in any::<Vec<u8>>(), number: u64, pair: (i8, bool)) {
        let path = Path::new(&text);
        let os: &OsStr = path.as_os_str();
        prop_assert!(finds_its_key(&Arguments(())));
        prop_assert!(finds_its_key(&Arguments((text.as_str(),))));
        prop_assert!(finds_its_key(&Arguments((&text, &number))));
        prop_assert!(finds_its_key(&Arguments((&bytes[..], path, os, &pair))));
        prop_assert!(finds_its_key(&Arguments((&bytes, &Some(text.clone()), &number, &[1_u8, 2]))));
    }

    #[test]
    fn other_arguments_find_nothing(left in "[ab]{0,3}", right in "[ab]{0,3}", one in 0..3_u8, two in 0..3_u8) {
        let key = Arguments((left.as_str(), &one)).to_key();
        let found = Arguments((right.as_str(), &two)).equivalent(&key);
        prop_assert_eq!(found, left == right && one == two);
    }
}

#[test]
fn keys_are_of_owned_types() {
    let (path, os): (&Path, &OsStr) = (Path::new("a"), OsStr::new("b"));
    let (path, os): (PathBuf, OsString) = Arguments((path, os)).to_key();
    assert_eq!(
        (path.as_path(), os.as_os_str()),
        (Path::new("a"), OsStr::new("b"))
    );
}
