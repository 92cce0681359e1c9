//! Opens the kernel's events on every thread of a process, and reads the rings that they write.
//!
//! An event that new threads inherit may have a ring only if it is bound to one processor, so that each
//! thread gets an event on each processor; those of one processor share a ring.

use std::{
    fs, io,
    os::fd::{AsRawFd, BorrowedFd, OwnedFd},
    thread,
    time::Duration,
};

use tuneup_symbols::Process;

use super::{
    denial::{Request, refused},
    record,
    ring::Ring,
    system::{self, EventAttributes, flag},
};
use crate::Error;

const SOFTWARE_EVENT: u32 = 1;
const CPU_CLOCK: u64 = 0;

/// Threads that were started while events were opened are looked for this often. A new one may lack events
/// on some processors, so all events are then opened again.
const ATTEMPTS: u32 = 8;

const SMALLEST_RING_BYTES: usize = 64 << 10;
const LARGEST_RING_BYTES: usize = 2 << 20;
const ALL_RINGS_BYTES: usize = 64 << 20;

/// What is asked of the kernel.
#[derive(Debug, Clone, Copy)]
pub(super) struct EventOptions {
    pub(super) rate_hz: u32,
    /// How much of a stack is copied; 0 if only frame pointers are followed.
    pub(super) user_stack_bytes: u32,
}

impl EventOptions {
    fn attributes(self) -> EventAttributes {
        let mut attributes = EventAttributes {
            kind: SOFTWARE_EVENT,
            size: size_of::<EventAttributes>() as u32,
            config: CPU_CLOCK,
            sample_rate_hz: self.rate_hz.into(),
            sample_type: record::SAMPLE_TYPE,
            flags: flag::DISABLED
                | flag::INHERIT
                | flag::INHERIT_THREAD
                | flag::EXCLUDE_KERNEL
                | flag::EXCLUDE_HYPERVISOR
                | flag::EXCLUDE_CALLCHAIN_KERNEL
                | flag::RATE
                | flag::WATERMARK,
            ..EventAttributes::default()
        };
        if self.user_stack_bytes > 0 {
            attributes.sample_type |= record::STACK_SAMPLE_TYPE;
            attributes.sample_user_registers = record::register_mask();
            attributes.sample_user_stack_bytes = self.user_stack_bytes;
        }
        attributes
    }

    /// Enough for a quarter of a second, within bounds.
    fn ring_bytes(self, processors: usize) -> usize {
        const RECORD_WITHOUT_STACK_BYTES: usize = 1 << 10;
        let record_bytes = RECORD_WITHOUT_STACK_BYTES + self.user_stack_bytes as usize;
        let share = ALL_RINGS_BYTES / processors.max(1);
        let most = 1 << share.clamp(SMALLEST_RING_BYTES, LARGEST_RING_BYTES).ilog2();
        let wanted = record_bytes * self.rate_hz as usize / 4;
        wanted.next_power_of_two().clamp(SMALLEST_RING_BYTES, most)
    }
}

/// The events of one process.
pub(super) struct Events {
    processors: Vec<Processor>,
    with_stack: bool,
    /// The waker, then for each processor an event whose thread still runs.
    polled: Vec<libc::pollfd>,
}

struct Processor {
    ring: Ring,
    /// The first owns the ring.
    events: Vec<OwnedFd>,
    /// The event in `polled`.
    watched: usize,
}

impl Events {
    /// Opens events on all threads but `except`, still switched off.
    pub(super) fn open(
        process: &Process,
        except: Option<u32>,
        options: EventOptions,
    ) -> Result<Self, Error> {
        let request = match process.is_own() {
            true => Request::OwnEvent,
            false => Request::ForeignEvent,
        };
        let mut threads = sampled_threads(process, except, request)?;
        for _ in 0..ATTEMPTS {
            let events = Self::open_on(&threads, request, options)?;
            let now = sampled_threads(process, except, request)?;
            if now
                .iter()
                .all(|thread| threads.binary_search(thread).is_ok())
            {
                return Ok(events);
            }
            threads = now;
        }
        // Threads come and go all the time. Those that others start from now on inherit events.
        Self::open_on(&threads, request, options)
    }

    fn open_on(threads: &[u32], request: Request, options: EventOptions) -> Result<Self, Error> {
        let numbers = online_processors();
        let mut opener = Opener {
            attributes: options.attributes(),
            request,
        };
        let ring_bytes = options.ring_bytes(numbers.len());
        opener.attributes.wakeup_watermark_bytes = (ring_bytes / 4) as u32;
        let mut threads = threads.iter();
        // A thread may have ended since it was listed.
        let (numbers, owners) = loop {
            let Some(thread) = threads.next() else {
                return Err(refused(request, io::Error::from_raw_os_error(libc::ESRCH)));
            };
            let opened = opener.open_on_processors(*thread, &numbers)?;
            if !opened.is_empty() {
                break opened.into_iter().unzip::<u32, OwnedFd, Vec<_>, Vec<_>>();
            }
        };
        let mut processors = rings(&owners, ring_bytes)?
            .into_iter()
            .zip(owners)
            .map(|(ring, owner)| Processor {
                ring,
                events: vec![owner],
                watched: 0,
            })
            .collect::<Vec<_>>();
        for thread in threads {
            for (number, event) in opener.open_on_processors(*thread, &numbers)? {
                let place = numbers.iter().position(|other| *other == number);
                if let Some(processor) = place.and_then(|place| processors.get_mut(place)) {
                    system::redirect(&event, &processor.events[0])
                        .map_err(|source| refused(request, source))?;
                    processor.events.push(event);
                }
            }
        }
        Ok(Self {
            processors,
            with_stack: options.user_stack_bytes > 0,
            polled: Vec::new(),
        })
    }

