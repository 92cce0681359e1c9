//! Files that are not opened, and that stay as they are.

use super::*;

/// Opening must fail with a message that begins so, and must not change a byte.
fn assert_refused(path: &Path, message: &str) -> Error {
    let before = fs::read(path).unwrap();
    let neighbours = fs::read_dir(path.parent().unwrap()).unwrap().count();
    let error = History::open(path).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with(&message.replace("PATH", &path.display().to_string())),
        "{error}"
    );
    assert_eq!(fs::read(path).unwrap(), before);
    assert_eq!(
        fs::read_dir(path.parent().unwrap()).unwrap().count(),
        neighbours,
        "files appeared beside it"
    );
    error
}

#[test]
fn foreign_files_are_refused_and_left_untouched() {
    let (_folder, path) = folder();
    for text in ["x", "SQLite format 3\0 but no more", &"notes ".repeat(1000)] {
        fs::write(&path, text).unwrap();
        assert!(matches!(
            assert_refused(&path, "`PATH` is not a history"),
            Error::ForeignHistory { .. }
        ));
    }
    fs::remove_file(&path).unwrap();
    // Somebody else's database, with a log that SQLite would fold into it on opening.
    let other = Connection::open(&path).unwrap();
    other
        .execute_batch(
            "PRAGMA journal_mode = WAL; CREATE TABLE run (id INTEGER); INSERT INTO run VALUES (1);",
        )
        .unwrap();
    assert!(matches!(
        assert_refused(&path, "`PATH` is not a history"),
        Error::ForeignHistory { .. }
    ));
    drop(other);
    assert!(matches!(
        assert_refused(&path, "`PATH` is not a history"),
        Error::ForeignHistory { .. }
    ));
}

#[test]
fn newer_formats_are_refused_and_left_untouched() {
    let (_folder, path) = folder();
    History::open(&path).unwrap().append(&run(1, 1.0)).unwrap();
    Connection::open(&path)
        .unwrap()
        .pragma_update(None, "user_version", 2)
        .unwrap();
    let error = assert_refused(
        &path,
        "the history `PATH` has format 2, this version knows 1",
    );
    assert!(matches!(
        error,
        Error::NewerHistory {
            found: 2,
            supported: 1,
            ..
        }
    ));
}

#[test]
fn damaged_files_are_refused_and_left_untouched() {
    let (_folder, path) = folder();
    let mut history = History::open(&path).unwrap();
    for i in 0..200 {
        history.append(&run(i, i as f64)).unwrap();
    }
    drop(history);
    let whole = fs::read(&path).unwrap();
    let page = 4096;
    assert!(whole.len() > 4 * page);
    fs::write(&path, &whole[..whole.len() - page - 100]).unwrap();
    assert!(matches!(
        assert_refused(&path, "the history `PATH` is damaged"),
        Error::DamagedHistory { .. }
    ));
    for at in (page..whole.len()).step_by(page) {
        let mut holed = whole.clone();
        holed[at..at + 64].fill(0xa5);
        fs::write(&path, &holed).unwrap();
        assert!(matches!(
            assert_refused(&path, "the history `PATH` is damaged"),
            Error::DamagedHistory { .. }
        ));
    }
    fs::write(&path, &whole).unwrap();
    assert_eq!(
        History::open(&path)
            .unwrap()
            .runs(&machine().id(), 1000)
            .unwrap()
            .len(),
        200
    );
}

#[test]
fn histories_without_their_tables_are_refused_and_left_untouched() {
    let (_folder, path) = folder();
    History::open(&path).unwrap();
    Connection::open(&path)
        .unwrap()
        .execute_batch("ALTER TABLE result RENAME COLUMN value TO number")
        .unwrap();
    let error = assert_refused(
        &path,
        "the history `PATH` is damaged (no such column: value",
    );
    assert!(matches!(error, Error::DamagedHistory { .. }));
}

#[test]
fn paths_that_cannot_be_files_are_named() {
    let (folder, _) = folder();
    let error = History::open(folder.path()).unwrap_err();
    assert!(
        matches!(&error, Error::UnreadableHistory { path, .. } if path == folder.path()),
        "{error:?}"
    );
    let error = History::open(folder.path().join("missing/history.sqlite")).unwrap_err();
    assert!(matches!(error, Error::History { .. }), "{error:?}");
}
