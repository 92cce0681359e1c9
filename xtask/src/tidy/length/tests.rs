//! Long files, counted in lines of code.

use crate::workspace::sample::sound;

use super::{check, lines_of_code};
use crate::tidy::problem::Severity;

#[test]
fn a_file_above_the_limit_is_a_warning() {
    let mut workspace = sound();
    workspace.write("crates/measure/src/clock.rs", &"let x = 1;\n".repeat(400));
    assert_eq!(check(&workspace), []);
    workspace.write("crates/measure/src/clock.rs", &"let x = 1;\n".repeat(401));
    let problems = check(&workspace);
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].severity, Severity::Warning);
    assert_eq!(problems[0].what, "401 lines of code, above 400");
}

#[test]
fn blank_lines_and_comments_do_not_count() {
    assert_eq!(
        lines_of_code("//! Docs.\n\nfn f() {\n    // why\n    g(); // here\n}\n"),
        3
    );
}
