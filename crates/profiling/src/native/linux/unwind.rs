//! Turns a sample into the addresses of its stack.

use std::time::{Duration, Instant};

use framehop::{
    CacheNative, MayAllocateDuringUnwind, Module, UnwindRegsNative, Unwinder as _, UnwinderNative,
};

use super::{
    image,
    maps::Mapping,
    process::Process,
    record::{Registers, Sample},
};

/// Memory in which code lies.
#[derive(Debug, Clone)]
pub(super) struct CodeMapping {
    pub(super) mapping: Mapping,
    /// What was added to the addresses of the file; `None` without a file that can be read.
    pub(super) bias: Option<u64>,
}

/// How long to wait at least until the memory map is read again because of an address that it lacks.
const LEAST_TIME_BETWEEN_LOOKS: Duration = Duration::from_millis(200);

/// Mappings that are gone are remembered, for the names in stacks that were counted; so many in all.
const MOST_MAPPINGS: usize = 1 << 12;

/// Unwinds the stacks of one process.
pub(super) struct Unwinder {
    process: Process,
    most_frames: usize,
    framehop: UnwinderNative<Vec<u8>, MayAllocateDuringUnwind>,
    cache: CacheNative<MayAllocateDuringUnwind>,
    /// In ascending order, and none overlaps another.
    mappings: Vec<CodeMapping>,
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
            mappings: Vec::new(),
            looked: Instant::now(),
        };
        unwinder.look();
        unwinder
    }

    /// Where code lies or lay.
    pub(super) fn mappings(&self) -> &[CodeMapping] {
        &self.mappings
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
                    let is_code = is_code(&self.mappings, address);
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
            if !is_code(&self.mappings, address) {
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
        for mapping in self.process.mappings().unwrap_or_default() {
            if !self.mappings.iter().any(|known| known.mapping == mapping) {
                self.add(mapping);
            }
        }
    }

    fn add(&mut self, mapping: Mapping) {
        let addresses = mapping.addresses.clone();
        for gone in self.mappings.extract_if(.., |known| {
            let other = &known.mapping.addresses;
            other.start < addresses.end && addresses.start < other.end
        }) {
            self.framehop.remove_module(gone.mapping.addresses.start);
        }
        if self.mappings.len() >= MOST_MAPPINGS {
            return;
        }
        let bias = self.add_tables(&mapping);
        let place = self
            .mappings
            .partition_point(|known| known.mapping.addresses.start < addresses.start);
        self.mappings.insert(place, CodeMapping { mapping, bias });
    }

    fn add_tables(&mut self, mapping: &Mapping) -> Option<u64> {
        let bytes = self.process.object(&mapping.origin)?;
        let file = object::File::parse(&*bytes).ok()?;
        let bias = image::bias(&file, mapping)?;
        self.framehop.add_module(Module::new(
            String::new(),
            mapping.addresses.clone(),
            bias,
            image::unwind_sections(&file),
        ));
        Some(bias)
    }
}

fn is_code(mappings: &[CodeMapping], address: u64) -> bool {
    containing(mappings, address).is_some()
}

/// The place of the mapping that an address lies in.
pub(super) fn containing(mappings: &[CodeMapping], address: u64) -> Option<usize> {
    let behind = mappings.partition_point(|known| known.mapping.addresses.start <= address);
    let place = behind.checked_sub(1)?;
    mappings[place]
        .mapping
        .addresses
        .contains(&address)
        .then_some(place)
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
