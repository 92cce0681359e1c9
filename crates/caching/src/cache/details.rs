//! What an entry has that belongs to its key rather than to its value.

use std::time::Duration;

use super::tags::Stamps;

/// A time to live and tags that somebody has given an entry. They are kept when its value is loaded anew, or made from the one before;
/// the time begins again.
///
/// The tags are stamped before a load begins, so that a tag that is invalidated meanwhile takes the loaded value with it.
#[derive(Clone, Debug)]
pub(crate) struct Details {
    pub(super) ttl: Option<Duration>,
    pub(super) stamps: Stamps,
}

impl Details {
    pub(super) const fn none() -> Self {
        Self {
            ttl: None,
            stamps: Stamps::none(),
        }
    }

    /// These; what is missing from them, as in `others`.
    pub(super) fn or(self, others: Self) -> Self {
        Self {
            ttl: self.ttl.or(others.ttl),
            stamps: if self.stamps.are_none() {
                others.stamps
            } else {
                self.stamps
            },
        }
    }
}

/// A time to live that may be none, in four bytes: to seven digits, which is less than jitter makes of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct CompactTtl(f32);

impl CompactTtl {
    pub(super) const NONE: Self = Self(f32::NAN);

    pub(super) fn ttl(self) -> Option<Duration> {
        (!self.0.is_nan()).then(|| Duration::try_from_secs_f32(self.0).unwrap_or(Duration::MAX))
    }
}

impl From<Option<Duration>> for CompactTtl {
    fn from(ttl: Option<Duration>) -> Self {
        ttl.map_or(Self::NONE, |ttl| Self(ttl.as_secs_f32()))
    }
}
