//! Unwinding of the own stack, in a process whose allocator refuses to work during it.
#![cfg(all(
    target_os = "linux",
    target_endian = "little",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    ffi::c_void,
    hint::black_box,
    mem::MaybeUninit,
    ops::Range,
    ptr, thread,
};

use tuneup_symbols::{CodeMap, OwnStack, Process, Symbols};

thread_local! {
    static IS_UNWINDING: Cell<bool> = const { Cell::new(false) };
}

struct Refusing;

// SAFETY: passes everything on to the system's allocator.
unsafe impl GlobalAlloc for Refusing {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if IS_UNWINDING.get() {
            std::process::abort();
        }
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if IS_UNWINDING.get() {
            std::process::abort();
        }
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Refusing = Refusing;

/// Where the current thread's stack lies.
fn stack() -> Range<usize> {
    let mut attributes = MaybeUninit::uninit();
    // SAFETY: takes nothing.
    let this = unsafe { libc::pthread_self() };
    // SAFETY: the thread is running, and there is room for its attributes.
    let failed = unsafe { libc::pthread_getattr_np(this, attributes.as_mut_ptr()) };
    assert_eq!(failed, 0);
    let (mut begin, mut bytes) = (ptr::null_mut(), 0);
    // SAFETY: the attributes were just written.
    unsafe { libc::pthread_attr_getstack(attributes.as_ptr(), &raw mut begin, &raw mut bytes) };
    // SAFETY: as above, and they are not used again.
    unsafe { libc::pthread_attr_destroy(attributes.as_mut_ptr()) };
    begin.addr()..begin.addr() + bytes
}

const MOST_FRAMES: usize = 64;

/// The calls from `inner` outwards.
#[derive(Clone, Copy)]
struct Found {
    frames: [usize; MOST_FRAMES],
    len: usize,
    pointers_reach: bool,
}

impl Found {
    fn calls(&self) -> &[usize] {
        &self.frames[..self.len]
    }
}

#[inline(never)]
fn inner(own: &OwnStack, stack: Range<usize>, most: usize) -> Found {
    let mut frames = [MaybeUninit::new(0); MOST_FRAMES];
    IS_UNWINDING.set(true);
    // SAFETY: every caller passes the thread's own stack or a part of it.
    let len = unsafe { own.unwind_here(stack.clone(), &mut frames[..most]) };
    IS_UNWINDING.set(false);
    // SAFETY: as above.
    let pointers_reach = unsafe { own.frame_pointers_reach(stack) };
    // SAFETY: all were written in the beginning.
    let frames = frames.map(|frame| unsafe { frame.assume_init() });
    black_box(Found {
        frames,
        len,
        pointers_reach,
    })
}

const INLINED_LINE: u32 = line!() + 4;

#[inline(always)]
fn inlined(own: &OwnStack, stack: Range<usize>) -> Found {
    inner(own, stack, MOST_FRAMES)
}

const OUTER_LINE: u32 = line!() + 5;
const OUTER_CALL_LINE: u32 = line!() + 5;

// What is done after the call keeps the caller on the stack.
#[inline(never)]
fn outer(own: &OwnStack, stack: Range<usize>) -> Found {
    black_box(inlined(own, stack))
}

#[derive(Debug, PartialEq, Eq)]
struct Function {
    name: String,
    file: String,
    line: u32,
    function_line: u32,
    module: String,
}

/// The functions of calls, from the innermost outwards.
fn functions(calls: &[usize]) -> Vec<Function> {
    let calls = calls.iter().map(|call| *call as u64 - 1);
    let process = Process::current();
    let symbols = Symbols::resolve(&process, &CodeMap::read(&process), calls.clone());
    let functions = calls.flat_map(|call| symbols.functions_at(call));
    let functions = functions.map(|(symbol, line)| Function {
        name: symbol.name.clone(),
        file: symbol.file.clone(),
        line,
        function_line: symbol.line,
        module: symbol.module.clone(),
    });
    functions.collect()
}

fn names(functions: &[Function]) -> Vec<&str> {
    let names = functions.iter().map(|function| function.name.as_str());
    names.collect()
}

/// The innermost functions; only debug information knows of those that were inlined, and line tables without their path.
fn assert_called_by_outer(functions: &[Function]) {
    let names = names(functions);
    let compiled = names.iter().filter(|name| !name.ends_with("inlined"));
    let innermost = compiled.take(2).copied().collect::<Vec<_>>();
    assert_eq!(innermost, ["own_stack::inner", "own_stack::outer"]);
}

#[test]
fn the_callers_are_found_from_the_innermost_outwards() {
    let own = OwnStack::load();
    let functions = functions(outer(&own, stack()).calls());
    assert_called_by_outer(&functions);
    // Up to what the kernel begins a thread with.
    let outermost = functions.last().unwrap();
    assert!(outermost.module.starts_with("libc"), "{outermost:?}");
}

#[test]
fn lines_are_those_of_the_calls() {
    // Without debug information the symbols alone give names.
    if !cfg!(debug_assertions) {
        return;
    }
    let own = OwnStack::load();
    let functions = functions(outer(&own, stack()).calls());
    let [_, inlined, outer, ..] = &functions[..] else {
        panic!("{functions:?}")
    };
    assert_eq!(inlined.name, "own_stack::inlined");
    for function in [inlined, outer] {
        assert!(
            function.file.ends_with("tests/own_stack.rs"),
            "{function:?}"
        );
        assert!(function.module.starts_with("own_stack-"), "{function:?}");
    }
    assert_eq!(inlined.line, INLINED_LINE);
    assert_eq!(inlined.function_line, INLINED_LINE - 1);
    assert_eq!(outer.line, OUTER_CALL_LINE);
    assert_eq!(outer.function_line, OUTER_LINE);
}

#[test]
fn a_thread_is_unwound_to_its_begin() {
    let own = OwnStack::load();
    let found = thread::scope(|scope| scope.spawn(|| outer(&own, stack())).join().unwrap());
    let functions = functions(found.calls());
    assert_called_by_outer(&functions);
    assert!(found.len < MOST_FRAMES);
    assert!(functions.last().unwrap().module.starts_with("libc"));
}

/// The unwinder of the compiler's runtime, which panics use.
mod runtime {
    use super::{MOST_FRAMES, c_void};

