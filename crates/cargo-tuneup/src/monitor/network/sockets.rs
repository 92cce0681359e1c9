//! The bytes of TCP sockets, as the kernel tells them by netlink; sock_diag(7), and `struct tcp_info` in linux/tcp.h.

use std::{collections::HashMap, io, time::Duration};

use rustix::{
    fd::OwnedFd,
    net::{
        AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, netlink, recv, sendto,
        socket_with,
        sockopt::{Timeout, set_socket_timeout},
    },
};

/// Bytes that a socket has received, and sent: those that the other side has acknowledged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Bytes {
    pub(super) received: u64,
    pub(super) sent: u64,
}

/// A connection to the part of the kernel that knows the sockets.
pub(super) struct Diagnosis {
    socket: OwnedFd,
    buffer: Vec<u8>,
}

/// The kernel answers in pieces of at most 32 KiB.
const BUFFER_BYTES: usize = 64 << 10;
/// It answers at once, or never.
const PATIENCE: Duration = Duration::from_secs(1);

const SOCK_DIAG_BY_FAMILY: u16 = 20;
const NLM_F_REQUEST_DUMP: u16 = 0x301;
const NLMSG_ERROR: u16 = 2;
const NLMSG_DONE: u16 = 3;
const INET_DIAG_INFO: u16 = 2;
const TCP: u8 = 6;
/// A bit for each state. Sockets that listen move no bytes, and those that are not accepted yet or wait for late packets, of which there may be very
/// many, are nobody's: TCP_SYN_RECV, TCP_TIME_WAIT, TCP_LISTEN and TCP_NEW_SYN_RECV.
const STATES: u32 = !(1 << 3 | 1 << 6 | 1 << 10 | 1 << 12);
const FAMILIES: [AddressFamily; 2] = [AddressFamily::INET, AddressFamily::INET6];

const HEADER_BYTES: usize = 16;
const REQUEST_BYTES: usize = 56;
/// `struct inet_diag_msg`, whose last field is the number of the socket.
const MESSAGE_BYTES: usize = 72;
const INODE: usize = 68;
/// In `struct tcp_info`.
const BYTES_ACKED: usize = 120;
const BYTES_RECEIVED: usize = 128;

impl Diagnosis {
    pub(super) fn new() -> io::Result<Self> {
        let socket = socket_with(
            AddressFamily::NETLINK,
            SocketType::DGRAM,
            SocketFlags::CLOEXEC,
            Some(netlink::SOCK_DIAG),
        )?;
        set_socket_timeout(&socket, Timeout::Recv, Some(PATIENCE))?;
        Ok(Self {
            socket,
            buffer: vec![0; BUFFER_BYTES],
        })
    }

    /// All TCP sockets of this network namespace that somebody has open, by their number.
    pub(super) fn dump(&mut self) -> io::Result<HashMap<u64, Bytes>> {
        let mut sockets = HashMap::new();
        for family in FAMILIES {
            let kernel = netlink::SocketAddrNetlink::new(0, 0);
            sendto(&self.socket, &request(family), SendFlags::empty(), &kernel)?;
            loop {
                let (_, length) = recv(&self.socket, &mut self.buffer[..], RecvFlags::empty())?;
                let answer = self.buffer.get(..length).unwrap_or_default();
                if read_answer(answer, &mut sockets)? {
                    break;
                }
            }
        }
        Ok(sockets)
    }
}

/// `struct nlmsghdr`, then `struct inet_diag_req_v2`.
fn request(family: AddressFamily) -> [u8; HEADER_BYTES + REQUEST_BYTES] {
    let mut request = [0; HEADER_BYTES + REQUEST_BYTES];
    let length = request.len() as u32;
    request[..4].copy_from_slice(&length.to_ne_bytes());
    request[4..6].copy_from_slice(&SOCK_DIAG_BY_FAMILY.to_ne_bytes());
    request[6..8].copy_from_slice(&NLM_F_REQUEST_DUMP.to_ne_bytes());
    request[16] = family.as_raw() as u8;
    request[17] = TCP;
    request[18] = 1 << (INET_DIAG_INFO - 1);
    request[20..24].copy_from_slice(&STATES.to_ne_bytes());
    request
}

/// Adds the sockets of one piece; whether it was the last. What is cut off ends it too.
fn read_answer(mut answer: &[u8], sockets: &mut HashMap<u64, Bytes>) -> io::Result<bool> {
    if answer.is_empty() {
        return Ok(true);
    }
    while let Some((kind, message)) = next(&mut answer, HEADER_BYTES, |header| {
        let length = u32::from_ne_bytes(field(header, 0)?);
        Some((length as usize, u16::from_ne_bytes(field(header, 4)?)))
    }) {
        match kind {
            NLMSG_DONE => return Ok(true),
            NLMSG_ERROR => {
                let code = field(message, 0).map_or(0, i32::from_ne_bytes);
                return Err(io::Error::from_raw_os_error(-code));
            }
            _ => sockets.extend(read_socket(message)),
        }
    }
    Ok(false)
}

