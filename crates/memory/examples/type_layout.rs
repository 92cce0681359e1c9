//! Where the fields and variants of types lie, what would make them smaller, and what a value takes with all that it owns.
//!
//! `cargo run -p tuneup-memory --features deep-size --example type_layout`

#![expect(dead_code, reason = "the types are looked at, not used")]

use tuneup_memory::{deep_size, layout, layout_of};

/// In the order of a file format.
#[repr(C)]
struct Reading {
    valid: bool,
    value: f32,
    channel: u16,
    level: u8,
}

/// The compiler orders the fields, but most articles have no picture.
struct Article {
    title: String,
    picture: Option<[u8; 512]>,
    views: u32,
}

#[expect(clippy::large_enum_variant, reason = "this is what is shown")]
enum Message {
    Ping,
    Text(String),
    Picture { width: u32, pixels: [u8; 1024] },
}

fn main() {
    println!(
        "{}\n",
        layout!(Reading {
            valid,
            value,
            channel,
            level
        })
    );
    println!(
        "{}\n",
        layout!(Article {
            title,
            picture,
            views
        })
    );
    let message = layout!(enum Message { Ping: (), Text: String, Picture: (u32, [u8; 1024]) });
    println!("{message}\n");

    println!("{}", layout_of::<Box<Article>>());
    println!("{}\n", layout_of::<u64>());

    let words: Vec<String> = "a few words of text".split(' ').map(String::from).collect();
    println!(
        "a list of {} words: {} bytes, with all that it owns {}",
        words.len(),
        size_of_val(&words),
        deep_size(&words)
    );
}
