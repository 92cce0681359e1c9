//! Reads a log line by line, parses the lines in parallel, and prints what it finds in the order of the file.
//!
//! Run with `cargo run --release -p tuneup-concurrency --example imap [FILE]`; without a file, on a log that it makes up.
//! The file is never in memory as a whole: no more lines are read ahead than `look_ahead` says.

use std::{
    error::Error,
    fs::File,
    io::{BufRead, BufReader, Cursor, Read},
    num::NonZeroUsize,
};

use tuneup_concurrency::ParImap;

/// One line of a log: the time of a request, and how long it took.
struct Request {
    path: String,
    took_ms: f64,
}

fn parse(line: std::io::Result<String>) -> Result<Request, Box<dyn Error + Send + Sync>> {
    let line = line?;
    let (path, took) = line.rsplit_once(' ').ok_or("a line without a time")?;
    Ok(Request {
        path: path.to_owned(),
        took_ms: took.parse()?,
    })
}

fn made_up() -> String {
    (0..200_000_u64)
        .map(|n| format!("/item/{n} {}.{}\n", n * 7919 % 250, n % 10))
        .collect()
}

fn main() -> Result<(), Box<dyn Error>> {
    let input: Box<dyn Read> = match std::env::args().nth(1) {
        Some(path) => Box::new(File::open(path)?),
        None => Box::new(Cursor::new(made_up())),
    };
    let look_ahead = NonZeroUsize::new(10_000).ok_or("10000 is not 0")?;
    let mut slow = 0;
    let mut bad = 0;
    let requests = BufReader::new(input)
        .lines()
        .par_imap(parse)
        .look_ahead(look_ahead);
    for (number, request) in requests.enumerate() {
        match request {
            Ok(request) if request.took_ms > 249.0 => {
                slow += 1;
                if slow <= 5 {
                    println!(
                        "line {}: {} took {} ms",
                        number + 1,
                        request.path,
                        request.took_ms
                    );
                }
            }
            Ok(_) => {}
            Err(_) => bad += 1,
        }
    }
    println!("{slow} slow requests, {bad} lines that are none");
    Ok(())
}
