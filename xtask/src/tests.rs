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

#[test]
fn a_flag_of_bench_that_would_do_nothing_exits_with_2() {
    for arguments in [
        &["bench", "--gate", "3%"][..],
        &["bench", "--gate", "0%", "--against", "HEAD"],
        &["bench", "--baseline", "a", "--against", "HEAD"],
        &["bench", "--save", "a", "--against", "HEAD"],
        &["bench", "--list", "--json"],
        &["bench", "--self-test", "--quick"],
        &["bench", "--corpus", "no/such/folder"],
    ] {
        assert_eq!(refused(arguments).exit_code(), 2, "{arguments:?}");
    }
    for arguments in [
        &["cargo xtask", "bench", "--gate", "3%", "--against", "HEAD"][..],
        &[
            "cargo xtask",
            "bench",
            "--gate",
            "3%",
            "--baseline",
            "a",
            "--save",
            "b",
        ],
    ] {
        assert!(Cli::try_parse_from(arguments).is_ok(), "{arguments:?}");
    }
}
