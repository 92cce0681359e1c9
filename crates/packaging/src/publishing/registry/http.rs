//! HTTP/1.1 as far as Cargo speaks it: heads, bodies of a known length, answers.

use std::{
    borrow::Cow,
    io::{self, Read, Write},
    sync::Arc,
};

/// A longer head is refused.
const MAX_HEAD_BYTES: usize = 16 << 10;
const MAX_HEADERS: usize = 64;

/// A request with its body.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) target: String,
    pub(super) authorization: Option<String>,
    pub(super) is_kept_alive: bool,
    pub(super) body: Vec<u8>,
}

/// Everything before the body.
#[derive(Debug)]
struct Head {
    bytes: usize,
    body_bytes: u64,
    expects_continue: bool,
    request: Request,
}

/// An answer.
#[derive(Debug)]
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) location: Option<String>,
    pub(super) body: Body,
}

/// Texts are made for the answer; crates are shared.
#[derive(Debug)]
pub(super) enum Body {
    Json(Vec<u8>),
    Text(Vec<u8>),
    Crate(Arc<[u8]>),
}

impl Body {
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Json(bytes) | Self::Text(bytes) => bytes,
            Self::Crate(bytes) => bytes,
        }
    }

    fn media_type(&self) -> &'static str {
        match self {
            Self::Json(_) => "application/json",
            Self::Text(_) => "text/plain; charset=utf-8",
            Self::Crate(_) => "application/gzip",
        }
    }
}

impl Response {
    pub(super) fn json(value: &serde_json::Value) -> Self {
        Self {
            status: 200,
            location: None,
            body: Body::Json(value.to_string().into_bytes()),
        }
    }

    pub(super) fn body(body: Body) -> Self {
        Self {
            status: 200,
            location: None,
            body,
        }
    }

    pub(super) fn redirect(location: String) -> Self {
        Self {
            status: 302,
            location: Some(location),
            body: Body::Text(Vec::new()),
        }
    }

    /// In the form in which Cargo shows the reason to its user.
    pub(super) fn refusal(status: u16, reason: impl Into<Cow<'static, str>>) -> Self {
        let reason = reason.into();
        let mut response = Self::json(&serde_json::json!({ "errors": [{ "detail": reason }] }));
        response.status = status;
        response
    }

    pub(super) fn write(&self, stream: &mut impl Write, is_kept_alive: bool) -> io::Result<()> {
        let body = self.body.bytes();
        let mut head = format!(
            "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\n",
            self.status,
            reason_phrase(self.status),
            self.body.media_type(),
            body.len()
        );
        if let Some(location) = &self.location {
            head += &format!("Location: {location}\r\n");
        }
        head += if is_kept_alive {
            "Connection: keep-alive\r\n\r\n"
        } else {
            "Connection: close\r\n\r\n"
        };
        stream.write_all(head.as_bytes())?;
        stream.write_all(body)?;
        stream.flush()
    }
}

fn reason_phrase(status: u16) -> &'static str {
    match status {
        200 => "OK",
        302 => "Found",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        411 => "Length Required",
        413 => "Content Too Large",
        431 => "Request Header Fields Too Large",
        503 => "Service Unavailable",
        _ => "Unknown",
    }
}

/// Why there is no request.
#[derive(Debug)]
pub(super) enum NoRequest {
    /// The other side has gone, or says nothing any more.
    Gone,
    /// It is answered, and the connection closed: where the next request begins is not known.
    Refused(Response),
}

impl From<io::Error> for NoRequest {
    fn from(_: io::Error) -> Self {
        Self::Gone
    }
}

