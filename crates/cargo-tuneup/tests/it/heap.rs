//! What programs of all shapes allocate, which know nothing of it.

mod heaptrack;
mod programs;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
};

use serde_json::Value;
use tuneup_memory::{Entry, GroupBy, Snapshot};

use self::programs::FILES;
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
    let (snapshot, _) = recorded(&["--bin", "aborts"], 128 + 6);
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
    assert!(complaint(&["show", saved, "--lines", "x"]).contains("its sites are lines"));
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
