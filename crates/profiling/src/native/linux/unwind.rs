//! Turns a sample into the addresses of its stack.

use std::time::{Duration, Instant};

use framehop::{
    CacheNative, MayAllocateDuringUnwind, UnwindRegsNative, Unwinder as _, UnwinderNative,
};
use tuneup_symbols::{CodeMap, Process};

use super::record::{Registers, Sample};

/// How long to wait at least until the memory map is read again because of an address that it lacks.
const LEAST_TIME_BETWEEN_LOOKS: Duration = Duration::from_millis(200);

/// Unwinds the stacks of one process.
pub(super) struct Unwinder {
    process: Process,
    most_frames: usize,
    framehop: UnwinderNative<Vec<u8>, MayAllocateDuringUnwind>,
    cache: CacheNative<MayAllocateDuringUnwind>,
    code: CodeMap,
    looked: Instant,
}

/// How a walk along a stack came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// At the outermost frame, or with as many frames as are kept.
    Whole,
    /// Where there is nothing to go on with.
    Cut,
    /// At an address that is in no memory with code.
    Astray,
}

impl Unwinder {
    pub(super) fn new(process: Process, most_frames: usize) -> Self {
        let mut unwinder = Self {
            process,
            most_frames,
            framehop: UnwinderNative::new(),
            cache: CacheNative::new(),
            code: CodeMap::new(),
            looked: Instant::now(),
        };
        unwinder.look();
        unwinder
    }

    /// Where code lies or lay.
    pub(super) fn code(&self) -> &CodeMap {
        &self.code
    }

    /// Fills `stack` with one address for each frame, from the innermost outwards: a byte of the
    /// instruction that ran or called.
    pub(super) fn unwind(&mut self, sample: &Sample<'_>, stack: &mut Vec<u64>) {
        let end = self.walk(sample, stack);
        if end == End::Astray && self.looked.elapsed() >= LEAST_TIME_BETWEEN_LOOKS {
            self.look();
            self.walk(sample, stack);
        }
    }

    fn walk(&mut self, sample: &Sample<'_>, stack: &mut Vec<u64>) -> End {
        stack.clear();
        let by_tables = match sample.registers {
            Some(registers) => self.walk_by_tables(registers, sample.stack, stack),
            None => End::Cut,
        };
        if by_tables == End::Whole {
            return End::Whole;
        }
        match self.walk_by_frame_pointers(sample, stack) {
            End::Cut => by_tables,
            end => end,
        }
    }

    /// Follows the unwind tables of the files through the copied part of the stack.
    fn walk_by_tables(&mut self, registers: Registers, copy: &[u8], stack: &mut Vec<u64>) -> End {
        let mut read = |address: u64| {
            let offset = address.checked_sub(registers.stack).ok_or(())?;
            let rest = copy
                .get(usize::try_from(offset).map_err(|_| ())?..)
                .ok_or(())?;
            rest.first_chunk()
                .map(|bytes| u64::from_ne_bytes(*bytes))
                .ok_or(())
        };
        let state = native_registers(registers, self.framehop.max_known_code_address());
        let instruction = registers.instruction;
        let mut frames = self
            .framehop
            .iter_frames(instruction, state, &mut self.cache, &mut read);
        while stack.len() < self.most_frames {
            match frames.next() {
                Ok(Some(frame)) => {
                    let address = frame.address_for_lookup();
                    let is_code = is_code(&self.code, address);
                    // Where the thread is is sure; what is found on the stack may be anything.
                    if is_code || stack.is_empty() {
                        stack.push(address);
                    }
                    if !is_code {
                        return End::Astray;
                    }
                }
                Ok(None) => return End::Whole,
                Err(_) => return End::Cut,
            }
        }
        End::Whole
    }

    /// Goes on along the frame pointers from where `stack` ends, if it meets them there.
    fn walk_by_frame_pointers(&self, sample: &Sample<'_>, stack: &mut Vec<u64>) -> End {
        let calls = |(place, address): (usize, u64)| match place {
            0 => address,
            _ => address.saturating_sub(1),
        };
        let chain = || sample.chain().enumerate().map(calls);
        let known = match stack.last() {
            None => 0,
            // A recursive function is in the chain often: the nearest place is the same call.
            Some(last) => {
                let places = chain().enumerate().filter(|(_, address)| address == last);
                let expected = stack.len() - 1;
                match places
                    .map(|(place, _)| place)
                    .min_by_key(|place| place.abs_diff(expected))
                {
                    Some(place) => place + 1,
                    None => return End::Cut,
                }
            }
        };
        for address in chain().skip(known) {
            if stack.len() >= self.most_frames {
                break;
            }
            if !is_code(&self.code, address) {
                return End::Astray;
            }
            stack.push(address);
        }
        match stack.is_empty() {
            true => End::Cut,
            false => End::Whole,
        }
    }

    /// Reads the memory map, and the unwind tables of files that are new in it. After the process has
    /// ended everything stays as it was.
    fn look(&mut self) {
        self.looked = Instant::now();
        let changes = self.code.look(&self.process);
        for start in changes.removed {
            self.framehop.remove_module(start);
        }
        for module in changes.added {
            self.framehop.add_module(module.unwind_tables());
        }
    }
}

fn is_code(code: &CodeMap, address: u64) -> bool {
    code.containing(address).is_some()
}

#[cfg(target_arch = "x86_64")]
fn native_registers(registers: Registers, _highest_code: u64) -> UnwindRegsNative {
    UnwindRegsNative::new(registers.instruction, registers.stack, registers.frame)
}

/// Return addresses may be signed in the bits that no address uses.
#[cfg(target_arch = "aarch64")]
fn native_registers(registers: Registers, highest_code: u64) -> UnwindRegsNative {
    let mask = framehop::aarch64::PtrAuthMask::from_max_known_address(highest_code);
    UnwindRegsNative::new_with_ptr_auth_mask(mask, registers.link, registers.stack, registers.frame)
}

#[cfg(test)]
mod tests;
