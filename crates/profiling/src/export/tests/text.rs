use super::{HOSTILE, empty, encoded, full};
use crate::Profile;

fn text(profile: &Profile) -> String {
    String::from_utf8(encoded(profile, "p.txt")).unwrap()
}

#[test]
fn functions_and_lines_are_tables() {
    let profile = full();
    let text = text(&profile);
    let functions = profile.table().to_string();
    let lines = profile.line_tables[0].table().to_string();
    assert_eq!(text, format!("{functions}\n{lines}"));
    assert!(
        lines.contains("while let Some(token) = parser.next() {"),
        "{lines}"
    );
}

#[test]
fn names_cannot_move_the_cursor() {
    let mut profile = empty();
    profile.program = HOSTILE.to_owned();
    profile
        .functions
        .push(crate::Function::named(HOSTILE, crate::FunctionKind::Scope));
    assert!(!text(&profile).contains('\u{1b}'));
}
