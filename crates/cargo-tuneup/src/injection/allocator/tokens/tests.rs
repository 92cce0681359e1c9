//! Allocators in all places, and texts of all kinds.

use proptest::prelude::*;

use super::*;

const OWN: &str = "OWN ";

#[test]
fn an_allocator_is_found_wherever_it_is() {
    for (text, expected) in [
        (
            "#[global_allocator]\nstatic A: System = System;",
            "#[global_allocator]\nstatic A: ::tuneup_runtime::Tracked<System> = ::tuneup_runtime::Tracked::new(System);",
        ),
        (
            "mod inner { #[cfg(unix)] #[global_allocator] /// Text.\n pub(crate) static A: a::B<C, { 1 }> = a::B::new(C { x: 1 }, \";\"); fn f() {} }",
            "mod inner { #[cfg(unix)] #[global_allocator] /// Text.\n pub(crate) static A: ::tuneup_runtime::Tracked<a::B<C, { 1 }>> = ::tuneup_runtime::Tracked::new(a::B::new(C { x: 1 }, \";\")); fn f() {} }",
        ),
        (
            "#[cfg_attr(feature = \"count\", global_allocator)] static A: B = B;",
            "#[cfg_attr(feature = \"count\", global_allocator)] static A: ::tuneup_runtime::Tracked<B> = ::tuneup_runtime::Tracked::new(B);",
        ),
        (
            "cfg_if! { if #[cfg(unix)] { #[global_allocator] static A: B = B; } }",
            "cfg_if! { if #[cfg(unix)] { #[global_allocator] static A: ::tuneup_runtime::Tracked<B> = ::tuneup_runtime::Tracked::new(B); } }",
        ),
        (
            "macro_rules! set { ($t:ty, $e:expr) => { #[global_allocator] static A: $t = $e; } }",
            "macro_rules! set { ($t:ty, $e:expr) => { #[global_allocator] static A: ::tuneup_runtime::Tracked<$t> = ::tuneup_runtime::Tracked::new($e); } }",
        ),
        (
            "\u{feff}#!/usr/bin/env run\n#[global_allocator] static Ä: B = B;",
            "\u{feff}#!/usr/bin/env run\n#[global_allocator] static Ä: ::tuneup_runtime::Tracked<B> = ::tuneup_runtime::Tracked::new(B);",
        ),
    ] {
        assert_eq!(wrap_allocators(text).as_deref(), Some(expected));
    }
}

#[test]
fn what_is_no_allocator_stays() {
    for text in [
        "static A: B = B;",
        "// #[global_allocator] static A: B = B;",
        "const TEXT: &str = \"#[global_allocator] static A: B = B;\";",
        "#[global_allocator] fn a() {}",
        "fn ( {",
    ] {
        assert_eq!(wrap_allocators(text), None, "{text}");
    }
}

#[test]
fn what_comes_first_is_behind_what_is_about_the_whole_file() {
    for (text, expected) in [
        ("fn main() {}", "OWN fn main() {}"),
        ("", "OWN "),
        (
            "#![allow(x)]\n#![deny(y)]\nfn main() {}",
            "#![allow(x)]\n#![deny(y)]OWN \nfn main() {}",
        ),
        (
            "//! A program.\n//! Of two lines.\nfn main() {}",
            "//! A program.\n//! Of two lines.\nOWN fn main() {}",
        ),
        (
            "/*! A program. */ fn main() {}",
            "/*! A program. */OWN  fn main() {}",
        ),
        (
            "#![cfg_attr(a, b)] //! Text.\n/// Of the function.\nfn main() {}",
            "#![cfg_attr(a, b)] //! Text.\nOWN /// Of the function.\nfn main() {}",
        ),
        (
            "\u{feff}#!/usr/bin/env run\nfn main() {}",
            "\u{feff}#!/usr/bin/env run\nOWN fn main() {}",
        ),
    ] {
        assert_eq!(put_first(text, OWN).as_deref(), Some(expected));
    }
    assert_eq!(put_first("#![no_std] fn main() {}", OWN), None);
    assert_eq!(put_first("fn ( {", OWN), None);
}

proptest! {
    #[test]
    fn any_text_is_changed_by_insertions_within_lines(text in "(#|!|\\[|\\]|\\(|\\)|\\{|\\}|static|global_allocator|cfg|:|=|;|,|ä|\"|//!|A|\n| ){0,40}\n") {
        for changed in [wrap_allocators(&text), put_first(&text, OWN)].into_iter().flatten() {
            prop_assert_eq!(changed.matches('\n').count(), text.matches('\n').count());
            let mut rest = changed.chars();
            prop_assert!(text.chars().all(|wanted| rest.any(|there| there == wanted)));
        }
    }
}
