//! Programs of all kinds that Cargo builds, chosen in all ways, and ended in all ways.

use std::process::Command;

use crate::profile::{alone, calls, calls_of, profile, run_in, workspace};

/// What they need beyond what is in the workspace for all tests.
pub(crate) const FILES: &[(&str, &str)] = &[
    (
        "app/src/bin/ends.rs",
        r#"unsafe extern "C" { fn fork() -> i32; fn waitpid(id: i32, status: *mut i32, options: i32) -> i32; fn raise(signal: i32) -> i32; }
struct Panics;
impl Drop for Panics { fn drop(&mut self) { panic!("again") } }
fn work() {}
fn deeper(n: u64) -> u64 { let room = std::hint::black_box([n; 64]); if n == 0 { 0 } else { deeper(n + 1) + room[1] } }
fn main() {
    for _ in 0..3 { work(); }
    match &std::env::args().nth(1).unwrap()[..] {
        "aborts" => std::process::abort(),
        "aborts in a thread" => { std::thread::spawn(|| std::process::abort()).join().unwrap() }
        "panics" => panic!("once"),
        "panics twice" => { let _panics = Panics; panic!("once") }
        "runs out of stack" => { deeper(1); }
        "is killed" => { unsafe { raise(9) }; }
        "has a child" => {
            let mut status = 0;
            // SAFETY: the child does nothing but abort.
            unsafe { match fork() { 0 => std::process::abort(), child => { waitpid(child, &mut status, 0); } } }
            work();
            println!("{status}");
        }
        other => panic!("{other}"),
    }
}
"#,
    ),
    (
        "app/benches/speed.rs",
        "fn work() {}\nfn main() { work(); println!(\"{:?}\", std::env::args().skip(1).collect::<Vec<_>>()); }\n",
    ),
    (
        "app/src/bin/chosen.rs",
        "fn work() -> &'static str { if cfg!(feature = \"rare\") { \"rare\" } else if cfg!(feature = \"usual\") { \"usual\" } else { \"none\" } }\n\
         fn main() { println!(\"{}\", work()); }\n#[test]\nfn works() { assert_ne!(work(), \"\"); }\n",
    ),
    ("old/tests/adds.rs", "#[test]\nfn adds() {}\n"),
    ("app/src/bin/lined.rs", include_str!("../data/lined.txt")),
];

#[test]
fn a_program_that_aborts_is_recorded_and_ends_as_before() {
    for (way, expected_code, calls_of_work) in [
        ("aborts", 134, 3),
        ("aborts in a thread", 134, 3),
        ("panics", 101, 3),
        ("panics twice", 134, 3),
        ("runs out of stack", 134, 3),
        ("has a child", 0, 4),
    ] {
        let (profile, _) = calls(&["--bin", "ends", "--", way], expected_code);
        assert_eq!(calls_of(&profile, "ends::work"), calls_of_work, "{way}");
    }
    let aborting = ["--bin", "ends", "--profile", "aborting", "--", "panics"];
    let (profile, _) = calls(&aborting, 134);
    assert_eq!(calls_of(&profile, "ends::work"), 3);
}

#[test]
fn a_program_that_is_killed_leaves_a_sentence() {
    let output = profile(&["--bin", "ends", "--", "is killed"]);
    assert_eq!(output.status.code(), Some(128 + 9));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.contains("nothing was recorded: the program was killed"),
        "{said}"
    );
}

