//! The call tree as one line for each stack.

use tuneup_report::FoldedStacks;

use super::call_paths::CallPaths;
use crate::Profile;

pub(super) fn encode(profile: &Profile) -> Vec<u8> {
    let paths = CallPaths::of(profile);
    let mut stacks = FoldedStacks::new();
    paths.for_each_stack(&[paths.main_quantity()], |stack, values| {
        let names = stack.iter().map(|&frame| paths.frame_name(frame));
        stacks.push(names, values[0]);
    });
    String::from(stacks).into_bytes()
}
