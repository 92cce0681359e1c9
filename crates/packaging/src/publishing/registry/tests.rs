use std::{
    io::{Read as _, Write as _},
    net::Shutdown,
    time::Duration,
};

use super::{
    upload::tests::{GZIP, body, metadata},
    *,
};

/// Sends bytes, and reads all that comes back.
fn send(registry: &Registry, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(registry.shared.address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    // A registry that has said no before it has read all of it closes.
    drop(stream.write_all(bytes));
    drop(stream.shutdown(Shutdown::Write));
    let mut answer = Vec::new();
    drop(stream.read_to_end(&mut answer));
    String::from_utf8_lossy(&answer).into_owned()
}

fn get(registry: &Registry, target: &str) -> String {
    send(
        registry,
        format!("GET {target} HTTP/1.1\r\nConnection: close\r\n\r\n").as_bytes(),
    )
}

fn put(registry: &Registry, token: Option<&str>, body: &[u8]) -> String {
    let token = token
        .map(|token| format!("Authorization: {token}\r\n"))
        .unwrap_or_default();
    let head = format!(
        "PUT /api/v1/crates/new HTTP/1.1\r\nConnection: close\r\n{token}Content-Length: {}\r\n\r\n",
        body.len()
    );
    send(registry, &[head.as_bytes(), body].concat())
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or("none")
}

#[test]
fn only_who_has_the_token_publishes() {
    let registry = Registry::builder().start().unwrap();
    let upload = body(&metadata("mine", "0.1.0"), GZIP);
    assert_eq!(status(&put(&registry, None, &upload)), "401");
    assert_eq!(status(&put(&registry, Some("guess"), &upload)), "403");
    assert!(registry.published().is_empty());
    assert_eq!(
        status(&put(&registry, Some(registry.token()), &upload)),
        "200"
    );
    assert_eq!(registry.published().len(), 1);
    assert_eq!(status(&get(&registry, "/index/mi/ne/mine")), "200");
    let other = Registry::builder().start().unwrap();
    assert_ne!(registry.token(), other.token());
}

#[test]
fn the_token_is_in_no_text() {
    let registry = Registry::builder().start().unwrap();
    assert!(!format!("{registry:?}").contains(registry.token()));
    let answer = put(&registry, Some(registry.token()), b"garbage");
    assert!(!answer.contains(registry.token()));
}

#[test]
fn a_private_one_wants_the_token_for_everything() {
    let registry = Registry::builder().private(true).start().unwrap();
    assert_eq!(status(&get(&registry, "/index/config.json")), "401");
    let asked = format!(
        "GET /index/config.json HTTP/1.1\r\nAuthorization: {}\r\nConnection: close\r\n\r\n",
        registry.token()
    );
    assert!(send(&registry, asked.as_bytes()).contains(r#""auth-required":true"#));
}

#[test]
fn garbage_is_answered_and_stops_nothing() {
    let registry = Registry::builder().start().unwrap();
    for garbage in [
        &b"\0\0\0\0\r\n\r\n"[..],
        b"GET / HTTP/9.9\r\n\r\n",
        &[b'a'; 100_000],
    ] {
        let answer = send(&registry, garbage);
        assert!(status(&answer).starts_with('4'), "{answer}");
    }
    assert_eq!(
        status(&put(&registry, Some(registry.token()), &[255; 50])),
        "413"
    );
    let refused = put(
        &registry,
        Some(registry.token()),
        &body(&metadata("1st", "0.1.0"), GZIP),
    );
    assert!(refused.contains("begin with a letter"), "{refused}");
    assert_eq!(status(&get(&registry, "/index/config.json")), "200");
}

#[test]
fn what_is_too_big_is_refused_before_it_is_read() {
    let registry = Registry::builder().max_crate_bytes(1000).start().unwrap();
    let mut big = GZIP.to_vec();
    big.resize(1001, 0);
    let answer = put(
        &registry,
        Some(registry.token()),
        &body(&metadata("mine", "0.1.0"), &big),
    );
    assert_eq!(status(&answer), "413");
    let answer = put(&registry, Some(registry.token()), &vec![0; 4 << 20]);
    assert_eq!(status(&answer), "413");
}

#[test]
fn faults_come_at_their_number() {
    let registry = Registry::builder()
        .fault(Traffic::Publish, 1, Fault::Unavailable)
        .fault(Traffic::Publish, 2, Fault::Dropped)
        .fault(Traffic::Publish, 3, Fault::AnswerLost)
        .fault(Traffic::Index, 1, Fault::Corrupted)
        .start()
        .unwrap();
    let upload = body(&metadata("mine", "0.1.0"), GZIP);
    let publish = || put(&registry, Some(registry.token()), &upload);
    assert_eq!(status(&publish()), "503");
    assert_eq!(publish(), "");
    assert!(registry.published().is_empty());
    assert_eq!(publish(), "");
    assert_eq!(registry.published().len(), 1);
    assert!(publish().contains("there already"));
    let changed = get(&registry, "/index/mi/ne/mine");
    let right = get(&registry, "/index/mi/ne/mine");
    let differing = changed
        .bytes()
        .zip(right.bytes())
        .filter(|(one, other)| one != other);
    assert_eq!((changed.len(), differing.count()), (right.len(), 1));
    assert_eq!(
        (
            registry.requests(Traffic::Publish),
            registry.requests(Traffic::Index)
        ),
        (4, 2)
    );
}

#[test]
fn a_drop_ends_connections_and_delays_and_frees_the_port() {
    let registry = Registry::builder()
        .fault(Traffic::Other, 1, Fault::Delayed(Duration::from_secs(3600)))
        .start()
        .unwrap();
    let address = registry.shared.address;
    let mut idle = TcpStream::connect(address).unwrap();
    let mut delayed = TcpStream::connect(address).unwrap();
    delayed
        .write_all(b"GET /index/config.json HTTP/1.1\r\n\r\n")
        .unwrap();
    while registry.requests(Traffic::Other) == 0 {
        thread::yield_now();
    }
    let shared = Arc::downgrade(&registry.shared);
    drop(registry);
    assert_eq!(shared.strong_count(), 0, "a thread goes on");
    assert_eq!(idle.read(&mut [0]).unwrap_or(0), 0);
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn too_many_connections_are_turned_away_and_the_others_served() {
    let registry = Registry::builder().start().unwrap();
    let mut held: Vec<TcpStream> = (0..64)
        .map(|_| TcpStream::connect(registry.shared.address).unwrap())
        .collect();
    let answer = get(&registry, "/index/config.json");
    // The one that is turned away may see the close before the answer.
    assert!(answer.is_empty() || status(&answer) == "503", "{answer}");
    held[0]
        .write_all(b"GET /index/config.json HTTP/1.1\r\nConnection: close\r\n\r\n")
        .unwrap();
    let mut answer = String::new();
    held[0].read_to_string(&mut answer).unwrap();
    assert_eq!(status(&answer), "200");
}
