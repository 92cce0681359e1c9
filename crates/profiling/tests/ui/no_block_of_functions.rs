//! `#[profile_all]` is for what contains functions.

use tuneup_profiling::profile_all;

#[profile_all]
struct Parser;

#[profile_all]
fn parse(_: Parser) {}

#[profile_all]
unsafe extern "C" {
    safe fn abs(n: i32) -> i32;
}

#[profile_all(sampled)]
impl Parser {
    fn new() -> Self {
        Self
    }
}

fn main() {
    parse(Parser::new());
    assert_eq!(abs(-1), 1);
}
