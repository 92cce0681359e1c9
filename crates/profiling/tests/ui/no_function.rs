//! Attributes for functions stand on something else; it is still there.

use tuneup_profiling::{profile, profile_lines};

#[profile]
pub struct Parser {
    pub text: String,
}

#[profile(sampled)]
impl Parser {
    fn text(&self) -> &str {
        &self.text
    }
}

#[profile_lines]
mod inner {
    pub fn inside() {}
}

#[profile]
static ONE: u32 = 1;

#[profile]
macro_rules! two {
    () => {
        2
    };
}

fn main() {
    let parser = Parser { text: String::new() };
    inner::inside();
    assert_eq!(parser.text().len() as u32 + two!(), ONE + 1);
}
