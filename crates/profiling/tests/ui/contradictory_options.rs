//! Options that mean nothing where they stand.

use tuneup_profiling::{profile, profile_all, profile_lines};

#[profile(sampled, name = "a", sampled)]
fn twice() {}

#[profile(boxed)]
fn boxed() {}

#[profile(sampled)]
async fn sampled() {}

#[profile(skip)]
fn skipped() {}

#[profile]
#[profile(sampled)]
fn two_attributes() {}

#[profile_lines]
#[profile(boxed)]
#[profile_lines]
fn two_errors() {}

struct Parser;

#[profile_all]
impl Parser {
    #[profile(skip, name = "parse")]
    fn parse(&self) {}
}

fn main() {
    twice();
    boxed();
    drop(sampled());
    skipped();
    two_attributes();
    two_errors();
    Parser.parse();
}
