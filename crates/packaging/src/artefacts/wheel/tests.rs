use std::{
    fs::{self, File},
    io::{Read as _, Write as _},
};

use proptest::prelude::*;

use super::*;

fn date() -> SourceDate {
    SourceDate::from_unix(1_700_000_000).unwrap()
}

fn about(name: &str, version: &str) -> About {
    let mut about = About::new(name, version.parse().unwrap());
    about.summary = Some("Does what\n  tools do".to_owned());
    about.licence = Some("MIT/Apache-2.0".to_owned());
    about.authors = vec!["Ada <ada@example.org>".to_owned(), "The others".to_owned()];
    about
}

/// A wheel for a platform that is given, of a script.
fn written(folder: &Path) -> Wheel {
    let [program, licence] = [folder.join("a,\"tool"), folder.join("LICENSE")];
    fs::write(&program, "#!/bin/sh\n").unwrap();
    fs::write(&licence, "Do as you like.\n").unwrap();
    WheelBuilder::new(about("My.-Tool", "1.0.0-rc.1"))
        .program(program)
        .licence_file(licence)
        .platform("linux_x86_64")
        .write(&folder.join("out"), date())
        .unwrap()
}

fn text(wheel: &Wheel, part: &str) -> String {
    let mut archive = ::zip::ZipArchive::new(File::open(&wheel.path).unwrap()).unwrap();
    let mut text = String::new();
    let name = format!("my_tool-1.0.0rc1.dist-info/{part}");
    archive
        .by_name(&name)
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    text
}

fn changed(wheel: &Wheel, name: &str) -> PathBuf {
    wheel.path.with_file_name("changed").join(name)
}

/// Writes the wheel again, with each file as `change` makes it, and verifies it.
fn verified(
    wheel: &Wheel,
    name: &str,
    mut change: impl FnMut(&str, Vec<u8>) -> Vec<(String, Vec<u8>)>,
) -> Result<Wheel, Error> {
    let path = changed(wheel, name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut archive = ::zip::ZipArchive::new(File::open(&wheel.path).unwrap()).unwrap();
    let mut writer = ::zip::ZipWriter::new(File::create(&path).unwrap());
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        for (name, bytes) in change(&file.name().unwrap(), bytes) {
            let options = ::zip::write::SimpleFileOptions::default()
                .unix_permissions(file.unix_mode().unwrap());
            writer.start_file(name, options).unwrap();
            writer.write_all(&bytes).unwrap();
        }
    }
    writer.finish().unwrap();
    verify_wheel(&path)
}

const NAME: &str = "my_tool-1.0.0rc1-py3-none-linux_x86_64.whl";

#[test]
fn what_a_wheel_says_of_itself_is_complete() {
    let folder = tempfile::tempdir().unwrap();
    let wheel = written(folder.path());
    assert_eq!(wheel.path.file_name().unwrap(), NAME);
    assert_eq!(wheel.version, "1.0.0rc1");
    assert_eq!(wheel.tags, ["py3-none-linux_x86_64"]);
    assert!(wheel.files["my_tool-1.0.0rc1.data/scripts/a,\"tool"].is_program);
    assert_eq!(
        text(&wheel, "METADATA"),
        "Metadata-Version: 2.4\nName: My.-Tool\nVersion: 1.0.0rc1\nSummary: Does what tools do\nAuthor: The others\n\
         Author-email: Ada <ada@example.org>\nLicense-Expression: MIT OR Apache-2.0\nLicense-File: LICENSE\n"
    );
    assert_eq!(verify_wheel(&wheel.path).unwrap(), wheel);
    let again = tempfile::tempdir().unwrap();
    assert_eq!(written(again.path()).sha256, wheel.sha256);
}

