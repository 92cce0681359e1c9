//! Traces: which keys were requested, in which order.

mod compression;
mod format;
mod integers;
mod interner;
mod lines;
#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    fmt,
    fs::File,
    hash::Hash,
    io::{BufReader, Cursor, Read},
    path::Path,
};

pub use self::format::TraceFormat;
use self::interner::Interner;
use crate::{DefaultHasher, Error};

/// The keys of requests, in their order, as numbers from 0 without gaps: the first key that comes is 0, the next one that
/// is not the same is 1.
///
/// Simulations and miss-ratio curves need to know which requests are for the same key and nothing else. Four bytes a
/// request; at most `u32::MAX` requests, therefore at most as many keys.
///
/// ```
/// use tuneup_caching::Trace;
///
/// let trace = Trace::from_keys(["a", "b", "a"])?;
/// assert_eq!(trace.ids(), [0, 1, 0]);
/// assert_eq!((trace.len(), trace.distinct()), (3, 2));
/// # Ok::<(), tuneup_caching::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Trace {
    ids: Vec<u32>,
    distinct: u32,
}

impl Trace {
    /// Takes the keys from an iterator. O(1) a key; while it runs it keeps one copy of each key.
    ///
    /// # Errors
    /// [`Error::TraceTooLong`] when more than `u32::MAX` keys come.
    ///
    /// ```
    /// use tuneup_caching::Trace;
    ///
    /// let loops = Trace::from_keys((0..1000).map(|request| request % 10))?;
    /// assert_eq!(loops.distinct(), 10);
    /// # Ok::<(), tuneup_caching::Error>(())
    /// ```
    pub fn from_keys<K: Hash + Eq>(keys: impl IntoIterator<Item = K>) -> Result<Self, Error> {
        Self::from_keys_up_to(u32::MAX, keys)
    }

    fn from_keys_up_to<K: Hash + Eq>(
        limit: u32,
        keys: impl IntoIterator<Item = K>,
    ) -> Result<Self, Error> {
        let mut seen = HashMap::with_hasher(DefaultHasher::default());
        let mut ids = Vec::new();
        for key in keys {
            if ids.len() as u64 >= u64::from(limit) {
                return Err(Error::TraceTooLong {
                    trace: "the iterator".to_owned(),
                    limit,
                });
            }
            let next = seen.len() as u32;
            ids.push(*seen.entry(key).or_insert(next));
        }
        let distinct = seen.len() as u32;
        Ok(Self { ids, distinct })
    }

    /// Reads a trace from a file, compressed or not, and finds out its format: [`TraceReader`] says how.
    ///
    /// # Errors
    /// As [`TraceReader::read_path`].
    ///
    /// ```
    /// use tuneup_caching::Trace;
    ///
    /// let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("requests.txt");
    /// std::fs::write(&path, "/index.html\n/logo.png\n/index.html\n")?;
    /// assert_eq!(Trace::from_path(&path)?.ids(), [0, 1, 0]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_path(path: impl AsRef<Path>) -> Result<Self, Error> {
        TraceReader::new().read_path(path)
    }

    /// Reads a trace of a format that is known from a file, compressed or not.
    ///
    /// # Errors
    /// As [`TraceReader::read_path`], without [`Error::TraceFormat`].
    ///
    /// ```
    /// use tuneup_caching::{Trace, TraceFormat};
    ///
    /// let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("blocks");
    /// std::fs::write(&path, [0, 0, 0, 7, 0, 0, 0, 9, 0, 0, 0, 7])?;
    /// assert_eq!(Trace::read_as(&path, TraceFormat::U32Be)?.ids(), [0, 1, 0]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn read_as(path: impl AsRef<Path>, format: TraceFormat) -> Result<Self, Error> {
        TraceReader::new().with_format(format).read_path(path)
    }

    /// One number a request, each below [`distinct`](Self::distinct).
    #[must_use]
    pub fn ids(&self) -> &[u32] {
        &self.ids
    }

    /// How many requests there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there is no request.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// How many keys there are: a cache of this size never evicts.
    #[doc(alias = "footprint")]
    #[must_use]
    pub fn distinct(&self) -> u32 {
        self.distinct
    }
}

