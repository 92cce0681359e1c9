use std::{fs, io::Read as _};

use flate2::read::GzDecoder;
use semver::Version;

use super::{control::*, depends::Depends, *};
use crate::artefacts::program::tests::linux;

fn date() -> SourceDate {
    SourceDate::from_unix(1_700_000_000).unwrap()
}

fn about() -> About {
    let mut about = About::new("My_Tool", Version::new(1, 0, 0));
    about.summary = Some("Does what tools do.".to_owned());
    about.licence = Some("MIT/Apache-2.0".to_owned());
    about.authors = vec!["Ada <ada@example.org>".to_owned()];
    about
}

#[test]
fn versions_are_written_as_debian_does() {
    for (version, expected) in [
        ("1.2.3", "1.2.3-1"),
        ("1.2.3-rc.1", "1.2.3~rc.1-1"),
        ("1.2.3-rc-1+git-5", "1.2.3~rc.1+git.5-1"),
    ] {
        let version = version.parse().unwrap();
        assert_eq!(debian_version(&version, "1").unwrap(), expected);
    }
    let error = debian_version(&Version::new(1, 0, 0), "1-2").unwrap_err();
    assert!(error.to_string().contains("revision `1-2`"), "{error}");
}

#[test]
fn names_are_written_as_debian_does() {
    assert_eq!(package_name("My_Tool").unwrap(), "my-tool");
    for name in ["a", "-tool", "töol", ""] {
        let error = package_name(name).unwrap_err().to_string();
        assert!(error.contains(&format!("`{name}`")), "{error}");
    }
}

#[test]
fn a_program_depends_on_the_packages_of_its_libraries() {
    let list = |program: &Program, known: &[(&str, &str)]| {
        let known = known
            .iter()
            .map(|(library, package)| ((*library).to_owned(), (*package).to_owned()));
        let mut depends = Depends::default();
        depends.add(program, &known.collect())?;
        Ok::<_, String>(depends.list())
    };
    let program = linux(&[
        ("libgcc_s.so.1", &["GCC_3.0", "GCC_4.2.0"]),
        ("libm.so.6", &["GLIBC_2.29"]),
        ("libc.so.6", &["GLIBC_2.2.5", "GLIBC_2.9"]),
        ("ld-linux-x86-64.so.2", &["GLIBC_2.3"]),
        ("libssl.so.3", &["OPENSSL_3.0.0"]),
    ]);
    assert_eq!(
        list(&program, &[("libssl.so.3", "libssl3")]).unwrap(),
        ["libc6 (>= 2.29)", "libgcc-s1 (>= 4.2)", "libssl3"]
    );
    let problem = list(&program, &[]).unwrap_err();
    assert!(
        problem.starts_with("it needs the library libssl.so.3; say which"),
        "{problem}"
    );
    let mut musl = linux(&[]);
    musl.loader = Some("/lib/ld-musl-x86_64.so.1".to_owned());
    assert!(list(&musl, &[]).unwrap_err().contains("musl"));
    musl.loader = None;
    assert_eq!(list(&musl, &[]).unwrap(), Vec::<String>::new());
}