#[test]
fn whatever_cargo_builds_is_a_program() {
    let printed = |arguments: &[&str], name: &str| {
        let (profile, output) = calls(arguments, 0);
        assert!(calls_of(&profile, name) > 0, "{arguments:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let text = printed(&["--bench", "speed", "--", "some"], "speed::work");
    assert_eq!(text, "[\"--bench\", \"some\"]\n", "as Cargo does");
    let text = printed(&["--lib", "--", "odd_is"], "app::odd::odd");
    assert!(text.contains("test tests::odd_is_one ... ok"), "{text}");
    let text = printed(&["--bin", "chosen", "--unit"], "chosen::work");
    assert!(text.contains("test works ... ok"), "{text}");
    for (arguments, expected) in [
        (&[][..], "usual\n"),
        (&["--release"], "usual\n"),
        (&["--no-default-features"], "none\n"),
        (&["--all-features"], "rare\n"),
        (&["--features", "rare"], "rare\n"),
    ] {
        let all = [&["--bin", "chosen"], arguments].concat();
        assert_eq!(printed(&all, "chosen::work"), expected, "{arguments:?}");
    }
}

#[test]
fn a_target_is_built_for_if_it_is_named() {
    let version = Command::new("rustc").arg("-vV").output().unwrap();
    let version = String::from_utf8(version.stdout).unwrap();
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    let (profile, _) = calls(&["--bin", "exits", "--target", host.unwrap()], 7);
    assert_eq!(calls_of(&profile, "exits::work"), 3);
}

#[test]
fn functions_are_chosen_by_where_they_are() {
    let names = |arguments: &[&str]| {
        let (profile, _) = calls(arguments, 0);
        let functions = profile["functions"].as_array().unwrap().iter();
        let called = functions.filter(|function| function["calls"] != 0);
        let mut names: Vec<_> = called
            .map(|function| function["name"].as_str().unwrap().to_owned())
            .collect();
        names.sort();
        names
    };
    for (arguments, expected) in [
        (
            &["--module", "app::inner", "--module", "old::inner"][..],
            &["app::inner::deep::answer", "old::inner::one"][..],
        ),
        (&["--file", "elsewhere/*.rs"], &["app::odd::odd"]),
        (
            &["--file", "src/lib.rs"],
            &["old::inner::one", "old::twice"],
        ),
        (
            &[
                "--file",
                "shapes.rs",
                "--module",
                "app::shapes::Thing",
                "--fn",
                "e",
            ],
            &[
                "app::shapes::Thing::later",
                "app::shapes::Thing::needed",
                "app::shapes::Thing::text",
            ],
        ),
    ] {
        assert_eq!(names(arguments), expected, "{arguments:?}");
    }
}

#[test]
fn a_name_that_several_packages_have_is_asked_back() {
    let output = run_in(workspace(), &alone(), "profile", &["--test", "adds"]);
    let said = String::from_utf8_lossy(&output.stderr);
    let expected =
        "several packages have a `adds` of that kind; choose one with --package: app, old";
    assert!(said.contains(expected), "{said}");
}

#[test]
fn tests_are_programs_too_and_run_where_cargo_runs_them() {
    let (profile, output) = calls(&["--test", "adds"], 0);
    assert_eq!(calls_of(&profile, "app::shapes::pair"), 1);
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
}

#[test]
fn a_program_that_exits_is_recorded_and_keeps_its_code() {
    let (profile, _) = calls(&["--bin", "exits"], 7);
    assert_eq!(calls_of(&profile, "exits::work"), 3);
}

#[test]
fn a_program_that_is_told_to_end_is_recorded_and_ends_by_the_signal() {
    let (profile, _) = calls(&["--bin", "serves", "--duration", "500ms"], 128 + 15);
    assert!(calls_of(&profile, "serves::work") >= 10);
}

#[test]
fn what_is_wrong_with_a_choice_is_said() {
    for (arguments, expected) in [
        (&["-p", "app", "--lib", "--unit"][..], "cannot be used with"),
        (&["--release", "--profile", "dev"], "cannot be used with"),
        (&["--file", "a["], "`a[` is no path and no pattern of paths"),
        (
            &["--module", "app::nothing"],
            "no function of the program is chosen",
        ),
        (
            &["--target", "pdp11"],
            "`pdp11` is no target of this compiler",
        ),
        (
            &["--target", "x86_64-wrs-vxworks"],
            "the standard library for x86_64-wrs-vxworks is not installed; `rustup target add x86_64-wrs-vxworks`",
        ),
    ] {
        let output = profile(arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            !output.status.success() && said.contains(expected),
            "{arguments:?}: {said}"
        );
    }
}