impl Trace {
    /// The requests of some keys, numbered afresh, and where they end whose end was at `ends` of this trace, ascending.
    pub(crate) fn filtered(
        &self,
        is_wanted: impl Fn(u32) -> bool,
        ends: &[usize],
    ) -> (Self, Vec<usize>) {
        const UNSEEN: u32 = u32::MAX;
        let mut new_ids = vec![UNSEEN; self.distinct as usize];
        let mut distinct = 0;
        let mut ids = Vec::new();
        let mut start = 0;
        let mut new_ends = Vec::with_capacity(ends.len());
        for &end in ends {
            for &id in &self.ids[start..end] {
                if !is_wanted(id) {
                    continue;
                }
                let new_id = &mut new_ids[id as usize];
                if *new_id == UNSEEN {
                    *new_id = distinct;
                    distinct += 1;
                }
                ids.push(*new_id);
            }
            start = end;
            new_ends.push(ids.len());
        }
        (Self { ids, distinct }, new_ends)
    }
}

/// The counts, not the keys.
impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trace")
            .field("requests", &self.ids.len())
            .field("distinct", &self.distinct)
            .finish()
    }
}

/// Reads traces from files and other sources of bytes.
///
/// gzip, xz and Zstandard are recognised by their first bytes, whatever the name says; several members or frames in one file
/// are read as one. The checksums of all three are verified.
///
/// Without [`with_format`](Self::with_format) the format follows from the name, without `.gz`, `.xz`, `.zst` and the
/// like, and from the first 64 KiB:
///
/// | name or content | format |
/// |---|---|
/// | `.u32le`, `.u32be`, `.u64le`, `.u64be` | integers of that kind |
/// | other bytes than text | none: an error, because a wrong guess would be a wrong result without a sign of it |
/// | `.lis`, or lines of four decimal numbers each | [`TraceFormat::ArcLis`] |
/// | `.trace` or `.trc`, and lines that are decimal numbers or have a `*` | [`TraceFormat::Lirs`] |
/// | anything else | [`TraceFormat::Plain`] |
///
/// What it costs: four bytes a request and up to 60 bytes a key while it reads; a window of at most 100 MiB to decompress.
/// It blocks until the source has ended. Sizes are bounded, so that neither a small file that decompresses to a huge one nor a line that asks for
/// 10¹⁸ blocks uses up the memory: requests by [`with_limit`](Self::with_limit), lines by 64 KiB.
///
/// ```
/// use tuneup_caching::{TraceFormat, TraceReader};
///
/// let reader = TraceReader::new().with_format(TraceFormat::ArcLis).with_limit(100)?;
/// let trace = reader.read("volume 0", &b"64 2 0 0\n65 1 0 1\n"[..])?;
/// assert_eq!(trace.ids(), [0, 1, 1]);
///
/// let error = reader.read("volume 1", &b"0 1000000000000000000 0 0\n"[..]).unwrap_err();
/// assert_eq!(error.to_string(), "volume 1 has more than 100 requests; read a part of it or raise the limit");
/// # Ok::<(), tuneup_caching::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "a reader reads by read_path or read"]
pub struct TraceReader {
    format: Option<TraceFormat>,
    limit: u32,
}

/// How much of a trace tells its format.
const LOOKED_AT: usize = 1 << 16;
/// What some programs write before a text; integers may begin so, too.
const UTF8_MARK: &[u8] = "\u{FEFF}".as_bytes();
/// 1 GiB of ids.
const DEFAULT_LIMIT: u32 = 1 << 28;

impl Default for TraceReader {
    fn default() -> Self {
        Self::new()
    }
}

impl TraceReader {
    /// A reader that finds out the format and takes up to 2²⁸ requests, for which it needs 1 GiB.
    pub fn new() -> Self {
        Self {
            format: None,
            limit: DEFAULT_LIMIT,
        }
    }

