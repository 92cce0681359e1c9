//! The versions of `string_building` agree.

use proptest::prelude::*;
use tuneup_benches::cookbook::string_building::{format_it_again, push, push_with_capacity};

const VERSIONS: [fn(&[String]) -> String; 3] = [format_it_again, push, push_with_capacity];

#[test]
fn nothing_and_one_line() {
    for version in VERSIONS {
        assert_eq!(version(&[]), "");
        assert_eq!(version(&[String::new()]), "\n");
        assert_eq!(version(&[String::from("¡olé!")]), "¡olé!\n");
    }
}

proptest! {
    #[test]
    fn agree_with_concat(lines in prop::collection::vec("\\PC{0,5}", 0..20)) {
        let expected = lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect::<Vec<_>>().concat();
        for version in VERSIONS {
            prop_assert_eq!(&version(&lines), &expected);
        }
    }
}
