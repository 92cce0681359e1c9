//! Arguments that cannot be looked up.

use tuneup_caching::memoize;

#[memoize]
fn root(x: f64) -> u64 {
    x.sqrt() as u64
}

#[memoize]
fn norm(values: &[f32]) -> u64 {
    values.len() as u64
}

#[memoize]
fn greet(name: Option<&str>) -> String {
    name.unwrap_or("nobody").to_owned()
}

#[memoize]
fn split<'a>(text: std::borrow::Cow<'a, str>) -> usize {
    text.len()
}

#[memoize]
fn fill(buffer: &mut Vec<u8>) -> usize {
    buffer.push(0);
    buffer.len()
}

#[memoize]
fn unnamed(text: impl AsRef<str>) -> usize {
    text.as_ref().len()
}

#[memoize]
fn conditional(#[cfg(all())] n: u32) -> u32 {
    n
}

#[memoize]
fn many(a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, h: u8, i: u8, j: u8, k: u8, l: u8, m: u8) -> u8 {
    a | b | c | d | e | f | g | h | i | j | k | l | m
}

fn main() {
    let _ = (root(4.0), norm(&[]), greet(None), split("".into()), fill(&mut Vec::new()));
    let _ = (unnamed(""), conditional(1), many(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13));
}
