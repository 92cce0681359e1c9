//! Debian packages, in the hands of Debian.

use std::{fs, process::Command};

use tuneup_packaging::{Deb, DebBuilder, Shell};

use super::tool::{Tool, date};
use crate::programs::{is_there, leave_out, outcome, output, skip};

fn deb(tool: &Tool) -> Deb {
    DebBuilder::new(tool.about(), "Ada <ada@example.org>")
        .program(tool.program())
        .man_page(tool.path("toy-tool.1"))
        .completions(Shell::Bash, tool.path("toy-tool"))
        .completions(Shell::Zsh, tool.path("_toy-tool"))
        .completions(Shell::Fish, tool.path("toy-tool.fish"))
        .licence_file(tool.path("LICENSE-MIT"))
        .changelog(tool.path("CHANGELOG.md"))
        .copyright("2023 Ada <ada@example.org>")
        .description("A program that greets everybody who starts it, and tells its version\nto everybody who asks for it.")
        .write(&tool.path("out"), date())
        .unwrap()
}

#[test]
fn packages_are_the_same_bytes_from_two_folders() {
    let [here, there] = [Tool::new(), Tool::new()];
    let (one, other) = (deb(&here), deb(&there));
    assert_eq!(one.sha256, other.sha256);
    assert_eq!(one.files, other.files);
    assert!(one.files.contains("usr/bin/toy-tool"));
}

#[test]
fn dpkg_reads_what_was_written() {
    const TEST: &str = "dpkg_reads_what_was_written";
    if !is_there("dpkg-deb") {
        return skip(TEST, "dpkg-deb is not installed");
    }
    let tool = Tool::new();
    let deb = deb(&tool);
    let field = |name: &str| {
        let mut command = Command::new("dpkg-deb");
        output(command.arg("--field").arg(&deb.path).arg(name))
            .trim()
            .to_owned()
    };
    assert_eq!(field("Package"), "toy-tool");
    assert_eq!(field("Version"), deb.version);
    assert_eq!(field("Architecture"), deb.architecture);
    assert_eq!(field("Depends"), deb.depends.join(", "));
    let list = output(Command::new("dpkg-deb").arg("--contents").arg(&deb.path));
    assert!(list.contains("-rwxr-xr-x root/root "), "{list}");
    assert!(
        list.contains(" ./usr/share/man/man1/toy-tool.1.gz\n"),
        "{list}"
    );

    let folder = tool.path("unpacked");
    output(
        Command::new("dpkg-deb")
            .arg("--raw-extract")
            .arg(&deb.path)
            .arg(&folder),
    );
    output(
        Command::new("md5sum")
            .args(["--check", "--strict", "DEBIAN/md5sums"])
            .current_dir(&folder),
    );
    let said = output(Command::new(folder.join("usr/bin/toy-tool")).arg("--version"));
    assert_eq!(said, "toy-tool 1.2.3\n");
    for name in ["changelog.Debian.gz", "changelog.gz"] {
        output(
            Command::new("gzip")
                .arg("--test")
                .arg(folder.join("usr/share/doc/toy-tool").join(name)),
        );
    }
}

/// Debian's own tool asks the installed packages; ours, the program.
#[test]
fn debian_finds_the_same_dependencies() {
    const TEST: &str = "debian_finds_the_same_dependencies";
    if !is_there("dpkg-shlibdeps") {
        return skip(TEST, "dpkg-shlibdeps is not installed");
    }
    let tool = Tool::new();
    let deb = deb(&tool);
    fs::create_dir(tool.path("debian")).unwrap();
    fs::write(
        tool.path("debian/control"),
        "Source: toy-tool\n\nPackage: toy-tool\nArchitecture: any\n",
    )
    .unwrap();
    let mut command = Command::new("dpkg-shlibdeps");
    command.args(["-O", "--ignore-missing-info", "bin/toy-tool"]);
    let (succeeded, said) = outcome(command.current_dir(tool.path("")));
    assert!(succeeded, "{said}");
    let line = said
        .lines()
        .find_map(|line| line.strip_prefix("shlibs:Depends="));
    let mut theirs: Vec<_> = line.unwrap().split(", ").collect();
    theirs.sort_unstable();
    assert_eq!(deb.depends, theirs);
}

#[test]
fn lintian_finds_no_error() {
    const TEST: &str = "lintian_finds_no_error";
    if !is_there("lintian") {
        return skip(TEST, "lintian is not installed");
    }
    let tool = Tool::new();
    let deb = deb(&tool);
    let mut command = Command::new("lintian");
    // The first package of an archive closes a bug there; this one is for no archive.
    command.args(["--allow-root", "--no-cfg", "--fail-on", "error,warning"]);
    command.args(["--suppress-tags", "initial-upload-closes-no-bugs"]);
    let (succeeded, said) = outcome(command.arg(&deb.path));
    assert!(succeeded, "{said}");
}

/// Only where nobody minds: on CI, as the administrator.
#[test]
fn dpkg_installs_and_removes_a_package() {
    const TEST: &str = "dpkg_installs_and_removes_a_package";
    if std::env::var_os("CI").is_none() {
        return leave_out(TEST, "a package is installed on CI only");
    }
    if !is_there("dpkg") {
        return skip(TEST, "dpkg is not installed");
    }
    let tool = Tool::new();
    let deb = deb(&tool);
    output(Command::new("dpkg").arg("--install").arg(&deb.path));
    let said = outcome(Command::new("/usr/bin/toy-tool").arg("--version"));
    let verified = outcome(Command::new("dpkg").args(["--verify", "toy-tool"]));
    output(Command::new("dpkg").args(["--purge", "toy-tool"]));
    assert_eq!(said, (true, "toy-tool 1.2.3\n".to_owned()));
    assert_eq!(verified, (true, String::new()));
    assert!(!std::path::Path::new("/usr/bin/toy-tool").exists());
}