    type Step = extern "C" fn(*mut c_void, *mut c_void) -> i32;

    unsafe extern "C" {
        fn _Unwind_Backtrace(step: Step, calls: *mut c_void) -> i32;
        fn _Unwind_GetIP(context: *mut c_void) -> usize;
    }

    extern "C" fn step(context: *mut c_void, calls: *mut c_void) -> i32 {
        // SAFETY: it is the context that the unwinder has passed.
        let call = unsafe { _Unwind_GetIP(context) };
        // SAFETY: it is what `calls` below passes, which nobody else uses meanwhile.
        let calls = unsafe { &mut *calls.cast::<Vec<usize>>() };
        calls.push(call);
        i32::from(calls.len() > 2 * MOST_FRAMES)
    }

    /// The calls from the caller of this function outwards.
    #[inline(never)]
    pub(super) fn calls() -> Vec<usize> {
        let mut calls = Vec::<usize>::new();
        // SAFETY: the pointer is passed on to `step`, and is valid until the call returns.
        unsafe { _Unwind_Backtrace(step, (&raw mut calls).cast()) };
        calls
    }
}

#[inline(never)]
fn both(own: &OwnStack, depth: u32) -> (Found, Vec<usize>) {
    match depth {
        0 => (inner(own, stack(), MOST_FRAMES), runtime::calls()),
        _ => black_box(both(own, depth - 1)),
    }
}

#[test]
fn the_runtime_finds_the_same_calls() {
    let own = OwnStack::load();
    let (found, calls) = both(&own, 20);
    // The two are called from different places of one function; beyond it they must agree.
    let beyond = &found.calls()[2..];
    let begin = calls.iter().position(|call| *call == beyond[0]).unwrap();
    let mut calls = calls[begin..].to_vec();
    // Some runtimes end with a call from nowhere.
    calls.retain(|call| *call != 0);
    assert!(beyond.len() > 20);
    assert_eq!(beyond, calls);
}

// Calls its argument with the frame pointer used for something else.
#[cfg(target_arch = "x86_64")]
std::arch::global_asm!(
    "call_without_frame_pointer:",
    ".cfi_startproc",
    "push rbp",
    ".cfi_def_cfa_offset 16",
    ".cfi_offset rbp, -16",
    "mov rbp, 7",
    "mov rax, rdi",
    "mov rdi, rsi",
    "call rax",
    "pop rbp",
    ".cfi_def_cfa_offset 8",
    "ret",
    ".cfi_endproc",
);
#[cfg(target_arch = "aarch64")]
std::arch::global_asm!(
    "call_without_frame_pointer:",
    ".cfi_startproc",
    "stp x29, x30, [sp, #-16]!",
    ".cfi_def_cfa_offset 16",
    ".cfi_offset x29, -16",
    ".cfi_offset x30, -8",
    "mov x29, #7",
    "mov x9, x0",
    "mov x0, x1",
    "blr x9",
    "ldp x29, x30, [sp], #16",
    ".cfi_def_cfa_offset 0",
    ".cfi_restore x29",
    ".cfi_restore x30",
    "ret",
    ".cfi_endproc",
);

unsafe extern "C" {
    fn call_without_frame_pointer(function: extern "C" fn(*mut c_void), argument: *mut c_void);
}

struct Argument<'a> {
    own: &'a OwnStack,
    found: Option<Found>,
}

