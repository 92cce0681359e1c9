use std::io::Write as _;

use proptest::prelude::*;

use super::*;

fn date() -> SourceDate {
    SourceDate::from_unix(1_700_000_000).unwrap()
}

fn sample() -> Contents {
    let mut contents = Contents::new();
    contents
        .add_text("b/README.md", "# Tool\n")
        .unwrap()
        .add_text("a", vec![7; 100_000])
        .unwrap();
    contents
}

#[test]
fn what_was_written_is_read_and_two_are_the_same_bytes() {
    let [here, there] = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    for name in ["a.tar.gz", "a.tgz", "a.zip"] {
        let one = write_archive(&here.path().join(name), "a-1", &sample(), date()).unwrap();
        let other = write_archive(&there.path().join(name), "a-1", &sample(), date()).unwrap();
        assert_eq!(one.sha256, other.sha256, "{name}");
        assert_eq!(read_archive(&one.path).unwrap(), one, "{name}");
        assert_eq!(one.files.len(), 2);
        assert_eq!(one.files["a-1/a"].bytes, 100_000);
        assert!(one.bytes < 2000, "{name} is compressed: {}", one.bytes);
    }
}

#[test]
fn a_byte_that_changed_on_the_way_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.tar.gz", "a.zip"] {
        let path = folder.path().join(name);
        write_archive(&path, "a", &sample(), date()).unwrap();
        let bytes = fs::read(&path).unwrap();
        // Behind the header of gzip, and inside of the data of the first file of the ZIP file.
        for at in [50, 100] {
            let mut bytes = bytes.clone();
            bytes[at] ^= 0x10;
            fs::write(&path, &bytes).unwrap();
            let error = read_archive(&path).unwrap_err();
            assert!(
                matches!(error, Error::Faulty { .. }),
                "{name} {at}: {error}"
            );
        }
        for length in [0, 10, bytes.len() - 1] {
            fs::write(&path, &bytes[..length]).unwrap();
            assert!(read_archive(&path).is_err(), "{name} cut to {length}");
        }
    }
}

#[test]
fn an_archive_that_fails_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.tar.gz", "a.zip"] {
        let mut contents = sample();
        contents
            .add_file("missing", folder.path().join("missing"))
            .unwrap();
        let error = write_archive(&folder.path().join(name), "a", &contents, date()).unwrap_err();
        assert!(error.to_string().contains("missing"), "{error}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}

#[test]
fn what_is_no_kind_of_archive_is_said() {
    let error = write_archive(Path::new("a.rar"), "a", &sample(), date()).unwrap_err();
    assert!(error.to_string().contains(".tar.gz"), "{error}");
    let error = write_archive(Path::new("a.zip"), "../a", &sample(), date()).unwrap_err();
    assert!(
        error.to_string().contains("without `.` and `..`"),
        "{error}"
    );
}

#[test]
fn a_name_that_leaves_the_folder_is_not_unpacked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tar.gz");
    let mut builder = tar::Builder::new(tar_gz::gzip(File::create(&path).unwrap()));
    let mut header = tar_gz::header(0o644, date());
    header.as_old_mut().name[..4].copy_from_slice(b"../a");
    header.set_size(0);
    header.set_cksum();
    builder.append(&header, &[][..]).unwrap();
    builder.into_inner().unwrap().finish().unwrap();
    let error = unpack_archive(&path, &folder.path().join("out")).unwrap_err();
    assert!(error.to_string().contains("`../a`"), "{error}");

    let path = folder.path().join("a.zip");
    let mut writer = ::zip::ZipWriter::new(File::create(&path).unwrap());
    let options = ::zip::write::SimpleFileOptions::default();
    writer.start_file("../b", options).unwrap();
    writer.write_all(b"b").unwrap();
    writer.finish().unwrap();
    let error = unpack_archive(&path, &folder.path().join("out")).unwrap_err();
    assert!(error.to_string().contains("`../b`"), "{error}");
    assert!(!folder.path().join("out").exists());
}

#[test]
fn a_link_is_no_file_of_ours() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tar.gz");
    let mut builder = tar::Builder::new(tar_gz::gzip(File::create(&path).unwrap()));
    let mut header = tar_gz::header(0o777, date());
    header.set_entry_type(tar::EntryType::Symlink);
    header.set_size(0);
    builder
        .append_link(&mut header, "link", "/etc/passwd")
        .unwrap();
    builder.into_inner().unwrap().finish().unwrap();
    let error = read_archive(&path).unwrap_err().to_string();
    assert!(error.contains("`link` is neither"), "{error}");
}

#[test]
fn every_difference_is_told() {
    let file = |bytes: &[u8]| ArchivedFile::of(bytes, false);
    let map = |files: &[(&str, &[u8])]| {
        let files = files
            .iter()
            .map(|(name, bytes)| ((*name).to_owned(), file(bytes)));
        files.collect::<BTreeMap<_, _>>()
    };
    let expected = map(&[("a", b"a"), ("b", b"b"), ("c", b"c")]);
    let found = map(&[("a", b"a"), ("b", b"x"), ("d", b"d")]);
    assert_eq!(
        differences(&expected, &found),
        [
            "`b` is another file than was put in",
            "`c` is missing",
            "nobody put `d` in"
        ]
    );
    assert!(differences(&expected, &expected).is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn names_of_every_length_come_back(name in "[a-zé]{1,90}(/[a-z ]{1,120}){0,3}", bytes: Vec<u8>) {
        let folder = tempfile::tempdir().unwrap();
        let mut contents = Contents::new();
        prop_assume!(contents.add_text(&name, bytes.clone()).is_ok());
        for archive in ["a.tar.gz", "a.zip"] {
            let path = folder.path().join(archive);
            let written = write_archive(&path, "", &contents, date()).unwrap();
            prop_assert_eq!(written.files.len(), 1);
            prop_assert_eq!(&written.files[&name], &ArchivedFile::of(&bytes, false));
        }
    }
}
