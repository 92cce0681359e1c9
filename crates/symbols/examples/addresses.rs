//! Names the calls that the program is in, found without an allocation, and what that takes:
//! `cargo run --example addresses`.

use std::{mem::MaybeUninit, ops::Range, time::Instant};

use tuneup_symbols::{CodeMap, OwnStack, Process, Symbols};

/// Where the current thread's stack lies. Ask once a thread: of the main thread the system reads it from a file.
#[cfg(target_os = "linux")]
fn stack() -> Range<usize> {
    let mut attributes = MaybeUninit::uninit();
    // SAFETY: takes nothing.
    let this = unsafe { libc::pthread_self() };
    // SAFETY: the thread is running, and there is room for its attributes.
    if unsafe { libc::pthread_getattr_np(this, attributes.as_mut_ptr()) } != 0 {
        return 0..0;
    }
    let (mut begin, mut bytes) = (std::ptr::null_mut(), 0);
    // SAFETY: the attributes were just written.
    unsafe { libc::pthread_attr_getstack(attributes.as_ptr(), &raw mut begin, &raw mut bytes) };
    // SAFETY: as above, and they are not used again.
    unsafe { libc::pthread_attr_destroy(attributes.as_mut_ptr()) };
    begin.addr()..begin.addr() + bytes
}

#[cfg(not(target_os = "linux"))]
fn stack() -> Range<usize> {
    0..0
}

// ANCHOR: names
fn print_functions(calls: impl Iterator<Item = u64> + Clone) {
    let process = Process::current();
    let code = CodeMap::read(&process);
    let symbols = Symbols::resolve(&process, &code, calls.clone());
    for call in calls {
        for (function, line) in symbols.functions_at(call) {
            let (name, file, module) = (&function.name, &function.file, &function.module);
            println!("{call:#x}  {module}  {name}  {file}:{line}");
        }
    }
}
// ANCHOR_END: names

#[inline(never)]
fn descend(levels: u32, own: &OwnStack) {
    if levels > 0 {
        descend(levels - 1, own);
        std::hint::black_box(levels);
        return;
    }
    // ANCHOR: unwind
    let stack = stack();
    let mut frames = [MaybeUninit::uninit(); 64];
    // SAFETY: it is the current thread's stack.
    let len = unsafe { own.unwind_here(stack.clone(), &mut frames) };
    // SAFETY: so many were written.
    let frames = unsafe { frames[..len].assume_init_ref() };
    // The byte before a return address is in the call.
    let calls = frames.iter().map(|call| *call as u64 - 1);
    // ANCHOR_END: unwind

    print_functions(calls);
    // SAFETY: as above.
    let pointers_reach = unsafe { own.frame_pointers_reach(stack.clone()) };
    println!("frame pointers find the same calls: {pointers_reach}");
    cost(own, &stack);
}

fn cost(own: &OwnStack, stack: &Range<usize>) {
    const TIMES: u32 = 10_000;
    let mut frames = [MaybeUninit::uninit(); 64];
    let begin = Instant::now();
    let mut found = 0;
    for _ in 0..TIMES {
        // SAFETY: it is the current thread's stack.
        found += unsafe { own.unwind_here(stack.clone(), &mut frames) };
    }
    let elapsed_ns = begin.elapsed().as_nanos() as f64;
    if found > 0 {
        println!("{:.1} ns a frame", elapsed_ns / found as f64);
    }
}

fn main() {
    let begin = Instant::now();
    let own = OwnStack::load();
    println!("unwind tables read in {:.1?}", begin.elapsed());
    descend(3, &own);
}