extern "C" fn called(argument: *mut c_void) {
    // SAFETY: it is what `through_the_gap` passes, which waits meanwhile.
    let argument = unsafe { &mut *argument.cast::<Argument<'_>>() };
    argument.found = Some(outer(argument.own, stack()));
}

#[inline(never)]
fn through_the_gap(own: &OwnStack) -> Found {
    let mut argument = Argument { own, found: None };
    // SAFETY: the function has the type that it is declared with, and passes the pointer to `called`.
    unsafe { call_without_frame_pointer(called, (&raw mut argument).cast()) };
    argument.found.unwrap()
}

#[test]
fn callers_beyond_code_without_a_frame_pointer_are_found() {
    let own = OwnStack::load();
    let found = through_the_gap(&own);
    let functions = functions(found.calls());
    let names = names(&functions);
    assert!(names.contains(&"own_stack::called"), "{names:?}");
    assert!(names.contains(&"own_stack::through_the_gap"), "{names:?}");
    assert!(!found.pointers_reach);
}

/// Whether the innermost function was compiled with a frame pointer, as its own frame tells.
#[inline(never)]
fn has_frame_pointer(own: &OwnStack, stack: &Range<usize>) -> bool {
    let frame: usize;
    // SAFETY: reads a register.
    #[cfg(target_arch = "x86_64")]
    unsafe {
        std::arch::asm!("mov {}, rbp", out(reg) frame);
    }
    // SAFETY: reads a register.
    #[cfg(target_arch = "aarch64")]
    unsafe {
        std::arch::asm!("mov {}, x29", out(reg) frame);
    }
    let here = (&raw const stack).addr();
    if !(here..stack.end - 16).contains(&frame) || !frame.is_multiple_of(8) {
        return false;
    }
    // SAFETY: the word lies in the part of the stack that is in use.
    let above = unsafe { ptr::with_exposed_provenance::<usize>(frame + 8).read_volatile() };
    let mut frames = [MaybeUninit::new(0); 2];
    // SAFETY: it is the thread's stack.
    unsafe { own.unwind_here(stack.clone(), &mut frames) };
    // SAFETY: it was written in the beginning.
    above == unsafe { frames[1].assume_init() }
}

#[test]
fn frame_pointers_reach_where_code_is_compiled_with_them() {
    let own = OwnStack::load();
    let expected = has_frame_pointer(&own, &stack());
    assert_eq!(outer(&own, stack()).pointers_reach, expected);
    let in_thread = || outer(&own, stack()).pointers_reach;
    let in_thread = thread::scope(|scope| scope.spawn(in_thread).join().unwrap());
    assert_eq!(in_thread, expected);
}

#[test]
fn no_more_frames_than_there_is_room_for() {
    let own = OwnStack::load();
    let mut found = Vec::new();
    // One call for all: the compiler does not know their number.
    for most in black_box(vec![MOST_FRAMES, 0, 1, 2, 5]) {
        found.push((most, inner(&own, stack(), most)));
    }
    let [(_, all), less @ ..] = &found[..] else {
        unreachable!("there are five")
    };
    for (most, found) in less {
        assert_eq!(found.calls(), &all.calls()[..*most]);
        assert!(found.frames[*most..].iter().all(|frame| *frame == 0));
    }
}

#[test]
fn nothing_is_found_on_another_stack() {
    let own = OwnStack::load();
    let other = [0_usize; 64];
    let begin = (&raw const other).addr();
    for stack in [0..0, 0..4096, begin..begin + 512, stack().end..usize::MAX] {
        let found = inner(&own, stack, MOST_FRAMES);
        assert_eq!((found.len, found.pointers_reach), (0, false));
    }
}

#[test]
fn a_thread_with_little_stack_left_gets_no_frames() {
    let own = OwnStack::load();
    let Range { start, end } = stack();
    let here = (&raw const own).addr();
    for (begin, expected) in [(start, true), (here - (32 << 10), false), (here, false)] {
        assert_eq!(inner(&own, begin..end, MOST_FRAMES).len > 0, expected);
    }
}

#[test]
fn a_stack_that_ends_early_ends_the_calls() {
    let own = OwnStack::load();
    let all = outer(&own, stack());
    let here = (&raw const all).addr();
    let found = outer(&own, here..here + size_of_val(&all));
    assert_eq!(found.len, 0);
    let found = outer(&own, 0..here + size_of_val(&all));
    assert!((1..all.len).contains(&found.len));
}

#[test]
fn many_threads_unwind_at_the_same_time() {
    let own = OwnStack::load();
    let expected = thread::scope(|scope| scope.spawn(|| outer(&own, stack()).len).join().unwrap());
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let stack = stack();
                for _ in 0..200 {
                    let found = outer(&own, stack.clone());
                    assert_eq!(found.len, expected);
                }
            });
        }
    });
}