    /// Switches the events on, in the threads that have inherited them too.
    pub(super) fn enable(&self) -> io::Result<()> {
        self.events().try_for_each(system::enable)
    }

    /// Switches the events off. What they wrote stays in the rings.
    pub(super) fn disable(&self) -> io::Result<()> {
        self.events().try_for_each(system::disable)
    }

    fn events(&self) -> impl Iterator<Item = &OwnedFd> {
        self.processors
            .iter()
            .flat_map(|processor| &processor.events)
    }

    /// Whether samples have registers and stacks.
    pub(super) fn with_stack(&self) -> bool {
        self.with_stack
    }

    /// The rings, one for each processor.
    pub(super) fn rings(&mut self) -> impl Iterator<Item = &mut Ring> {
        self.processors
            .iter_mut()
            .map(|processor| &mut processor.ring)
    }

    /// Waits until a ring has much to read, `waker` can be read, or the time is over, and says whether
    /// `waker` can.
    pub(super) fn wait(&mut self, waker: BorrowedFd<'_>, timeout_ms: i32) -> bool {
        let watched = |processor: &Processor| {
            let event = processor.events.get(processor.watched);
            // A negative descriptor is skipped by the kernel.
            poll_entry(event.map_or(-1, AsRawFd::as_raw_fd))
        };
        self.polled.clear();
        self.polled.push(poll_entry(waker.as_raw_fd()));
        self.polled.extend(self.processors.iter().map(watched));
        if system::poll(&mut self.polled, timeout_ms).is_err() {
            // Signals interrupt a wait; anything else must not turn it into a loop that never rests.
            thread::sleep(Duration::from_millis(1));
            return false;
        }
        // An event whose thread has ended is always ready, and another one of the ring must be watched.
        for (processor, polled) in self.processors.iter_mut().zip(self.polled.iter().skip(1)) {
            if polled.revents & (libc::POLLHUP | libc::POLLERR) != 0 {
                processor.watched += 1;
            }
        }
        self.polled.first().is_some_and(|waker| waker.revents != 0)
    }
}

fn poll_entry(fd: libc::c_int) -> libc::pollfd {
    libc::pollfd {
        fd,
        events: libc::POLLIN,
        revents: 0,
    }
}

struct Opener {
    attributes: EventAttributes,
    request: Request,
}

impl Opener {
    /// The events of one thread, none if it has ended. Processors that have gone offline are left out.
    fn open_on_processors(
        &mut self,
        thread: u32,
        processors: &[u32],
    ) -> Result<Vec<(u32, OwnedFd)>, Error> {
        let mut events = Vec::with_capacity(processors.len());
        for processor in processors {
            match self.open(thread, *processor) {
                Ok(event) => events.push((*processor, event)),
                Err(error) if error.raw_os_error() == Some(libc::ESRCH) => return Ok(Vec::new()),
                Err(error) if error.raw_os_error() == Some(libc::ENODEV) => {}
                Err(error) => return Err(refused(self.request, error)),
            }
        }
        Ok(events)
    }

    fn open(&mut self, thread: u32, processor: u32) -> io::Result<OwnedFd> {
        match system::open_event(&self.attributes, thread, processor) {
            // An older kernel: child processes inherit the events too, and their samples are left out later.
            Err(error)
                if error.raw_os_error() == Some(libc::EINVAL)
                    && self.attributes.flags & flag::INHERIT_THREAD != 0 =>
            {
                self.attributes.flags &= !flag::INHERIT_THREAD;
                system::open_event(&self.attributes, thread, processor)
            }
            result => result,
        }
    }
}

/// Rings of one size for all. Users may lock only so much memory, so smaller ones are tried next.
fn rings(owners: &[OwnedFd], largest_bytes: usize) -> Result<Vec<Ring>, Error> {
    let mut bytes = largest_bytes;
    loop {
        match owners.iter().map(|owner| Ring::new(owner, bytes)).collect() {
            Ok(rings) => return Ok(rings),
            Err(_) if bytes / 2 >= SMALLEST_RING_BYTES => bytes /= 2,
            Err(error) => return Err(refused(Request::Ring, error)),
        }
    }
}

fn sampled_threads(
    process: &Process,
    except: Option<u32>,
    request: Request,
) -> Result<Vec<u32>, Error> {
    let mut threads = process.threads().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => refused(request, io::Error::from_raw_os_error(libc::ESRCH)),
        _ => refused(request, error),
    })?;
    threads.retain(|thread| Some(*thread) != except);
    Ok(threads)
}

fn online_processors() -> Vec<u32> {
    let listed = fs::read_to_string("/sys/devices/system/cpu/online")
        .ok()
        .map(|text| processor_list(&text))
        .unwrap_or_default();
    if listed.is_empty() {
        let count = thread::available_parallelism().map_or(1, usize::from);
        return (0..count as u32).collect();
    }
    listed
}

/// The numbers in a list such as `0-3,8`; parts that are no numbers are left out.
fn processor_list(text: &str) -> Vec<u32> {
    const MOST_PROCESSORS: usize = 1 << 16;
    let range = |part: &str| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        Some(first.parse().ok()?..=last.parse::<u32>().ok()?)
    };
    let parts = text.trim().split(',').filter_map(range);
    parts.flatten().take(MOST_PROCESSORS).collect()
}

#[cfg(test)]
mod tests;