#[test]
fn a_copyright_file_has_every_text_and_no_empty_line_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let paths: Vec<_> = ["MIT", "APACHE"]
        .map(|name| folder.path().join(name))
        .into();
    fs::write(&paths[0], "Permission\r\n\r\nis granted\n").unwrap();
    fs::write(&paths[1], "Apache\n").unwrap();
    let text = documents::copyright(&about(), Some("2024 Ada\n2025 Bob"), &paths).unwrap();
    assert_eq!(
        text,
        "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nUpstream-Name: My_Tool\n\nFiles: *\n\
         Copyright: 2024 Ada\n           2025 Bob\nLicense: Expat or Apache-2.0\n Permission\n .\n is granted\n .\n Apache\n"
    );
    for (about, holders, paths, expected) in [
        (about(), None, vec![], "it needs a licence"),
        (
            About::new("a", Version::new(1, 0, 0)),
            None,
            paths.clone(),
            "it needs a licence",
        ),
        (about(), Some(" "), paths.clone(), "who has the copyright"),
    ] {
        let error = documents::copyright(&about, holders, &paths)
            .unwrap_err()
            .to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn a_line_that_begins_with_a_dot_is_no_empty_one() {
    let text = "Reads\n.tool files\n\n.\nand more.";
    assert_eq!(
        extended(text),
        " Reads\n  .tool files\n .\n  .\n and more.\n"
    );
}

#[test]
fn a_licence_that_each_debian_system_has_is_named_and_not_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("LICENSE");
    let apache = spdx::license_id("Apache-2.0").unwrap().text();
    for (text, expected) in [
        (apache, Some("/usr/share/common-licenses/Apache-2.0")),
        (
            spdx::license_id("MPL-2.0").unwrap().text(),
            Some("/usr/share/common-licenses/MPL-2.0"),
        ),
        (
            spdx::license_id("GPL-2.0-only").unwrap().text(),
            Some("/usr/share/common-licenses/GPL-2"),
        ),
        (
            spdx::license_id("LGPL-3.0-only").unwrap().text(),
            Some("/usr/share/common-licenses/LGPL-3"),
        ),
        (
            "Licensed under the Apache License, Version 2.0, January 2004",
            None,
        ),
    ] {
        fs::write(&path, text).unwrap();
        let text = documents::copyright(&about(), None, std::slice::from_ref(&path)).unwrap();
        assert!(
            text.contains("Copyright: Ada <ada@example.org>\n"),
            "{text}"
        );
        match expected {
            Some(expected) => assert!(
                text.ends_with(&format!(" {expected}\n")) && text.len() < 1000,
                "{text}"
            ),
            None => assert!(text.ends_with(", January 2004\n"), "{text}"),
        }
    }
}

#[test]
fn who_has_the_copyright_is_in_the_texts() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("LICENSE");
    for (text, expected) in [
        (
            "MIT\n\nCopyright (c) 2015 Ada\n  Copyright 2016-2018 Bob\nCopyright (c) 2015 Ada\n",
            "2015 Ada\n           2016-2018 Bob",
        ),
        (
            "Copyright (c) [year] [fullname]\nCopyright {yyyy}\nCopyright holders are not liable\n",
            "Ada <ada@example.org>",
        ),
        ("Copyright © The tools\n", "The tools"),
    ] {
        fs::write(&path, text).unwrap();
        let text = documents::copyright(&about(), None, std::slice::from_ref(&path)).unwrap();
        assert!(
            text.contains(&format!("Copyright: {expected}\nLicense: ")),
            "{text}"
        );
    }
}

#[test]
fn a_summary_that_begins_with_the_name_loses_it() {
    let programs = [PathBuf::from("bin/a"), PathBuf::from("bin/b")];
    for (package, summary, expected) in [
        ("my-tool", "my-tool: greets", "greets"),
        ("my-tool", "My tool greets", "greets"),
        ("tool", "Tool is a thing", "thing"),
        ("tool", "toolbox of things", "toolbox of things"),
        (
            "tool",
            &format!("{}for a thing", "word ".repeat(14)),
            &["word"; 14].join(" "),
        ),
        (
            "tool",
            &format!("{}, and of things", ["word"; 14].join(" ")),
            &["word"; 14].join(" "),
        ),
        ("tool", "tool", "tool"),
        ("tool", "tool:", "tool:"),
        ("töol", "töx", "töx"),
    ] {
        let about = About {
            summary: Some(summary.to_owned()),
            ..about()
        };
        let control = Control {
            about: &about,
            package,
            version: "1",
            architecture: "amd64",
            maintainer: "Ada <ada@example.org>",
            section: "utils",
            description: None,
            programs: &programs,
            depends: &[],
            installed_kib: 1,
        };
        let text = control.text().unwrap();
        let first = format!("Description: {expected}\n");
        let last = "This package installs the programs a, b.";
        let (_, rest) = text.split_once(&first).unwrap_or_else(|| panic!("{text}"));
        let rest: Vec<_> = rest.split_whitespace().collect();
        let rest = rest.join(" ");
        assert!(
            rest == last || rest == format!("{summary} . {last}"),
            "{text}"
        );
    }
}

