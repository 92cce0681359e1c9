//! What programs of all shapes allocate, which know nothing of it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
};

use serde_json::Value;
use tuneup_memory::{Entry, GroupBy, Snapshot};

use crate::{complaint, printed};

/// A workspace with whatever a program may have for an allocator, and a package beside it that is none of its members.
fn workspace() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tracked");
        for (path, text) in FILES {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            // Cargo compiles anew what was written anew.
            if fs::read_to_string(&path).ok().as_deref() != Some(text) {
                fs::write(path, text).unwrap();
            }
        }
        folder
    })
}

const FILES: &[(&str, &str)] = &[
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
        "fn main() {\n    let threads: Vec<_> = (0..4).map(|_| std::thread::spawn(app::thousand)).collect();\n    // Freed by another thread than allocated them.\n    println!(\"{}\", threads.into_iter().map(|thread| thread.join().unwrap().len()).sum::<usize>());\n}\n",
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
        "app/src/bin/dies.rs",
        "fn main() { let _all = app::thousand(); std::fs::write(\"/proc/self/oom_score_adj\", \"0\").ok(); kill(); }\n\
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

/// Whoever holds it has the workspace for itself: Cargo waits for a lock of its own, and says so.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn heap(arguments: &[&str]) -> Output {
    let _alone = alone();
    Command::new(env!("CARGO_BIN_EXE_cargo-tuneup"))
        .args(["tuneup", "heap"])
        .args(arguments)
        .current_dir(workspace().join("app"))
        .env_remove("CARGO_TARGET_DIR")
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// What was recorded of a program, saved and loaded, and what the program itself has printed.
fn recorded(arguments: &[&str], expected_code: i32) -> (Snapshot, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("heap.json");
    let mut all = vec!["-o", path.to_str().unwrap()];
    all.extend(arguments);
    let output = heap(&all);
    assert_eq!(
        output.status.code(),
        Some(expected_code),
        "{}",
        said(&output)
    );
    let snapshot =
        Snapshot::load(&path).unwrap_or_else(|error| panic!("{error}: {}", said(&output)));
    (snapshot, String::from_utf8(output.stdout).unwrap())
}

#[track_caller]
fn function(snapshot: &Snapshot, name: &str) -> Entry {
    let groups = snapshot.by(GroupBy::Function);
    let entry = groups.entries.iter().find(|entry| entry.name == name);
    entry
        .unwrap_or_else(|| panic!("no {name} in\n{groups}"))
        .clone()
}

/// A thousand blocks of 1 KiB each time.
#[track_caller]
fn has_thousands(snapshot: &Snapshot, times: f64) {
    let entry = function(snapshot, "app::one_kibibyte");
    let expected = (1000.0 * times, 1_024_000.0 * times);
    assert_eq!((entry.allocated.blocks, entry.allocated.bytes), expected);
}

#[test]
fn every_block_is_at_its_site_and_the_program_does_as_before() {
    let (snapshot, printed) = recorded(&["--", "-x", "two words"], 0);
    assert_eq!(printed, "1000 [\"-x\", \"two words\"]\n");
    assert!(snapshot.is_exact());
    has_thousands(&snapshot, 1.0);
    let thousand = function(&snapshot, "app::one_kibibyte");
    assert_eq!(thousand.at_peak.bytes, 1_024_000.0);
    assert_eq!(thousand.live.blocks, 0.0);
    let leaked = function(&snapshot, "app::leak");
    assert_eq!((leaked.live.blocks, leaked.live.bytes), (10.0, 1000.0));
    assert_eq!((leaked.at_peak.blocks, leaked.temporary_share), (10.0, 0.0));
    let temporary = function(&snapshot, "app::temporary");
    assert_eq!(
        (temporary.allocated.blocks, temporary.temporary_share),
        (100.0, 1.0)
    );
    // Nothing is missing, and nothing of ours is in it.
    let total = snapshot.total();
    assert_eq!(
        total.allocated.blocks as u64,
        snapshot.counted.allocated_blocks
    );
    assert_eq!(total.at_peak.bytes as u64, snapshot.peak.bytes);
    let sites = snapshot.by(GroupBy::Site);
    assert!(
        sites
            .entries
            .iter()
            .all(|entry| !entry.name.contains("tuneup")),
        "{sites}"
    );
    let site = sites
        .entries
        .iter()
        .find(|entry| entry.name.starts_with("app::leak "));
    assert_eq!(site.unwrap().name, "app::leak app/src/lib.rs:20");
    let stacks = snapshot.by(GroupBy::Stack);
    let path = "app::one_kibibyte < app::thousand < shapes::main";
    assert!(
        stacks
            .entries
            .iter()
            .any(|entry| entry.name.starts_with(path)),
        "{stacks}"
    );
}

#[test]
fn blocks_of_threads_add_up() {
    let (snapshot, printed) = recorded(&["--bin", "threads"], 0);
    assert_eq!(printed, "4000\n");
    has_thousands(&snapshot, 4.0);
    assert_eq!(function(&snapshot, "app::one_kibibyte").live.blocks, 0.0);
}

#[test]
fn blocks_of_futures_are_at_their_sites() {
    let (snapshot, _) = recorded(&["--bin", "awaits"], 0);
    let later = function(&snapshot, "awaits::later::{{closure}}");
    assert_eq!(
        (later.allocated.blocks, later.at_peak.bytes),
        (2.0, 10_000.0)
    );
}

#[test]
fn a_program_that_ends_early_is_recorded() {
    let (snapshot, _) = recorded(&["--bin", "exits"], 7);
    has_thousands(&snapshot, 1.0);
    assert_eq!(function(&snapshot, "app::one_kibibyte").live.blocks, 1000.0);
    let (snapshot, _) = recorded(&["--bin", "serves", "--duration", "500ms"], 128 + 15);
    has_thousands(&snapshot, 1.0);
}

#[test]
fn a_program_that_is_killed_is_told() {
    let output = heap(&["--bin", "dies"]);
    assert_eq!(output.status.code(), Some(128 + 9), "{}", said(&output));
    assert!(
        said(&output).contains("nothing was recorded: the program was killed"),
        "{}",
        said(&output)
    );
}

#[test]
fn what_a_forked_process_does_is_not_in_it() {
    let (snapshot, printed) = recorded(&["--bin", "forks"], 0);
    assert_eq!(printed, "1000 3\n");
    has_thousands(&snapshot, 1.0);
    let functions = snapshot.by(GroupBy::Function);
    assert!(
        functions
            .entries
            .iter()
            .all(|entry| entry.name != "app::leak"),
        "{functions}"
    );
}

#[test]
fn a_block_that_the_system_refuses_is_none() {
    let (snapshot, printed) = recorded(&["--bin", "refused"], 0);
    assert_eq!(printed, "true true 1000\n");
    assert!(snapshot.peak.bytes < 100_000);
}

#[test]
fn allocators_of_programs_are_tracked_wherever_they_are() {
    let (snapshot, printed) = recorded(&["-p", "own"], 0);
    // It counts as it did, and is used by name.
    assert_eq!(printed, "1001\n");
    has_thousands(&snapshot, 1.0);
    let (snapshot, printed) = recorded(&["-p", "foreign"], 0);
    assert_eq!(printed, "true\n");
    has_thousands(&snapshot, 1.0);
    // One that is switched off.
    let (snapshot, _) = recorded(&["-p", "old"], 0);
    has_thousands(&snapshot, 1.0);
}

#[test]
fn an_allocator_that_is_out_of_reach_is_told_and_the_program_runs() {
    let output = heap(&["-p", "hidden"]);
    assert_eq!(
        (output.status.code(), &output.stdout[..]),
        (Some(4), &b"10\n"[..])
    );
    for expected in [
        "the program's blocks could not be tracked:",
        "hidden: the program's global allocator is made by a macro",
        "write the allocator as `#[global_allocator] static NAME: TYPE = VALUE;`",
    ] {
        assert!(
            said(&output).contains(expected),
            "{expected} in\n{}",
            said(&output)
        );
    }
    let output = heap(&["-p", "bare"]);
    assert_eq!(output.status.code(), Some(5), "{}", said(&output));
    assert!(
        said(&output).contains("bare: it has no standard library"),
        "{}",
        said(&output)
    );
}

#[test]
fn examples_tests_and_profiles_are_recorded() {
    let (snapshot, _) = recorded(&["--example", "shown"], 0);
    has_thousands(&snapshot, 1.0);
    let (snapshot, printed) = recorded(&["--test", "adds"], 0);
    assert!(printed.contains("1 passed"), "{printed}");
    has_thousands(&snapshot, 1.0);
    let (snapshot, _) = recorded(&["--profile", "stripped", "--bin", "exits"], 7);
    has_thousands(&snapshot, 1.0);
}

#[test]
fn samples_stand_for_what_was_allocated() {
    let (snapshot, _) = recorded(&["--bin", "threads", "--sample", "4KiB"], 0);
    assert!(!snapshot.is_exact());
    let entry = function(&snapshot, "app::one_kibibyte");
    let (allocated, error) = (entry.allocated.bytes, entry.allocated.bytes_error);
    // Five standard errors: one run in a million would be further away.
    assert!(
        error > 0.0 && (allocated - 4_096_000.0).abs() < 5.0 * error,
        "{allocated} ± {error}"
    );
    // Counters are exact.
    assert!(snapshot.counted.allocated_blocks >= 4000 && snapshot.samples < 3000);
}

#[test]
fn a_heap_is_told_as_it_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let files = [
        "a.json",
        "a.svg",
        "a.html",
        "a.pb.gz",
        "a.folded",
        "a.dhat.json",
        "a.txt",
    ]
    .map(path);
    let mut arguments: Vec<&str> = files
        .iter()
        .flat_map(|file| ["-o", file.as_str()])
        .collect();
    arguments.extend(["--format", "json", "--sort", "temporary", "--top", "1"]);
    let output = heap(&arguments);
    let text = said(&output);
    let json: Value = serde_json::from_str(&text[text.find("\n{").unwrap()..]).unwrap();
    assert_eq!(json["rows"].as_array().unwrap().len(), 1, "{json}");
    assert!(
        json.to_string()
            .contains("app::temporary app/src/lib.rs:27"),
        "{json}"
    );
    assert!(
        files
            .iter()
            .all(|file| fs::metadata(file).unwrap().len() > 100)
    );
    // Of what it is sorted by.
    assert!(
        fs::read_to_string(&files[4])
            .unwrap()
            .contains("app::temporary 100\n")
    );
    let page = fs::read_to_string(&files[2]).unwrap();
    assert!(page.contains("Live bytes over time") && page.contains("app::one_kibibyte"));

    let saved = files[0].as_str();
    let shown = printed(&["show", saved]);
    assert!(
        shown.contains("app::one_kibibyte app/src/lib.rs:14")
            && shown.contains("live bytes over time"),
        "{shown}"
    );
    assert!(printed(&["show", saved, "--tree"]).contains("└ app::one_kibibyte"));
    let leaked = printed(&[
        "show", saved, "--sort", "leaked", "--by", "function", "--top", "1",
    ]);
    assert!(
        leaked.contains("app::leak") && !leaked.contains("app::temporary"),
        "{leaked}"
    );
    let filtered = printed(&["show", saved, "--filter", "temporary$"]);
    assert!(
        filtered.contains("app::temporary") && !filtered.contains("app::leak"),
        "{filtered}"
    );
    assert!(
        complaint(&["show", saved, "--sort", "calls"])
            .contains("a heap has no order `calls`; it has peak")
    );
    assert!(complaint(&["show", saved, "--callers", "x"]).contains("--by stack"));
}

