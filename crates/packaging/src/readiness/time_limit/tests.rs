#![cfg(unix)]

use super::*;

fn shell(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    command
}

#[test]
fn what_a_program_writes_is_kept_whole_with_its_status() {
    let limit = TimeLimit::new(Duration::from_secs(60));
    let output = limit
        .run(&mut shell("head -c 3000000 /dev/zero; echo no >&2; exit 7"))
        .unwrap();
    assert_eq!(output.stdout.len(), 3_000_000);
    assert_eq!(output.stderr, b"no\n");
    assert_eq!(output.status.code(), Some(7));
}

#[test]
fn what_a_program_has_started_ends_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let mark = folder.path().join("pid");
    let script = format!("(sleep 600 & echo $! > '{}'; wait) & wait", mark.display());
    let limit = TimeLimit::new(Duration::from_millis(500));
    let error = limit.run(&mut shell(&script)).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    let pid = std::fs::read_to_string(mark).unwrap();
    // Killed, it is gone or waits to be reaped by whoever inherits orphans.
    let mut is_alive = true;
    for _ in 0..500 {
        let ps = Command::new("ps")
            .args(["-o", "stat=", "-p", pid.trim()])
            .output()
            .unwrap();
        let state = String::from_utf8_lossy(&ps.stdout).trim().to_owned();
        is_alive = !state.is_empty() && !state.starts_with('Z');
        if !is_alive {
            break;
        }
        thread::sleep(Duration::from_millis(10));
    }
    assert!(!is_alive);
}

#[test]
fn an_interrupt_at_the_terminal_is_for_the_program_too() {
    let limit = TimeLimit::new(Duration::from_secs(60));
    let output = limit.run(&mut shell("ps -o pgid= -p $$")).unwrap();
    let group = String::from_utf8(output.stdout).unwrap();
    let own = rustix::process::getpgrp().as_raw_nonzero().to_string();
    assert_eq!(group.trim(), own);
}

#[test]
fn a_program_that_leaves_a_daemon_behind_is_not_waited_for() {
    let limit = TimeLimit::new(Duration::from_secs(60));
    let output = limit.run(&mut shell("sleep 61 & echo $!")).unwrap();
    assert!(output.status.success());
    let pid = String::from_utf8(output.stdout).unwrap();
    assert!(shell(&format!("kill {pid}")).status().unwrap().success());
}

#[test]
fn when_the_time_is_over_nothing_is_started() {
    let folder = tempfile::tempdir().unwrap();
    let mark = folder.path().join("mark");
    let limit = TimeLimit::new(Duration::ZERO);
    let mut touch = Command::new("touch");
    limit.run(touch.arg(&mark)).unwrap_err();
    assert!(!mark.exists());
}

#[test]
fn a_time_beyond_the_clock_is_no_limit() {
    let limit = TimeLimit::new(Duration::MAX);
    assert!(limit.run(&mut shell("true")).unwrap().status.success());
    assert_eq!(limit.remaining(), Duration::MAX);
}
