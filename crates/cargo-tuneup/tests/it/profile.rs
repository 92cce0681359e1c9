//! Every call of programs of all shapes, which know nothing of it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
};

use serde_json::Value;

/// A workspace with whatever a workspace may have. One for all tests, so that the runtime is compiled once.
pub(crate) fn workspace() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("profiled");
        let _ = fs::remove_dir_all(folder.join("app"));
        for (path, text) in FILES.iter().chain(crate::targets::FILES) {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    })
}

const FILES: &[(&str, &str)] = &[
    (
        "Cargo.toml",
        "[workspace]\nmembers = [\"app\", \"old\", \"macros\", \"wrong\"]\nresolver = \"3\"\n[profile.aborting]\ninherits = \"release\"\npanic = \"abort\"\n",
    ),
    (
        "app/Cargo.toml",
        "[package]\nname = \"app\"\nversion = \"1.0.0\"\nedition = \"2024\"\nbuild = \"build.rs\"\ndefault-run = \"calls\"\n\
         [dependencies]\nold = { path = \"../old\" }\nmacros = { path = \"../macros\" }\n\
         [features]\ndefault = [\"usual\"]\nusual = []\nrare = []\n\
         [[bench]]\nname = \"speed\"\nharness = false\n",
    ),
    (
        "app/build.rs",
        "fn helper() -> &'static str { \"made\" }\nfn main() { println!(\"cargo::rustc-env=MADE={}\", helper()); }\n",
    ),
    (
        "app/src/lib.rs",
        "#![deny(warnings)]\n#![forbid(unsafe_code)]\n//! A library.\nmod inner;\npub mod shapes;\n#[path = \"elsewhere/odd.rs\"]\npub mod odd;\n\
         pub use inner::deep::answer;\npub const NOTE: &str = include_str!(\"../../Cargo.toml\");\n\
         #[cfg(test)]\nmod tests {\n    #[test]\n    fn odd_is_one() { assert_eq!(crate::odd::odd(), 1); assert!(std::path::Path::new(\"build.rs\").exists()); }\n}\n",
    ),
    ("app/src/inner/mod.rs", "pub(crate) mod deep;\n"),
    (
        "app/src/inner/deep.rs",
        "/// 42.\npub fn answer() -> u64 { 42 }\n",
    ),
    (
        "app/src/elsewhere/odd.rs",
        "/// Odd.\npub fn odd() -> u64 { 1 }\n",
    ),
    (
        "app/src/shapes.rs",
        r#"//! Functions of all shapes.
use std::fmt::Display;
use std::future::Future;
/// A type.
pub struct Thing(pub u64);
/// A trait.
pub trait Work {
    /// Has a body here.
    fn provided(&self) -> u64 { self.needed() + 1 }
    /// Has none.
    fn needed(&self) -> u64;
}
impl Work for Thing {
    fn needed(&self) -> u64 {
        #![allow(clippy::identity_op)]
        self.0
    }
}
impl Thing {
    /// A constant.
    pub const fn constant() -> u64 { 3 }
    /// Borrows.
    pub fn text<'a>(&self, text: &'a str) -> Result<&'a str, std::num::ParseIntError> {
        let _n: u64 = text.parse()?;
        Ok(text)
    }
    /// Waits.
    pub async fn later(&self, text: &str) -> Result<u64, Box<dyn std::error::Error>> {
        let n: u64 = text.parse()?;
        std::future::ready(()).await;
        Ok(n + self.0)
    }
}
/// Generic.
pub fn show<T: Display>(value: T) -> impl Display { format!("<{value}>") }
/// Recursive.
pub fn factorial(n: u64) -> u64 { match n { 0 => 1, n => n * factorial(n - 1) } }
/// Nested.
pub fn outer() -> u64 {
    fn inside() -> u64 { 5 }
    (0..3).map(|_| inside()).sum()
}
/// Patterns.
pub fn pair((left, right): (u64, u64)) -> u64 { left + right }
/// Never comes back.
pub fn never() -> ! { panic!("as it should") }
/// Asynchronous, with all sorts of arguments.
pub async fn gather((left, right): (u64, u64), _unused: String, mut sum: u64) -> impl Display {
    sum += left;
    sum += right;
    sum
}
/// Refuses whatever was not there.
#[macros::one_expression]
pub fn picky() -> u64 { 7 }
macro_rules! make { ($name:ident) => { /** Made. */ pub fn $name() -> u64 { 9 } }; }
make!(made);
/// Refuses marks.
#[macros::unmarked]
pub fn unmarked() -> u64 { 8 }
/// To the end of a future.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    loop {
        if let std::task::Poll::Ready(output) = future.as_mut().poll(&mut context) { return output; }
    }
}
"#,
    ),
    (
        "app/src/bin/calls.rs",
        r#"use app::shapes::*;
fn main() {
    let thing = Thing(Thing::constant());
    println!("{} {} {}", thing.provided(), thing.text("12").unwrap(), thing.text("x").is_err());
    println!("{} {} {} {}", show(3), factorial(5), outer(), pair((1, 2)));
    println!("{:?} {}", block_on(thing.later("4")).unwrap(), block_on(gather((1, 2), String::new(), 3)));
    println!("{} {} {} {}", app::answer(), app::odd::odd(), picky() + unmarked(), old::twice(4));
    println!("{} {} {}", file!(), line!(), app::NOTE.len());
    println!("{} {:?}", env!("MADE"), std::env::args().skip(1).collect::<Vec<_>>());
    println!("{}", std::panic::catch_unwind(|| never()).is_err());
}
"#,
    ),
    (
        "app/src/bin/threads.rs",
        "fn work(n: u64) -> u64 { n }\nfn main() {\n    std::thread::scope(|scope| { for _ in 0..4 { scope.spawn(|| (0..1000).map(work).sum::<u64>()); } });\n}\n",
    ),
    (
        "app/src/bin/exits.rs",
        "fn work() {}\nfn main() { for _ in 0..3 { work(); } std::process::exit(7); }\n",
    ),
    (
        "app/src/bin/serves.rs",
        "fn work() { std::thread::sleep(std::time::Duration::from_millis(1)); }\nfn main() { loop { work(); } }\n",
    ),
    (
        "app/src/bin/allocates.rs",
        r#"use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
static BLOCKS: AtomicU64 = AtomicU64::new(0);
struct Counting;
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 { BLOCKS.fetch_add(1, Relaxed); unsafe { System.alloc(layout) } }
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) { unsafe { System.dealloc(block, layout) } }
}
#[cfg(not(never))]
#[global_allocator]
static ALLOCATOR: Counting = Counting;
fn text(n: u64) -> String { n.to_string() }
fn main() { println!("{}", (0..100).map(text).map(|text| text.len()).sum::<usize>()); }
"#,
    ),
    (
        "wrong/Cargo.toml",
        "[package]\nname = \"wrong\"\nversion = \"1.0.0\"\nedition = \"2024\"\n",
    ),
    (
        "wrong/src/main.rs",
        "fn main() { let number: u64 = \"text\"; }\n",
    ),
    (
        "app/tests/adds.rs",
        "#[test]\nfn adds() { assert_eq!(app::shapes::pair((1, 2)), 3); assert!(std::path::Path::new(\"Cargo.toml\").exists()); }\n",
    ),
    (
        "old/Cargo.toml",
        "[package]\nname = \"old\"\nversion = \"1.0.0\"\nedition = \"2015\"\n",
    ),
    (
        "old/src/lib.rs",
        "//! Old.\nmod inner { pub fn one() -> u64 { 1 } }\npub fn twice(n: u64) -> u64 { n + n + inner::one() - ::inner::one() }\n",
    ),
    (
        "macros/Cargo.toml",
        "[package]\nname = \"macros\"\nversion = \"1.0.0\"\nedition = \"2024\"\n[lib]\nproc-macro = true\n",
    ),
    (
        "macros/src/lib.rs",
        "//! A macro that is particular about bodies.\nuse proc_macro::TokenStream;\n/// Refuses statements.\n#[proc_macro_attribute]\n\
         pub fn one_expression(_: TokenStream, item: TokenStream) -> TokenStream {\n\
             if item.to_string().contains(\"static\") { return \"compile_error!(\\\"one expression\\\");\".parse().unwrap(); }\n    item\n}\n\
         /// Refuses marks.\n#[proc_macro_attribute]\n\
         pub fn unmarked(_: TokenStream, item: TokenStream) -> TokenStream {\n\
             if item.to_string().contains(\"mark\") && item.to_string().contains(\"LineTimer\") { return \"compile_error!(\\\"a mark\\\");\".parse().unwrap(); }\n    item\n}\n",
    ),
];

