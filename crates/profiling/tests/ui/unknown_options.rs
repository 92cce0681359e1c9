//! An unknown option is told which there are; all of them at once.

use tuneup_profiling::{profile, profile_all, profile_lines};

#[profile(nmae = "parse", sampled, threads(4))]
fn parse() {}

#[profile_lines(sampled)]
fn lines() {}

struct Parser;

#[profile_all(name = "all")]
impl Parser {
    #[profile(inline)]
    fn parse(&self) {
        parse();
        lines();
    }
}

fn main() {
    Parser.parse();
}
