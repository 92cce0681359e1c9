//! The compiler may call a `const fn`, and has no clock. Each function is still there, so that this is all that is said.

use tuneup_profiling::{profile, profile_all, profile_lines};

#[profile]
const fn doubled(n: u32) -> u32 {
    n * 2
}

#[profile_lines]
pub const unsafe fn tripled(n: u32) -> u32 {
    n * 3
}

struct Constants;

// Left out without a word, if nobody asks for one.
#[profile_all]
impl Constants {
    const fn one() -> u32 {
        1
    }

    #[profile(name = "two")]
    const fn two() -> u32 {
        2
    }
}

const SIX: u32 = doubled(Constants::one() + Constants::two());

fn main() {
    // SAFETY: nothing is asked for.
    assert_eq!(SIX, unsafe { tripled(2) });
}
