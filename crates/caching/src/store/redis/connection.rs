//! One connection for blocking calls, each of which ends in time.

use std::{
    io::{self, Read, Write},
    net::{TcpStream, ToSocketAddrs as _},
    time::{Duration, Instant},
};

#[cfg(unix)]
use std::{
    os::{fd::OwnedFd, unix::net::UnixStream},
    path::Path,
};

use redis::{
    Cmd, ConnectionAddr, ConnectionInfo, Parser, RedisConnectionInfo, RedisError, Value, cmd,
};

use super::gauge::Gauge;

pub(super) struct Connection {
    socket: Socket,
    parser: Parser,
    gauge: Gauge,
}

/// When something is to be over.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline(Instant);

impl Deadline {
    pub(super) fn after(time: Duration) -> Self {
        Self(Instant::now() + time)
    }

    /// # Errors
    /// If nothing is left.
    fn left(self) -> io::Result<Duration> {
        let left = self.0.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        Ok(left)
    }
}

impl Connection {
    /// Connects, logs in and chooses the database, within `timeout` after the name of the host is resolved.
    pub(super) fn open(info: &ConnectionInfo, timeout: Duration) -> Result<Self, RedisError> {
        let (socket, deadline) = Socket::open(&info.addr, timeout)?;
        let mut connection = Self {
            socket,
            parser: Parser::new(),
            gauge: Gauge::new(),
        };
        for command in greeting(&info.redis) {
            connection.ask(&command, deadline)?;
        }
        Ok(connection)
    }

    /// The answer to a command; one that is an error is one here.
    pub(super) fn ask(&mut self, command: &Cmd, deadline: Deadline) -> Result<Value, RedisError> {
        self.send(command, deadline)?;
        self.receive(deadline)
    }

    pub(super) fn send(&mut self, command: &Cmd, deadline: Deadline) -> Result<(), RedisError> {
        let bytes = command.get_packed_command();
        Timed::new(self, deadline).1.write_all(&bytes)?;
        Ok(())
    }

    /// Waits for what the server says next. After a timeout what has come of it is kept, and the next call goes on from there.
    pub(super) fn receive(&mut self, deadline: Deadline) -> Result<Value, RedisError> {
        let (parser, timed) = Timed::new(self, deadline);
        parser.parse_value(timed)?.extract_error()
    }
}

/// What is said before the first command.
fn greeting(info: &RedisConnectionInfo) -> Vec<Cmd> {
    let mut commands = Vec::new();
    if let Some(password) = &info.password {
        let mut auth = cmd("AUTH");
        if let Some(user) = &info.username {
            auth.arg(user);
        }
        auth.arg(password);
        commands.push(auth);
    }
    if info.db != 0 {
        let mut select = cmd("SELECT");
        select.arg(info.db);
        commands.push(select);
    }
    commands
}

enum Socket {
    Tcp(TcpStream),
    #[cfg(unix)]
    Unix(UnixStream),
}

impl Socket {
    /// Connects by the deadline, which begins when the name of the host is resolved: the system's resolver has a timeout of its own.
    fn open(address: &ConnectionAddr, timeout: Duration) -> io::Result<(Self, Deadline)> {
        match address {
            ConnectionAddr::Tcp(host, port) => {
                let addresses: Vec<_> = (host.as_str(), *port).to_socket_addrs()?.collect();
                let deadline = Deadline::after(timeout);
                let mut result = Err(io::Error::new(
                    io::ErrorKind::NotFound,
                    "the name of the server has no address",
                ));
                for (others, address) in (0..addresses.len() as u32).rev().zip(&addresses) {
                    // One that does not answer leaves time for the others.
                    result = TcpStream::connect_timeout(address, deadline.left()? / (others + 1));
                    if result.is_ok() {
                        break;
                    }
                }
                let stream = result?;
                // A command is one write; nothing comes that it could wait for.
                stream.set_nodelay(true)?;
                Ok((Self::Tcp(stream), deadline))
            }
            #[cfg(unix)]
            ConnectionAddr::Unix(path) => {
                let deadline = Deadline::after(timeout);
                Ok((Self::Unix(connect_to_path(path, deadline)?), deadline))
            }
            #[cfg(not(unix))]
            ConnectionAddr::Unix(_) => Err(io::ErrorKind::Unsupported.into()),
            // Never without the encryption that was asked for.
            ConnectionAddr::TcpTls { .. } => Err(io::ErrorKind::Unsupported.into()),
        }
    }
}

/// A server that accepts no more connections keeps those who come waiting, for as long as they have time.
#[cfg(unix)]
fn connect_to_path(path: &Path, deadline: Deadline) -> io::Result<UnixStream> {
    let socket = socket2::Socket::new(socket2::Domain::UNIX, socket2::Type::STREAM, None)?;
    let address = socket2::SockAddr::unix(path)?;
    loop {
        // It holds for connecting, too.
        socket.set_write_timeout(Some(deadline.left()?))?;
        match socket.connect(&address) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            connected => return connected.map(|()| OwnedFd::from(socket).into()),
        }
    }
}

/// A socket by a deadline, whose answers are gauged.
struct Timed<'a> {
    socket: &'a Socket,
    gauge: &'a mut Gauge,
    deadline: Deadline,
}

impl<'a> Timed<'a> {
    fn new(connection: &'a mut Connection, deadline: Deadline) -> (&'a mut Parser, Self) {
        let Connection {
            socket,
            parser,
            gauge,
        } = connection;
        let timed = Self {
            socket,
            gauge,
            deadline,
        };
        (parser, timed)
    }
}

impl Read for Timed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            // The system's timeout is for each read: a server that sends byte by byte would begin it anew each time.
            let left = Some(self.deadline.left()?);
            let read = match self.socket {
                Socket::Tcp(stream) => {
                    stream.set_read_timeout(left)?;
                    (&*stream).read(buffer)
                }
                #[cfg(unix)]
                Socket::Unix(stream) => {
                    stream.set_read_timeout(left)?;
                    (&*stream).read(buffer)
                }
            };
            match read {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
                Ok(read) => {
                    self.gauge.feed(&buffer[..read])?;
                    return Ok(read);
                }
            }
        }
    }
}

impl Write for Timed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let left = Some(self.deadline.left()?);
        match self.socket {
            Socket::Tcp(stream) => {
                stream.set_write_timeout(left)?;
                (&*stream).write(bytes)
            }
            #[cfg(unix)]
            Socket::Unix(stream) => {
                stream.set_write_timeout(left)?;
                (&*stream).write(bytes)
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
