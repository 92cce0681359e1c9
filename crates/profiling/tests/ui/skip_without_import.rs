//! `#[profile(skip)]` is an attribute like any other: it must be imported.

use tuneup_profiling::profile_all;

struct Parser;

#[profile_all]
impl Parser {
    #[profile(skip)]
    fn parse(&self) {}
}

fn main() {
    Parser.parse();
}