#[test]
fn a_readme_is_of_the_kind_that_its_name_says() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("tool");
    fs::write(&program, "#!/bin/sh\n").unwrap();
    for (name, kind) in [
        ("README.md", "text/markdown; charset=UTF-8; variant=GFM"),
        ("README", "text/markdown; charset=UTF-8; variant=GFM"),
        ("README.rst", "text/x-rst; charset=UTF-8"),
        ("ReadMe.TXT", "text/plain; charset=UTF-8"),
    ] {
        let readme = folder.path().join(name);
        fs::write(&readme, "Tool\n====\n").unwrap();
        let mut about = about("My.-Tool", "1.0.0-rc.1");
        about.readme = Some(readme);
        let wheel = WheelBuilder::new(about)
            .program(&program)
            .platform("linux_x86_64")
            .write(&folder.path().join("out"), date())
            .unwrap();
        let metadata = text(&wheel, "METADATA");
        let line = format!("\nDescription-Content-Type: {kind}\n\nTool\n====\n");
        assert!(metadata.ends_with(&line), "{metadata}");
    }
}

#[test]
fn a_wheel_that_is_changed_is_found_out() {
    let folder = tempfile::tempdir().unwrap();
    let wheel = written(folder.path());
    let same = |name: &str, bytes: Vec<u8>| vec![(name.to_owned(), bytes)];
    verified(&wheel, NAME, same).unwrap_or_else(|error| panic!("unchanged: {error}"));
    type Change = fn(&str, Vec<u8>) -> Vec<(String, Vec<u8>)>;
    let changes: &[(&str, Change)] = &[
        ("has another hash than in RECORD", |name, mut bytes| {
            if name.contains("scripts") {
                bytes[0] = b'x';
            }
            vec![(name.to_owned(), bytes)]
        }),
        ("has 11 bytes, and 10 in RECORD", |name, mut bytes| {
            if name.contains("scripts") {
                bytes.push(b'x');
            }
            vec![(name.to_owned(), bytes)]
        }),
        ("RECORD lacks `more.py`", |name, bytes| {
            let mut files = vec![(name.to_owned(), bytes)];
            if name.ends_with("WHEEL") {
                files.push(("more.py".to_owned(), Vec::new()));
            }
            files
        }),
        ("LICENSE`, and the wheel has not", |name, bytes| {
            if name.ends_with("LICENSE") {
                return Vec::new();
            }
            vec![(name.to_owned(), bytes)]
        }),
        ("the licence `LICENSE` is missing", |name, bytes| {
            let name = name.replace("LICENSE", "COPYING");
            vec![(name, bytes)]
        }),
        (
            "the hash of `my_tool-1.0.0rc1.dist-info/WHEEL` in RECORD is no SHA-256",
            |name, bytes| {
                if name.ends_with("RECORD") {
                    let text = String::from_utf8(bytes).unwrap();
                    let text = text.replace("WHEEL,sha256=", "WHEEL,md5=");
                    return vec![(name.to_owned(), text.into_bytes())];
                }
                vec![(name.to_owned(), bytes)]
            },
        ),
        (
            "RECORD has `my_tool-1.0.0rc1.dist-info/RECORD` twice",
            |name, mut bytes| {
                if name.ends_with("RECORD") {
                    bytes.extend(b"my_tool-1.0.0rc1.dist-info/RECORD,,\n");
                }
                vec![(name.to_owned(), bytes)]
            },
        ),
        ("line 6 of RECORD", |name, mut bytes| {
            if name.ends_with("RECORD") {
                bytes.extend(b"only a name\n");
            }
            vec![(name.to_owned(), bytes)]
        }),
        ("METADATA` is missing", |name, bytes| {
            vec![(name.replace("METADATA", "PKG-INFO"), bytes)]
        }),
        (
            "the folder `other-1.dist-info` does not belong to `my_tool`",
            |name, bytes| {
                let mut files = vec![(name.to_owned(), bytes)];
                if name.ends_with("WHEEL") {
                    files.push(("other-1.dist-info/METADATA".to_owned(), Vec::new()));
                }
                files
            },
        ),
        ("`../escaped`", |name, bytes| {
            let mut files = vec![(name.to_owned(), bytes)];
            if name.ends_with("WHEEL") {
                files.push(("../escaped".to_owned(), Vec::new()));
            }
            files
        }),
    ];
    for (expected, change) in changes {
        let error = verified(&wheel, NAME, change).unwrap_err().to_string();
        assert!(error.contains(expected), "{expected}: {error}");
    }
}

