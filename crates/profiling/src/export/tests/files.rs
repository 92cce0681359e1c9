use std::fs;
use std::io;
use std::path::Path;

use super::super::format::Format;
use super::{encoded, sample};
use crate::{Error, Profile};

fn write_error(profile: &Profile, path: &Path) -> io::Error {
    match profile.save(path) {
        Err(Error::Write {
            path: named,
            source,
        }) => {
            assert_eq!(named, path);
            source
        }
        other => panic!("{other:?}"),
    }
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn the_longest_extension_in_any_case_decides() {
    let of = |path: &str| Format::of(Path::new(path)).unwrap();
    assert_eq!(of("p.json"), Format::Json);
    assert_eq!(of("a/b.c/p.speedscope.json"), Format::Speedscope);
    assert_eq!(of("P.SpeedScope.JSON"), Format::Speedscope);
    assert_eq!(of("p.trace.json"), Format::ChromeTrace);
    assert_eq!(of("trace.json"), Format::Json);
    assert_eq!(of("p.pb.gz"), Format::Pprof);
    assert_eq!(of("p.folded"), Format::Folded);
    assert_eq!(of("2024.01.31.svg"), Format::FlameGraph);
    assert_eq!(of("p.HTML"), Format::Html);
    assert_eq!(of("p.txt"), Format::Text);
}

#[test]
fn a_name_is_split_before_its_whole_extension() {
    let split = crate::export::split_name;
    assert_eq!(
        split("shop.1.Speedscope.JSON"),
        ("shop.1", ".Speedscope.JSON")
    );
    assert_eq!(split("a.pb.gz"), ("a", ".pb.gz"));
    assert_eq!(split("ä.svg"), ("ä", ".svg"));
    assert_eq!(split("a.gz"), ("a.gz", ""));
    assert_eq!(split(".json"), (".json", ""));
}

#[test]
fn other_extensions_are_refused_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    for name in [
        "p",
        "p.",
        "p.doc",
        "p.gz",
        "p.pb",
        "p.json.bak",
        ".json",
        "json",
        "p.jsonl",
    ] {
        let path = folder.path().join(name);
        match sample().save(&path) {
            Err(Error::UnknownExtension { path: named }) => assert_eq!(named, path),
            other => panic!("{name}: {other:?}"),
        }
    }
    for path in ["", "/", ".."] {
        assert!(
            matches!(sample().save(path), Err(Error::UnknownExtension { .. })),
            "{path}"
        );
    }
    assert!(names_in(folder.path()).is_empty());
}

#[test]
fn a_file_is_replaced_and_nothing_else_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p.folded");
    fs::write(
        &path,
        "a file that is longer than what comes after it".repeat(100),
    )
    .unwrap();
    sample().save(&path).unwrap();
    assert_eq!(fs::read(&path).unwrap(), encoded(&sample(), "p.folded"));
    assert_eq!(names_in(folder.path()), ["p.folded"]);
}

#[test]
fn a_relative_path_without_a_folder_is_written_where_the_program_is() {
    // A child process, as the current folder is that of all tests.
    const HERE: &str = "TUNEUP_TEST_SAVES_HERE";
    if std::env::var_os(HERE).is_some() {
        sample().save("here.folded").unwrap();
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let status = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "export::tests::files::a_relative_path_without_a_folder_is_written_where_the_program_is"])
        .env(HERE, "1")
        .current_dir(folder.path())
        .stdout(std::process::Stdio::null())
        .status()
        .unwrap();
    assert!(status.success());
    assert_eq!(names_in(folder.path()), ["here.folded"]);
}

#[test]
fn a_missing_folder_is_named_and_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("missing").join("p.folded");
    let error = write_error(&sample(), &path);
    let missing = folder.path().join("missing");
    assert_eq!(
        error.to_string(),
        format!(
            "the folder {} does not exist; create it first",
            missing.display()
        )
    );
    assert!(!missing.exists());
}

#[test]
fn what_is_no_place_for_a_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("folder.folded");
    fs::create_dir(&path).unwrap();
    write_error(&sample(), &path);
    let file = folder.path().join("file");
    fs::write(&file, "old").unwrap();
    write_error(&sample(), &file.join("p.folded"));
    write_error(
        &sample(),
        &folder.path().join("long".repeat(100) + ".folded"),
    );
    assert_eq!(names_in(folder.path()), ["file", "folder.folded"]);
    assert_eq!(fs::read(&file).unwrap(), b"old");
}

