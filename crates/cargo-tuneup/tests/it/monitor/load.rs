//! What is watched: a program that uses what it is told to, and places to use it in.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::LazyLock,
};

use tempfile::TempDir;

use crate::skip::skip;

const SOURCE: &str = r#"
use std::{env, fs, io::{Read, Write}, net::{TcpListener, TcpStream}, process::Command, thread::sleep, time::Duration};

fn sleep_ms(ms: u64) {
    sleep(Duration::from_millis(ms));
}

/// Until this process has had so much processor time, by the kernel's account.
fn burn(ms: u64) {
    let used_ns = || -> u64 {
        let text = fs::read_to_string("/proc/self/schedstat").unwrap();
        text.split(' ').next().unwrap().parse().unwrap()
    };
    while used_ns() < ms * 1_000_000 {
        std::hint::black_box((0..100_000_u64).fold(1, |sum, i| std::hint::black_box(sum ^ i)));
    }
}

/// Of this process and of the children that it has waited for.
fn account_ms() -> u64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    fields[11..15].iter().map(|ticks| ticks.parse::<u64>().unwrap() * 10).sum()
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let number = |at: usize| -> u64 { arguments[at].parse().unwrap() };
    match arguments[0].as_str() {
        "burn" => burn(number(1)),
        "hold" => {
            let held = vec![7_u8; (number(1) << 20) as usize];
            sleep_ms(number(2));
            std::hint::black_box(held);
        }
        "write" => {
            let mut file = fs::File::create(&arguments[1]).unwrap();
            file.write_all(&vec![7; (number(2) << 20) as usize]).unwrap();
            file.sync_all().unwrap();
        }
        "children" => {
            for _ in 0..number(1) {
                let mut child = Command::new(env::current_exe().unwrap()).args(["burn", &arguments[2]]).spawn().unwrap();
                // Where SIGCHLD is ignored, there is nothing to wait for when all are gone.
                let _ = child.wait();
            }
            println!("{}", account_ms());
        }
        "talk" => {
            // Time for a first look: bytes count from then on.
            sleep_ms(number(2) / 2);
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let mut sender = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
            let (mut receiver, _) = listener.accept().unwrap();
            let mut bytes = vec![7; number(1) as usize];
            let sends = std::thread::spawn(move || {
                sender.write_all(&vec![7; 200_000]).unwrap();
                sender
            });
            receiver.read_exact(&mut bytes).unwrap();
            let sender = sends.join().unwrap();
            sleep_ms(number(2) / 2);
            drop((sender, receiver));
        }
        "files" => {
            let files: Vec<fs::File> = (0..number(1)).map(|_| fs::File::open("/dev/null").unwrap()).collect();
            sleep_ms(number(2));
            drop(files);
        }
        other => panic!("{other}"),
    }
}
"#;

/// Compiled once for all tests; what was left by earlier ones is replaced.
pub(super) fn load() -> &'static Path {
    static LOAD: LazyLock<PathBuf> = LazyLock::new(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("monitor");
        fs::create_dir_all(&folder).unwrap();
        let (source, program) = (folder.join("load.rs"), folder.join("load"));
        fs::write(&source, SOURCE).unwrap();
        let rustc = Command::new("rustc")
            .args(["--edition", "2024", "-O", "-o"])
            .args([&program, &source])
            .status();
        assert!(rustc.unwrap().success());
        program
    });
    &LOAD
}

/// A folder on a disk; none, and a word about it, where the target folder is in memory.
pub(super) fn disk_folder() -> Option<TempDir> {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let kind = Command::new("stat")
        .args(["-f", "-c", "%T"])
        .arg(folder.path())
        .output();
    let kind = kind.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    if kind.is_ok_and(|kind| kind == "tmpfs" || kind == "ramfs") {
        skip("the target folder is in memory, and on no disk");
        return None;
    }
    Some(folder)
}

/// A control group of this test, which is taken away again.
pub(super) struct Group(PathBuf);

impl Group {
    /// With room for ten tasks; none where this user may not make one.
    pub(super) fn of_ten_tasks() -> Option<Self> {
        let name = format!("tuneup-test-{}", std::process::id());
        // Version 2, then the hierarchy of this controller in version 1.
        for root in ["/sys/fs/cgroup", "/sys/fs/cgroup/pids"] {
            let folder = Path::new(root).join(&name);
            if fs::create_dir(&folder).is_err() {
                continue;
            }
            let group = Self(folder);
            let limit = group.0.join("pids.max");
            // Where no hierarchy is mounted, it is a folder like any other.
            if limit.exists() && fs::write(limit, "10").is_ok() {
                return Some(group);
            }
        }
        None
    }

    pub(super) fn folder(&self) -> &Path {
        &self.0
    }

    pub(super) fn name(&self) -> &str {
        self.0.file_name().unwrap().to_str().unwrap()
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let _ = fs::remove_dir(&self.0);
    }
}
