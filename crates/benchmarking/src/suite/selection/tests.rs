//! What a filter selects, and what is proposed for one that selects nothing.

use super::*;
use crate::protocol::CaseInfo;

fn group(name: &str, cases: &[&str]) -> GroupInfo {
    GroupInfo {
        name: name.to_owned(),
        about: String::new(),
        size: 1,
        sizes: Vec::new(),
        bytes: None,
        items: None,
        cases: cases
            .iter()
            .map(|name| CaseInfo {
                name: (*name).to_owned(),
                peer: false,
                threads: 1,
                class: None,
                limits: Vec::new(),
            })
            .collect(),
    }
}

fn groups() -> Vec<GroupInfo> {
    vec![
        group("cookbook/Duplicates", &["nested loops", "hash set"]),
        group("cookbook/queue", &["vector", "deque"]),
        group("measure/clock", &["tuneup", "quanta"]),
    ]
}

/// The names of the groups that the words select.
fn selected(words: &[&str]) -> Vec<String> {
    let selection = Selection::new(&words.iter().map(ToString::to_string).collect::<Vec<_>>());
    groups()
        .into_iter()
        .filter(|group| selection.selects(group))
        .map(|group| group.name)
        .collect()
}

fn check(words: &[&str], groups: &[GroupInfo]) -> Result<(), Error> {
    Selection::new(&words.iter().map(ToString::to_string).collect::<Vec<_>>()).check(groups.iter())
}

#[test]
fn without_words_everything_is_selected() {
    assert_eq!(selected(&[]).len(), 3);
    check(&[], &groups()).unwrap();
}

#[test]
fn capitals_do_not_matter_on_either_side() {
    for word in ["duplicates", "Duplicates", "DUPLI"] {
        assert_eq!(selected(&[word]), ["cookbook/Duplicates"]);
        check(&[word], &groups()).unwrap();
    }
}

#[test]
fn a_case_selects_its_whole_group() {
    assert_eq!(selected(&["hash set"]), ["cookbook/Duplicates"]);
    assert_eq!(selected(&["clock/quanta"]), ["measure/clock"]);
}

#[test]
fn several_words_select_what_any_of_them_does() {
    assert_eq!(
        selected(&["queue", "clock"]),
        ["cookbook/queue", "measure/clock"]
    );
    assert_eq!(selected(&["cookbook"]).len(), 2);
}

#[test]
fn every_word_must_select_something() {
    let error = check(&["clock", "queeu"], &groups()).unwrap_err();
    let Error::UnknownFilter { filter, nearest } = error else {
        panic!("{error}");
    };
    assert_eq!(filter, "queeu");
    assert_eq!(nearest[0], "cookbook/queue");
    assert_eq!(nearest.len(), 3);
}

#[test]
fn the_error_repeats_what_was_typed() {
    let error = check(&["Kwanta"], &groups()).unwrap_err();
    assert!(error.is_usage());
    let message = error.to_string();
    assert!(
        message.starts_with("no bench matches `Kwanta`; the nearest are `measure/clock/quanta`, "),
        "{message}"
    );
}

#[test]
fn a_name_is_proposed_once() {
    // The timed and the heap bench of one file list the same groups.
    let twice: Vec<GroupInfo> = groups().into_iter().chain(groups()).collect();
    let Err(Error::UnknownFilter { nearest, .. }) = check(&["queeu"], &twice) else {
        panic!("selects nothing");
    };
    let different: std::collections::BTreeSet<_> = nearest.iter().collect();
    assert_eq!(different.len(), 3, "{nearest:?}");
}
