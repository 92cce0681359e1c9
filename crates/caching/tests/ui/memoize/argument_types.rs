//! A type of an argument that lacks what a key needs.

use tuneup_caching::memoize;

#[derive(Clone)]
struct Point {
    x: i32,
}

#[memoize]
fn distance(point: Point, by: u32) -> i32 {
    point.x * by as i32
}

#[memoize(by_thread)]
fn borrowed(point: &Point) -> i32 {
    point.x
}

fn main() {
    distance(Point { x: 1 }, 1);
    borrowed(&Point { x: 1 });
}
