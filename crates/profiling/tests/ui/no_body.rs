//! A function without a body has nothing to measure.

use tuneup_profiling::{profile, profile_lines};

trait Parse {
    #[profile]
    fn parse(&self) -> u32;

    #[profile_lines]
    async fn parse_later(&self) -> u32;

    #[profile]
    fn provided(&self) -> u32 {
        self.parse()
    }
}

unsafe extern "C" {
    #[profile]
    safe fn abs(n: i32) -> i32;
}

impl Parse for u32 {
    fn parse(&self) -> u32 {
        *self
    }

    async fn parse_later(&self) -> u32 {
        *self
    }
}

fn main() {
    assert_eq!(1.provided() as i32, abs(-1));
}
