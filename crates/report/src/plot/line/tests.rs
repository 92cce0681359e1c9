use super::{MOST_SERIES, looks};

#[test]
fn all_series_that_are_allowed_look_different() {
    let looks: Vec<_> = looks().take(MOST_SERIES).collect();
    for (index, look) in looks.iter().enumerate() {
        assert!(!looks[..index].contains(look), "{index}: {look:?}");
    }
}
