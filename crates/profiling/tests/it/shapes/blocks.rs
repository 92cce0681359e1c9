//! Exact counts for whole blocks.

use tuneup_profiling::{profile, profile_all};

use super::{calls, counted};
use crate::recorded::{block_on, recorded, turn};

struct Everything(u64);

#[profile_all]
impl Everything {
    const fn new() -> Self {
        Self(1)
    }

    fn get(&self) -> u64 {
        self.0
    }

    #[profile(skip)]
    fn skipped(&self) -> u64 {
        self.0
    }

    #[profile(name = "replaced")]
    fn replace(&mut self, with: u64) -> u64 {
        std::mem::replace(&mut self.0, with)
    }

    async fn later(&self) -> u64 {
        turn().await;
        self.get()
    }
}

#[profile_all]
mod everything {
    use tuneup_profiling::profile;

    pub(super) fn free() -> u64 {
        inner::Type.method() + skipped()
    }

    #[profile(skip)]
    fn skipped() -> u64 {
        1
    }

    mod inner {
        pub(super) struct Type;

        impl Type {
            pub(super) fn method(&self) -> u64 {
                1
            }
        }
    }
}

#[test]
fn blocks_are_measured_as_a_whole() {
    let profile = recorded(|| {
        let mut all = Everything::new();
        assert_eq!((all.get(), all.skipped(), all.replace(2)), (1, 1, 1));
        assert_eq!(block_on(all.later()), 2);
        assert_eq!(everything::free(), 2);
    });
    let expected = counted([
        ("Everything::get", 2),
        ("Everything::later", 1),
        ("everything::free", 1),
        ("everything::inner::Type::method", 1),
        ("replaced", 1),
    ]);
    assert_eq!(calls(&profile), expected);
}
