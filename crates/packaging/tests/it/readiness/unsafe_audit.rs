use std::collections::BTreeMap;

use tuneup_packaging::audit_unsafe;

use super::{Clean, LIBRARY, Toy};

const BLOCK: &str = "\n/// The first byte.\npub fn first(text: &[u8; 2]) -> u8 {\n    // SAFETY: there are two.\n    unsafe { *text.get_unchecked(0) }\n}\n";

#[test]
fn a_block_without_its_reason_is_named_by_clippy() {
    let toy = Toy::package();
    toy.write("src/lib.rs", format!("{LIBRARY}{BLOCK}"));
    toy.commit("Be quick");
    let report = audit_unsafe(toy.path(), None, true, &Clean).unwrap();
    assert_eq!(
        (report.undocumented.len(), report.counts["src/lib.rs"]),
        (0, 1)
    );

    toy.write(
        "src/lib.rs",
        format!("{LIBRARY}{}", BLOCK.replace("SAFETY", "quick")),
    );
    toy.commit("Forget why");
    let report = audit_unsafe(toy.path(), None, true, &Clean).unwrap();
    let [place] = &report.undocumented[..] else {
        panic!("{report:?}");
    };
    let line = LIBRARY.lines().count() + 5;
    let expected = format!("src/lib.rs:{line}:5: error: unsafe block missing a safety comment");
    assert_eq!(place, &expected);
}

#[test]
fn a_file_that_keeps_clippy_from_looking_is_named() {
    let toy = Toy::package();
    let silent = format!(
        "#![allow(clippy::undocumented_unsafe_blocks)]\n{LIBRARY}{}",
        BLOCK.replace("SAFETY", "quick")
    );
    toy.write("src/lib.rs", silent);
    toy.commit("Be quiet");
    let report = audit_unsafe(toy.path(), None, true, &Clean).unwrap();
    assert_eq!(report.undocumented, [""; 0]);
    assert_eq!(report.silenced, ["src/lib.rs"]);
}

#[test]
fn more_than_was_recorded_is_told() {
    let toy = Toy::package();
    toy.write("src/lib.rs", format!("{LIBRARY}{BLOCK}"));
    toy.write("tests/ui/broken.rs", "fn main( {");
    toy.commit("Be quick");
    let report = audit_unsafe(toy.path(), Some(&BTreeMap::new()), true, &Clean).unwrap();
    assert_eq!(report.grown, ["src/lib.rs: 1, recorded 0"]);
    assert_eq!(report.unreadable, ["tests/ui/broken.rs"]);
    assert_eq!(
        audit_unsafe(toy.path(), Some(&report.counts), true, &Clean)
            .unwrap()
            .grown,
        [""; 0]
    );
}
