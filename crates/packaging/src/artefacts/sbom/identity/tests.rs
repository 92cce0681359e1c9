use super::*;
use crate::lock_file::LockFile;

fn named(source: &str) -> (String, String) {
    let text = format!("[[package]]\nname = \"c\"\nversion = \"2.0.0+x\"\n{source}");
    let lock = LockFile::parse(&text).unwrap();
    (
        identity_of(&lock.packages[0]),
        package_url(&lock.packages[0]),
    )
}

#[test]
fn a_package_is_named_by_where_it_is_from() {
    for (source, identity, url) in [
        ("", "path#c@2.0.0+x", "pkg:cargo/c@2.0.0%2Bx"),
        (
            "source = \"registry+https://github.com/rust-lang/crates.io-index\"",
            "registry+https://github.com/rust-lang/crates.io-index#c@2.0.0+x",
            "pkg:cargo/c@2.0.0%2Bx",
        ),
        (
            "source = \"git+https://example.org/c?branch=main#0123abc\"",
            "git+https://example.org/c?branch=main#0123abc#c@2.0.0+x",
            "pkg:cargo/c@2.0.0%2Bx?vcs_url=git%2Bhttps://example.org/c%400123abc",
        ),
        (
            "source = \"sparse+https://example.org/index/\"",
            "sparse+https://example.org/index/#c@2.0.0+x",
            "pkg:cargo/c@2.0.0%2Bx?repository_url=https://example.org/index/",
        ),
    ] {
        assert_eq!(named(source), (identity.to_owned(), url.to_owned()));
    }
}