    /// Says what the format is.
    pub fn with_format(mut self, format: TraceFormat) -> Self {
        self.format = Some(format);
        self
    }

    /// How many requests a trace may have, from 1; 2²⁸ by default. Lines that are skipped count as requests.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for 0.
    pub fn with_limit(mut self, requests: u32) -> Result<Self, Error> {
        if requests == 0 {
            return Err(Error::OutOfRange {
                option: "limit of requests",
                value: "0".to_owned(),
                allowed: "1 or more",
            });
        }
        self.limit = requests;
        Ok(self)
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`Error::TraceRead`] when it cannot be opened or read, or is compressed and truncated or corrupt;
    /// [`Error::TraceFormat`] when the format is not known; [`Error::TraceLine`] for a line that the format does not have;
    /// [`Error::TraceTail`] when integers end in the middle of one; [`Error::TraceTooLong`].
    pub fn read_path(&self, path: impl AsRef<Path>) -> Result<Trace, Error> {
        let path = path.as_ref();
        let name = path.display().to_string();
        match File::open(path) {
            Ok(file) => self.read(&name, file),
            Err(source) => Err(Error::TraceRead {
                trace: name,
                source,
            }),
        }
    }

    /// Reads from `source`, which need not be buffered; `name` is for errors, and its extension may tell the format.
    ///
    /// # Errors
    /// As [`read_path`](Self::read_path).
    pub fn read(&self, name: &str, source: impl Read) -> Result<Trace, Error> {
        let unreadable = |source| Error::TraceRead {
            trace: name.to_owned(),
            source,
        };
        let mut plain = compression::decompress(source).map_err(unreadable)?;
        let mut head = vec![0; LOOKED_AT];
        let len = integers::fill(&mut plain, &mut head).map_err(unreadable)?;
        head.truncate(len);
        let text = head.strip_prefix(UTF8_MARK).unwrap_or(&head);
        let format = match self.format {
            Some(format) => format,
            None => {
                format::detect(name, text, len < LOOKED_AT).ok_or_else(|| Error::TraceFormat {
                    trace: name.to_owned(),
                })?
            }
        };
        if format.key_bytes().is_none() {
            head.drain(..head.len() - text.len());
        }
        let mut plain = BufReader::with_capacity(LOOKED_AT, Cursor::new(head).chain(plain));
        let mut requests = Requests {
            name,
            limit: self.limit,
            skipped: 0,
            ids: Vec::new(),
            keys: Interner::new(),
        };
        match format.key_bytes() {
            Some(_) => integers::read(&mut plain, format, &mut requests)?,
            None => lines::read(&mut plain, format, &mut requests)?,
        }
        Ok(Trace {
            ids: requests.ids,
            distinct: requests.keys.len(),
        })
    }
}

/// What has been read so far, within its limit.
struct Requests<'a> {
    name: &'a str,
    limit: u32,
    skipped: u32,
    ids: Vec<u32>,
    keys: Interner,
}

impl Requests<'_> {
    /// Fails if `more` requests would be too many; asked before anything is done for them.
    fn admit(&self, more: u64) -> Result<(), Error> {
        let read = self.ids.len() as u64 + u64::from(self.skipped);
        if more > u64::from(self.limit) - read {
            return Err(Error::TraceTooLong {
                trace: self.name.to_owned(),
                limit: self.limit,
            });
        }
        Ok(())
    }

    fn push_number(&mut self, key: u64) -> Result<(), Error> {
        self.admit(1)?;
        self.ids.push(self.keys.number(key));
        Ok(())
    }

    fn push_text(&mut self, key: &[u8]) -> Result<(), Error> {
        self.admit(1)?;
        self.ids.push(self.keys.text(key));
        Ok(())
    }

    fn skip(&mut self) -> Result<(), Error> {
        self.admit(1)?;
        self.skipped += 1;
        Ok(())
    }

    fn unreadable(&self, source: std::io::Error) -> Error {
        Error::TraceRead {
            trace: self.name.to_owned(),
            source,
        }
    }
}
