//! The command line: what is accepted, and what exits with 2.

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};

use super::Cli;

fn refused(arguments: &[&str]) -> clap::Error {
    let all = std::iter::once("cargo xtask").chain(arguments.iter().copied());
    match Cli::try_parse_from(all) {
        Ok(_) => panic!("{arguments:?} was accepted"),
        Err(error) => error,
    }
}

#[test]
fn the_command_line_is_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn no_argument_shows_the_help_and_exits_with_2() {
    let error = refused(&[]);
    assert_eq!(
        error.kind(),
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    );
    assert_eq!(error.exit_code(), 2);
    assert!(
        error.to_string().contains("Usage: cargo xtask <COMMAND>"),
        "{error}"
    );
}

#[test]
fn an_unknown_step_names_the_nearest_and_exits_with_2() {
    let error = refused(&["test", "--only", "clipy"]);
    assert_eq!(error.exit_code(), 2);
    assert!(error.to_string().contains("'clippy'"), "{error}");
}

#[test]
fn an_unknown_command_names_the_nearest_and_exits_with_2() {
    let error = refused(&["tset"]);
    assert_eq!(error.exit_code(), 2);
    assert!(error.to_string().contains("'test'"), "{error}");
}
