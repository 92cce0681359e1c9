use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use tuneup_packaging::{Runner, find_yanked};

use super::{MANIFEST, Toy, sources::WithHome};

/// The index of a registry with one package, `left` 1.0.0, of which nothing can be downloaded.
struct Registry {
    address: String,
    is_yanked: Arc<AtomicBool>,
    is_down: Arc<AtomicBool>,
}

impl Registry {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let registry = Self {
            address: address.clone(),
            is_yanked: Arc::default(),
            is_down: Arc::default(),
        };
        let (is_yanked, is_down) = (registry.is_yanked.clone(), registry.is_down.clone());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // Cargo may hang up on us, which is its right.
                let _ = answer(
                    &stream,
                    &address,
                    is_yanked.load(Ordering::SeqCst),
                    is_down.load(Ordering::SeqCst),
                );
            }
        });
        registry
    }
}

fn answer(
    mut stream: &TcpStream,
    address: &str,
    is_yanked: bool,
    is_down: bool,
) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    let request = lines.next().unwrap_or_else(|| Ok(String::new()))?;
    for line in lines {
        if line?.is_empty() {
            break;
        }
    }
    let path = request.split(' ').nth(1).unwrap_or_default();
    let checksum = "ab".repeat(32);
    let (status, body) = match path {
        _ if is_down => ("500 Internal Server Error", String::new()),
        "/index/config.json" => ("200 OK", format!(r#"{{"dl":"{address}/dl"}}"#)),
        "/index/le/ft/left" => (
            "200 OK",
            format!(
                r#"{{"name":"left","vers":"1.0.0","deps":[],"cksum":"{checksum}","features":{{}},"yanked":{is_yanked}}}"#
            ),
        ),
        _ => ("404 Not Found", String::new()),
    };
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

#[test]
fn a_version_that_was_taken_back_is_named_and_remembered_without_a_network() {
    let registry = Registry::start();
    let home = tempfile::tempdir().unwrap();
    let runner = WithHome(home.path().to_owned());
    let toy = Toy::package();
    toy.write(
        "Cargo.toml",
        format!("{MANIFEST}\n[dependencies]\nleft = \"1\"\n"),
    );
    let config = format!(
        "[source.crates-io]\nreplace-with = \"toy\"\n\n[source.toy]\nregistry = \"sparse+{}/index/\"\n",
        registry.address
    );
    toy.write(".cargo/config.toml", config);
    let mut lock = Command::new("cargo");
    lock.arg("generate-lockfile").current_dir(toy.path());
    let output = runner.run(&mut lock).unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );

    let report = find_yanked(toy.path(), home.path(), &runner).unwrap();
    assert_eq!(
        (report.checked, report.yanked.len(), report.is_fresh),
        (1, 0, true),
        "{report:?}"
    );

    registry.is_yanked.store(true, Ordering::SeqCst);
    let before = std::fs::read(toy.path().join("Cargo.lock")).unwrap();
    let report = find_yanked(toy.path(), home.path(), &runner).unwrap();
    assert_eq!(
        (&report.yanked[..], report.is_fresh),
        (&["left 1.0.0".to_owned()][..], true)
    );
    assert_eq!(
        std::fs::read(toy.path().join("Cargo.lock")).unwrap(),
        before
    );

    registry.is_down.store(true, Ordering::SeqCst);
    let report = find_yanked(toy.path(), home.path(), &runner).unwrap();
    assert_eq!(
        (&report.yanked[..], report.is_fresh),
        (&["left 1.0.0".to_owned()][..], false)
    );

    // Who has never asked does not know.
    let elsewhere = tempfile::tempdir().unwrap();
    let report = find_yanked(toy.path(), elsewhere.path(), &runner).unwrap();
    assert_eq!(
        (report.checked, &report.missing[..]),
        (0, &["left 1.0.0".to_owned()][..])
    );
}