/// Reads one request. `pending` is what has been read beyond the one before, and holds what is beyond this one afterwards.
pub(super) fn read_request(
    stream: &mut (impl Read + Write),
    pending: &mut Vec<u8>,
    max_body_bytes: u64,
) -> Result<Request, NoRequest> {
    let head = loop {
        if let Some(head) = parse_head(pending).map_err(NoRequest::Refused)? {
            break head;
        }
        read_more(stream, pending)?;
    };
    if head.body_bytes > max_body_bytes {
        return Err(NoRequest::Refused(Response::refusal(
            413,
            format!(
                "a body may have {max_body_bytes} bytes, and this one has {}",
                head.body_bytes
            ),
        )));
    }
    if head.expects_continue {
        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
    }
    // At most `max_body_bytes`, which fits into memory.
    let end = head.bytes + usize::try_from(head.body_bytes).map_err(|_| NoRequest::Gone)?;
    while pending.len() < end {
        read_more(stream, pending)?;
    }
    let mut request = head.request;
    request.body = pending[head.bytes..end].to_vec();
    pending.drain(..end);
    Ok(request)
}

fn read_more(stream: &mut impl Read, pending: &mut Vec<u8>) -> Result<(), NoRequest> {
    let mut chunk = [0; 16 << 10];
    match stream.read(&mut chunk)? {
        0 => Err(NoRequest::Gone),
        count => {
            pending.extend_from_slice(&chunk[..count]);
            Ok(())
        }
    }
}

/// The head at the beginning of these bytes; `None` if there is not all of it yet.
fn parse_head(bytes: &[u8]) -> Result<Option<Head>, Response> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut parsed = httparse::Request::new(&mut headers);
    let length = match parsed.parse(bytes) {
        Ok(httparse::Status::Complete(length)) if length <= MAX_HEAD_BYTES => length,
        Ok(httparse::Status::Partial) if bytes.len() <= MAX_HEAD_BYTES => return Ok(None),
        Ok(_) | Err(httparse::Error::TooManyHeaders) => {
            return Err(Response::refusal(
                431,
                "the head of the request is too long",
            ));
        }
        Err(error) => {
            return Err(Response::refusal(
                400,
                format!("this is no HTTP/1.1: {error}"),
            ));
        }
    };
    let mut head = Head {
        bytes: length,
        body_bytes: 0,
        expects_continue: false,
        request: Request {
            method: parsed.method.unwrap_or_default().to_owned(),
            target: parsed.path.unwrap_or_default().to_owned(),
            authorization: None,
            is_kept_alive: parsed.version == Some(1),
            body: Vec::new(),
        },
    };
    head.take_headers(parsed.headers)?;
    Ok(Some(head))
}

impl Head {
    fn take_headers(&mut self, headers: &[httparse::Header<'_>]) -> Result<(), Response> {
        let mut body_bytes = None;
        for header in headers {
            let value = std::str::from_utf8(header.value)
                .map_err(|_| Response::refusal(400, "a header is no UTF-8"))?
                .trim();
            match header.name.to_ascii_lowercase().as_str() {
                "content-length" => {
                    let before = body_bytes.replace(content_length(value)?);
                    if before.is_some() {
                        let reason = "the length of the body is told twice";
                        return Err(Response::refusal(400, reason));
                    }
                }
                "transfer-encoding" => {
                    return Err(Response::refusal(411, "tell the length of the body"));
                }
                "connection" => {
                    let by_default = self.request.is_kept_alive;
                    self.request.is_kept_alive = is_kept_alive(value, by_default);
                }
                "expect" => self.expects_continue = value.eq_ignore_ascii_case("100-continue"),
                "authorization" => self.request.authorization = Some(value.to_owned()),
                _ => {}
            }
        }
        self.body_bytes = body_bytes.unwrap_or(0);
        Ok(())
    }
}

fn content_length(value: &str) -> Result<u64, Response> {
    // `parse` would take a plus sign.
    let is_number = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    let number = if is_number { value.parse().ok() } else { None };
    number.ok_or_else(|| Response::refusal(400, "the length of the body is no number"))
}

fn is_kept_alive(value: &str, by_default: bool) -> bool {
    let has = |word: &str| {
        value
            .split(',')
            .any(|part| part.trim().eq_ignore_ascii_case(word))
    };
    !has("close") && (by_default || has("keep-alive"))
}

#[cfg(test)]
mod tests;
