//! What holds for the points of any list.

use proptest::prelude::*;

use super::*;

fn any_state() -> impl Strategy<Value = State> {
    prop_oneof![
        Just(State::pass("")),
        Just(State::fail("", "")),
        Just(State::unknown("")),
        Just(State::not_applicable("x")),
    ]
}

fn any_checks() -> impl Strategy<Value = Vec<(usize, State)>> {
    prop::collection::vec((0..Area::ALL.len(), any_state()), 1..20)
}

fn ran(states: &[(usize, State)]) -> ReadinessReport {
    let checks = states.iter().enumerate();
    report(
        checks
            .map(|(index, (area, state))| {
                check(&index.to_string(), Area::ALL[*area], state.clone())
            })
            .collect(),
    )
}

proptest! {
    #[test]
    fn mending_something_never_lowers_the_score(states in any_checks(), which in any::<prop::sample::Index>()) {
        let before = ran(&states);
        let mut mended = states.clone();
        let (_, state) = &mut mended[which.index(states.len())];
        prop_assume!(state.is_applicable());
        *state = State::pass("");
        let after = ran(&mended);
        prop_assert!(after.total() >= before.total());
        prop_assert!(after.is_ready() || !before.is_ready());
    }

    #[test]
    fn unknown_counts_as_failed(states in any_checks()) {
        let swapped: Vec<(usize, State)> = states
            .iter()
            .map(|(area, state)| (*area, if state.name() == "unknown" { State::fail("", "") } else { state.clone() }))
            .collect();
        prop_assert_eq!(ran(&states).total(), ran(&swapped).total());
        prop_assert_eq!(ran(&states).is_ready(), ran(&swapped).is_ready());
    }

    #[test]
    fn what_is_not_applicable_changes_nothing(states in any_checks(), area in 0..Area::ALL.len()) {
        let mut more = states.clone();
        more.push((area, State::not_applicable("x")));
        prop_assert_eq!(ran(&states).total(), ran(&more).total());
        prop_assert_eq!(ran(&states).is_ready(), ran(&more).is_ready());
    }

    #[test]
    fn a_score_is_between_nothing_and_all(states in any_checks()) {
        let report = ran(&states);
        prop_assert!((0.0..=100.0).contains(&report.total()));
        let all = states.iter().all(|(_, state)| state.is_pass() || !state.is_applicable());
        let any = states.iter().any(|(_, state)| state.is_applicable());
        prop_assert_eq!(report.total() == 100.0, all && any);
    }
}
