//! Answering a driver, request by request.

use std::io::{self, BufRead, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::routine::{Prepared, caught, message_of};
use super::{Suite, heap};
use crate::protocol::{PREFIX, Request, Response};

#[cfg(test)]
mod tests;

/// Reads requests from standard input until it ends and writes an answer to each.
///
/// A driver that went away closes the pipes, which ends the process; nothing is left running.
pub(super) fn serve(suite: &Suite) {
    let mut server = Server {
        suite,
        prepared: None,
    };
    for line in io::stdin().lock().lines().map_while(Result::ok) {
        let response = server.answer(&line);
        let json = serde_json::to_string(&response).expect("a response has no map keys");
        // Locked for the answer alone: a case may print from threads of its own.
        let mut output = io::stdout().lock();
        if writeln!(output, "{PREFIX}{json}")
            .and_then(|()| output.flush())
            .is_err()
        {
            break;
        }
    }
}

/// Keeps the routines of one group at one size, so that alternating between them costs nothing.
struct Server<'s> {
    suite: &'s Suite,
    prepared: Option<PreparedGroup>,
}

struct PreparedGroup {
    group: usize,
    size: usize,
    cases: Vec<Prepared>,
}

impl Server<'_> {
    fn answer(&mut self, line: &str) -> Response {
        let request = match serde_json::from_str(line) {
            Ok(request) => request,
            Err(error) => {
                return Response::Failed {
                    message: format!("unreadable request: {error}"),
                };
            }
        };
        catch_unwind(AssertUnwindSafe(|| self.handle(request))).unwrap_or_else(|panic| {
            self.prepared = None;
            Response::Failed {
                message: format!("it panicked: {}", message_of(&*panic)),
            }
        })
    }

    fn handle(&mut self, request: Request) -> Response {
        match request {
            Request::List => Response::Listing(self.suite.listing()),
            Request::Notes => Response::Notes(self.suite.notes()),
            Request::Check { group, size } => match (self.suite.definitions[group].check)(size) {
                Ok(()) => Response::Checked,
                Err(error) => Response::Failed {
                    message: error.to_string(),
                },
            },
            Request::Run {
                group,
                case,
                size,
                iterations,
            } => match self.caught(group, case, size, |case| case.measure(iterations)) {
                Ok(ns) => Response::Ran { ns },
                Err(failed) => failed,
            },
            Request::Heap { group, case, size } => {
                match self.caught(group, case, size, heap::count) {
                    Ok(Some(heap)) => Response::Heap(heap),
                    Ok(None) => Response::Failed {
                        message: "this executable's global allocator is not dhat::Alloc".to_owned(),
                    },
                    Err(failed) => failed,
                }
            }
        }
    }

    /// Does something with a case; after a panic its group is prepared anew.
    fn caught<T>(
        &mut self,
        group: usize,
        case: usize,
        size: usize,
        f: impl FnOnce(&mut Prepared) -> T,
    ) -> Result<T, Response> {
        let info = &self.suite.definitions[group].info;
        let name = &info.cases[case].name;
        let prepared = self.prepared(group, case, size);
        caught(&info.name, name, || f(prepared)).map_err(|error| {
            self.prepared = None;
            Response::Failed {
                message: error.to_string(),
            }
        })
    }

    fn prepared(&mut self, group: usize, case: usize, size: usize) -> &mut Prepared {
        if !self
            .prepared
            .as_ref()
            .is_some_and(|p| p.group == group && p.size == size)
        {
            // The old input goes first: two large ones need not be alive at once.
            self.prepared = None;
            let cases = (self.suite.definitions[group].prepare)(size);
            self.prepared = Some(PreparedGroup { group, size, cases });
        }
        let prepared = self.prepared.as_mut().expect("prepared above");
        &mut prepared.cases[case]
    }
}
