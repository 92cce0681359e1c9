use super::*;

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

#[test]
fn what_fails_in_the_middle_leaves_what_was_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    write_whole(&path, b"before").unwrap();
    let mut file = WholeFile::begin(&path).unwrap();
    let failed = file.fill(|buffer| {
        buffer.write_all(b"half").unwrap();
        Err(Error::file("write", "a")(io::ErrorKind::StorageFull.into()))
    });
    assert!(failed.is_err());
    drop(file);
    assert_eq!(fs::read(&path).unwrap(), b"before");
    assert_eq!(names(folder.path()), ["a"]);
}

#[test]
fn a_folder_that_is_missing_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("b/c/d");
    write_whole(&path, b"x").unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "x");
}

#[test]
fn what_a_killed_process_has_left_is_in_nobodys_way() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    let begun = WholeFile::begin(&path).unwrap();
    // The numbers that come next are taken.
    let name = begun.unfinished().file_name().unwrap().to_str().unwrap();
    let (process, number) = name.rsplit_once('-').unwrap();
    let number: u64 = number.parse().unwrap();
    for more in 1..100 {
        let left = folder.path().join(format!("{process}-{}", number + more));
        fs::write(left, "left").unwrap();
    }
    write_whole(&path, b"whole").unwrap();
    drop(begun);
    assert_eq!(fs::read_to_string(&path).unwrap(), "whole");
    assert_eq!(names(folder.path()).len(), 100);
}

#[cfg(unix)]
#[test]
fn others_may_read_the_file() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    write_whole(&path, b"").unwrap();
    let plain = folder.path().join("plain");
    fs::write(&plain, b"").unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(&path), mode(&plain));
}
