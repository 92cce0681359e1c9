//! What is recorded of whole blocks.

use tuneup_macros::{profile, profile_all, profile_lines};

use super::{Named, block_on, entered, recorded};

struct Everything(u32);

#[profile_all]
impl Everything {
    const ONE: u32 = Self::one();

    const fn one() -> u32 {
        1
    }

    fn get(&self) -> u32 {
        self.0 + Self::ONE
    }

    #[profile(skip)]
    fn skipped(&self) -> u32 {
        self.0
    }

    #[profile(name = "set to")]
    #[allow(clippy::unused_self)]
    fn set(&mut self, to: u32) {
        self.0 = to;
    }

    #[cfg(any())]
    fn compiled_out(&self) -> Missing {
        self.0
    }

    #[profile_lines]
    fn lines(&self) -> u32 {
        self.0
    }

    async fn later(&self) -> u32 {
        self.0
    }
}

#[profile_all]
impl Named for Everything {
    fn name(&self) -> String {
        self.0.to_string()
    }
}

#[test]
fn all_functions_of_an_impl_block() {
    let events = recorded(|| {
        let mut everything = Everything(1);
        everything.set(2);
        assert_eq!(everything.get(), 3);
        assert_eq!(everything.skipped(), 2);
        assert_eq!(everything.name(), "2");
        assert_eq!(everything.lines(), 2);
        assert_eq!(block_on(everything.later()), 2);
    });
    let expected = [
        "enter set to",
        "leave set to",
        "enter Everything::get",
        "leave Everything::get",
        "enter <Everything as Named>::name",
        "leave <Everything as Named>::name",
        "enter Everything::lines",
        "lines of Everything::lines",
        "+1",
        "end",
        "leave Everything::lines",
        "begin Everything::later",
        "poll Everything::later",
        "polled Everything::later",
    ];
    assert_eq!(events, expected);
}

#[profile_all]
mod inline {
    use tuneup_macros::profile;

    pub(super) fn free() -> u32 {
        constant() + nested::free() + skipped::free()
    }

    const fn constant() -> u32 {
        1
    }

    mod nested {
        pub(in super::super) fn free() -> u32 {
            super::Type.method()
        }
    }

    #[profile(skip)]
    mod skipped {
        pub(in super::super) fn free() -> u32 {
            1
        }
    }

    struct Type;

    impl Type {
        fn method(&self) -> u32 {
            self.default_method()
        }
    }

    trait Trait {
        fn required(&self) -> u32;

        fn default_method(&self) -> u32 {
            self.required()
        }
    }

    // Expanded by itself, and not twice.
    #[tuneup_macros::profile_all]
    impl Trait for Type {
        fn required(&self) -> u32 {
            1
        }
    }
}

#[test]
fn all_functions_of_a_module() {
    let names = entered(|| assert_eq!(inline::free(), 3));
    let expected = [
        "inline::free",
        "inline::nested::free",
        "inline::Type::method",
        "inline::Trait::default_method",
        "<inline::Type as inline::Trait>::required",
    ];
    assert_eq!(names, expected);
}

#[profile_all]
trait Defaults {
    fn required(&self) -> u32;

    fn provided(&self) -> u32 {
        self.required()
    }
}

impl Defaults for u32 {
    fn required(&self) -> u32 {
        *self
    }
}

#[test]
fn all_functions_of_a_trait() {
    let names = entered(|| assert_eq!(3.provided(), 3));
    assert_eq!(names, ["Defaults::provided"]);
}
