//! Functions that cannot remember, and what is none.

use std::rc::Rc;

use tuneup_caching::memoize;

#[memoize]
const fn constant(n: u32) -> u32 {
    n
}

#[memoize]
unsafe fn unchecked(n: u32) -> u32 {
    n
}

#[memoize]
fn u16(n: u32) -> u32 {
    n
}

trait Shape {
    #[memoize]
    fn area(&self) -> u32;
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Square(u32);

impl Square {
    #[memoize]
    fn whose(&self, n: u32) -> u32 {
        self.0 * n
    }

    #[memoize(shared)]
    fn grow(&mut self, n: u32) -> u32 {
        self.0 += n;
        self.0
    }

    #[memoize(shared)]
    fn kept_alive(self: Rc<Self>) -> u32 {
        self.0
    }
}

impl Shape for Square {
    fn area(&self) -> u32 {
        self.0 * self.0
    }
}

#[memoize]
struct NoFunction;

#[memoize]
impl Square {
    fn width(&self) -> u32 {
        self.0
    }
}

fn main() {
    let mut square = Square(unsafe { unchecked(constant(1)) } + u16(1));
    let _ = (NoFunction, square.area(), square.whose(2), square.grow(1), square.width());
    Rc::new(square).kept_alive();
}
