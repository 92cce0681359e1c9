//! What is wrong in a body is said of the line on which it is wrong, as without the attribute.

use tuneup_profiling::{profile, profile_lines};

#[profile]
fn number() -> u32 {
    "one"
}

#[profile]
fn nothing() -> u32 {
    number();
}

#[profile]
async fn later(text: &str) -> Result<u32, std::num::ParseIntError> {
    let number: u32 = text.parse()?;
    number
}

#[profile]
async fn nothing_later() -> u32 {
    later("1").await;
}

#[profile_lines]
fn lines(values: &[u32]) -> u32 {
    let mut total = 0;
    for value in values {
        if *value > 1 {
            total += "two";
        }
    }
    match total {
        0 => "none",
        _ => total,
    }
}

#[profile_lines]
async fn lines_later(values: Vec<u32>) -> u32 {
    let moved = values;
    values.len() as u32
}

fn main() {
    number();
    nothing();
    lines(&[]);
    drop((later("1"), nothing_later(), lines_later(Vec::new())));
}
