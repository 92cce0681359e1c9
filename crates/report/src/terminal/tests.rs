use std::ffi::OsString;

use super::Terminal;

/// What is detected with these variables, on a terminal of 100 columns or in a file.
fn detect(variables: &[(&str, &str)], is_terminal: bool) -> (Option<usize>, bool) {
    let variable = |name: &str| {
        let found = variables.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| OsString::from(value))
    };
    let terminal = Terminal::from_environment(variable, is_terminal, || is_terminal.then_some(100));
    (terminal.width(), terminal.shows_color())
}

#[test]
fn a_terminal_has_its_size_and_colour_and_a_file_neither() {
    assert_eq!(detect(&[], true), (Some(100), true));
    assert_eq!(detect(&[], false), (None, false));
}

#[test]
fn columns_win_if_they_are_a_positive_number() {
    assert_eq!(detect(&[("COLUMNS", "64")], true).0, Some(64));
    assert_eq!(detect(&[("COLUMNS", "64")], false).0, Some(64));
    for nonsense in ["0", "-3", "wide", ""] {
        assert_eq!(
            detect(&[("COLUMNS", nonsense)], true).0,
            Some(100),
            "{nonsense:?}"
        );
    }
}

#[test]
fn colour_follows_the_variables_in_their_order() {
    let color = |variables: &[(&str, &str)], is_terminal| detect(variables, is_terminal).1;
    assert!(!color(&[("NO_COLOR", "1")], true));
    assert!(color(&[("NO_COLOR", "")], true));
    assert!(color(&[("CLICOLOR_FORCE", "1")], false));
    assert!(!color(&[("CLICOLOR_FORCE", "0")], false));
    assert!(!color(&[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")], false));
    assert!(!color(&[("CLICOLOR", "0")], true));
    assert!(!color(&[("TERM", "dumb")], true));
    assert!(color(&[("TERM", "dumb"), ("CLICOLOR_FORCE", "1")], true));
    assert!(color(&[("TERM", "xterm-256color")], true));
}
