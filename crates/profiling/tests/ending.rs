//! Nothing is lost however the process ends: each test is a process of its own that ends in its own way.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use tuneup_profiling::{Profiler, profile_fn};

const CHILD: &str = "TUNEUP_TEST_ENDING";

fn folded(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A process that runs this test binary again, as the child that `what` describes.
fn child(what: &str, path: &Path) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command
        .args(["the_child", "--exact", "--nocapture", "--test-threads=1"])
        .env(CHILD, what)
        .env("TUNEUP_TEST_PATH", path)
        .env_remove("TUNEUP_PROFILE")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn run(what: &str, path: &Path) -> Output {
    child(what, path).output().unwrap()
}

fn in_folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("profile.folded");
    (folder, path)
}

/// Spins until the profile has time to show: a stack without time has no line.
fn work() {
    profile_fn("work", || {
        let begin = std::time::Instant::now();
        while begin.elapsed() < std::time::Duration::from_millis(2) {
            std::hint::spin_loop();
        }
    });
}

/// Not a test: what the other tests start.
#[test]
fn the_child() {
    let Ok(what) = env::var(CHILD) else {
        return;
    };
    let path = env::var_os("TUNEUP_TEST_PATH").unwrap();
    match what.as_str() {
        "exit" => {
            let _session = Profiler::builder().save_to(path).start().unwrap();
            profile_fn("outer", || {
                work();
                std::process::exit(7);
            });
        }
        "leaked" => {
            let session = Profiler::builder().save_to(path).start().unwrap();
            let _session = std::mem::ManuallyDrop::new(session);
            work();
            panic!("on purpose");
        }
        "panic" => {
            let _session = Profiler::builder().save_to(path).start().unwrap();
            profile_fn("outer", || {
                work();
                panic!("on purpose");
            });
        }
        "interval" => {
            let _session = Profiler::builder()
                .save_to(path)
                .interval(std::time::Duration::from_millis(100))
                .keep_files(3)
                .start()
                .unwrap();
            loop {
                work();
            }
        }
        #[cfg(all(unix, feature = "signals"))]
        "signal" => {
            let _session = Profiler::builder()
                .save_to(path)
                .guard_signals(true)
                .start()
                .unwrap();
            profile_fn("outer", || {
                work();
                println!("ready");
                loop {
                    work();
                }
            });
        }
        "environment" => {
            let session = tuneup_profiling::from_env();
            work();
            if let Err(error) = session {
                println!("{error}");
                std::process::exit(3);
            }
        }
        "full disk" => {
            let folder = Path::new(&path).parent().unwrap().to_owned();
            let session = Profiler::builder().save_to(&path).start().unwrap();
            work();
            // The place that was writable is gone by now.
            fs::remove_dir_all(folder).unwrap();
            drop(session);
        }
        other => panic!("no child is called {other}"),
    }
}

#[test]
fn a_process_that_exits_inside_of_calls_saves_them() {
    let (_folder, path) = in_folder();
    let output = run("exit", &path);
    assert_eq!(output.status.code(), Some(7));
    assert!(folded(&path).contains("outer;work "), "{}", folded(&path));
}

#[test]
fn a_panic_saves_the_session_that_it_drops() {
    let (_folder, path) = in_folder();
    assert!(!run("panic", &path).status.success());
    assert!(folded(&path).contains("outer;work "), "{}", folded(&path));
}

#[test]
fn a_session_that_nobody_drops_is_saved_at_the_end_of_the_process() {
    let (_folder, path) = in_folder();
    assert!(!run("leaked", &path).status.success());
    assert!(folded(&path).contains("work "), "{}", folded(&path));
}

#[test]
fn a_profile_that_cannot_be_saved_is_told_and_harms_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("inner").join("profile.folded");
    fs::create_dir(path.parent().unwrap()).unwrap();
    let output = run("full disk", &path);
    assert!(output.status.success());
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        errors.contains("tuneup: ") && errors.contains("profile.folded"),
        "{errors}"
    );
}

#[test]
fn a_process_that_is_killed_leaves_whole_files() {
    let (folder, path) = in_folder();
    let mut child = child("interval", &path).spawn().unwrap();
    let oldest = folder.path().join("profile.2.folded");
    while !oldest.exists() {
        assert!(
            child.try_wait().unwrap().is_none(),
            "the child ended by itself"
        );
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let (newest, older) = (folded(&path), folded(&oldest));
    let ns = |text: &str| -> u64 {
        let line = text.lines().find(|line| line.starts_with("work ")).unwrap();
        line.rsplit(' ').next().unwrap().parse().unwrap()
    };
    assert!(ns(&newest) > ns(&older));
    let left = fs::read_dir(folder.path()).unwrap().count();
    assert!(
        left <= 4,
        "three files, and one that was being written: {left}"
    );
}

#[cfg(all(unix, feature = "signals"))]
fn ended_by(status: std::process::ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status)
}

#[cfg(all(unix, feature = "signals"))]
#[test]
fn sigint_and_sigterm_wait_for_the_profile() {
    use std::io::{BufRead as _, BufReader};

    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        let (_folder, path) = in_folder();
        let mut child = child("signal", &path).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready = lines
            .map_while(Result::ok)
            .any(|line| line.contains("ready"));
        assert!(ready);
        let id = child.id().to_string();
        let sent = Command::new("kill")
            .args([&format!("-{signal}"), &id])
            .status();
        assert!(sent.unwrap().success());
        // The program ends as it would have without us.
        assert_eq!(ended_by(child.wait().unwrap()), Some(signal));
        assert!(folded(&path).contains("outer;work "), "{}", folded(&path));
    }
}

#[test]
fn the_environment_turns_profiling_on() {
    let (_folder, path) = in_folder();
    let output = child("environment", &path)
        .env(
            "TUNEUP_PROFILE",
            format!("{},sample=99,filter=^wo", path.display()),
        )
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(folded(&path).contains("work "));
}

#[test]
fn an_environment_without_it_changes_nothing() {
    let (folder, path) = in_folder();
    assert!(run("environment", &path).status.success());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_malformed_environment_is_told_by_name() {
    let (_folder, path) = in_folder();
    for (value, told) in [
        (",sample=99".to_owned(), "the path is missing"),
        (
            format!("{},speed=9", path.display()),
            "`speed` is no option",
        ),
        (
            format!("{},interval=5", path.display()),
            "`interval=5` is no time",
        ),
        (
            format!("{},sample=fast", path.display()),
            "`sample=fast` is no number",
        ),
        (
            format!("{},detail=most", path.display()),
            "use full, flat or counted",
        ),
        (format!("{},sample=1e9", path.display()), "1 to 10000"),
        (
            format!("{},filter=(", path.display()),
            "no regular expression",
        ),
        ("profile.doc".to_owned(), "profile.doc"),
    ] {
        let output = child("environment", &path)
            .env("TUNEUP_PROFILE", &value)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(3), "{value}");
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(text.contains(told), "{value}: {text}");
    }
}
