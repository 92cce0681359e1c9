//! Borrows are checked as without the attribute.

use tuneup_profiling::{profile, profile_lines};

#[profile_lines]
fn dangling() -> &'static str {
    let text = String::from("text");
    text.as_str()
}

#[profile_lines]
fn temporary() -> usize {
    let text = String::from("text").as_str();
    text.len()
}

#[profile]
async fn not_sent(cell: std::rc::Rc<u32>) -> u32 {
    std::future::ready(()).await;
    *cell
}

fn assert_send(_: impl Send) {}

fn main() {
    dangling();
    temporary();
    assert_send(not_sent(std::rc::Rc::new(1)));
}
