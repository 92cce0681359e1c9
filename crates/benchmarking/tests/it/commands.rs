//! Real commands side by side.

use std::{fs, time::Duration};

use tuneup_benchmarking::{CommandComparison, CommandLine, CommandOutcome, Error, Verdict};

fn hasty(commands: &[&str]) -> CommandComparison {
    let comparison = CommandComparison::new().budget(Duration::ZERO);
    commands.iter().fold(comparison, |comparison, text| {
        comparison.command(CommandLine::parse(text).unwrap())
    })
}

fn run(commands: &[&str]) -> Result<CommandOutcome, Error> {
    hasty(commands).run()
}

#[test]
fn what_sleeps_longer_takes_longer() {
    let outcome = run(&["sleep 0.01", "sleep 0.03"]).unwrap();
    let [first, second] = &outcome.commands[..] else {
        panic!("two were given");
    };
    assert_eq!(second.verdict, Verdict::Slower);
    assert!(first.median_ns >= 10e6 && second.median_ns >= 30e6);
    assert!(second.ratio.estimate > 1.5, "{}", second.ratio);
    let lengths = [first, second].map(|command| command.wall_ns.len());
    assert_eq!(lengths, [20, 20], "ten rounds of two");
    assert!(second.user + second.system < Duration::from_millis(30));
}

#[test]
fn memory_is_that_of_the_command() {
    let outcome = run(&["dd if=/dev/zero of=/dev/null bs=200M count=1"]).unwrap();
    let command = &outcome.commands[0];
    assert!(command.peak_bytes >= 200 << 20, "{}", command.peak_bytes);
    assert!(!command.is_peak_a_bound);
    assert!(command.system > Duration::ZERO);
}

#[test]
fn prepare_runs_before_each_run() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let write = |word: &str| format!("echo {word} >> '{}'", log.display());
    let outcome = hasty(&[&write("first"), &write("second")])
        .prepare(CommandLine::parse(&write("prepared")).unwrap())
        .run()
        .unwrap();
    assert!(outcome.commands.iter().all(|command| command.uses_shell));
    let log = fs::read_to_string(log).unwrap();
    let lines: Vec<&str> = log.lines().collect();
    // One trial and twenty runs of each, with one before each.
    assert_eq!(lines.len(), 2 * 2 * 21);
    assert!(lines.iter().step_by(2).all(|line| *line == "prepared"));
    for command in ["first", "second"] {
        let runs = lines.iter().filter(|line| **line == command).count();
        assert_eq!(runs, 21, "{command}");
    }
    // A round is the way back of a random order: no command has all of its runs first.
    assert_ne!(lines[5], lines[7], "{lines:?}");
}

#[test]
fn what_fails_is_named_with_what_it_says() {
    let error = run(&["true", "sh -c 'echo it is broken >&2; exit 3'"]).unwrap_err();
    let text = error.to_string();
    assert!(matches!(error, Error::CommandFailed { .. }), "{text}");
    assert!(
        text.contains("exit status: 3), saying: it is broken; mend it"),
        "{text}"
    );
    let error = run(&["kill -9 $$"]).unwrap_err();
    assert!(error.to_string().contains("signal: 9"), "{error}");
    let outcome = hasty(&["sh -c 'exit 3'"]).ignore_failure(true).run();
    assert_eq!(outcome.unwrap().commands.len(), 1);
}

#[test]
fn only_the_end_of_a_long_complaint_is_shown() {
    let long = "seq 1 100000 >&2; false";
    let Err(Error::CommandFailed { stderr, .. }) = run(&[long]) else {
        panic!("it fails");
    };
    assert!(
        stderr.ends_with("99999\n100000") && stderr.len() <= 2_048,
        "{stderr}"
    );
}

#[test]
fn what_fails_later_is_named_too() {
    let folder = tempfile::tempdir().unwrap();
    let once = folder.path().join("once");
    let error = run(&[&format!("mkdir '{}'", once.display())]).unwrap_err();
    assert!(matches!(error, Error::CommandFailed { .. }), "{error}");
}

#[test]
fn what_is_not_there_is_named() {
    let error = run(&["no-such-program --really"]).unwrap_err();
    let text = error.to_string();
    assert!(matches!(error, Error::CommandNotStarted { .. }), "{text}");
    assert!(text.starts_with("cannot start `no-such-program --really`; is the program installed"));
}

#[test]
fn outputs_are_compared_before_anything_is_timed() {
    let folder = tempfile::tempdir().unwrap();
    let count = folder.path().join("count");
    let counted = |rest: &str| format!("echo >> '{}'; {rest}", count.display());
    let commands = [
        counted("seq 1000"),
        counted("seq 1 1000"),
        counted("seq 999; echo 1001"),
    ];
    let commands: Vec<&str> = commands.iter().map(String::as_str).collect();
    let same = hasty(&commands[..2]).compare_output(true).run();
    assert!(same.is_ok());
    fs::remove_file(&count).unwrap();
    let Err(Error::OutputsDiffer {
        offset,
        line,
        command,
        ..
    }) = hasty(&commands).compare_output(true).run()
    else {
        panic!("they differ");
    };
    assert_eq!((offset, line), (3_888 + 3, 1_000));
    assert_eq!(command, commands[2]);
    assert_eq!(fs::read_to_string(&count).unwrap().lines().count(), 3);
}

#[test]
fn nobody_waits_for_something_to_read() {
    let outcome = run(&["cat"]).unwrap();
    assert!(outcome.commands[0].median_ns < 10e9);
}
