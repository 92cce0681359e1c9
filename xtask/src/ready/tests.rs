use super::*;

#[test]
fn what_does_not_apply_has_a_reason() {
    let pair = reason("advisories=no database = no answer").unwrap();
    assert_eq!(
        pair,
        (
            "advisories".to_owned(),
            "no database = no answer".to_owned()
        )
    );
    for text in ["advisories", "advisories=", "advisories= "] {
        assert!(reason(text).is_err(), "{text}");
    }
}

#[test]
fn a_check_that_there_is_not_is_named() {
    let workspace = Workspace::load(Path::new("."), &System).unwrap();
    let knowledge = Knowledge {
        advisories: None,
        not_applicable: vec![("advice".to_owned(), "there is none".to_owned())],
        again: false,
    };
    let error = checklist(&workspace, &knowledge, unsigned("not here"))
        .unwrap_err()
        .to_string();
    assert!(error.contains("`advice`"), "{error}");
}
