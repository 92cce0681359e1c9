use proptest::prelude::*;

use super::*;

const SUM: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

#[test]
fn a_line_that_is_none_is_named_by_its_number() {
    for wrong in [
        "abc  a".to_owned(),
        format!("{SUM} a"),
        format!("{SUM}  "),
        SUM.to_owned(),
        format!("{}g  a", &SUM[1..]),
        format!("\\{SUM}  a\\x"),
        "ä".repeat(40),
    ] {
        let text = format!("{SUM}  first\n{wrong}\n");
        let problem = Checksums::parse(&text).unwrap_err();
        assert!(problem.starts_with("line 2 "), "{wrong}: {problem}");
    }
}

#[test]
fn a_name_that_stands_there_twice_is_refused() {
    let problem = Checksums::parse(&format!("{SUM}  a\n{SUM} *a\n")).unwrap_err();
    assert_eq!(problem, "line 2 names `a` once more");
}

#[test]
fn a_file_that_is_gone_and_one_that_has_changed_are_both_named() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a"), "x").unwrap();
    std::fs::write(folder.path().join("b"), "").unwrap();
    let sums = Checksums::parse(&format!("{SUM}  a\n{SUM}  b\n{SUM}  c\n")).unwrap();
    let Error::Faulty { problems, .. } = sums.verify(folder.path()).unwrap_err() else {
        panic!("another error");
    };
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(problems[0].contains("`a` has changed"), "{problems:?}");
    assert!(problems[1].contains("cannot read"), "{problems:?}");
}

proptest! {
    #[test]
    fn what_was_written_is_read(names in prop::collection::btree_set("[^\0]{1,12}", 0..5)) {
        let sums = names.into_iter().map(|name| (name, SUM.to_owned())).collect();
        let checksums = Checksums { sums };
        prop_assert_eq!(Checksums::parse(&checksums.to_string()), Ok(checksums));
    }

    #[test]
    fn no_text_is_too_strange(text in any::<String>()) {
        let _ = Checksums::parse(&text);
    }
}
