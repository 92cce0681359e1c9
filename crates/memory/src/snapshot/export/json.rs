//! The format that loads back.

use std::{
    collections::HashMap,
    fs::File,
    io::{self, Read as _},
    path::Path,
    time::Duration,
};

use serde::{Deserialize, Serialize};
use tuneup_recorder::AllocationCounters;

use crate::{
    Error, Snapshot,
    snapshot::{
        LiveSample, Peak, Stack, Timeline,
        entry::{Sums, Weighed},
        names::{FunctionName, NamedFrame, Names},
    },
};

const FORMAT: &str = "tuneup-snapshot";
const VERSION: u64 = 1;

/// The part that every version of the format has.
#[derive(Deserialize)]
struct Header {
    format: String,
    version: u64,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    format: String,
    version: u64,
    program: String,
    taken_unix_ns: u64,
    elapsed_ns: u64,
    interval_bytes: u64,
    samples: u64,
    missed: u64,
    trace_bytes: u64,
    /// Blocks and bytes that were allocated, and that were freed.
    #[serde(default)]
    counted: [u64; 4],
    /// Bytes, and nanoseconds since the trace began.
    #[serde(default)]
    peak: (u64, u64),
    /// Nanoseconds of a span, and the most live bytes in each.
    #[serde(default)]
    timeline: (u64, Vec<u64>),
    /// Name, file and line.
    functions: Vec<(String, String, u32)>,
    /// For each address, the functions there with their lines, from the innermost outwards.
    calls: Vec<(u64, Vec<(usize, u32)>)>,
    scopes: Vec<String>,
    stacks: Vec<StoredStack>,
    /// Stack, address, birth, bytes and weight.
    live: Vec<(usize, u64, u64, u64, f64)>,
}

#[derive(Serialize, Deserialize)]
struct StoredStack {
    /// Places in `calls`, from the innermost outwards.
    calls: Vec<usize>,
    /// A place in `scopes`, from 1 on; 0 for none.
    scope: usize,
    live: [f64; 4],
    allocated: [f64; 4],
    /// Not there in files of before it was recorded.
    #[serde(default)]
    at_peak: [f64; 4],
    freed_blocks: f64,
    lifetime_ns: f64,
    temporary_blocks: f64,
}

fn numbers(weighed: &Weighed) -> [f64; 4] {
    [
        weighed.blocks,
        weighed.bytes,
        weighed.blocks_variance,
        weighed.bytes_variance,
    ]
}

fn weighed([blocks, bytes, blocks_variance, bytes_variance]: [f64; 4]) -> Weighed {
    Weighed {
        blocks,
        bytes,
        blocks_variance,
        bytes_variance,
    }
}

fn nanoseconds(duration: Duration) -> u64 {
    duration.as_nanos() as u64
}

pub(super) fn encode(snapshot: &Snapshot) -> io::Result<Vec<u8>> {
    let names = snapshot.names();
    let mut addresses = names.frames.keys().copied().collect::<Vec<_>>();
    addresses.sort_unstable();
    let places = addresses
        .iter()
        .enumerate()
        .map(|(place, address)| (*address, place));
    let places = places.collect::<HashMap<_, _>>();
    let mut scopes = Vec::<String>::new();
    let mut scope_place = |scope: u32| -> usize {
        let Some(name) = snapshot.scope(scope) else {
            return 0;
        };
        match scopes.iter().position(|known| *known == name) {
            Some(place) => place + 1,
            None => {
                scopes.push(name);
                scopes.len()
            }
        }
    };
    let stacks = snapshot.stacks.iter().map(|stack| StoredStack {
        calls: stack
            .calls
            .iter()
            .filter_map(|call| places.get(call).copied())
            .collect(),
        scope: scope_place(stack.scope),
        live: numbers(&stack.sums.live),
        allocated: numbers(&stack.sums.allocated),
        at_peak: numbers(&stack.sums.at_peak),
        freed_blocks: stack.sums.freed_blocks,
        lifetime_ns: stack.sums.lifetime_ns,
        temporary_blocks: stack.sums.temporary_blocks,
    });
    let stacks = stacks.collect();
    let functions = names.functions.iter();
    let functions =
        functions.map(|function| (function.name.clone(), function.file.clone(), function.line));
    let calls = addresses.iter().map(|address| {
        let frames = names.frames[address].iter();
        (
            *address,
            frames.map(|frame| (frame.function, frame.line)).collect(),
        )
    });
    let live = snapshot.live.iter().map(|sample| {
        (
            sample.stack,
            sample.address,
            sample.born_ns,
            sample.bytes,
            sample.weight,
        )
    });
    let stored = Stored {
        format: FORMAT.to_owned(),
        version: VERSION,
        program: snapshot.program.clone(),
        taken_unix_ns: snapshot.taken_unix_ns,
        elapsed_ns: nanoseconds(snapshot.elapsed),
        interval_bytes: snapshot.interval_bytes,
        samples: snapshot.samples,
        missed: snapshot.missed,
        trace_bytes: snapshot.trace_bytes,
        counted: [
            snapshot.counted.allocated_blocks,
            snapshot.counted.allocated_bytes,
            snapshot.counted.freed_blocks,
            snapshot.counted.freed_bytes,
        ],
        peak: (snapshot.peak.bytes, nanoseconds(snapshot.peak.after)),
        timeline: (
            nanoseconds(snapshot.timeline.span),
            snapshot.timeline.most_bytes.clone(),
        ),
        functions: functions.collect(),
        calls: calls.collect(),
        scopes,
        stacks,
        live: live.collect(),
    };
    let mut text = serde_json::to_vec(&stored)?;
    text.push(b'\n');
    Ok(text)
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    let mut file = File::open(path).map_err(|source| Error::Open {
        path: path.to_owned(),
        source,
    })?;
    let mut text = Vec::new();
    let end = file.read_to_end(&mut text);
    end.map_err(|source| Error::Read {
        path: path.to_owned(),
        offset_bytes: text.len() as u64,
        source,
    })?;
    Ok(text)
}

