//! Profiles that were saved, shown, compared and sampled.

use std::{
    collections::HashSet,
    fs,
    io::{BufRead as _, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;
use tuneup_profiling::{Profiler, profile_fn};

use crate::{complaint, printed, recording_alone, skip::skip, terminal::Terminal, tuneup};

/// A saved profile of `outer`, which calls `inner` so many times.
fn saved(folder: &TempDir, name: &str, calls: u64) -> String {
    let _alone = recording_alone();
    let session = Profiler::builder().start().unwrap();
    profile_fn("outer", || {
        for _ in 0..calls {
            profile_fn("inner", || std::hint::black_box(()));
        }
    });
    let path = folder.path().join(name);
    session.finish().save(&path).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_saved_profile_is_shown_as_it_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let profile = saved(&folder, "a.json", 3);
    let text = printed(&["show", &profile, "--sort", "calls"]);
    assert!(text.contains("4 function calls"), "{text}");
    assert!(text.find("inner") < text.find("outer"), "by calls: {text}");
    let one = printed(&["show", &profile, "--filter", "^outer$"]);
    assert!(one.contains("outer") && !one.contains("inner"), "{one}");
    let top = printed(&["show", &profile, "--sort", "calls", "--top", "1"]);
    assert!(top.contains("inner") && !top.contains("outer"), "{top}");
    assert!(printed(&["show", &profile, "--tree"]).contains("└ inner"));
    assert!(printed(&["show", &profile, "--callers", "inner"]).contains("outer"));
    assert!(printed(&["show", &profile, "--callees", "outer"]).contains("inner"));
    let json = printed(&["show", &profile, "--format", "json"]);
    let read: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(read["rows"].as_array().unwrap().len(), 2);
}

#[test]
fn a_saved_profile_is_written_in_other_formats() {
    let folder = tempfile::tempdir().unwrap();
    let profile = saved(&folder, "a.json", 3);
    for name in [
        "b.svg",
        "b.html",
        "b.folded",
        "b.pb.gz",
        "b.speedscope.json",
        "b.txt",
    ] {
        let path = folder.path().join(name);
        printed(&["show", &profile, "-o", path.to_str().unwrap()]);
        assert!(fs::metadata(&path).unwrap().len() > 0, "{name}");
    }
}

#[test]
fn a_saved_profile_is_written_as_a_page_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let profile = saved(&folder, "a.json", 3);
    assert!(printed(&["show", &profile, "--tree", "--html"]).contains("└ inner"));
    let page = fs::read_to_string(folder.path().join("a.html")).unwrap();
    assert!(
        page.contains("<!DOCTYPE html>") && page.contains("inner"),
        "{page}"
    );
    let other = folder.path().join("other.html");
    printed(&["show", &profile, "--html", other.to_str().unwrap()]);
    assert_eq!(fs::read_to_string(other).unwrap(), page);
    let error = complaint(&["show", &profile, "--html", "page.txt"]);
    assert!(
        error.contains("page.txt: a page is a file that ends in .html"),
        "{error}"
    );
}

#[test]
fn two_profiles_are_compared() {
    let folder = tempfile::tempdir().unwrap();
    let (before, after) = (saved(&folder, "a.json", 3), saved(&folder, "b.json", 7));
    let text = printed(&["diff", &before, &after]);
    assert!(text.contains("inner"), "{text}");
    let json = printed(&["diff", &before, &after, "--format", "json", "--top", "1"]);
    let read: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(read["rows"].as_array().unwrap().len(), 1);
}

#[test]
fn what_cannot_be_shown_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let profile = saved(&folder, "a.json", 1);
    let damaged = folder.path().join("damaged.json");
    fs::write(&damaged, "{").unwrap();
    let damaged = damaged.to_str().unwrap();
    for (arguments, expected) in [
        (
            &["show", "/no/such/profile.json"][..],
            "/no/such/profile.json",
        ),
        (&["show", damaged], "damaged.json"),
        (&["show", &profile, "--sort", "size"], "size"),
        (&["show", &profile, "--filter", "("], "("),
        (&["show", &profile, "--callers", "inne"], "inner"),
        (
            &["show", &profile, "--lines", "inner"],
            "no lines of `inner` were recorded",
        ),
        (&["show", &profile, "-o", "profile.xyz"], "profile.xyz"),
        (
            &["show", &profile, "--tree", "--sort", "self"],
            "cannot be used with",
        ),
        (&["diff", &profile], "<AFTER>"),
        (&["record"], "--pid"),
        (&["top"], "--pid"),
        (&["top", "--pid", "999999999"], "no such process"),
        (&["record", "--rate", "0", "--", "true"], "1 to 10000"),
        (
            &["record", "--", "no-such-program"],
            "cannot start `no-such-program`",
        ),
    ] {
        let error = complaint(arguments);
        assert!(error.contains(expected), "{arguments:?}: {error}");
    }
}

/// Whether the kernel lets this process be sampled; says so if not, which is an error under CI.
fn may_sample() -> bool {
    let output = tuneup(&["record", "--", "true"]);
    let said = String::from_utf8_lossy(&output.stderr);
    let refused = said.contains("cannot start the sampler") && !said.contains("ended at once");
    if refused {
        skip(&said);
    }
    !refused
}