#[test]
fn a_name_that_does_not_fit_is_found_out() {
    let folder = tempfile::tempdir().unwrap();
    let wheel = written(folder.path());
    let same = |name: &str, bytes: Vec<u8>| vec![(name.to_owned(), bytes)];
    for (name, expected) in [
        (
            "my_tool-1.0.0rc1-py3-none-any.whl",
            "WHEEL has py3-none-linux_x86_64",
        ),
        (
            "my_tool-1.0.0rc1-py3-none.whl",
            "is not `name-version-python-abi-platform.whl`",
        ),
        ("my_tool-1.0.0rc1-py3-none-linux x.whl", "the tag `linux x`"),
        ("my.tool-1.0.0rc1-py3-none-any.whl", "is written `my_tool`"),
        (
            "my_tool-2.0.0-py3-none-linux_x86_64.whl",
            "my_tool-2.0.0.dist-info/RECORD` is missing",
        ),
    ] {
        let error = verified(&wheel, name, same).unwrap_err().to_string();
        assert!(error.contains(expected), "{name}: {error}");
    }
}

#[test]
fn a_name_twice_is_found_out() {
    let folder = tempfile::tempdir().unwrap();
    let wheel = written(folder.path());
    // Two names of one length, one of which is then renamed by hand: the library refuses to write one twice.
    let twice = |name: &str, bytes: Vec<u8>| {
        let mut files = vec![(name.to_owned(), bytes.clone())];
        if name.ends_with("WHEEL") {
            files.push((name.replace("WHEEL", "WHEEX"), bytes));
        }
        files
    };
    verified(&wheel, NAME, twice).unwrap_err();
    let path = changed(&wheel, NAME);
    let mut bytes = fs::read(&path).unwrap();
    while let Some(at) = bytes.windows(5).position(|window| window == b"WHEEX") {
        bytes[at + 4] = b'L';
    }
    fs::write(&path, bytes).unwrap();
    let error = verify_wheel(&path).unwrap_err().to_string();
    assert!(error.contains("more than once"), "{error}");
}

#[test]
fn what_cannot_be_a_wheel_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("tool");
    fs::write(&script, "#!/bin/sh\n").unwrap();
    let error = |builder: WheelBuilder| {
        builder
            .write(folder.path(), date())
            .unwrap_err()
            .to_string()
    };
    let plain = || WheelBuilder::new(about("tool", "1.0.0"));
    for (builder, expected) in [
        (plain(), "add a program to it"),
        (plain().program(&script), "no program of Linux"),
        (
            plain().program(&script).platform("a-b"),
            "the platform `a-b`",
        ),
        (
            WheelBuilder::new(about("_tool", "1.0.0"))
                .program(&script)
                .platform("any"),
            "the name `_tool`",
        ),
        (
            plain()
                .program(&script)
                .platform("any")
                .classifier("a\nName: b"),
            "a line end in the field Classifier",
        ),
        (
            plain()
                .program(&script)
                .platform("any")
                .data_file("../x", &script),
            "without `.` and `..`",
        ),
        (
            plain().program(folder.path().join("no")).platform("any"),
            "cannot read",
        ),
    ] {
        let error = error(builder);
        assert!(error.contains(expected), "{expected}: {error}");
    }
    let mut strange = about("tool", "1.0.0");
    strange.licence = Some("Mine Alone".to_owned());
    let error = error(WheelBuilder::new(strange).program(&script).platform("any"));
    assert!(
        error.contains("`Mine Alone`: it is no SPDX expression"),
        "{error}"
    );
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

proptest! {
    #[test]
    fn a_row_is_read_as_it_was_written(name in "[ -~]{1,20}", bytes: Vec<u8>) {
        let mut record = Record::default();
        record.add(&name, &bytes);
        let (rows, problems) = record::parse(&record.text("own/RECORD"));
        prop_assert!(problems.is_empty() || name == "own/RECORD");
        prop_assert_eq!(&rows[&name].length, &bytes.len().to_string());
    }
}