/// None for what nobody has open any more, and for what is not told.
fn read_socket(message: &[u8]) -> Option<(u64, Bytes)> {
    let inode = u32::from_ne_bytes(field(message, INODE)?);
    if inode == 0 {
        return None;
    }
    let mut attributes = message.get(MESSAGE_BYTES..)?;
    while let Some((kind, info)) = next(&mut attributes, 4, |header| {
        let length = u16::from_ne_bytes(field(header, 0)?);
        Some((usize::from(length), u16::from_ne_bytes(field(header, 2)?)))
    }) {
        if kind == INET_DIAG_INFO {
            let bytes = Bytes {
                received: u64::from_ne_bytes(field(info, BYTES_RECEIVED)?),
                sent: u64::from_ne_bytes(field(info, BYTES_ACKED)?),
            };
            return Some((u64::from(inode), bytes));
        }
    }
    None
}

/// The kind and the content of the next of several records, each of which says how long it is; they begin at multiples of four.
fn next<'a>(
    records: &mut &'a [u8],
    header_bytes: usize,
    read: impl Fn(&[u8]) -> Option<(usize, u16)>,
) -> Option<(u16, &'a [u8])> {
    let (length, kind) = read(records)?;
    let content = records.get(header_bytes..length)?;
    *records = records
        .get(length.next_multiple_of(4)..)
        .unwrap_or_default();
    Some((kind, content))
}

fn field<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at + N)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read as _, Write as _},
        net::{TcpListener, TcpStream},
        os::fd::AsRawFd as _,
    };

    use super::*;

    fn inode(stream: &TcpStream) -> u64 {
        let link = std::fs::read_link(format!("/proc/self/fd/{}", stream.as_raw_fd())).unwrap();
        let text = link.to_str().unwrap();
        let number = text.strip_prefix("socket:[").unwrap().strip_suffix(']');
        number.unwrap().parse().unwrap()
    }

    /// Over both families, against the real kernel.
    #[test]
    fn the_kernel_knows_what_a_socket_has_sent() {
        let mut diagnosis = Diagnosis::new().unwrap();
        for address in ["127.0.0.1:0", "[::1]:0"] {
            let Ok(listener) = TcpListener::bind(address) else {
                assert!(std::env::var_os("CI").is_none(), "no {address}");
                eprintln!("skipped: {address} cannot be listened at");
                continue;
            };
            let mut sender = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
            let (mut receiver, _) = listener.accept().unwrap();
            sender.write_all(&[7; 5_000]).unwrap();
            receiver.read_exact(&mut [0; 5_000]).unwrap();
            let sockets = diagnosis.dump().unwrap();
            let (sent, received) = (sockets[&inode(&sender)], sockets[&inode(&receiver)]);
            assert!(sent.sent >= 5_000 && sent.received == 0, "{sent:?}");
            assert!(received.received >= 5_000, "{received:?}");
        }
    }

    #[test]
    fn an_error_of_the_kernel_is_one() {
        let mut answer = Vec::new();
        answer.extend(20_u32.to_ne_bytes());
        answer.extend(NLMSG_ERROR.to_ne_bytes());
        answer.extend([0; 10]);
        answer.extend((-2_i32).to_ne_bytes());
        let error = read_answer(&answer, &mut HashMap::new()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }

    proptest::proptest! {
        /// Whatever comes, it is read to an end.
        #[test]
        fn no_answer_is_too_strange(answer: Vec<u8>) {
            let _ = read_answer(&answer, &mut HashMap::new());
        }

        /// A message that is cut off tells no socket that is not whole.
        #[test]
        fn a_cut_message_is_left_out(cut in 0..400_usize) {
            let mut message = vec![0; MESSAGE_BYTES + 4 + 240];
            message[INODE] = 9;
            let length = 244_u16.to_ne_bytes();
            message[MESSAGE_BYTES..MESSAGE_BYTES + 2].copy_from_slice(&length);
            message[MESSAGE_BYTES + 2] = 2;
            let whole = read_socket(&message);
            proptest::prop_assert_eq!(whole, Some((9, Bytes::default())));
            message.truncate(cut);
            proptest::prop_assert_eq!(read_socket(&message), whole.filter(|_| cut >= 316));
        }
    }
}
