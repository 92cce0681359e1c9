//! The system calls for which std has no safe form. All unsafe code of the native sampler is in here.

use std::{
    io,
    os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd},
    ptr::{self, NonNull},
    sync::atomic::{AtomicU64, Ordering},
};

/// `struct perf_event_attr` of `linux/perf_event.h` up to its version 5, which every kernel since 4.8
/// knows. Newer kernels take the fields that are missing as zero.
#[repr(C)]
#[derive(Default)]
pub(super) struct EventAttributes {
    pub(super) kind: u32,
    pub(super) size: u32,
    pub(super) config: u64,
    /// A rate, as [`flag::RATE`] says.
    pub(super) sample_rate_hz: u64,
    pub(super) sample_type: u64,
    pub(super) read_format: u64,
    pub(super) flags: u64,
    pub(super) wakeup_watermark_bytes: u32,
    pub(super) breakpoint_type: u32,
    pub(super) config1: u64,
    pub(super) config2: u64,
    pub(super) branch_sample_type: u64,
    pub(super) sample_user_registers: u64,
    pub(super) sample_user_stack_bytes: u32,
    pub(super) clock_id: i32,
    pub(super) sample_interrupt_registers: u64,
    pub(super) aux_watermark: u32,
    pub(super) sample_max_stack: u16,
    pub(super) reserved: u16,
}

const _: () = assert!(size_of::<EventAttributes>() == 112);

/// Bits of [`EventAttributes::flags`]; their order is that of little-endian bit fields.
pub(super) mod flag {
    pub(in super::super) const DISABLED: u64 = 1 << 0;
    pub(in super::super) const INHERIT: u64 = 1 << 1;
    pub(in super::super) const EXCLUDE_KERNEL: u64 = 1 << 5;
    pub(in super::super) const EXCLUDE_HYPERVISOR: u64 = 1 << 6;
    pub(in super::super) const RATE: u64 = 1 << 10;
    pub(in super::super) const WATERMARK: u64 = 1 << 14;
    pub(in super::super) const EXCLUDE_CALLCHAIN_KERNEL: u64 = 1 << 21;
    /// Inherited by threads but not by processes; since Linux 5.13.
    pub(in super::super) const INHERIT_THREAD: u64 = 1 << 35;
}

const PERF_FLAG_FD_CLOEXEC: libc::c_ulong = 1 << 3;
const IOC_ENABLE: libc::c_ulong = 0x2400;
const IOC_DISABLE: libc::c_ulong = 0x2401;
const IOC_SET_OUTPUT: libc::c_ulong = 0x2405;

/// Opens an event that counts a task while it is on a processor.
pub(super) fn open_event(
    attributes: &EventAttributes,
    task: u32,
    processor: u32,
) -> io::Result<OwnedFd> {
    const ANY_GROUP: libc::c_int = -1;
    // SAFETY: the kernel reads `size` bytes from the pointer, which is the size of the struct, and
    // keeps no reference to them. The other arguments are numbers.
    let fd = unsafe {
        libc::syscall(
            libc::SYS_perf_event_open,
            ptr::from_ref(attributes),
            task as libc::pid_t,
            processor as libc::c_int,
            ANY_GROUP,
            PERF_FLAG_FD_CLOEXEC,
        )
    };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the call succeeded, so this is an open descriptor, and nobody else knows of it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as libc::c_int) })
}

pub(super) fn enable(event: &OwnedFd) -> io::Result<()> {
    control(event, IOC_ENABLE, 0)
}

pub(super) fn disable(event: &OwnedFd) -> io::Result<()> {
    control(event, IOC_DISABLE, 0)
}

/// Makes `event` write its samples into the ring of `owner`.
pub(super) fn redirect(event: &OwnedFd, owner: &OwnedFd) -> io::Result<()> {
    control(event, IOC_SET_OUTPUT, owner.as_raw_fd())
}

fn control(event: &OwnedFd, request: libc::c_ulong, argument: libc::c_int) -> io::Result<()> {
    // SAFETY: none of the requests above reads or writes memory of this process; they take a number.
    let result = unsafe { libc::ioctl(event.as_raw_fd(), request as _, argument) };
    checked(result)
}

/// Waits until one of the descriptors is ready or the time is over, and says whether one is.
pub(super) fn poll(descriptors: &mut [libc::pollfd], timeout_ms: i32) -> io::Result<bool> {
    // SAFETY: pointer and length are those of one exclusive slice.
    let ready = unsafe {
        libc::poll(
            descriptors.as_mut_ptr(),
            descriptors.len() as libc::nfds_t,
            timeout_ms,
        )
    };
    match ready {
        0.. => Ok(ready > 0),
        _ => Err(io::Error::last_os_error()),
    }
}

