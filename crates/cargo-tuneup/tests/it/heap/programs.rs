//! Programs of all shapes: what they allocate, how they end, and where they have an allocator.

/// Paths and texts.
pub(super) const FILES: &[(&str, &str)] = &[
    (
        "Cargo.toml",
        "[workspace]\nmembers = [\"app\", \"own\", \"macros\", \"hidden\", \"bare\", \"foreign\", \"old\"]\nexclude = [\"outside\"]\nresolver = \"3\"\n\
         [profile.release]\nstrip = true\n[profile.stripped]\ninherits = \"release\"\npanic = \"abort\"\nlto = true\n",
    ),
    (
        "app/Cargo.toml",
        "[package]\nname = \"app\"\nversion = \"1.0.0\"\nedition = \"2024\"\ndefault-run = \"shapes\"\n",
    ),
    (
        "app/src/lib.rs",
        r#"//! Allocates as it is told.
use std::hint::black_box;
/// A thousand of 1 KiB.
#[inline(never)]
pub fn thousand() -> Vec<Vec<u8>> {
    let mut all = Vec::with_capacity(1000);
    for _ in 0..1000 {
        all.push(one_kibibyte());
    }
    black_box(all)
}
#[inline(never)]
fn one_kibibyte() -> Vec<u8> {
    black_box(vec![1; 1024])
}
/// Ten of 100 bytes that nobody frees.
#[inline(never)]
pub fn leak() {
    for _ in 0..10 {
        std::mem::forget(black_box(Box::new([7_u8; 100])));
    }
}
/// A hundred, each freed before the next.
#[inline(never)]
pub fn temporary() {
    for number in 0..100_u64 {
        drop(black_box(Box::new(number)));
    }
}
"#,
    ),
    (
        "app/src/bin/shapes.rs",
        "#![deny(missing_docs)]\n#![forbid(unsafe_code)]\n//! A program.\nfn main() {\n    app::leak();\n    app::temporary();\n    let all = app::thousand();\n    println!(\"{} {:?}\", all.len(), std::env::args().skip(1).collect::<Vec<_>>());\n}\n",
    ),
    (
        "app/src/bin/threads.rs",
        "fn main() {\n    let threads: Vec<_> = (0..4).map(|_| std::thread::spawn(app::thousand)).collect();\n    // Freed by another thread than allocated them.\n    let all: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();\n    println!(\"{}\", all.iter().map(Vec::len).sum::<usize>());\n}\n",
    ),
    (
        "app/src/bin/awaits.rs",
        r#"use std::{future::Future, pin::pin, task::{Context, Poll, Waker}};
#[inline(never)]
async fn later() -> Vec<u8> {
    let kept = std::hint::black_box(vec![1_u8; 5000]);
    let mut waited = false;
    std::future::poll_fn(|_| { if waited { Poll::Ready(()) } else { waited = true; Poll::Pending } }).await;
    kept
}
fn main() {
    let mut future = pin!(async { (later().await, later().await) });
    let mut context = Context::from_waker(Waker::noop());
    while future.as_mut().poll(&mut context).is_pending() {}
}
"#,
    ),
    (
        "app/src/bin/exits.rs",
        "fn main() { let _all = app::thousand(); std::process::exit(7); }\n",
    ),
    (
        "app/src/bin/serves.rs",
        "fn main() { let _all = app::thousand(); loop { std::thread::sleep(std::time::Duration::from_millis(1)); } }\n",
    ),
    (
        "app/src/bin/aborts.rs",
        "fn main() { let _all = app::thousand(); std::process::abort(); }\n",
    ),
    (
        "app/src/bin/dies.rs",
        "fn main() { let _all = app::thousand(); kill(); }\n\
         fn kill() { let id = std::process::id().to_string(); std::process::Command::new(\"kill\").args([\"-9\", &id]).status().unwrap(); loop {} }\n",
    ),
    (
        "app/src/bin/forks.rs",
        r#"unsafe extern "C" {
    safe fn fork() -> i32;
    fn waitpid(id: i32, status: *mut i32, options: i32) -> i32;
}
fn main() {
    let all = app::thousand();
    let child = fork();
    if child == 0 {
        app::leak();
        drop(all);
        std::process::exit(3);
    }
    let mut status = 0;
    // SAFETY: there is room for a status.
    unsafe { waitpid(child, &mut status, 0) };
    println!("{} {}", all.len(), status >> 8);
}
"#,
    ),
    (
        "app/src/bin/refused.rs",
        r#"fn main() {
    let mut all: Vec<u8> = Vec::new();
    let refused = all.try_reserve_exact(isize::MAX as usize).is_err();
    all.extend([1; 1000]);
    let again = all.try_reserve_exact(isize::MAX as usize - 2000).is_err();
    println!("{refused} {again} {}", all.iter().map(|byte| usize::from(*byte)).sum::<usize>());
}
"#,
    ),
    (
        "app/examples/shown.rs",
        "fn main() { let _all = app::thousand(); }\n",
    ),
    (
        "app/tests/adds.rs",
        "#[test]\nfn adds() { assert_eq!(app::thousand().len(), 1000); }\n",
    ),
    (
        "own/Cargo.toml",
        "[package]\nname = \"own\"\nversion = \"1.0.0\"\nedition = \"2024\"\n[features]\nlimit = []\n[dependencies]\napp = { path = \"../app\" }\n",
    ),
    (
        "own/src/lib.rs",
        r#"//! Has the allocator of all programs that use it.
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
/// Counts.
pub struct Counting { blocks: AtomicU64 }
impl Counting {
    /// None yet.
    pub const fn new() -> Self { Self { blocks: AtomicU64::new(0) } }
    /// How many.
    pub fn blocks(&self) -> u64 { self.blocks.load(Relaxed) }
}
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 { self.blocks.fetch_add(1, Relaxed); unsafe { System.alloc(layout) } }
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) { unsafe { System.dealloc(block, layout) } }
}
/// The one.
#[global_allocator]
pub static ALLOCATOR: Counting = Counting::new();
/// Takes the type itself.
pub fn blocks_of(allocator: &Counting) -> u64 { allocator.blocks() }
"#,
    ),
    (
        "own/src/main.rs",
        "fn main() {\n    let before = own::ALLOCATOR.blocks();\n    let _all = app::thousand();\n    println!(\"{}\", own::blocks_of(&own::ALLOCATOR) - before);\n}\n",
    ),
    (
        "foreign/Cargo.toml",
        "[package]\nname = \"foreign\"\nversion = \"1.0.0\"\nedition = \"2024\"\n[dependencies]\napp = { path = \"../app\" }\noutside = { path = \"../outside\" }\n",
    ),
    (
        "foreign/src/main.rs",
        "fn main() { outside::used(); let _all = app::thousand(); println!(\"{}\", outside::blocks() >= 1001); }\n",
    ),
    (
        "outside/Cargo.toml",
        "[package]\nname = \"outside\"\nversion = \"1.0.0\"\nedition = \"2018\"\n[workspace]\n",
    ),
    (
        "outside/src/lib.rs",
        r#"//! Made by a macro, as by `cfg_if!`, in a package that is not of the workspace.
mod allocator;
/// Is used.
pub fn used() {}
/// How many.
pub fn blocks() -> u64 { allocator::BLOCKS.load(std::sync::atomic::Ordering::Relaxed) }
"#,
    ),
    (
        "outside/src/allocator.rs",
        r#"use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
pub(crate) static BLOCKS: AtomicU64 = AtomicU64::new(0);
pub(crate) struct Counting;
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 { BLOCKS.fetch_add(1, Relaxed); System.alloc(layout) }
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) { System.dealloc(block, layout) }
}
macro_rules! choose { ($($item:item)*) => { $(#[cfg(not(never))] $item)* } }
choose! {
    #[global_allocator]
    static ALLOCATOR: Counting = Counting;
}
"#,
    ),
    (
        "old/Cargo.toml",
        "[package]\nname = \"old\"\nversion = \"1.0.0\"\nedition = \"2015\"\n[dependencies]\napp = { path = \"../app\" }\n",
    ),
    (
        "old/src/main.rs",
        "//! With an allocator that this machine has not.\nextern crate app;\nmod inner;\nfn main() { let _all = app::thousand(); inner::nothing(); }\n",
    ),
    (
        "old/src/inner.rs",
        "#[cfg(never)]\n#[global_allocator]\nstatic ALLOCATOR: ::nowhere::Allocator = ::nowhere::Allocator;\npub fn nothing() {}\n",
    ),
    (
        "macros/Cargo.toml",
        "[package]\nname = \"macros\"\nversion = \"1.0.0\"\nedition = \"2024\"\n[lib]\nproc-macro = true\n",
    ),
    (
        "macros/src/lib.rs",
        "//! Makes an allocator that stands in no file.\nuse proc_macro::TokenStream;\n/// Makes it.\n#[proc_macro]\n\
         pub fn allocator(_: TokenStream) -> TokenStream {\n    let attribute = concat!(\"#[global_\", \"allocator]\");\n\
             format!(\"{attribute} static ALLOCATOR: std::alloc::System = std::alloc::System;\").parse().unwrap()\n}\n",
    ),
    (
        "hidden/Cargo.toml",
        "[package]\nname = \"hidden\"\nversion = \"1.0.0\"\nedition = \"2024\"\n[dependencies]\nmacros = { path = \"../macros\" }\n",
    ),
    (
        "hidden/src/main.rs",
        "macros::allocator!();\nfn main() { println!(\"{}\", vec![1; 10].len()); std::process::exit(4); }\n",
    ),
    (
        "bare/Cargo.toml",
        "[package]\nname = \"bare\"\nversion = \"1.0.0\"\nedition = \"2024\"\n",
    ),
    (
        "bare/src/main.rs",
        "#![no_std]\n#![no_main]\nextern crate std;\n#[unsafe(no_mangle)]\npub extern \"C\" fn main() -> i32 { 5 }\n",
    ),
];
