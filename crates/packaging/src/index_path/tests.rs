use super::*;

#[test]
fn an_index_keeps_packages_by_the_beginning_of_their_names() {
    let places = ["a", "ab", "abc", "Serde_Json", "äöü"].map(index_path);
    assert_eq!(
        places,
        ["1/a", "2/ab", "3/a/abc", "se/rd/serde_json", "3/ä/äöü"]
    );
}