#[test]
fn two_runs_are_compared() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (one, four) = (path("one.json"), path("four.json"));
    heap(&["--bin", "exits", "-o", &one]);
    heap(&["--bin", "threads", "-o", &four]);
    let shown = printed(&["diff", &one, &four]);
    let row = shown
        .lines()
        .find(|line| line.contains("app::one_kibibyte"))
        .unwrap();
    assert!(
        row.contains("+3,000") && row.contains("+2.93 MiB"),
        "{shown}"
    );
    let profile = path("profile.json");
    fs::write(&profile, "{}").unwrap();
    assert!(complaint(&["diff", &one, &profile]).contains("compare two of a kind"));
}

#[test]
fn sources_manifests_and_lock_file_stay_as_they_are() {
    let contents = || {
        let _alone = alone();
        let files = FILES
            .iter()
            .map(|(path, _)| fs::read(workspace().join(path)).unwrap());
        files.collect::<Vec<_>>()
    };
    recorded(&["--bin", "exits"], 7);
    let (before, lock) = (
        contents(),
        fs::read(workspace().join("Cargo.lock")).unwrap(),
    );
    recorded(&["-p", "own"], 0);
    assert!(contents() == before);
    assert!(fs::read(workspace().join("Cargo.lock")).unwrap() == lock);
    assert!(!workspace().join("outside/target").exists());
}

#[test]
fn what_is_wrong_is_said_before_anything_is_built() {
    for (arguments, expected) in [
        (&["-o", "heap.doc"][..], "heap.doc"),
        (&["--filter", "("], "("),
        (
            &["--sample", "1"],
            "2 or more; without --sample every block is recorded",
        ),
        (&["--sample", "much"], "much"),
        (&["--sort", "calls"], "peak"),
    ] {
        let output = heap(arguments);
        let said = said(&output);
        assert!(
            !output.status.success() && said.contains(expected),
            "{arguments:?}: {said}"
        );
        assert!(!said.contains("Finished"), "{said}");
    }
}
