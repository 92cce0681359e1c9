//! The checklist from the inside.

mod points;

use std::{cell::RefCell, collections::BTreeSet, io, process::Command, process::Output};

use super::*;

fn check(id: &str, area: Area, state: State) -> Check<'static> {
    Check::new(id, area, "something is so", "true", move |_| {
        Ok(state.clone())
    })
}

fn report(checks: Vec<Check<'_>>) -> ReadinessReport {
    Readiness::builder(Path::new("."))
        .checks(checks)
        .build()
        .unwrap()
        .run()
}

#[test]
fn who_cannot_say_anything_is_unknown_and_the_others_go_on() {
    let mut missing = Command::new("no-such-program");
    missing.arg("--now");
    let mut slow = Command::new("sleep");
    slow.arg("600");
    let ran = Readiness::builder(Path::new("."))
        .check(Check::new("panics", Area::Quality, "t", "x", |_| {
            panic!("out of {}", "luck")
        }))
        .check(Check::command("missing", Area::Quality, "t", missing))
        .check(Check::command("slow", Area::Quality, "t", slow))
        .check(check("fine", Area::Quality, State::pass("fine")))
        .time_limit(Duration::from_millis(200))
        .build()
        .unwrap()
        .run();
    let texts: Vec<String> = ran.checks.iter().map(|check| check.state.text()).collect();
    assert_eq!(texts[0], "the check has panicked: out of luck");
    assert!(
        texts[1].starts_with("cannot start `no-such-program --now`; is the program installed"),
        "{}",
        texts[1]
    );
    assert_eq!(
        texts[2],
        "`sleep 600` was ended before it was done: it took longer than 0.2 s"
    );
    assert!(
        ran.checks[..3]
            .iter()
            .all(|check| check.state.name() == "unknown")
    );
    assert_eq!(
        ran.score(Area::Quality),
        Score::of(&[
            State::pass(""),
            State::unknown(""),
            State::unknown(""),
            State::unknown("")
        ])
    );
}

#[cfg(unix)]
#[test]
fn a_command_passes_by_its_exit_code_and_tells_the_end_of_what_it_said() {
    let shell = |script: &str| {
        let mut command = Command::new("sh");
        command.args(["-c", script]).env("TOKEN", "hidden");
        command
    };
    let ran = report(vec![
        Check::command("good", Area::Quality, "t", shell("echo one; echo two")),
        Check::command(
            "bad",
            Area::Quality,
            "t",
            shell("seq 1 30; echo broken >&2; exit 1"),
        ),
        Check::command("silent", Area::Quality, "t", shell("exit 3")),
    ]);
    assert_eq!(ran.checks[0].state, State::pass("two"));
    let State::Fail { evidence, mend } = &ran.checks[1].state else {
        panic!("{:?}", ran.checks[1]);
    };
    assert!(
        evidence.ends_with("29\n30\nbroken") && evidence.lines().count() == 12,
        "{evidence}"
    );
    assert_eq!(
        mend,
        "run `sh -c 'seq 1 30; echo broken >&2; exit 1'` and mend what it says"
    );
    assert!(
        ran.checks[2]
            .state
            .text()
            .starts_with("exit status: 3, without a word")
    );
    assert!(!serde_json::to_string(&ran).unwrap().contains("hidden"));
}

#[cfg(unix)]
#[test]
fn evidence_has_no_colours_and_no_endless_lines() {
    let mut shell = Command::new("sh");
    shell.args(["-c", r"printf '\033(B\033[m\033[1;32mgreen\033[0m end\n'"]);
    let mut long = Command::new("sh");
    long.args(["-c", "printf '%1000d\n' 7"]);
    let ran = report(vec![
        Check::command("colours", Area::Quality, "t", shell),
        Check::command("long", Area::Quality, "t", long),
    ]);
    assert_eq!(ran.checks[0].state, State::pass("green end"));
    assert!(ran.checks[1].state.text().chars().count() <= 301);
}

