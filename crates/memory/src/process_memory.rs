//! What the system says of the memory of this process.

use std::{fs, io, path::PathBuf};

use crate::Error;

/// The memory of this process as the system counts it: in pages that are there, whoever asked for them. Bytes throughout.
///
/// The source is Linux's `/proc/self` (proc(5)) and the control group (cgroups(7)).
///
/// ```
/// # if cfg!(target_os = "linux") {
/// let memory = tuneup_memory::ProcessMemory::read()?;
/// assert!(memory.peak_resident_bytes >= memory.shared_bytes);
/// # }
/// # Ok::<(), tuneup_memory::Error>(())
/// ```
#[doc(alias = "rss")]
#[doc(alias = "psutil")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ProcessMemory {
    /// Memory that is in use and present (RSS).
    pub resident_bytes: u64,
    /// The most that it ever was.
    pub peak_resident_bytes: u64,
    /// The part of it that others may use too: files that are mapped, and shared memory.
    pub shared_bytes: u64,
    /// Addresses that are taken, present or not.
    pub virtual_bytes: u64,
    /// What was written to swap.
    pub swapped_bytes: u64,
    /// The most that the control group of the process may have, the strictest of those around it; `None` without a limit.
    pub limit_bytes: Option<u64>,
    /// Page faults that needed no disk, since the process began.
    pub minor_page_faults: u64,
    /// Page faults that had to wait for a disk.
    pub major_page_faults: u64,
}

impl ProcessMemory {
    /// Reads a few files of `/proc`: some tens of microseconds, a few allocations.
    ///
    /// # Errors
    ///
    /// [`Error::Process`] where there is no `/proc`, which is everywhere but on Linux.
    pub fn read() -> Result<Self, Error> {
        let status = read("/proc/self/status")?;
        let stat = read("/proc/self/stat")?;
        let kilobytes = |name: &str| field(&status, name).unwrap_or(0) * 1024;
        // Behind the name, which may have anything in it; the third field is the first.
        let fields = stat.rfind(')').map_or("", |end| &stat[end + 1..]);
        let number = |place: usize| {
            let field = fields.split_ascii_whitespace().nth(place - 3);
            field
                .and_then(|field| field.parse::<u64>().ok())
                .unwrap_or(0)
        };
        Ok(Self {
            resident_bytes: kilobytes("VmRSS"),
            peak_resident_bytes: kilobytes("VmHWM"),
            shared_bytes: kilobytes("RssFile") + kilobytes("RssShmem"),
            virtual_bytes: kilobytes("VmSize"),
            swapped_bytes: kilobytes("VmSwap"),
            limit_bytes: limit(),
            minor_page_faults: number(10),
            major_page_faults: number(12),
        })
    }
}

fn read(path: &'static str) -> Result<String, Error> {
    let bytes = fs::read(path).map_err(|source| Error::Process { path, source })?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// `VmRSS:      1234 kB`.
fn field(status: &str, name: &str) -> Option<u64> {
    let values = status
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    values?.split_ascii_whitespace().next()?.parse().ok()
}

/// The strictest limit of the control group and those around it.
fn limit() -> Option<u64> {
    let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
    limit_of(&groups, |path| fs::read_to_string(path))
}

fn limit_of(groups: &str, read: impl Fn(&PathBuf) -> io::Result<String>) -> Option<u64> {
    let mut strictest = None;
    for line in groups.lines() {
        // `0::/path` in version 2, `9:memory:/path` in version 1.
        let mut parts = line.splitn(3, ':');
        let (Some(_), Some(controllers), Some(path)) = (parts.next(), parts.next(), parts.next())
        else {
            continue;
        };
        let (root, file) = match controllers {
            "" => ("/sys/fs/cgroup", "memory.max"),
            "memory" => ("/sys/fs/cgroup/memory", "memory.limit_in_bytes"),
            _ => continue,
        };
        let mut group = PathBuf::from(path.trim_start_matches('/'));
        loop {
            let found = read(&PathBuf::from(root).join(&group).join(file));
            // `max` is no number; version 1 says a number near 2⁶³ where there is no limit.
            let found = found.ok().and_then(|text| text.trim().parse::<u64>().ok());
            let found = found.filter(|limit| *limit < 1 << 62);
            strictest = [strictest, found].into_iter().flatten().min();
            if !group.pop() {
                break;
            }
        }
    }
    strictest
}

/// What [`release_unused`] has achieved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Released {
    /// Resident memory before and after, less: what the system got back. 0 if other threads have taken more meanwhile.
    pub bytes: u64,
    /// Resident memory afterwards.
    pub resident_bytes: u64,
}

/// Asks the C library's allocator to give back to the system what it keeps for later: free memory at the end of its heap,
/// and whole free pages in between. Worth it after a phase that needed much more than the next; takes milliseconds for a
/// large heap, during which other threads that allocate may wait.
///
/// It is glibc's `malloc_trim` (malloc_trim(3)), and so helps where [`System`](std::alloc::System) is the allocator, or the
/// one inside of a [`TrackingAllocator`](crate::TrackingAllocator). Other allocators have calls of their own.
///
/// # Errors
///
/// [`Error::Unsupported`] where the C library is not glibc; [`Error::Process`] without `/proc`.
///
/// ```
/// # if cfg!(all(target_os = "linux", target_env = "gnu")) {
/// let released = tuneup_memory::release_unused()?;
/// println!("{} bytes were given back", released.bytes);
/// # }
/// # Ok::<(), tuneup_memory::Error>(())
/// ```
#[doc(alias = "malloc_trim")]
pub fn release_unused() -> Result<Released, Error> {
    let before = ProcessMemory::read()?.resident_bytes;
    trim()?;
    let resident_bytes = ProcessMemory::read()?.resident_bytes;
    Ok(Released {
        bytes: before.saturating_sub(resident_bytes),
        resident_bytes,
    })
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn trim() -> Result<(), Error> {
    unsafe extern "C" {
        safe fn malloc_trim(keep: usize) -> std::ffi::c_int;
    }
    // It says whether anything was given back, which the resident memory tells in bytes.
    malloc_trim(0);
    Ok(())
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn trim() -> Result<(), Error> {
    Err(Error::Unsupported {
        what: "giving free memory back needs glibc's `malloc_trim`",
    })
}

#[cfg(all(test, target_os = "linux"))]
mod tests;
