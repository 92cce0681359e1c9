//! Warnings of what the user wrote are still given, and at the same places.
#![deny(warnings)]

use tuneup_profiling::{profile, profile_lines};

#[profile]
fn sync(argument: u32) {
    let mut variable = 1;
}

#[profile]
async fn later(read: u32, argument: u32, mut mutable: u32) -> u32 {
    read + mutable
}

#[profile_lines]
fn lines(values: &[u32]) -> u32 {
    for value in values {
        let unread = 1;
    }
    return 1;
    2
}

fn main() {
    sync(1);
    lines(&[]);
    drop(later(1, 2, 3));
}
