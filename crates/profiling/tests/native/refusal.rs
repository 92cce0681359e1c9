//! What a sampler says where the kernel refuses; each test starts itself again with less rights.

use std::{
    env,
    fs::{self, File},
    os::unix::process::CommandExt as _,
    process::{Command, Stdio},
};

use tuneup_profiling::{Error, NativeSampler, NativeSamplerBuilder};

use crate::{
    skip::{self, skipped},
    turns,
};

/// Set in the process with less rights.
const ROLE: &str = "TUNEUP_TEST_ROLE";
const OUTCOME: &str = "outcome: ";
const STARTED: &str = "started";

const NOBODY: u32 = 65_534;

fn role() -> Option<String> {
    env::var(ROLE).ok()
}

/// In the process with less rights: tells the other one what happened.
fn tell(text: &str) {
    println!("{OUTCOME}{text}");
}

fn outcome(builder: NativeSamplerBuilder) -> String {
    match builder.start() {
        Ok(_sampler) => STARTED.to_owned(),
        Err(error @ Error::Sampler { .. }) => error.to_string(),
        Err(error) => panic!("{error}"),
    }
}

/// Runs a test of this file again under limits of the shell, and gives what it told.
fn again(test: &str, role: &str, limits: &str, user: Option<u32>) -> Option<String> {
    let mut shell = Command::new("sh");
    shell
        .args(["-c", &format!(r#"{limits} && exec "$0" "$@""#)])
        .arg(env::current_exe().unwrap());
    shell.args(["--exact", &format!("refusal::{test}"), "--nocapture"]);
    shell.env(ROLE, role).stdin(Stdio::null()).current_dir("/");
    if let Some(user) = user {
        shell.uid(user).gid(user);
    }
    let output = shell.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let said_wrong = String::from_utf8_lossy(&output.stderr);
    if said_wrong.contains("Permission denied") {
        skipped(test, "another user may not run this test's file");
        return None;
    }
    // The harness has begun the line with the test's name.
    let told = said.lines().find_map(|line| line.split_once(OUTCOME));
    match told {
        Some((_, told)) => Some(told.to_owned()),
        None => panic!("{said}\n{said_wrong}"),
    }
}

/// The value of the setting, and whether this process is root and may sample itself, which the tests as
/// another user begin with.
fn paranoid_as_root(test: &str) -> Option<i32> {
    if fs::metadata("/proc/self").map_or(true, |own| std::os::unix::fs::MetadataExt::uid(&own) != 0)
    {
        skipped(test, "only root can become another user");
        return None;
    }
    drop(skip::start(test, NativeSampler::builder())?);
    let setting = fs::read_to_string("/proc/sys/kernel/perf_event_paranoid").unwrap();
    Some(setting.trim().parse().unwrap())
}

#[track_caller]
fn assert_says(told: &str, words: &[&str]) {
    for word in words {
        assert!(told.contains(word), "{word:?} is not in {told:?}");
    }
}

#[test]
fn a_process_of_somebody_else() {
    let _turn = turns::beside_others();
    const TEST: &str = "a_process_of_somebody_else";
    if let Some(pid) = role() {
        return tell(&outcome(NativeSampler::builder().pid(pid.parse().unwrap())));
    }
    let Some(paranoid) = paranoid_as_root(TEST) else {
        return;
    };
    let pid = std::process::id().to_string();
    let Some(told) = again(TEST, &pid, "true", Some(NOBODY)) else {
        return;
    };
    match paranoid {
        ..=2 => assert_says(&told, &["belongs to somebody else", "CAP_PERFMON"]),
        3.. => assert_says(&told, &["sysctl kernel.perf_event_paranoid=1"]),
    }
    assert_says(&told, &[&format!("perf_event_paranoid is {paranoid}")]);
}

#[test]
fn an_ordinary_user_and_little_memory_to_lock() {
    let _turn = turns::beside_others();
    const TEST: &str = "an_ordinary_user_and_little_memory_to_lock";
    if role().is_some() {
        let mut samplers = Vec::new();
        let mut told = String::new();
        // Each takes some of what the user may lock.
        for _ in 0..64 {
            match NativeSampler::builder().start() {
                Ok(sampler) => samplers.push(sampler),
                Err(error) => {
                    told = error.to_string();
                    break;
                }
            }
        }
        return tell(&format!("{}: {told}", samplers.len()));
    }
    let Some(paranoid) = paranoid_as_root(TEST) else {
        return;
    };
    let Some(told) = again(TEST, "user", "ulimit -l 0", Some(NOBODY)) else {
        return;
    };
    let (started, refusal) = told.split_once(": ").unwrap();
    let started = started.parse::<u32>().unwrap();
    if refusal.contains("kernel.perf_event_paranoid=1") {
        // Some kernels close them to users altogether.
        assert!(started == 0 && paranoid > 2, "{told}");
        return;
    }
    // The first gets along with smaller rings than root has.
    assert!(started > 0, "{told}");
    match started {
        64 => skipped(TEST, "this kernel lets users lock much memory"),
        _ => assert_says(refusal, &["perf_event_mlock_kb", "ulimit -l"]),
    }
}

#[test]
fn too_few_open_files() {
    let _turn = turns::beside_others();
    const TEST: &str = "too_few_open_files";
    if role().is_some() {
        let mut files = Vec::new();
        while let Ok(file) = File::open("/dev/null") {
            files.push(file);
        }
        // Two for the sampler's pipe, one for an event, and none for the event of the other thread.
        files.truncate(files.len() - 3);
        return tell(&outcome(NativeSampler::builder()));
    }
    if skip::start(TEST, NativeSampler::builder()).is_none() {
        return;
    }
    let told = again(TEST, "few", "ulimit -n 64", None).unwrap();
    assert_says(
        &told,
        &[
            "open file is needed for each thread on each processor",
            "ulimit -n 65536",
        ],
    );
}

#[test]
fn no_such_process() {
    let _turn = turns::beside_others();
    for pid in [0, 1 << 30, u32::MAX] {
        let told = outcome(NativeSampler::builder().pid(pid));
        assert_says(&told, &["no such process", "pid namespace"]);
    }
}
