//! Options of the wrong form.

use tuneup_profiling::profile;

#[profile(name = 3)]
fn number() {}

#[profile(name = concat!("a", "b"))]
fn computed() {}

#[profile(name)]
fn without_value() {}

#[profile(name = "")]
fn empty() {}

#[profile("parse")]
fn bare() {}

#[profile(crate = "elsewhere")]
fn quoted() {}

#[profile(name = "a" sampled)]
fn without_comma() {}

fn main() {
    number();
    computed();
    without_value();
    empty();
    bare();
    quoted();
    without_comma();
}