/// Whoever holds it has the workspace for itself: Cargo compiles anew when another choice of functions comes in between.
static ALONE: Mutex<()> = Mutex::new(());

pub(crate) fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn profile(arguments: &[&str]) -> Output {
    profile_alone(&alone(), arguments)
}

fn profile_alone(alone: &MutexGuard<'_, ()>, arguments: &[&str]) -> Output {
    run_alone(alone, "profile", arguments)
}

/// A command of `cargo tuneup`, in the folder of the package.
pub(crate) fn run_alone(alone: &MutexGuard<'_, ()>, command: &str, arguments: &[&str]) -> Output {
    run_in(&workspace().join("app"), alone, command, arguments)
}

pub(crate) fn run_in(
    folder: &Path,
    _alone: &MutexGuard<'_, ()>,
    command: &str,
    arguments: &[&str],
) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cargo-tuneup"))
        .args(["tuneup", command])
        .args(arguments)
        .current_dir(folder)
        .env_remove("CARGO_TARGET_DIR")
        .output()
        .unwrap()
}

/// A program, run without being recorded.
fn plain(program: &str, arguments: &[&str]) -> Output {
    let _alone = alone();
    Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--package", "app", "--bin", program, "--"])
        .args(arguments)
        .current_dir(workspace())
        .env_remove("CARGO_TARGET_DIR")
        .output()
        .unwrap()
}

