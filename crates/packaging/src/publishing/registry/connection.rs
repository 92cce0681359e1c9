//! Connections: one thread each, a bounded number of them, all gone when the registry goes.

use std::{
    collections::BTreeMap,
    net::{Shutdown, TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use super::{
    Shared,
    fault::{Fault, corrupt},
    http::{Body, NoRequest, Request, Response, read_request},
    route::{Route, answer},
};

/// More connections at a time are turned away.
const MAX_CONNECTIONS: usize = 64;

/// Who says nothing for so long is gone.
const PATIENCE: Duration = Duration::from_secs(60);

/// Between two tries to accept after one has failed: too many open files, say.
const PAUSE: Duration = Duration::from_millis(20);

/// The open connections, and whether all is over.
#[derive(Debug, Default)]
pub(super) struct Connections {
    open: Mutex<Open>,
    stopped: Condvar,
}

#[derive(Debug, Default)]
struct Open {
    is_over: bool,
    next: u64,
    streams: BTreeMap<u64, TcpStream>,
}

impl Connections {
    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Closes all connections, and lets no more in. Threads that wait for a byte, or for the end of a delay, go on at once.
    pub(super) fn stop(&self) {
        let mut open = self.open();
        open.is_over = true;
        for stream in open.streams.values() {
            // It may be closed already.
            drop(stream.shutdown(Shutdown::Both));
        }
        drop(open);
        self.stopped.notify_all();
    }

    fn is_over(&self) -> bool {
        self.open().is_over
    }

    /// Remembers how to close a connection. `None` if there is no room for it.
    fn enter(&self, stream: &TcpStream) -> Option<u64> {
        let closable = stream.try_clone().ok()?;
        let mut open = self.open();
        if open.is_over || open.streams.len() >= MAX_CONNECTIONS {
            return None;
        }
        let number = open.next;
        open.next += 1;
        open.streams.insert(number, closable);
        Some(number)
    }

    fn leave(&self, number: u64) {
        self.open().streams.remove(&number);
    }

    /// Waits, but not beyond the end.
    fn wait(&self, time: Duration) {
        let until = Instant::now() + time;
        let mut open = self.open();
        while !open.is_over {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            let waited = self.stopped.wait_timeout(open, left);
            open = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// Accepts connections until the end, and then waits for their threads.
pub(super) fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    let mut threads: Vec<JoinHandle<()>> = Vec::new();
    while !shared.connections.is_over() {
        match listener.accept() {
            Ok((stream, _)) => threads.extend(serve_apart(stream, shared)),
            Err(_) => shared.connections.wait(PAUSE),
        }
        threads.retain(|thread| !thread.is_finished());
    }
    for thread in threads {
        // A panic of a thread has been printed by it; the others are still to be waited for.
        drop(thread.join());
    }
}

fn serve_apart(mut stream: TcpStream, shared: &Arc<Shared>) -> Option<JoinHandle<()>> {
    let Some(number) = shared.connections.enter(&stream) else {
        let refusal = Response::refusal(503, "too many connections at a time");
        // Who is turned away may have gone.
        drop(refusal.write(&mut stream, false));
        return None;
    };
    let thread = thread::Builder::new().name("loopback-registry".to_owned());
    let spawned = thread.spawn({
        let shared = Arc::clone(shared);
        move || {
            serve(&mut stream, &shared);
            // The clone that is kept for `stop` would hold the connection open.
            drop(stream.shutdown(Shutdown::Both));
            shared.connections.leave(number);
        }
    });
    if spawned.is_err() {
        shared.connections.leave(number);
    }
    spawned.ok()
}

/// Answers the requests of one connection, one after the other.
fn serve(stream: &mut TcpStream, shared: &Shared) {
    // Answers are written in two parts, head and body; on loopback neither option can fail in a way that matters.
    drop(stream.set_nodelay(true));
    drop(stream.set_read_timeout(Some(PATIENCE)));
    drop(stream.set_write_timeout(Some(PATIENCE)));
    let mut pending = Vec::new();
    loop {
        // What surrounds a crate in an upload is its description and the two lengths.
        let max_body_bytes = shared.max_crate_bytes + super::upload::MAX_METADATA_BYTES + 8;
        match read_request(stream, &mut pending, max_body_bytes) {
            Ok(request) => {
                let is_kept_alive = request.is_kept_alive;
                let Some(response) = respond(&request, shared) else {
                    return;
                };
                if response.write(stream, is_kept_alive).is_err() || !is_kept_alive {
                    return;
                }
            }
            Err(NoRequest::Gone) => return,
            Err(NoRequest::Refused(response)) => {
                if response.write(stream, false).is_ok() {
                    drain(stream);
                }
                return;
            }
        }
    }
}

/// The answer, unless a fault has it lost.
fn respond(request: &Request, shared: &Shared) -> Option<Response> {
    let route = Route::of(request);
    let fault = shared.faults.next(route.traffic());
    match fault {
        Some(Fault::Unavailable) => {
            return Some(Response::refusal(503, "the registry is not available"));
        }
        Some(Fault::Dropped) => return None,
        Some(Fault::Delayed(time)) => shared.connections.wait(time),
        Some(Fault::AnswerLost | Fault::Corrupted) | None => {}
    }
    let mut response = answer(&route, request, shared);
    match fault {
        Some(Fault::AnswerLost) => None,
        Some(Fault::Corrupted) => {
            let mut bytes = response.body.bytes().to_vec();
            corrupt(&mut bytes);
            response.body = Body::Text(bytes);
            Some(response)
        }
        _ => Some(response),
    }
}

/// Takes in what is still being sent, within limits: who is not done with sending would not read the refusal.
fn drain(stream: &mut TcpStream) {
    use std::io::Read as _;

    drop(stream.shutdown(Shutdown::Write));
    drop(stream.set_read_timeout(Some(Duration::from_secs(1))));
    let mut chunk = [0; 16 << 10];
    let mut left: usize = 64 << 20;
    while let Ok(count @ 1..) = stream.read(&mut chunk) {
        match left.checked_sub(count) {
            Some(rest) => left = rest,
            None => return,
        }
    }
}
