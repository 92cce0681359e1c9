//! Nothing but assembly may stand in a naked function.

use tuneup_profiling::{profile, profile_lines};

#[profile]
#[unsafe(naked)]
extern "C" fn nothing() {
    core::arch::naked_asm!("ret")
}

#[profile_lines]
#[unsafe(naked)]
extern "C" fn no_lines() {
    core::arch::naked_asm!("ret")
}

fn main() {
    nothing();
    no_lines();
}
