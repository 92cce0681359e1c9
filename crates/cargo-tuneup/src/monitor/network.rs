//! What a tree receives and sends.
//!
//! The kernel has no counter of it by process. It has one for each TCP socket, and /proc says which process has which socket open. Where that
//! cannot be had, the counters of the network namespace are told, which are of everybody in it; the names of the figures say which it is.

mod sockets;

use std::{
    collections::{HashMap, HashSet},
    fs,
    time::Instant,
};

use procfs::process::{FDTarget, Process};

use self::sockets::{Bytes, Diagnosis};
use super::{pace::Pace, process_tree::Member, sampler::Reading};

/// Where bytes are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// At the TCP sockets of the tree.
    Sockets,
    /// At the interfaces of its network namespace, but the loopback.
    Namespace,
    /// Nowhere.
    None,
}

/// What was received and sent.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Traffic {
    /// Since the watch has begun.
    pub(crate) received_bytes: u64,
    /// Since the watch has begun.
    pub(crate) sent_bytes: u64,
    pub(crate) received_per_s: Option<f64>,
    pub(crate) sent_per_s: Option<f64>,
}

/// Counts bytes from one look to the next.
pub(super) struct Network {
    diagnosis: Option<Diagnosis>,
    /// None until the first process was looked at.
    source: Option<Source>,
    pace: Pace,
    flows: Flows,
    last: Option<Instant>,
    traffic: Traffic,
}

impl Network {
    pub(super) fn new() -> Self {
        Self {
            diagnosis: Diagnosis::new().ok(),
            source: None,
            pace: Pace::default(),
            flows: Flows::default(),
            last: None,
            traffic: Traffic::default(),
        }
    }

    pub(super) fn source(&self) -> Source {
        self.source.unwrap_or(Source::None)
    }

    pub(super) fn read(&mut self, running: &[(&Member, &Reading)]) -> Traffic {
        let Some((root, _)) = running.first() else {
            // Nobody is left to receive anything.
            return Traffic {
                received_per_s: None,
                sent_per_s: None,
                ..self.traffic
            };
        };
        let source = *self
            .source
            .get_or_insert_with(|| source(running, &mut self.diagnosis));
        let Self {
            pace,
            flows,
            diagnosis,
            ..
        } = self;
        let more = pace.run(|| match source {
            Source::Sockets => {
                Some(flows.since_last(open_sockets(running), diagnosis.as_mut()?.dump().ok()?))
            }
            Source::Namespace => {
                let all = [(0, namespace_bytes(&root.process)?)];
                Some(flows.since_last(HashSet::from([0]), all.into()))
            }
            Source::None => None,
        });
        if let Some(Some(more)) = more {
            self.add(more);
        }
        self.traffic
    }

    fn add(&mut self, more: Bytes) {
        let now = Instant::now();
        let span = self
            .last
            .replace(now)
            .map(|last| (now - last).as_secs_f64());
        self.traffic = Traffic {
            received_bytes: self.traffic.received_bytes + more.received,
            sent_bytes: self.traffic.sent_bytes + more.sent,
            received_per_s: span.map(|span| more.received as f64 / span),
            sent_per_s: span.map(|span| more.sent as f64 / span),
        };
    }
}

/// Sockets are listed by namespace, and only of the one that this process is in; whose they are is told of processes whose files may be read.
fn source(running: &[(&Member, &Reading)], diagnosis: &mut Option<Diagnosis>) -> Source {
    let namespace_of = |pid: &str| fs::read_link(format!("/proc/{pid}/ns/net")).ok();
    let own = namespace_of("self");
    let is_seen =
        |process: &Process| own == namespace_of(&process.pid.to_string()) && process.fd().is_ok();
    let mut processes = running.iter().map(|(member, _)| &member.process);
    let can_list = diagnosis.as_mut().is_some_and(|it| it.dump().is_ok());
    if can_list && processes.clone().any(is_seen) {
        Source::Sockets
    } else if processes
        .next()
        .is_some_and(|root| namespace_bytes(root).is_some())
    {
        Source::Namespace
    } else {
        Source::None
    }
}

fn open_sockets(running: &[(&Member, &Reading)]) -> HashSet<u64> {
    let files = running
        .iter()
        .filter_map(|(member, _)| member.process.fd().ok());
    let targets = files.flatten().flatten().map(|file| file.target);
    let inodes = targets.filter_map(|target| match target {
        FDTarget::Socket(inode) => Some(inode),
        _ => None,
    });
    inodes.collect()
}

fn namespace_bytes(process: &Process) -> Option<Bytes> {
    let interfaces = process.dev_status().ok()?;
    let counted = interfaces.values().filter(|it| it.name != "lo");
    let sum = counted.fold(Bytes::default(), |sum, it| Bytes {
        received: sum.received + it.recv_bytes,
        sent: sum.sent + it.sent_bytes,
    });
    Some(sum)
}

/// Counters by number of the socket.
#[derive(Debug, Default)]
struct Flows {
    /// None before the first look: what had come by then is not the watch's.
    before: Option<HashMap<u64, Bytes>>,
}

impl Flows {
    /// What has come at those that are `ours`. All of a socket that was not there at the last look is new.
    fn since_last(&mut self, ours: HashSet<u64>, mut all: HashMap<u64, Bytes>) -> Bytes {
        all.retain(|inode, _| ours.contains(inode));
        let Some(before) = self.before.replace(all.clone()) else {
            return Bytes::default();
        };
        all.iter().fold(Bytes::default(), |sum, (inode, now)| {
            let before = before.get(inode).copied().unwrap_or_default();
            // A number that was used again begins anew.
            let is_same = before.received <= now.received && before.sent <= now.sent;
            let before = if is_same { before } else { Bytes::default() };
            Bytes {
                received: sum.received + now.received - before.received,
                sent: sum.sent + now.sent - before.sent,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(received: u64, sent: u64) -> Bytes {
        Bytes { received, sent }
    }

    #[test]
    fn bytes_are_counted_from_the_first_look_on() {
        let mut flows = Flows::default();
        let ours = || HashSet::from([1, 2]);
        let first = flows.since_last(ours(), [(1, bytes(10, 100)), (3, bytes(7, 7))].into());
        assert_eq!(first, bytes(0, 0));
        let then = [(1, bytes(15, 100)), (2, bytes(1, 2)), (3, bytes(9, 9))];
        assert_eq!(flows.since_last(ours(), then.into()), bytes(6, 2));
        // 2 was closed, and its number given to another socket of the tree.
        let again = [(1, bytes(15, 101)), (2, bytes(0, 5))];
        assert_eq!(flows.since_last(ours(), again.into()), bytes(0, 6));
    }
}