#[test]
fn what_is_not_applicable_is_not_run_and_shown_with_its_reason() {
    let ran = Readiness::builder(Path::new("."))
        .check(Check::new("gate", Area::Performance, "t", "x", |_| {
            panic!("it was run")
        }))
        .check(check("secrets", Area::Security, State::pass("none")))
        .not_applicable("gate", "nothing was measured before")
        .build()
        .unwrap()
        .run();
    assert_eq!(
        ran.checks[1].state,
        State::not_applicable("nothing was measured before")
    );
    assert_eq!(ran.total(), 100.0);
    assert!(ran.is_ready());
    assert!(ran.to_markdown().contains("nothing was measured before"));
}

#[test]
fn a_list_that_makes_no_sense_is_refused() {
    let said = |builder: ReadinessBuilder<'_>| builder.build().unwrap_err().to_string();
    let one = || {
        Readiness::builder(Path::new(".")).check(check("secrets", Area::Security, State::pass("")))
    };
    assert_eq!(
        said(one().check(check("secrets", Area::Quality, State::pass("")))),
        "the check `secrets` is in the list twice; give one of them another name"
    );
    assert_eq!(
        said(one().not_applicable("secrets", "  ")),
        "the check `secrets` is declared not applicable without a reason; say why"
    );
    assert_eq!(
        said(one().not_applicable("secret", "none")),
        "the check `secret` is declared not applicable, and not in the list; there are: secrets"
    );
}

#[test]
fn without_security_nothing_is_ready() {
    let ran = report(vec![check("tests", Area::Tests, State::pass(""))]);
    assert_eq!((ran.total(), ran.is_ready()), (100.0, false));
    assert_eq!(ran.verdict(), "not ready: nothing of security was checked");
    let ran = report(vec![
        check("tests", Area::Tests, State::pass("")),
        check("quality", Area::Quality, State::pass("")),
        check("docs", Area::Documentation, State::pass("")),
        check("secrets", Area::Security, State::pass("")),
        check("yanked", Area::Security, State::unknown("no network")),
    ]);
    assert!(ran.total() > 80.0);
    assert_eq!(
        ran.verdict(),
        "not ready: 1 of 2 checks of security have passed, and all have to; failing: yanked"
    );
    assert_eq!(
        ReadinessReport::default().verdict(),
        "not ready: 0 of 100 points, and 80 are needed; nothing of security was checked"
    );
}

#[test]
fn just_below_is_not_rounded_up() {
    // 25 + 20 + 20 + 15 of 100, and 14 of 15 checks in what is left of 20: below by a hair if one of them fails.
    let mut checks = vec![
        check("s", Area::Security, State::pass("")),
        check("q", Area::Quality, State::pass("")),
        check("t", Area::Tests, State::pass("")),
        check("p", Area::Packaging, State::fail("", "")),
        check("g", Area::Performance, State::fail("", "")),
    ];
    checks.extend((0..400).map(|index| {
        let state = if index == 0 {
            State::fail("", "")
        } else {
            State::pass("")
        };
        check(&format!("d{index}"), Area::Documentation, state)
    }));
    let ran = report(checks);
    assert!(
        ran.verdict().starts_with("not ready: 79.9 of 100"),
        "{}",
        ran.verdict()
    );
}

#[test]
fn progress_is_told_in_order() {
    let told = RefCell::new(Vec::new());
    let list = Readiness::builder(Path::new("."))
        .check(check("tests", Area::Tests, State::pass("")))
        .check(check("gate", Area::Performance, State::pass("")))
        .check(check(
            "secrets",
            Area::Security,
            State::fail("one", "remove it"),
        ))
        .not_applicable("gate", "nothing to measure")
        .on_event(|event| {
            told.borrow_mut().push(match event {
                ReadinessEvent::Started { check, number, of } => {
                    format!("{} {number}/{of}", check.id())
                }
                ReadinessEvent::Ended { report } => {
                    format!("{} {}", report.id, report.state.name())
                }
            });
        })
        .build()
        .unwrap();
    let _ = list.run();
    drop(list);
    let told = told.into_inner();
    assert_eq!(
        told,
        [
            "secrets 1/3",
            "secrets fail",
            "tests 2/3",
            "tests pass",
            "gate not applicable"
        ]
    );
}

