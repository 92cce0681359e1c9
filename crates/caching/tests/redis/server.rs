//! A server of one's own for a test.

use std::{
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use tuneup_caching::{RedisStore, RedisStoreBuilder};

/// A server on a port of its own, without persistence, killed when dropped.
pub(crate) struct Server {
    program: PathBuf,
    port: u16,
    folder: tempfile::TempDir,
    child: Option<Child>,
}

impl Server {
    /// None, with a line on standard error, where no server is installed.
    ///
    /// # Panics
    /// On CI, where one must be installed.
    pub(crate) fn start(test: &str) -> Option<Self> {
        let program = ["redis-server", "valkey-server"]
            .into_iter()
            .find_map(find_program);
        let Some(program) = program else {
            let why = format!("skipped: {test}: redis-server is not installed");
            assert!(std::env::var_os("CI").is_none(), "{why}");
            let _ = writeln!(std::io::stderr(), "{why}");
            return None;
        };
        let mut server = Self {
            program,
            port: free_port(),
            folder: tempfile::tempdir().unwrap(),
            child: None,
        };
        server.run();
        Some(server)
    }

    /// Starts it, empty, on the same port as before.
    pub(crate) fn run(&mut self) {
        let child = Command::new(&self.program)
            .args(["--port", &self.port.to_string(), "--bind", "127.0.0.1"])
            .args(["--save", "", "--appendonly", "no"])
            .arg("--dir")
            .arg(self.folder.path())
            .arg("--unixsocket")
            .arg(self.socket())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.child = Some(child);
        wait_until("the server answers", || {
            self.try_command(&[b"PING"])
                .is_ok_and(|answer| answer.starts_with("+PONG"))
        });
    }

    /// As by `kill -9`.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            // A stopped process dies of it too.
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// It accepts connections, because the kernel does, and says nothing.
    pub(crate) fn stop(&self) {
        self.signal("-STOP");
    }

    pub(crate) fn go_on(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let pid = self.child.as_ref().unwrap().id().to_string();
        let status = Command::new("kill").args([signal, &pid]).status().unwrap();
        assert!(status.success());
    }

    pub(crate) fn address(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Where it listens too.
    pub(crate) fn socket(&self) -> PathBuf {
        self.folder.path().join("socket")
    }

    /// With short timeouts, which are yet long for a server that runs.
    pub(crate) fn store(&self, namespace: &str) -> RedisStoreBuilder {
        RedisStore::builder(&self.address(), namespace)
            .connect_timeout(Duration::from_secs(2))
            .command_timeout(Duration::from_secs(2))
            .heartbeat(Duration::from_millis(100))
    }

    /// Sends a command past the store; the first line of the answer, or the bytes of a bulk string.
    pub(crate) fn command(&self, parts: &[&[u8]]) -> String {
        self.try_command(parts).unwrap()
    }

    fn try_command(&self, parts: &[&[u8]]) -> io::Result<String> {
        let mut connection = TcpStream::connect(("127.0.0.1", self.port))?;
        let mut bytes = format!("*{}\r\n", parts.len()).into_bytes();
        for part in parts {
            bytes.extend(format!("${}\r\n", part.len()).into_bytes());
            bytes.extend(*part);
            bytes.extend(b"\r\n");
        }
        connection.write_all(&bytes)?;
        let mut answer = BufReader::new(connection);
        let mut line = String::new();
        answer.read_line(&mut line)?;
        let length = line.strip_prefix('$').map(|length| length.trim().parse());
        let Some(Ok(length)) = length else {
            return Ok(line);
        };
        let mut bytes = vec![0; length];
        answer.read_exact(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Something that listens and answers with what `answer` makes of a connection.
pub(crate) fn impostor(answer: impl Fn(&mut TcpStream) + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let answer = std::sync::Arc::new(answer);
    thread::spawn(move || {
        for connection in listener.incoming() {
            let Ok(mut connection) = connection else {
                return;
            };
            let answer = std::sync::Arc::clone(&answer);
            thread::spawn(move || answer(&mut connection));
        }
    });
    format!("redis://127.0.0.1:{port}")
}

/// Reads something, whatever it is; false at the end.
pub(crate) fn read_some(connection: &mut TcpStream) -> bool {
    connection.read(&mut [0; 4096]).is_ok_and(|len| len > 0)
}

/// Waits for something that happens soon; a test that waits in vain fails late rather than by chance.
pub(crate) fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let begin = Instant::now();
    while !condition() {
        assert!(begin.elapsed() < Duration::from_secs(30), "waited: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}
