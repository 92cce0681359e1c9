use proptest::prelude::*;

use super::*;

fn json_line(version: &str, cksum: &str, is_yanked: bool) -> String {
    format!(
        r#"{{"name":"Other","vers":"{version}","deps":[],"cksum":"{cksum}","features":{{}},"yanked":{is_yanked}}}"#
    )
}

/// A file of the index cache, in a format of Cargo's.
fn cache_file(format: u8, lines: &[(&str, String)]) -> Vec<u8> {
    let mut bytes = vec![format];
    if format > 1 {
        bytes.extend(2_u32.to_le_bytes());
    }
    bytes.extend(b"etag: x\0");
    for (version, line) in lines {
        bytes.extend([version.as_bytes(), b"\0", line.as_bytes(), b"\0"].concat());
    }
    bytes
}

/// A home with one crate, of whose versions some have a file.
fn home(format: u8, versions: &[&str], files: &[&str]) -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    let index = home.path().join("registry/index/somewhere-1/.cache/ot/he");
    let crates = home.path().join("registry/cache/somewhere-1");
    fs::create_dir_all(&index).unwrap();
    fs::create_dir_all(&crates).unwrap();
    let lines: Vec<_> = versions
        .iter()
        .map(|version| {
            (
                *version,
                json_line(
                    version,
                    &hex(&sha256(version.as_bytes())),
                    version.contains("13"),
                ),
            )
        })
        .collect();
    fs::write(index.join("other"), cache_file(format, &lines)).unwrap();
    for version in files {
        fs::write(crates.join(format!("Other-{version}.crate")), version).unwrap();
    }
    home
}

fn offered(cache: &DownloadCache) -> Vec<String> {
    cache
        .offered("other")
        .iter()
        .map(|line| line.version.to_string())
        .collect()
}

#[test]
fn all_formats_of_the_cache_are_read() {
    for format in 1..=3 {
        let home = home(format, &["1.0.0", "2.0.0+meta"], &[]);
        let cache = DownloadCache::open(home.path()).unwrap();
        assert_eq!(offered(&cache), ["1.0.0", "2.0.0+meta"], "format {format}");
        assert_eq!(cache.len(), 1);
    }
    assert!(
        parse_index_cache(&cache_file(4, &[("1.0.0", json_line("1.0.0", "", false))])).is_empty()
    );
}

#[test]
fn what_was_never_downloaded_is_offered_only_where_nothing_compatible_was() {
    let versions = ["0.1.0", "0.1.9", "0.2.0", "1.0.0", "1.5.0", "2.0.0"];
    let home = home(3, &versions, &["0.1.0", "1.0.0"]);
    let cache = DownloadCache::open(home.path()).unwrap();
    assert_eq!(offered(&cache), ["0.1.0", "0.2.0", "1.0.0", "2.0.0"]);
}

#[test]
fn a_lock_file_decides_and_tells_what_is_taken_back() {
    let home = home(3, &["1.0.0", "1.13.0"], &["1.0.0"]);
    let lock = home.path().join("Cargo.lock");
    fs::write(
        &lock,
        "[[package]]\nname = \"Other\"\nversion = \"1.13.0\"\nsource = \"registry+x\"\n",
    )
    .unwrap();
    let cache = DownloadCache::open(home.path())
        .unwrap()
        .locked(&lock)
        .unwrap();
    assert_eq!(offered(&cache), ["1.13.0"]);
    let yanked = cache.yanked();
    assert_eq!((yanked.len(), &yanked[0].package[..]), (1, "Other"));
}

#[test]
fn what_is_to_be_published_is_not_there_yet() {
    let home = home(3, &["1.0.0", "1.1.0"], &["1.0.0", "1.1.0"]);
    let hidden = Version::new(1, 1, 0);
    let cache = DownloadCache::open(home.path()).unwrap();
    let cache = cache.without([("Other".to_owned(), hidden.clone())].into_iter());
    assert_eq!(offered(&cache), ["1.0.0"]);
    assert_eq!(cache.crate_file("other", &hidden), None);
    let upstream = Upstream {
        index: String::new(),
        download: String::new(),
    };
    let third_party = ThirdParty {
        cache: Some(cache),
        upstream: Some(upstream),
    };
    assert!(
        third_party.upstream_of("OTHER").is_none() && third_party.upstream_of("more").is_some()
    );
}

#[test]
fn a_file_with_another_checksum_is_not_there() {
    let home = home(3, &["1.0.0"], &["1.0.0"]);
    let cache = DownloadCache::open(home.path()).unwrap();
    let version = Version::new(1, 0, 0);
    assert_eq!(cache.crate_file("other", &version).unwrap(), b"1.0.0");
    fs::write(
        home.path()
            .join("registry/cache/somewhere-1/Other-1.0.0.crate"),
        "changed",
    )
    .unwrap();
    assert_eq!(cache.crate_file("other", &version), None);
}

#[test]
fn a_name_that_is_taken_is_known_as_it_is_written() {
    let home = home(3, &["1.0.0"], &[]);
    let third_party = ThirdParty {
        cache: Some(DownloadCache::open(home.path()).unwrap()),
        upstream: None,
    };
    assert_eq!(third_party.similar("other").as_deref(), Some("Other"));
    assert_eq!(third_party.similar("others"), None);
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..100), format in 0_u8..5) {
        parse_index_cache(&[&[format], &bytes[..]].concat());
    }

    #[test]
    fn a_file_that_is_cut_off_gives_what_is_whole(at in 0_usize..400) {
        let lines = [("1.0.0", json_line("1.0.0", "", false)), ("1.1.0", json_line("1.1.0", "", false))];
        let whole = cache_file(3, &lines);
        let lines = parse_index_cache(&whole[..at.min(whole.len())]);
        prop_assert!(lines.len() <= 2);
        // The last one may be cut off.
        prop_assert!(lines.iter().filter_map(Line::facts).count() + 1 >= lines.len());
    }
}
