//! Files that are replaced at once, or not at all.

use std::{fs, io, io::Write as _, path::Path, process::Command};

use proptest::prelude::*;
use tuneup_memory::{AtomicLineWriter, Error, text_stats, write_lines};

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// The names in a folder; a temporary file would be among them.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

proptest! {
    #[test]
    fn what_is_written_is_each_line_and_a_line_feed(
        lines in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..50), 0..50),
    ) {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("data");
        let expected: Vec<u8> = lines.iter().flat_map(|line| [line, &b"\n"[..]].concat()).collect();
        prop_assert_eq!(write_lines(&path, &lines).unwrap(), expected.len() as u64);
        prop_assert_eq!(fs::read(&path)?, expected);
        prop_assert_eq!(names(folder.path()), ["data"]);
    }
}

#[test]
fn more_than_a_buffer_is_written_whole() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("data");
    let bytes = write_lines(&path, (0..100_000).map(|number| number.to_string()))?;
    let stats = text_stats(&path)?;
    assert_eq!(
        (stats.lines, stats.bytes, bytes),
        (100_000, 588_890, 588_890)
    );
    Ok(())
}

#[test]
fn the_old_content_is_there_until_the_commit() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("data");
    fs::write(&path, "old")?;
    for sync in [false, true] {
        let mut writer = AtomicLineWriter::create(&path)?.with_sync(sync);
        writer.write_line("new".repeat(100_000))?;
        assert_eq!(fs::read_to_string(&path)?, "old");
        assert_eq!(writer.commit()?, 300_001);
        assert_eq!(fs::metadata(&path)?.len(), 300_001);
        assert_eq!(names(folder.path()), ["data"]);
        fs::write(&path, "old")?;
    }
    Ok(())
}

#[test]
fn what_is_dropped_or_panics_leaves_no_trace() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("data");
    fs::write(&path, "old")?;
    let mut writer = AtomicLineWriter::create(&path)?;
    writer.write_line("new".repeat(100_000))?;
    assert_eq!(names(folder.path()).len(), 2);
    drop(writer);
    let lines = (0..10).map(|number| {
        if number < 5 {
            "line"
        } else {
            panic!("no more lines")
        }
    });
    assert!(std::panic::catch_unwind(|| write_lines(&path, lines)).is_err());
    assert_eq!(names(folder.path()), ["data"]);
    assert_eq!(fs::read_to_string(&path)?, "old");
    Ok(())
}

#[cfg(unix)]
#[test]
fn permissions_and_links_are_kept() -> Outcome {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    let folder = tempfile::tempdir()?;
    let (path, link) = (folder.path().join("data"), folder.path().join("link"));
    fs::write(&path, "old")?;
    symlink("data", &link)?;
    for mode in [0o640, 0o755, 0o400] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode))?;
        write_lines(&link, ["new"])?;
        assert_eq!(fs::metadata(&path)?.permissions().mode() & 0o7777, mode);
    }
    assert!(fs::symlink_metadata(&link)?.is_symlink());
    assert_eq!(fs::read_to_string(&path)?, "new\n");
    // A new file has the permissions that any new file has.
    let (one, other) = (folder.path().join("one"), folder.path().join("other"));
    write_lines(&one, ["new"])?;
    fs::write(&other, "new")?;
    assert_eq!(
        fs::metadata(&one)?.permissions(),
        fs::metadata(&other)?.permissions()
    );
    Ok(())
}

#[test]
fn impossible_targets_are_named() -> Outcome {
    let folder = tempfile::tempdir()?;
    match write_lines(folder.path().join("missing").join("data"), ["line"]) {
        Err(Error::Write { source, .. }) => assert_eq!(source.kind(), io::ErrorKind::NotFound),
        other => panic!("{other:?}"),
    }
    assert!(
        matches!(
            write_lines(folder.path(), ["line"]),
            Err(Error::Write { .. })
        ),
        "a folder"
    );
    assert!(names(folder.path()).is_empty());
    Ok(())
}

/// The variable that tells the test below that it is the child.
const FOLDER: &str = "TUNEUP_TEST_FOLDER_WITHOUT_ROOM";

#[test]
fn a_file_without_room_is_an_error() -> Outcome {
    let test = "write_lines::a_file_without_room_is_an_error";
    if let Some(folder) = std::env::var_os(FOLDER) {
        return write_without_room(Path::new(&folder));
    }
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("data"), "old")?;
    // A file of this process may have 100 blocks of 512 bytes or of 1 KiB; the signal for more is ignored.
    let child = Command::new("sh")
        .args([
            "-c",
            r#"trap "" XFSZ && ulimit -f 100 && exec "$0" --exact "$1" --nocapture"#,
        ])
        .arg(std::env::current_exe()?)
        .arg(test)
        .env(FOLDER, folder.path())
        .output();
    match child {
        Ok(output) if output.status.success() => {
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(text.contains("no room was an error"), "{text}");
        }
        Ok(output) => panic!("{}", String::from_utf8_lossy(&output.stderr)),
        Err(error) => writeln!(io::stderr(), "skipped: {test}: no shell: {error}")?,
    }
    assert_eq!(fs::read_to_string(folder.path().join("data"))?, "old");
    assert_eq!(names(folder.path()), ["data"]);
    Ok(())
}

fn write_without_room(folder: &Path) -> Outcome {
    let line = "x".repeat(1000);
    let written = write_lines(folder.join("data"), std::iter::repeat_n(&line, 2000));
    assert!(
        matches!(written, Err(Error::StorageFull { .. })),
        "{written:?}"
    );
    // Less than the buffer: there is no room only when it is flushed.
    let mut writer = AtomicLineWriter::create(folder.join("data"))?;
    for _ in 0..110 {
        writer.write_line(&line)?;
    }
    let committed = writer.commit();
    assert!(
        matches!(committed, Err(Error::StorageFull { .. })),
        "{committed:?}"
    );
    println!("no room was an error");
    Ok(())
}
