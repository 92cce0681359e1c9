//! The records that the kernel writes into a ring.
//!
//! Their format is `perf_event_open(2)`: a header of eight bytes (kind, flags, size of the whole record),
//! then what the event asked for. Nothing in here trusts a length that it reads.

/// What an event asks for in each sample.
pub(super) const SAMPLE_TYPE: u64 = SAMPLE_TID | SAMPLE_CALLCHAIN;
/// What it asks for in addition where stacks are copied.
pub(super) const STACK_SAMPLE_TYPE: u64 = SAMPLE_REGS_USER | SAMPLE_STACK_USER;

const SAMPLE_TID: u64 = 1 << 1;
const SAMPLE_CALLCHAIN: u64 = 1 << 5;
const SAMPLE_REGS_USER: u64 = 1 << 12;
const SAMPLE_STACK_USER: u64 = 1 << 13;

const KIND_LOST: u32 = 2;
const KIND_SAMPLE: u32 = 9;
const KIND_LOST_SAMPLES: u32 = 13;

/// Addresses from here on in a call chain say in which mode the following ones were.
const FIRST_CONTEXT_MARKER: u64 = -4095_i64 as u64;

/// The registers that unwinding needs, as the kernel numbers them, in ascending order.
#[cfg(target_arch = "x86_64")]
const REGISTERS: [u32; 3] = [6, 7, 8];
#[cfg(target_arch = "aarch64")]
const REGISTERS: [u32; 4] = [29, 30, 31, 32];

/// [`REGISTERS`] as a mask for the event.
pub(super) fn register_mask() -> u64 {
    REGISTERS.iter().fold(0, |mask, bit| mask | 1 << bit)
}

/// Where a thread was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Registers {
    pub(super) instruction: u64,
    pub(super) stack: u64,
    pub(super) frame: u64,
    /// The return address in a register, where the processor has one.
    pub(super) link: u64,
}

impl Registers {
    #[cfg(target_arch = "x86_64")]
    fn new([frame, stack, instruction]: [u64; 3]) -> Self {
        Self {
            instruction,
            stack,
            frame,
            link: 0,
        }
    }

    #[cfg(target_arch = "aarch64")]
    fn new([frame, link, stack, instruction]: [u64; 4]) -> Self {
        Self {
            instruction,
            stack,
            frame,
            link,
        }
    }
}

/// One look at one thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sample<'a> {
    pub(super) process: u32,
    pub(super) thread: u32,
    pub(super) chain: &'a [u8],
    /// `None` if stacks are not copied, or if the thread runs code of another word size.
    pub(super) registers: Option<Registers>,
    /// The innermost bytes of the stack, from the stack pointer on.
    pub(super) stack: &'a [u8],
}

impl<'a> Sample<'a> {
    /// The kernel's walk along the frame pointers: the instruction, then the return addresses outwards.
    pub(super) fn chain(&self) -> impl Iterator<Item = u64> + use<'a> {
        self.chain
            .as_chunks()
            .0
            .iter()
            .map(|bytes| u64::from_ne_bytes(*bytes))
            .filter(|address| *address < FIRST_CONTEXT_MARKER)
    }
}

/// What a record says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Record<'a> {
    Sample(Sample<'a>),
    /// So many records did not fit into the ring.
    Lost(u64),
    /// Something that is not needed.
    Other,
    /// Nothing that a kernel writes.
    Malformed,
}

/// Reads one record after the other; ends where a record does not.
pub(super) struct Records<'a> {
    bytes: Reader<'a>,
    with_stack: bool,
}

impl<'a> Records<'a> {
    /// `with_stack` says whether the event asked for [`STACK_SAMPLE_TYPE`].
    pub(super) fn new(bytes: &'a [u8], with_stack: bool) -> Self {
        Self {
            bytes: Reader(bytes),
            with_stack,
        }
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Record<'a>;

    fn next(&mut self) -> Option<Record<'a>> {
        const HEADER_BYTES: usize = 8;
        if self.bytes.0.is_empty() {
            return None;
        }
        let record = self.bytes.u64().and_then(|header| {
            let [kind @ .., _, _, _, _] = header.to_ne_bytes();
            let [_, _, _, _, _, _, size @ ..] = header.to_ne_bytes();
            let body = usize::from(u16::from_ne_bytes(size)).checked_sub(HEADER_BYTES)?;
            Some((u32::from_ne_bytes(kind), Reader(self.bytes.take(body)?)))
        });
        let Some((kind, body)) = record else {
            self.bytes = Reader(&[]);
            return Some(Record::Malformed);
        };
        let record = match kind {
            KIND_SAMPLE => sample(body, self.with_stack).map(Record::Sample),
            KIND_LOST => lost(body),
            KIND_LOST_SAMPLES => lost_samples(body),
            _ => Some(Record::Other),
        };
        Some(record.unwrap_or(Record::Malformed))
    }
}

fn lost(mut body: Reader<'_>) -> Option<Record<'_>> {
    let _event = body.u64()?;
    body.u64().map(Record::Lost)
}

fn lost_samples(mut body: Reader<'_>) -> Option<Record<'_>> {
    body.u64().map(Record::Lost)
}

fn sample(mut body: Reader<'_>, with_stack: bool) -> Option<Sample<'_>> {
    let process = body.u32()?;
    let thread = body.u32()?;
    let chain = body.words()?;
    let mut sample = Sample {
        process,
        thread,
        chain,
        registers: None,
        stack: &[],
    };
    if with_stack {
        sample.registers = registers(&mut body)?;
        sample.stack = stack(&mut body)?;
    }
    Some(sample)
}

/// The outer option is `None` for what is malformed, the inner one where there are no registers.
fn registers(body: &mut Reader<'_>) -> Option<Option<Registers>> {
    const NONE: u64 = 0;
    const OF_64_BITS: u64 = 2;
    let word_size = body.u64()?;
    if word_size == NONE {
        return Some(None);
    }
    let mut values = [0; REGISTERS.len()];
    for value in &mut values {
        *value = body.u64()?;
    }
    Some((word_size == OF_64_BITS).then(|| Registers::new(values)))
}

fn stack<'a>(body: &mut Reader<'a>) -> Option<&'a [u8]> {
    let room = usize::try_from(body.u64()?).ok()?;
    let bytes = body.take(room)?;
    if room == 0 {
        return Some(bytes);
    }
    // The kernel fills the room only as far as the stack reaches.
    let filled = usize::try_from(body.u64()?).ok()?;
    bytes.get(..filled)
}

/// Takes from the front of bytes, in the byte order of the machine.
#[derive(Clone, Copy)]
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, bytes: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(bytes)?;
        self.0 = rest;
        Some(taken)
    }

    fn u32(&mut self) -> Option<u32> {
        let (bytes, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u32::from_ne_bytes(*bytes))
    }

    fn u64(&mut self) -> Option<u64> {
        let (bytes, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u64::from_ne_bytes(*bytes))
    }

    /// A number of words, and the words.
    fn words(&mut self) -> Option<&'a [u8]> {
        let count = usize::try_from(self.u64()?).ok()?;
        self.take(count.checked_mul(8)?)
    }
}

#[cfg(test)]
mod tests;
