//! Files without their first sentence.

use crate::tidy::tests::found;
use crate::workspace::sample::sound;

use super::check;

#[test]
fn a_module_without_documentation_is_found() {
    let mut workspace = sound();
    workspace.write(
        "crates/measure/src/clock.rs",
        "use std::time::Instant;\n//! Too late.\n",
    );
    assert_eq!(
        found(check, &workspace),
        [(
            "crates/measure/src/clock.rs".to_owned(),
            "the module has no documentation".to_owned()
        )]
    );
}

#[test]
fn an_empty_sentence_is_found() {
    let mut workspace = sound();
    workspace.write(
        "crates/measure/examples/now.rs",
        "//! \n//!\nfn main() {}\n",
    );
    assert_eq!(
        found(check, &workspace),
        [(
            "crates/measure/examples/now.rs".to_owned(),
            "the module has no documentation".to_owned()
        )]
    );
}

#[test]
fn test_modules_and_compile_time_inputs_need_none() {
    let mut workspace = sound();
    workspace.write("crates/measure/src/clock/tests/edges.rs", "use super::*;\n");
    workspace.write("crates/measure/tests/ui/other.rs", "fn main() {}\n");
    assert_eq!(found(check, &workspace), []);
}