/// Calls of each function, of a profile that is saved on the way.
pub(crate) fn calls(arguments: &[&str], expected_code: i32) -> (Value, Output) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("profile.json");
    let mut all = vec!["-o", path.to_str().unwrap()];
    all.extend(arguments);
    let output = profile(&all);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(expected_code), "{said}");
    let saved = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{error}: {said}"));
    (serde_json::from_str(&saved).unwrap(), output)
}

/// How often a function was called.
pub(crate) fn calls_of(profile: &Value, name: &str) -> u64 {
    let functions = profile["functions"].as_array().unwrap();
    let function = functions.iter().find(|function| function["name"] == name);
    let names = || {
        functions
            .iter()
            .map(|function| function["name"].as_str().unwrap())
            .collect::<Vec<_>>()
    };
    function.unwrap_or_else(|| panic!("no {name} in {:?}", names()))["calls"]
        .as_u64()
        .unwrap()
}

#[test]
fn functions_of_all_shapes_are_counted_and_the_program_does_as_before() {
    let expected = plain("calls", &["-x", "two words"]);
    let (profile, output) = calls(&["--", "-x", "two words"], 0);
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(expected.stdout).unwrap()
    );
    for (name, expected) in [
        ("calls::main", 1),
        ("app::shapes::Work::provided", 1),
        ("app::shapes::Thing::needed", 1),
        ("app::shapes::Thing::text", 2),
        ("app::shapes::Thing::later", 1),
        ("app::shapes::show", 1),
        ("app::shapes::factorial", 6),
        ("app::shapes::outer", 1),
        ("app::shapes::outer::inside", 3),
        ("app::shapes::pair", 1),
        ("app::shapes::never", 1),
        ("app::shapes::gather", 1),
        ("app::shapes::block_on", 2),
        ("app::inner::deep::answer", 1),
        ("app::odd::odd", 1),
        ("old::twice", 1),
        ("old::inner::one", 2),
    ] {
        assert_eq!(calls_of(&profile, name), expected, "{name}");
    }
    let said = String::from_utf8(output.stderr).unwrap();
    for line in [
        "app::shapes::Thing::constant: a `const fn` may run in the compiler",
        "app::shapes::picky: it does not compile with what records it",
        "the functions that one call of a macro makes are not seen",
    ] {
        assert!(said.contains(line), "{line} in\n{said}");
    }
}