/// The number of this thread, as samples name it.
pub(super) fn current_thread() -> u32 {
    // SAFETY: takes nothing and cannot fail.
    unsafe { libc::gettid() as u32 }
}

fn page_bytes() -> usize {
    // SAFETY: takes a number and gives one.
    let bytes = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    usize::try_from(bytes).unwrap_or(4096)
}

fn checked(result: libc::c_int) -> io::Result<()> {
    match result {
        0.. => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Memory from `mmap`, given back when dropped.
struct Mapping {
    start: NonNull<u8>,
    bytes: usize,
}

// SAFETY: the mapping belongs to this value alone, and unmapping is not bound to a thread.
unsafe impl Send for Mapping {}

impl Mapping {
    fn new(
        file: BorrowedFd<'_>,
        bytes: usize,
        protection: libc::c_int,
        sharing: libc::c_int,
    ) -> io::Result<Self> {
        // SAFETY: without MAP_FIXED the kernel chooses addresses that nobody uses.
        let start = unsafe {
            libc::mmap(
                ptr::null_mut(),
                bytes,
                protection,
                sharing,
                file.as_raw_fd(),
                0,
            )
        };
        match NonNull::new(start.cast::<u8>()) {
            Some(start) if start.as_ptr().cast() != libc::MAP_FAILED => Ok(Self { start, bytes }),
            _ => Err(io::Error::last_os_error()),
        }
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: start and length are those of a mapping that this value owns, and every borrow of it
        // has ended.
        unsafe { libc::munmap(self.start.as_ptr().cast(), self.bytes) };
    }
}

/// The ring into which the kernel writes the records of one processor: a page of positions, then the
/// data. The kernel writes from the tail's position on around to the head and never beyond the tail, so
/// that what lies between tail and head belongs to the reader.
pub(super) struct RingMemory {
    mapping: Mapping,
    data_offset: usize,
}

impl RingMemory {
    /// Where `struct perf_event_mmap_page` has its two positions.
    const HEAD_OFFSET: usize = 1024;
    const TAIL_OFFSET: usize = 1032;

    /// `data_bytes` is a power of two.
    pub(super) fn new(event: &OwnedFd, data_bytes: usize) -> io::Result<Self> {
        use std::os::fd::AsFd as _;

        let data_offset = page_bytes();
        let mapping = Mapping::new(
            event.as_fd(),
            data_offset + data_bytes.max(data_offset),
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_SHARED,
        )?;
        Ok(Self {
            mapping,
            data_offset,
        })
    }

    pub(super) fn data_bytes(&self) -> usize {
        self.mapping.bytes - self.data_offset
    }

    /// How many bytes the kernel has written since the ring was made.
    pub(super) fn head(&self) -> u64 {
        self.position(Self::HEAD_OFFSET).load(Ordering::Acquire)
    }

    /// How many bytes have been read.
    pub(super) fn tail(&self) -> u64 {
        self.position(Self::TAIL_OFFSET).load(Ordering::Relaxed)
    }

    /// Gives everything before `tail` back to the kernel.
    pub(super) fn set_tail(&mut self, tail: u64) {
        self.position(Self::TAIL_OFFSET)
            .store(tail, Ordering::Release);
    }

    fn position(&self, offset: usize) -> &AtomicU64 {
        // SAFETY: both offsets lie in the first page of the mapping.
        let position = unsafe { self.mapping.start.add(offset) };
        // SAFETY: both offsets are multiples of eight in a mapping that begins at a page and lives as
        // long as `self`; kernel and reader use the positions as atomics only.
        unsafe { position.cast::<AtomicU64>().as_ref() }
    }

    /// Copies `range` of the data behind what `into` has. The range must lie between tail and head;
    /// what is outside of the ring is left out.
    pub(super) fn copy(&self, range: std::ops::Range<usize>, into: &mut Vec<u8>) {
        let end = range.end.min(self.data_bytes());
        let bytes = end.saturating_sub(range.start);
        into.reserve(bytes);
        let length = into.len();
        // SAFETY: `range.start + bytes <= data_bytes` or `bytes` is 0 and nothing is read.
        let from = unsafe {
            self.mapping
                .start
                .add(self.data_offset + range.start.min(end))
        };
        // SAFETY: `reserve` made room for `bytes` behind `length`.
        let to = unsafe { into.as_mut_ptr().add(length) };
        // SAFETY: `bytes` are readable at `from`, where the kernel does not write before the tail is
        // moved, and writable at `to`; a fresh allocation does not overlap the ring.
        unsafe { ptr::copy_nonoverlapping(from.as_ptr(), to, bytes) };
        // SAFETY: the bytes up to the new length were written above.
        unsafe { into.set_len(length + bytes) };
    }
}
