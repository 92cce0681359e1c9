use std::io::Cursor;

use proptest::prelude::*;

use super::*;

/// A connection that was recorded: what comes in, and what went out.
struct Recorded {
    incoming: Cursor<Vec<u8>>,
    outgoing: Vec<u8>,
}

impl Read for Recorded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // In small pieces, as a network may.
        let end = buffer.len().min(7);
        self.incoming.read(&mut buffer[..end])
    }
}

impl Write for Recorded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.outgoing.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn recorded(bytes: &[u8]) -> Recorded {
    Recorded {
        incoming: Cursor::new(bytes.to_vec()),
        outgoing: Vec::new(),
    }
}

fn status(bytes: &[u8]) -> Option<u16> {
    match read_request(&mut recorded(bytes), &mut Vec::new(), 100) {
        Err(NoRequest::Refused(response)) => Some(response.status),
        _ => None,
    }
}

#[test]
fn requests_of_one_connection_are_read_one_after_the_other() {
    let text = b"PUT /a HTTP/1.1\r\nAuthorization: t\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\nabcGET /b HTTP/1.1\r\nConnection: close\r\n\r\n";
    let (mut stream, mut pending) = (recorded(text), Vec::new());
    let first = read_request(&mut stream, &mut pending, 3).unwrap();
    assert_eq!(
        (&first.method[..], &first.target[..], &first.body[..]),
        ("PUT", "/a", &b"abc"[..])
    );
    assert_eq!(first.authorization.as_deref(), Some("t"));
    assert!(first.is_kept_alive);
    assert_eq!(stream.outgoing, b"HTTP/1.1 100 Continue\r\n\r\n");
    let second = read_request(&mut stream, &mut pending, 3).unwrap();
    assert_eq!(
        (&second.target[..], second.body.len(), second.is_kept_alive),
        ("/b", 0, false)
    );
    assert!(matches!(
        read_request(&mut stream, &mut pending, 3),
        Err(NoRequest::Gone)
    ));
}

#[test]
fn what_cannot_be_read_is_refused_by_its_own_status() {
    assert_eq!(status(b"garbage\r\n\r\n"), Some(400));
    assert_eq!(
        status(b"GET / HTTP/1.1\r\nContent-Length: +3\r\n\r\n"),
        Some(400)
    );
    assert_eq!(
        status(b"GET / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n"),
        Some(400)
    );
    assert_eq!(
        status(b"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"),
        Some(411)
    );
    assert_eq!(
        status(b"PUT / HTTP/1.1\r\nContent-Length: 101\r\n\r\n"),
        Some(413)
    );
    assert_eq!(
        status(format!("GET /{} HTTP/1.1\r\n", "a".repeat(MAX_HEAD_BYTES)).as_bytes()),
        Some(431)
    );
    assert_eq!(
        status(
            format!(
                "GET / HTTP/1.1\r\n{}\r\n",
                "a: b\r\n".repeat(MAX_HEADERS + 1)
            )
            .as_bytes()
        ),
        Some(431)
    );
    // Cut off: nobody is there to be answered.
    assert_eq!(
        status(b"PUT / HTTP/1.1\r\nContent-Length: 3\r\n\r\nab"),
        None
    );
}

#[test]
fn an_answer_has_its_length_and_its_reason() {
    let mut written = Vec::new();
    Response::refusal(404, "no \"such\" crate")
        .write(&mut written, true)
        .unwrap();
    let text = String::from_utf8(written).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 404 Not Found\r\n"), "{head}");
    assert!(
        head.contains(&format!("Content-Length: {}", body.len())),
        "{head}"
    );
    assert_eq!(body, r#"{"errors":[{"detail":"no \"such\" crate"}]}"#);
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        drop(read_request(&mut recorded(&bytes), &mut Vec::new(), 100));
    }

    #[test]
    fn no_near_miss_makes_it_panic(
        text in "(GET|PUT|X) /[a-z?%]{0,5} HTTP/1.[012]\r\n((Content-Length|Connection|Expect|Transfer-Encoding|Authorization): [0-9a-zé+-]{0,22}\r\n){0,4}\r\n.{0,9}"
    ) {
        match read_request(&mut recorded(text.as_bytes()), &mut Vec::new(), 100) {
            Ok(request) => prop_assert!(request.body.len() <= 100),
            Err(NoRequest::Refused(response)) => prop_assert!((400..500).contains(&response.status)),
            Err(NoRequest::Gone) => {}
        }
    }
}