#[test]
fn threads_add_up() {
    let (profile, _) = calls(&["--bin", "threads"], 0);
    assert_eq!(calls_of(&profile, "threads::work"), 4_000);
}

#[test]
fn a_program_with_an_allocator_of_its_own_is_recorded() {
    let (profile, output) = calls(&["--bin", "allocates"], 0);
    assert_eq!(output.stdout, b"190\n");
    assert_eq!(calls_of(&profile, "allocates::text"), 100);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("allocates::Counting::alloc: an allocator must not be called"),
        "{said}"
    );
}

#[test]
fn a_choice_of_functions_is_recorded_and_changes_what_is_compiled() {
    let (profile, _) = calls(&["--fn", "shapes::(factorial|pair)$"], 0);
    let functions = profile["functions"].as_array().unwrap();
    let called = functions.iter().filter(|function| function["calls"] != 0);
    assert_eq!(called.count(), 2, "{functions:?}");
    let (profile, _) = calls(&["--min-lines", "4"], 0);
    assert_eq!(calls_of(&profile, "app::shapes::outer"), 1);
    assert!(
        profile["functions"]
            .as_array()
            .unwrap()
            .iter()
            .all(|function| function["name"] != "app::shapes::pair")
    );
}

#[test]
fn less_may_be_recorded_of_each_call() {
    let of = |detail: &str| {
        let (profile, _) = calls(&["--bin", "threads", "--detail", detail], 0);
        let functions = profile["functions"].as_array().unwrap();
        let work = functions
            .iter()
            .find(|function| function["name"] == "threads::work")
            .unwrap();
        assert_eq!(work["calls"], 4_000, "{detail}");
        (
            work["distribution"]["histogram"].is_null(),
            work["self_ns"] == 0,
        )
    };
    assert_eq!(of("full"), (false, false));
    assert_eq!(of("flat"), (true, false));
    assert_eq!(of("counted"), (true, true));
}

#[test]
fn what_has_changed_is_compiled_anew_and_nothing_else() {
    let alone = alone();
    let compiles =
        |output: &Output| String::from_utf8_lossy(&output.stderr).contains("Compiling app");
    profile_alone(&alone, &["--bin", "exits", "--fn", "work"]);
    let again = profile_alone(&alone, &["--bin", "exits", "--fn", "work"]);
    assert!(
        !compiles(&again),
        "{}",
        String::from_utf8_lossy(&again.stderr)
    );
    let source = workspace().join("app/src/bin/exits.rs");
    let text = fs::read_to_string(&source).unwrap();
    // The clock of a file system may be coarse.
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    fs::write(&source, &text).unwrap();
    assert!(compiles(&profile_alone(
        &alone,
        &["--bin", "exits", "--fn", "work"]
    )));
}

#[test]
fn sources_manifests_and_lock_file_stay_as_they_are() {
    let contents = || {
        let _alone = alone();
        FILES
            .iter()
            .map(|(path, _)| fs::read(workspace().join(path)).unwrap())
            .collect::<Vec<_>>()
    };
    plain("exits", &[]);
    let (before, lock) = (
        contents(),
        fs::read(workspace().join("Cargo.lock")).unwrap(),
    );
    calls(&["--bin", "exits"], 7);
    assert!(contents() == before);
    assert!(fs::read(workspace().join("Cargo.lock")).unwrap() == lock);
}

#[test]
fn what_is_wrong_is_said_as_by_the_compiler() {
    for (arguments, expected) in [
        (&["-p", "wrong"][..], "expected `u64`, found `&str`"),
        (&["-p", "wrong"], "the program does not build"),
        (&["-p", "none"], "there is no package `none`"),
        (&["-p", "old"], "there is nothing of that kind here"),
        (
            &["--bin", "nothing"],
            "there is no `nothing` of that kind here; there are: ",
        ),
        (&["--fn", "("], "`(` is no regular expression"),
        (&["-o", "profile.doc"], "profile.doc"),
        (&["--bin", "a", "--test", "b"], "cannot be used with"),
    ] {
        let output = profile(arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            !output.status.success() && said.contains(expected),
            "{arguments:?}: {said}"
        );
    }
}