#[test]
fn another_runner_answers_in_place_of_programs() {
    struct Answers;
    impl Runner for Answers {
        fn run(&self, command: &mut Command) -> io::Result<Output> {
            assert_eq!(command.get_current_dir(), Some(Path::new("somewhere")));
            Err(io::ErrorKind::PermissionDenied.into())
        }
    }
    let ran = Readiness::builder(Path::new("somewhere"))
        .check(Check::command("x", Area::Tests, "t", Command::new("cargo")))
        .runner(&Answers)
        .build()
        .unwrap()
        .run();
    assert!(
        ran.checks[0]
            .state
            .text()
            .starts_with("cannot start `cargo`")
    );
}

fn sample() -> ReadinessReport {
    let mut report = report(vec![
        check(
            "secrets",
            Area::Security,
            State::pass("12 file contents, without secrets"),
        ),
        check("yanked", Area::Security, State::unknown("no network")),
        check(
            "lints",
            Area::Quality,
            State::fail("unused <x>\nin `a.rs`", "remove it"),
        ),
        check(
            "gate",
            Area::Performance,
            State::not_applicable("nothing | to measure"),
        ),
    ]);
    report
        .checks
        .iter_mut()
        .for_each(|check| check.took_ms = 1200);
    report
}

#[test]
fn the_table_shows_each_check_in_its_area() {
    assert_eq!(
        sample().table().to_string(),
        "\
check      state              time  evidence
─────────────────────────────────────────────────────────────────────
security: 1 of 2
  secrets  pass            1.200 s  12 file contents, without secrets
  yanked   unknown         1.200 s  no network

quality: 0 of 1
  lints    fail            1.200 s  unused <x>

performance: 0 of 0
  gate     not applicable        –  nothing | to measure

not ready: 27.7 of 100 points, and 80 are needed; 1 of 2 checks of security have passed, and all have to; failing: yanked, lints
"
    );
}

#[test]
fn markdown_tells_how_to_mend_it() {
    let text = sample().to_markdown();
    assert!(text.contains("## lints: fail\n\nsomething is so\n\n    unused <x>\n    in `a.rs`\n\nTo mend it: remove it.\n\nTo see it: `true`\n"), "{text}");
    assert!(
        text.contains("| security | 1 | 2 | 50.0 % | 25 |"),
        "{text}"
    );
    assert!(!text.contains("## secrets"));
}

#[cfg(feature = "html")]
#[test]
fn the_page_has_everything_and_nothing_becomes_markup() {
    let page = sample().to_html();
    assert!(page.contains("unused &lt;x&gt;") && !page.contains("<x>"));
    assert!(page.contains("no network") && page.contains("remove it"));
}

#[test]
fn json_can_be_read_again() {
    let report = sample();
    let json = serde_json::to_string(&report).unwrap();
    assert!(
        json.contains(r#""id":"lints","area":"quality""#)
            && json.contains(r#""state":"not_applicable","reason":"#),
        "{json}"
    );
    assert_eq!(
        serde_json::from_str::<ReadinessReport>(&json).unwrap(),
        report
    );
}

#[test]
fn the_standard_list_has_something_in_every_area_and_asks_for_what_is_missing() {
    let workspace = crate::Workspace::load(Path::new("."), &crate::System).unwrap();
    let checks = StandardChecks::new(&workspace).checks();
    let areas: BTreeSet<Area> = checks.iter().map(Check::area).collect();
    assert_eq!(areas.len(), Area::ALL.len());
    let limit = TimeLimit::new(Duration::from_secs(60));
    let context = Context {
        folder: Path::new("."),
        runner: &limit,
        limit,
        is_partial: false.into(),
    };
    for id in ["signatures", "bench-gate"] {
        let missing = checks.iter().find(|check| check.id() == id).unwrap();
        let text = missing.judge(&context).text();
        assert!(text.contains("no check is given"), "{text}");
    }
}
