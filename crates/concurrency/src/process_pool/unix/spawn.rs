//! How a descriptor comes from a pool into its worker. The unsafe code of process pools is here.

use std::{
    ffi::OsStr,
    io,
    os::unix::{net::UnixStream, process::CommandExt},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicBool, Ordering},
};

use rustix::{
    fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd},
    fs::{FileType, fstat},
    io::{FdFlags, fcntl_dupfd_cloexec, fcntl_setfd},
    process::{Resource, Rlimit, getrlimit, setrlimit},
};

use crate::process_pool::Launch;

/// `descriptor:inode`. The inode tells the socket from whatever has the number of the descriptor in a process that has only inherited the variable.
const VARIABLE: &str = "TUNEUP_PROCESS_WORKER";

/// Starts a process with one end of a connection. Gives the other end, which does not block.
///
/// There is no `PR_SET_PDEATHSIG`: it tells of the end of the *thread* that has started the process, and would leave what the worker
/// itself has started. The worker watches its socket instead.
pub(super) fn spawn(launch: &Launch) -> io::Result<(Child, UnixStream)> {
    let (ours, theirs) = UnixStream::pair()?;
    ours.set_nonblocking(true)?;
    // Not where standard input, output and error are put.
    let theirs = fcntl_dupfd_cloexec(&theirs, 3)?;
    let variable = format!("{}:{}", theirs.as_raw_fd(), fstat(&theirs)?.st_ino);
    let memory_limit_bytes = launch.memory_limit_bytes;
    let mut command = Command::new(&launch.program);
    if let Some(name) = &launch.name {
        command.arg0(name);
    }
    command
        .args(&launch.arguments)
        .env(VARIABLE, variable)
        // Out of the terminal's group, it would be stopped if it read from there.
        .stdin(Stdio::null())
        .process_group(0);
    let prepare = move || {
        if let Some(bytes) = memory_limit_bytes {
            limit_memory(bytes)?;
        }
        // Only in the child: another one that is started at this moment does not get it.
        fcntl_setfd(&theirs, FdFlags::empty())?;
        Ok(())
    };
    // SAFETY: between fork and exec the closure makes system calls and nothing else: it does not allocate, lock or panic.
    unsafe { command.pre_exec(prepare) };
    Ok((command.spawn()?, ours))
}

fn limit_memory(bytes: u64) -> io::Result<()> {
    let most = getrlimit(Resource::As).maximum;
    let limit = Some(most.map_or(bytes, |most| most.min(bytes)));
    let (current, maximum) = (limit, limit);
    setrlimit(Resource::As, Rlimit { current, maximum })?;
    Ok(())
}

/// Whether this process has taken the connection to its pool.
static IS_TAKEN: AtomicBool = AtomicBool::new(false);

/// The connection to the pool, if this process was started as its worker; the first time. A job that asks again, to have a pool of its own, is in a
/// process like any other.
pub(crate) fn pool_of_this_worker() -> Option<UnixStream> {
    let descriptor = descriptor(&std::env::var_os(VARIABLE)?)?;
    // Relaxed: nothing but the flag tells who comes first.
    if IS_TAKEN.swap(true, Ordering::Relaxed) {
        return None;
    }
    // SAFETY: `descriptor` has found it open, and connected to the pool, for which it was passed: it is nobody else's, and the flag was not set, so
    // that it is taken once.
    let owned = unsafe { OwnedFd::from_raw_fd(descriptor) };
    // What jobs start does not get it.
    fcntl_setfd(&owned, FdFlags::CLOEXEC).ok()?;
    Some(UnixStream::from(owned))
}

/// The descriptor that the variable names, if it is the socket that the variable names.
fn descriptor(variable: &OsStr) -> Option<RawFd> {
    let (descriptor, inode) = variable.to_str()?.split_once(':')?;
    let descriptor: RawFd = descriptor.parse().ok().filter(|number| *number > 2)?;
    let inode: u64 = inode.parse().ok()?;
    // SAFETY: the number is none of those with a meaning to `BorrowedFd`, and nobody closes it during the one call that looks at it: what was
    // passed to `run_if_worker` is open from the start of the process to its end; if it is not open, the call says so.
    let borrowed = unsafe { BorrowedFd::borrow_raw(descriptor) };
    let found = fstat(borrowed).ok()?;
    let is_socket = FileType::from_raw_mode(found.st_mode) == FileType::Socket;
    (is_socket && found.st_ino == inode).then_some(descriptor)
}
