use super::{HOSTILE, empty, encoded, sample, sampled};
use crate::{Error, Profile};

fn titles(profile: &Profile) -> Vec<String> {
    let svg = String::from_utf8(encoded(profile, "p.svg")).unwrap();
    let document = roxmltree::Document::parse(&svg).unwrap();
    let titles = document
        .descendants()
        .filter(|node| node.has_tag_name("title"));
    titles.map(|node| node.text().unwrap().to_owned()).collect()
}

#[test]
fn every_place_in_the_tree_is_a_box() {
    assert_eq!(
        titles(&sample()),
        [
            "shop: time by call path",
            "all\n4.321 ms, 100.0 %; own 7.000 ns",
            "shop::load\n4.321 ms, 100.0 %; own 1.000 µs",
            "shop::parse\n4.320 ms, 100.0 %; own 20.00 µs",
            "shop::parse\n4.300 ms, 99.5 %; own 300.0 µs",
            "next\n4.000 ms, 92.6 %; own 4.000 ms",
        ]
    );
}

#[test]
fn a_profile_without_times_is_drawn_in_samples() {
    let titles = titles(&sampled());
    assert_eq!(titles[0], "shop: samples by call path");
    assert_eq!(titles[1], "all\n210, 100.0 %; own 10");
}

#[test]
fn names_stay_text() {
    let mut profile = sample();
    profile.program = HOSTILE.to_owned();
    profile.functions[1].name = HOSTILE.to_owned();
    let shown = HOSTILE.replace('\u{1b}', "\\u{1b}");
    let titles = titles(&profile);
    assert_eq!(titles[0], format!("{shown}: time by call path"));
    assert!(titles[2].starts_with(&shown.replace('\n', " ")));
}

#[test]
fn nothing_cannot_be_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p.svg");
    let error = empty().save(&path).unwrap_err();
    assert!(
        matches!(error, Error::Report(tuneup_report::Error::NoData { .. })),
        "{error:?}"
    );
    assert!(!path.exists());
}