pub(super) fn is_saved(path: &Path) -> bool {
    let header = read(path)
        .ok()
        .and_then(|text| serde_json::from_slice::<Header>(&text).ok());
    header.is_some_and(|header| header.format == FORMAT)
}

pub(super) fn load(path: &Path) -> Result<Snapshot, Error> {
    let text = read(path)?;
    let damaged = |reason: String| Error::Damaged {
        path: path.to_owned(),
        reason,
    };
    let header: Header =
        serde_json::from_slice(&text).map_err(|error| damaged(error.to_string()))?;
    if header.format != FORMAT {
        let reason = format!("its format is {:?}, not {FORMAT:?}", header.format);
        return Err(damaged(reason));
    }
    if header.version != VERSION {
        return Err(Error::OtherVersion {
            path: path.to_owned(),
            found: header.version,
            expected: VERSION,
        });
    }
    let stored: Stored =
        serde_json::from_slice(&text).map_err(|error| damaged(error.to_string()))?;
    restore(stored).map_err(damaged)
}

fn counters(
    [allocated_blocks, allocated_bytes, freed_blocks, freed_bytes]: [u64; 4],
) -> AllocationCounters {
    let mut counters = AllocationCounters::default();
    counters.allocated_blocks = allocated_blocks;
    counters.allocated_bytes = allocated_bytes;
    counters.freed_blocks = freed_blocks;
    counters.freed_bytes = freed_bytes;
    counters
}

/// What refers to something refers to what is there.
fn restore(stored: Stored) -> Result<Snapshot, String> {
    let functions = stored.functions.len();
    let mut frames = HashMap::new();
    for (address, at) in &stored.calls {
        if let Some((function, _)) = at.iter().find(|(function, _)| *function >= functions) {
            return Err(format!(
                "a call is in function {function}, which is not there"
            ));
        }
        let at = at.iter().map(|(function, line)| NamedFrame {
            function: *function,
            line: *line,
        });
        frames.insert(*address, at.collect());
    }
    let mut stacks = Vec::with_capacity(stored.stacks.len());
    for stack in stored.stacks {
        let calls = stack
            .calls
            .iter()
            .map(|place| stored.calls.get(*place).map(|call| call.0));
        let calls = calls.collect::<Option<Vec<_>>>();
        let calls = calls.ok_or("a stack has a call that is not there")?;
        if stack.scope > stored.scopes.len() {
            return Err("a stack has a scope that is not there".to_owned());
        }
        stacks.push(Stack {
            calls,
            scope: stack.scope as u32,
            sums: Sums {
                live: weighed(stack.live),
                allocated: weighed(stack.allocated),
                at_peak: weighed(stack.at_peak),
                freed_blocks: stack.freed_blocks,
                lifetime_ns: stack.lifetime_ns,
                temporary_blocks: stack.temporary_blocks,
            },
        });
    }
    if stored.live.iter().any(|sample| sample.0 >= stacks.len()) {
        return Err("a sample has a stack that is not there".to_owned());
    }
    let live = stored
        .live
        .into_iter()
        .map(|(stack, address, born_ns, bytes, weight)| LiveSample {
            stack,
            address,
            born_ns,
            bytes,
            weight,
        });
    let functions = stored
        .functions
        .into_iter()
        .map(|(name, file, line)| FunctionName { name, file, line });
    Ok(Snapshot {
        program: stored.program,
        taken_unix_ns: stored.taken_unix_ns,
        elapsed: Duration::from_nanos(stored.elapsed_ns),
        interval_bytes: stored.interval_bytes,
        samples: stored.samples,
        missed: stored.missed,
        trace_bytes: stored.trace_bytes,
        counted: counters(stored.counted),
        peak: Peak {
            bytes: stored.peak.0,
            after: Duration::from_nanos(stored.peak.1),
        },
        timeline: Timeline {
            span: Duration::from_nanos(stored.timeline.0),
            most_bytes: stored.timeline.1,
        },
        stacks,
        live: live.collect(),
        scopes: Some(stored.scopes),
        names: Names {
            functions: functions.collect(),
            frames,
        }
        .into(),
    })
}
