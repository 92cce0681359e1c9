//! Buffers that are used again.

use tuneup_memory::{Error, Pool};

pub fn total_length(words: &[&str]) -> Result<usize, Error> {
    let buffers = Pool::builder(16).reset(String::clear).build(String::new)?;
    let mut total = 0;
    for word in words {
        let mut buffer = buffers.get()?; // the one that came back last, empty
        buffer.push_str(word);
        total += buffer.len();
    }
    Ok(total)
}
