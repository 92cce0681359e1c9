//! Archives, in the hands of other programs.

use std::{fs, path::Path, process::Command};

use tuneup_packaging::{
    Checksums, Contents, read_archive, sha256_of, unpack_archive, write_archive,
};

use super::tool::{Tool, date};
use crate::{
    programs::{is_there, outcome, output, skip},
    small_disk::SmallDisk,
};

/// What a release consists of, with one name that is too long for the plain format of tar.
fn contents(tool: &Tool) -> Contents {
    let mut contents = Contents::new();
    contents
        .add_program("bin/toy-tool", tool.program())
        .unwrap()
        .add_matching(&tool.path(""), "*.md")
        .unwrap()
        .add_matching(&tool.path(""), "LICENSE-*")
        .unwrap()
        .add_file("man/toy-tool.1", tool.path("toy-tool.1"))
        .unwrap()
        .add_text(&format!("themes/{}.txt", "long".repeat(40)), "blue\n")
        .unwrap();
    contents
}

fn is_as_written(tool: &Tool, folder: &Path) {
    let root = folder.join("toy-tool-1.2.3");
    let same = |name: &str, original: &Path| {
        assert_eq!(
            sha256_of(&root.join(name)).unwrap(),
            sha256_of(original).unwrap(),
            "{name}"
        );
    };
    same("bin/toy-tool", &tool.program());
    same("README.md", &tool.path("README.md"));
    let long = root.join(format!("themes/{}.txt", "long".repeat(40)));
    assert_eq!(fs::read_to_string(long).unwrap(), "blue\n");
    let said = output(Command::new(root.join("bin/toy-tool")).arg("--version"));
    assert_eq!(said, "toy-tool 1.2.3\n");
}

#[test]
fn archives_are_the_same_bytes_from_two_folders() {
    let [here, there] = [Tool::new(), Tool::new()];
    for name in ["out/toy-tool-1.2.3.tar.gz", "out/toy-tool-1.2.3.zip"] {
        let write = |tool: &Tool| {
            write_archive(&tool.path(name), "toy-tool-1.2.3", &contents(tool), date()).unwrap()
        };
        let (one, other) = (write(&here), write(&there));
        assert_eq!(one.sha256, other.sha256, "{name}");
        assert_eq!(read_archive(&one.path).unwrap(), one);
        let unpacked = here.path(&format!("{name}.unpacked"));
        unpack_archive(&one.path, &unpacked).unwrap();
        is_as_written(&here, &unpacked);
    }
}

#[test]
fn tar_unpacks_what_was_written() {
    const TEST: &str = "tar_unpacks_what_was_written";
    if !is_there("tar") {
        return skip(TEST, "tar is not installed");
    }
    let tool = Tool::new();
    let path = tool.path("toy-tool-1.2.3.tar.gz");
    write_archive(&path, "toy-tool-1.2.3", &contents(&tool), date()).unwrap();
    let list = output(Command::new("tar").args(["--utc", "-tvzf"]).arg(&path));
    assert!(list.contains("-rwxr-xr-x 0/0 "), "{list}");
    assert!(
        list.contains(" 2023-11-14 22:13 toy-tool-1.2.3/bin/toy-tool\n"),
        "{list}"
    );
    let folder = tool.path("by-tar");
    fs::create_dir(&folder).unwrap();
    output(
        Command::new("tar")
            .arg("-xzf")
            .arg(&path)
            .arg("-C")
            .arg(&folder),
    );
    is_as_written(&tool, &folder);
}

#[test]
fn unzip_and_python_unpack_what_was_written() {
    const TEST: &str = "unzip_and_python_unpack_what_was_written";
    let tool = Tool::new();
    let path = tool.path("toy-tool-1.2.3.zip");
    write_archive(&path, "toy-tool-1.2.3", &contents(&tool), date()).unwrap();
    if Command::new("unzip").output().is_ok() {
        output(Command::new("unzip").arg("-tq").arg(&path));
        output(
            Command::new("unzip")
                .arg("-q")
                .arg(&path)
                .arg("-d")
                .arg(tool.path("by-unzip")),
        );
        is_as_written(&tool, &tool.path("by-unzip"));
    } else {
        skip(TEST, "unzip is not installed");
    }
    if is_there("python3") {
        output(
            Command::new("python3")
                .args(["-m", "zipfile", "--test"])
                .arg(&path),
        );
        let script = "import sys, zipfile\nfor i in zipfile.ZipFile(sys.argv[1]).infolist(): print(i.create_system, oct(i.external_attr >> 16), i.date_time, i.filename)";
        let list = output(Command::new("python3").args(["-c", script]).arg(&path));
        let line = "3 0o100755 (2023, 11, 14, 22, 13, 20) toy-tool-1.2.3/bin/toy-tool";
        assert!(list.contains(line), "{list}");
    } else {
        skip(TEST, "python3 is not installed");
    }
}

#[test]
fn sha256sum_reads_our_checksums_and_we_read_theirs() {
    const TEST: &str = "sha256sum_reads_our_checksums_and_we_read_theirs";
    if !is_there("sha256sum") {
        return skip(TEST, "sha256sum is not installed");
    }
    let tool = Tool::new();
    let names = ["README.md", "LICENSE-MIT", "a\\b\nc"];
    fs::write(tool.path(names[2]), "strange").unwrap();
    let sums = Checksums::of(&tool.path(""), &names).unwrap();
    sums.write(&tool.path("SHA256SUMS")).unwrap();
    let check = || {
        let mut command = Command::new("sha256sum");
        command.args(["--check", "--strict", "SHA256SUMS"]);
        command.current_dir(tool.path(""));
        outcome(&mut command)
    };
    assert!(check().0, "{}", check().1);

    let theirs = output(
        Command::new("sha256sum")
            .args(names)
            .current_dir(tool.path("")),
    );
    fs::write(tool.path("THEIRS"), theirs).unwrap();
    assert_eq!(Checksums::read(&tool.path("THEIRS")).unwrap(), sums);

    fs::write(tool.path("README.md"), "changed").unwrap();
    assert!(!check().0);
    let error = sums.verify(&tool.path("")).unwrap_err().to_string();
    assert!(error.contains("`README.md` has changed"), "{error}");
}

/// Only the administrator may make a disk that is this small.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_nothing_behind() {
    const TEST: &str = "a_full_disk_leaves_nothing_behind";
    let tool = Tool::new();
    let Some(disk) = SmallDisk::empty(TEST) else {
        return;
    };
    for name in ["a.tar.gz", "a.zip"] {
        let path = disk.path().join(name);
        let error = write_archive(&path, "a", &contents(&tool), date()).unwrap_err();
        assert!(error.to_string().starts_with("cannot write"), "{error}");
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert!(source.contains("No space left"), "{source}");
        assert_eq!(fs::read_dir(disk.path()).unwrap().count(), 0, "{name}");
    }
}
