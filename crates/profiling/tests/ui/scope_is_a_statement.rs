//! A scope lasts to the end of the block, so that it cannot be a value; and its name is a constant.

use tuneup_profiling::scope;

fn named(name: &'static str) {
    scope!(name);
}

fn value() {
    let _scope = scope!("value");
}

fn number() {
    scope!(3);
}

fn main() {
    named("a");
    value();
    number();
}