#[test]
fn a_summary_becomes_a_phrase() {
    let about = About {
        summary: Some(format!("my-tool: {} the end.", "word ".repeat(20))),
        homepage: Some("https://example.org".to_owned()),
        ..about()
    };
    let long = format!("One.\n\nTwo{}", " two".repeat(23));
    let control = Control {
        about: &about,
        package: "my-tool",
        version: "1.0.0-1",
        architecture: "amd64",
        maintainer: "Ada <ada@example.org>",
        section: "utils",
        description: Some(&long),
        programs: &[],
        depends: &[],
        installed_kib: 12,
    };
    let text = control.text().unwrap();
    let line = text
        .lines()
        .find(|line| line.starts_with("Description: "))
        .unwrap();
    assert!(
        line.starts_with("Description: word ") && line.ends_with("word") && line.len() <= 13 + 79,
        "{line}"
    );
    let (_, described) = text.split_once("Description: ").unwrap();
    let expected = format!("\n One.\n .\n Two{}\n two two two two\n", " two".repeat(19));
    assert!(described.ends_with(&expected), "{text}");
    for (maintainer, section, expected) in [
        ("Ada", "utils", "the maintainer `Ada`"),
        (
            "Ada <ada@example.org>",
            "utils\nEssential: yes",
            "a line end in the field Section",
        ),
    ] {
        let error = Control {
            maintainer,
            section,
            ..control
        }
        .text()
        .unwrap_err()
        .to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn folders_come_before_files_and_all_are_counted() {
    let mut tarball = Tarball::new(date());
    tarball.add("usr/bin/tool", &[1; 1025], true).unwrap();
    tarball.add("usr/share/a", b"", false).unwrap();
    let finished = tarball.finish().unwrap();
    let mut bytes = Vec::new();
    GzDecoder::new(&finished.bytes[..])
        .read_to_end(&mut bytes)
        .unwrap();
    let mut archive = tar::Archive::new(&bytes[..]);
    let entries = archive.entries().unwrap().map(|entry| {
        let entry = entry.unwrap();
        let header = entry.header();
        assert_eq!(header.username().unwrap(), Some("root"));
        assert_eq!(header.mtime().unwrap(), 1_700_000_000);
        let name = String::from_utf8(entry.path_bytes().into_owned()).unwrap();
        format!("{name} {:o}", header.mode().unwrap())
    });
    assert_eq!(
        entries.collect::<Vec<_>>(),
        [
            "./ 755",
            "./usr/ 755",
            "./usr/bin/ 755",
            "./usr/bin/tool 755",
            "./usr/share/ 755",
            "./usr/share/a 644"
        ]
    );
    assert_eq!(finished.installed_kib, 4 + 2);
    assert!(
        finished
            .md5sums
            .ends_with("\nd41d8cd98f00b204e9800998ecf8427e  usr/share/a\n")
    );
}

#[test]
fn each_part_of_the_outer_archive_is_at_an_even_place() {
    let bytes = ar::archive(
        &[("debian-binary", b"2.0\n"), ("odd", b"x"), ("last", b"yz")],
        date(),
    );
    let text = String::from_utf8(bytes).unwrap();
    let header = |name: &str, length| {
        let line = format!("{name:<16}1700000000  0     0     100644  {length:<10}`\n");
        assert_eq!(line.len(), 60);
        line
    };
    let expected = [
        "!<arch>\n",
        &header("debian-binary", 4),
        "2.0\n",
        &header("odd", 1),
        "x\n",
        &header("last", 2),
        "yz",
    ];
    assert_eq!(text, expected.concat());
}

#[test]
fn what_cannot_be_a_package_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let licence = folder.path().join("LICENSE");
    fs::write(&licence, "Do.\n").unwrap();
    let plain = || DebBuilder::new(about(), "Ada <ada@example.org>").licence_file(&licence);
    let program = std::env::current_exe().unwrap();
    let mut builders = vec![
        (plain(), "add a program to it"),
        (plain().program(&licence), "no program of Linux"),
    ];
    if cfg!(target_os = "linux") {
        builders.extend([
            (
                plain().program(&program).man_page(&licence),
                "does not end with a section",
            ),
            (
                plain().program(&program).file("etc/tool.toml", &licence),
                "install a default below `usr/share`",
            ),
            (
                plain().program(&program).file("usr/bin", &licence),
                "is taken",
            ),
            (
                plain()
                    .program(&program)
                    .changelog(folder.path().join("no")),
                "cannot read",
            ),
        ]);
    }
    for (builder, expected) in builders {
        let error = builder
            .write(folder.path(), date())
            .unwrap_err()
            .to_string();
        assert!(error.contains(expected), "{expected}: {error}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}