/// A program that computes for so many rounds, says that it is done, and ends with a code.
fn busy(folder: &TempDir) -> PathBuf {
    let source = folder.path().join("busy.rs");
    fs::write(
        &source,
        "#[inline(never)]
        fn spin(rounds: u64) -> u64 {
            (0..rounds).fold(1, |sum, i| std::hint::black_box(sum ^ i.wrapping_mul(sum)))
        }
        fn main() {
            let mut arguments = std::env::args().skip(1).map(|text| text.parse().unwrap());
            let (rounds, code): (u64, u64) = (arguments.next().unwrap(), arguments.next().unwrap());
            std::hint::black_box(spin(rounds));
            println!(\"done\");
            std::process::exit(code as i32);
        }",
    )
    .unwrap();
    let program = folder.path().join("busy");
    let rustc = Command::new("rustc")
        .args(["--edition", "2024", "-O", "-g", "-o"])
        .args([&program, &source])
        .status();
    assert!(rustc.unwrap().success());
    program
}

#[test]
fn a_program_is_sampled_and_keeps_its_output_and_its_exit_code() {
    if !may_sample() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let program = busy(&folder);
    let program = program.to_str().unwrap();
    let flames = folder.path().join("flames.svg");
    let flames_path = flames.to_str().unwrap();
    let output = tuneup(&["record", "-o", flames_path, "--", program, "300000000", "7"]);
    assert_eq!(output.status.code(), Some(7));
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "done\n");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("busy::spin"), "{said}");
    assert!(fs::read_to_string(flames).unwrap().contains("busy::spin"));
}

#[test]
fn a_process_that_runs_is_sampled_for_a_time() {
    if !may_sample() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut process = Busy::start(&folder);
    let text = printed(&["record", "--pid", &process.pid(), "--duration", "300ms"]);
    assert!(process.0.try_wait().unwrap().is_none(), "it goes on");
    assert!(text.contains("busy::spin"), "{text}");
}

/// The busy program, running until it is dropped.
struct Busy(Child);

impl Busy {
    fn start(folder: &TempDir) -> Self {
        let mut command = Command::new(busy(folder));
        command.args(["1000000000000", "0"]).stdout(Stdio::null());
        Self(command.spawn().unwrap())
    }

    fn pid(&self) -> String {
        self.0.id().to_string()
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn what_a_process_does_is_shown_as_it_goes() {
    if !may_sample() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let process = Busy::start(&folder);
    let text = printed(&[
        "top",
        "--pid",
        &process.pid(),
        "--interval",
        "200ms",
        "--count",
        "2",
    ]);
    let titles = text.lines().filter(|line| line.contains("processors busy"));
    assert_eq!(titles.count(), 2, "{text}");
    assert!(
        text.starts_with("busy (") && text.contains("busy::spin"),
        "{text}"
    );
    assert!(
        !text.contains('\u{1b}'),
        "no terminal, nothing to clear: {text}"
    );
    let arguments = ["top", "--pid", &process.pid(), "--interval", "200ms"];
    let lines = printed(&[&arguments[..], &["--count", "2", "--format", "json"]].concat());
    let tables: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(tables.len(), 2);
    assert!(
        tables
            .iter()
            .all(|table| !table["rows"].as_array().unwrap().is_empty())
    );
}

/// Also where its parent does not ask about it, so that the system still lists it.
#[test]
fn a_process_that_ends_is_the_end() {
    if !may_sample() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut process = Busy::start(&folder);
    let mut shows = Command::new(env!("CARGO_BIN_EXE_cargo-tuneup"))
        .args(["top", "--pid", &process.pid(), "--interval", "100ms"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(shows.stdout.take().unwrap())
        .lines()
        .map_while(Result::ok);
    assert!(lines.any(|line| line.contains("busy::spin")), "it looks");
    process.0.kill().unwrap();
    assert!(
        lines.any(|line| line.starts_with("ended (")),
        "it sees the end"
    );
    assert!(shows.wait().unwrap().success());
}

#[test]
fn a_file_of_no_known_format_is_named_before_a_program_is_started() {
    let folder = tempfile::tempdir().unwrap();
    let touched = folder.path().join("touched");
    let touch = format!("touch '{}'", touched.display());
    let error = complaint(&["record", "-o", "profile.doc", "--", "sh", "-c", &touch]);
    assert!(error.contains("profile.doc"), "{error}");
    assert!(!touched.exists());
}

/// In a real terminal: each table takes the place of the one before, and Ctrl-C ends it.
#[test]
fn in_a_terminal_a_table_takes_the_place_of_the_one_before() {
    if !may_sample() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let process = Busy::start(&folder);
    let program = env!("CARGO_BIN_EXE_cargo-tuneup");
    let line = format!(
        "'{program}' top --pid {} --interval 100ms; echo it ended with $?; sleep 60",
        process.pid()
    );
    let Some(terminal) = Terminal::run((100, 30), &line) else {
        return;
    };
    // Each title has another number of samples.
    let mut titles = HashSet::new();
    while titles.len() < 4 {
        let screen = terminal.screen_with("busy::spin");
        let shown: Vec<&str> = screen
            .lines()
            .filter(|line| line.contains("processors busy"))
            .collect();
        assert!(shown.len() <= 1, "{screen}");
        titles.extend(shown.into_iter().map(str::to_owned));
    }
    terminal.press("C-c");
    let screen = terminal.screen_with("it ended with 0");
    assert!(
        screen.contains("busy::spin"),
        "the last table stays: {screen}"
    );
}

#[test]
fn a_program_that_is_over_at_once_keeps_its_exit_code_too() {
    if !may_sample() {
        return;
    }
    for (script, expected) in [("exit 7", 7), ("kill -9 $$", 128 + 9)] {
        let output = tuneup(&["record", "--", "sh", "-c", script]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(expected), "{said}");
    }
}