#[test]
fn a_folder_that_cannot_be_written_to_is_refused() {
    // Not even an administrator makes files here.
    let Some(folder) = ["/sys", "/proc"]
        .into_iter()
        .map(Path::new)
        .find(|path| path.is_dir())
    else {
        return;
    };
    write_error(&sample(), &folder.join("p.folded"));
}

#[cfg(unix)]
mod unix {
    use std::io::Read as _;
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    use std::process::Command;

    use super::*;

    /// A device that is always full. Where it can be made it is one of our own: an administrator who runs this test while
    /// the code is broken would lose the one of the machine.
    fn full_device(path: &Path) -> bool {
        let made = Command::new("mknod")
            .arg(path)
            .args(["c", "1", "7"])
            .output();
        let is_made = made.is_ok_and(|made| made.status.success());
        let is_full = |path: &Path| {
            let error = fs::OpenOptions::new().write(true).open(path);
            let error = error
                .and_then(|mut file| io::Write::write_all(&mut file, b"x"))
                .err();
            error.is_some_and(|error| error.kind() == io::ErrorKind::StorageFull)
        };
        if is_made && is_full(path) {
            return true;
        }
        let _ = fs::remove_file(path);
        is_full(Path::new("/dev/full")) && symlink("/dev/full", path).is_ok()
    }

    #[test]
    fn a_full_disk_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("full.folded");
        if !full_device(&path) {
            return;
        }
        let error = write_error(&sample(), &path);
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        assert_eq!(names_in(folder.path()), ["full.folded"]);
    }

    #[test]
    fn a_pipe_is_written_to_and_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pipe.folded");
        if !Command::new("mkfifo")
            .arg(&path)
            .status()
            .is_ok_and(|status| status.success())
        {
            return;
        }
        let reader = std::thread::spawn({
            let path = path.clone();
            move || {
                let mut text = Vec::new();
                fs::File::open(path)
                    .unwrap()
                    .read_to_end(&mut text)
                    .unwrap();
                text
            }
        });
        sample().save(&path).unwrap();
        // First, as the reader would wait for ever if its pipe had been replaced.
        assert!(!fs::metadata(&path).unwrap().is_file());
        assert_eq!(reader.join().unwrap(), encoded(&sample(), "p.folded"));
    }

    #[test]
    fn a_link_stays_a_link_and_a_file_keeps_who_may_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        let target = elsewhere.path().join("target.dat");
        fs::write(&target, "old").unwrap();
        fs::set_permissions(&target, fs::Permissions::from_mode(0o640)).unwrap();
        let link = folder.path().join("p.folded");
        symlink(&target, &link).unwrap();
        sample().save(&link).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&target).unwrap(), encoded(&sample(), "p.folded"));
        assert_eq!(
            fs::metadata(&target).unwrap().permissions().mode() & 0o777,
            0o640
        );
        assert_eq!(names_in(elsewhere.path()), ["target.dat"]);
    }
}

#[test]
fn a_file_that_is_not_there_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p.json");
    match Profile::load(&path) {
        Err(Error::Read { path: named, .. }) if cfg!(feature = "json") => assert_eq!(named, path),
        Err(Error::FormatDisabled {
            feature: "json", ..
        }) if cfg!(not(feature = "json")) => {}
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_format_that_is_left_out_names_its_feature() {
    let folder = tempfile::tempdir().unwrap();
    let formats = [
        ("p.json", "json", cfg!(feature = "json")),
        ("p.speedscope.json", "json", cfg!(feature = "json")),
        ("p.trace.json", "json", cfg!(feature = "json")),
        ("p.pb.gz", "pprof", cfg!(feature = "pprof")),
        ("p.html", "html", cfg!(feature = "html")),
        ("p.folded", "", true),
        ("p.svg", "", true),
        ("p.txt", "", true),
    ];
    for (name, needed, is_there) in formats {
        let path = folder.path().join(name);
        assert_eq!(crate::export::check(&path).is_ok(), is_there, "{name}");
        match sample().save(&path) {
            Ok(()) if is_there => assert!(path.is_file()),
            Err(Error::FormatDisabled {
                path: named,
                feature,
            }) if !is_there => {
                assert_eq!((named, feature), (path.clone(), needed));
                assert!(!path.exists());
            }
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[cfg(feature = "json")]
#[test]
fn a_profile_is_loaded_as_it_was_saved() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p.json");
    super::full().save(&path).unwrap();
    assert_eq!(Profile::load(&path).unwrap(), super::full());
}
