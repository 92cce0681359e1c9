//! Which formats there are, and which one a trace has.

use super::lines::{decimal, four_decimals, without_end};

/// How the requests of a trace are written down.
///
/// Line ends are `\n` or `\r\n`, and the last line needs none. Empty lines are skipped, and so is a byte order mark of UTF-8 before
/// the first one.
///
/// ```
/// use tuneup_caching::{TraceFormat, TraceReader};
///
/// let reader = TraceReader::new().with_format(TraceFormat::Lirs);
/// assert_eq!(reader.read("loop", &b"10\n11\n*\n10\n"[..])?.ids(), [0, 1, 0]);
/// # Ok::<(), tuneup_caching::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TraceFormat {
    /// One key a line: any bytes but line ends, up to 64 KiB. Spaces are part of the key.
    Plain,
    /// Four decimal numbers a line: the first block, how many blocks, one that is ignored, the number of the request. Each line
    /// stands for a request of each of its blocks. Megiddo and Modha, "ARC: a self-tuning, low overhead replacement cache" (FAST 2003).
    #[doc(alias = "lis")]
    ArcLis,
    /// The decimal number of one block a line; lines with a `*` are marks, and are skipped. Jiang and Zhang, "LIRS"
    /// (SIGMETRICS 2002).
    Lirs,
    /// Integers of 32 bits, the lowest byte first.
    U32Le,
    /// Integers of 32 bits, the highest byte first.
    U32Be,
    /// Integers of 64 bits, the lowest byte first.
    U64Le,
    /// Integers of 64 bits, the highest byte first.
    U64Be,
}

impl TraceFormat {
    /// How wide a key is, in formats of integers.
    pub(super) fn key_bytes(self) -> Option<usize> {
        match self {
            Self::U32Le | Self::U32Be => Some(4),
            Self::U64Le | Self::U64Be => Some(8),
            Self::Plain | Self::ArcLis | Self::Lirs => None,
        }
    }

    /// The integer of so many bytes; 0 in formats that have none.
    pub(super) fn integer(self, key: &[u8]) -> u64 {
        let highest_first = |number, &byte: &u8| number << 8 | u64::from(byte);
        match self {
            Self::U32Le | Self::U64Le => key.iter().rev().fold(0, highest_first),
            Self::U32Be | Self::U64Be => key.iter().fold(0, highest_first),
            Self::Plain | Self::ArcLis | Self::Lirs => 0,
        }
    }
}

const COMPRESSED: [&str; 6] = ["gz", "gzip", "xz", "lzma", "zst", "zstd"];

/// The format that the name and the first bytes of a trace, after decompression, speak for.
pub(super) fn detect(name: &str, head: &[u8], is_all: bool) -> Option<TraceFormat> {
    let name = name.to_ascii_lowercase();
    let mut parts = name.rsplit('.').peekable();
    parts.next_if(|part| COMPRESSED.contains(part));
    let extension = parts.next().unwrap_or_default();
    match extension {
        "u32le" => return Some(TraceFormat::U32Le),
        "u32be" => return Some(TraceFormat::U32Be),
        "u64le" => return Some(TraceFormat::U64Le),
        "u64be" => return Some(TraceFormat::U64Be),
        _ => {}
    }
    let is_text = |byte: &u8| !byte.is_ascii_control() || byte.is_ascii_whitespace();
    if !head.iter().all(is_text) {
        return None;
    }
    // The last line of what was looked at may go on.
    let whole = if is_all {
        head.len()
    } else {
        head.iter().rposition(|&byte| byte == b'\n').unwrap_or(0)
    };
    let mut lines = head[..whole]
        .split(|&byte| byte == b'\n')
        .map(|line| without_end(line).trim_ascii())
        .filter(|line| !line.is_empty())
        .peekable();
    let has_lines = lines.peek().is_some();
    let are_runs = has_lines && lines.clone().all(|line| four_decimals(line).is_some());
    let are_blocks = has_lines && lines.all(|line| decimal(line).is_some() || line.contains(&b'*'));
    Some(match extension {
        "lis" => TraceFormat::ArcLis,
        _ if are_runs => TraceFormat::ArcLis,
        "trace" | "trc" if are_blocks => TraceFormat::Lirs,
        _ => TraceFormat::Plain,
    })
}
