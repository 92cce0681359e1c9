//! A server with a full cache and with a list that nobody empties: the watch tells the leak from the cache.
//!
//! `cargo run -p tuneup-memory --features trace --example leak_watch`

use std::{collections::VecDeque, thread, time::Duration};

use tuneup_memory::{Error, LeakWatch, Trace, TraceOptions, TrackingAllocator};

#[global_allocator]
static ALLOCATOR: TrackingAllocator = TrackingAllocator::system();

#[derive(Default)]
struct Server {
    /// The last eight answers.
    cache: VecDeque<Vec<u8>>,
    /// Nobody ever takes one out.
    sessions: Vec<String>,
}

impl Server {
    fn serve(&mut self, request: usize) {
        self.answer();
        self.open_session(request);
    }

    #[inline(never)]
    fn answer(&mut self) {
        self.cache.push_back(vec![0; 4_096]);
        if self.cache.len() > 8 {
            self.cache.pop_front();
        }
    }

    #[inline(never)]
    fn open_session(&mut self, request: usize) {
        self.sessions.push(format!("session of request {request}"));
    }
}

fn main() -> Result<(), Error> {
    // In production: `TraceOptions::default()`, which samples, and an interval of a minute.
    let _trace = Trace::start(TraceOptions::exact())?;
    let watch = LeakWatch::new().start(Duration::from_millis(5))?;
    let mut server = Server::default();
    for request in 0.. {
        server.serve(request);
        thread::sleep(Duration::from_millis(1));
        if watch.observed() == 60 {
            break;
        }
    }
    print!("{}", watch.report());
    Ok(())
}
