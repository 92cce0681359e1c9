use std::{
    ffi::OsStr,
    io,
    process::{Command, Output},
};

use tuneup_packaging::{ReadmeOptions, ReadmeReport, Runner, run_readme_blocks};

use super::{Clean, LIBRARY, MANIFEST, README, Toy};

fn run(toy: &Toy, change: impl Fn(ReadmeOptions) -> ReadmeOptions) -> ReadmeReport {
    let workspace = toy.workspace();
    let mut options = ReadmeOptions::new(&workspace);
    options.scratch = toy.scratch();
    run_readme_blocks(&workspace, &change(options), &Clean).unwrap()
}

fn run_text(toy: &Toy, readme: &str) -> ReadmeReport {
    toy.write("README.md", readme);
    toy.commit("Write");
    let before = toy.git(&["status", "--porcelain"]);
    let report = run(toy, |options| options);
    assert_eq!(toy.git(&["status", "--porcelain"]), before);
    report
}

#[test]
fn what_a_readme_says_is_run_in_a_clone() {
    let toy = Toy::package();
    let report = run(&toy, |options| options);
    assert_eq!(
        (report.commands, report.examples, report.files),
        (1, 1, vec!["README.md".to_owned()])
    );
    assert_eq!(report.failed, []);
}

#[test]
fn a_broken_command_is_named_with_file_and_line() {
    let toy = Toy::package();
    let report = run_text(
        &toy,
        "# toy\n\n```sh\ntrue\ncargo run --offline --example gone\ntouch later\n```\n\n```console\n$ cat Cargo.toml\n[package]\n```\n",
    );
    let [failed] = &report.failed[..] else {
        panic!("{:?}", report.failed);
    };
    assert_eq!((&failed.file[..], failed.line), ("README.md", 5));
    assert!(
        failed
            .text()
            .starts_with("README.md:5: cargo run --offline --example gone\n")
            && failed.said.contains("gone"),
        "{}",
        failed.text()
    );
    // Two of the first block, and the one of the second.
    assert_eq!(report.commands, 3);
}

#[test]
fn commands_of_several_lines_and_what_they_leave_behind_are_kept_within_a_readme() {
    let toy = Toy::package();
    let report = run_text(
        &toy,
        "```sh\ncat >made.txt <<'END'\n# not a comment\n\nEND\ncd src\nexport HERE=1\n```\n\n```sh\ngrep -q comment made.txt\ntest \"$HERE\" = 1\n```\n",
    );
    // Files stay; where one is and what one has set does not.
    assert_eq!(report.failed.len(), 1);
    assert_eq!(report.failed[0].line, 12);
}

#[test]
fn what_is_not_run_is_listed_with_its_reason() {
    let toy = Toy::package();
    toy.write("README.md", "<!-- not run: it waits for keys -->\n```sh\nfalse\n```\n\n```sh\ncargo add toy\nsleep 1000\n```\n\n```bash no_run\nfalse\n```\n\n```text\nfalse\n```\n");
    toy.commit("Write");
    let report = run(&toy, |options| options.skip("sleep", "it is long"));
    assert_eq!((report.commands, report.failed.len()), (0, 0));
    assert_eq!(
        report.skipped,
        [
            "README.md:3: false: it waits for keys",
            "README.md:7: cargo add toy: toy is a package of this workspace; that it can be had is seen by a rehearsal",
            "README.md:8: sleep 1000: it is long",
            "README.md:12: false: its first line says `no_run`",
        ]
    );
}

#[test]
fn a_broken_example_is_named_with_its_line_in_every_edition() {
    for edition in ["2021", "2024"] {
        broken_example(edition);
    }
}

fn broken_example(edition: &str) {
    let toy = Toy::package();
    let manifest = MANIFEST.replace("2021", edition).replace("1.60", "1.85");
    toy.write("Cargo.toml", manifest);
    let report = run_text(
        &toy,
        "# toy\n\n```rust\nassert_eq!(toy::more(1), 3);\n```\n",
    );
    let [failed] = &report.failed[..] else {
        panic!("{:?}", report.failed);
    };
    assert_eq!(failed.line, 3);
    assert!(failed.said.contains("left: 2"), "{}", failed.said);
}

#[test]
fn examples_that_no_documentation_includes_are_run_all_the_same() {
    let toy = Toy::package();
    toy.write(
        "src/lib.rs",
        LIBRARY.replace("#![doc = include_str!(\"../README.md\")]\n", "//! A toy.\n"),
    );
    let report = run_text(&toy, README);
    assert_eq!((report.examples, report.failed.len()), (1, 0), "{report:?}");
    let report = run_text(&toy, &README.replace("2);", "3);"));
    assert_eq!(report.failed.len(), 1);
    assert_eq!(report.failed[0].line, 7);
}

#[test]
fn an_example_that_nothing_can_run_is_no_pass() {
    let toy = Toy::package();
    toy.write("src/main.rs", "fn main() {}\n");
    toy.remove("src/lib.rs");
    let report = run_text(&toy, README);
    assert_eq!(report.failed[0].line, 8);
    assert!(
        report.failed[0].said.starts_with("nothing runs it"),
        "{report:?}"
    );
    let report = run_text(
        &toy,
        &README.replace("```rust", "<!-- not run: shown alone -->\n```rust"),
    );
    assert_eq!(report.failed, []);
}

/// A comment before the fence is nothing to rustdoc.
#[test]
fn an_example_that_is_marked_is_not_run_and_listed() {
    for library in [LIBRARY, "//! Includes nothing.\n"] {
        let toy = Toy::package();
        toy.write("src/lib.rs", library);
        let report = run_text(
            &toy,
            "# toy\n\n```rust\nassert!(true);\n```\n\n<!-- not run: it needs a printer -->\n```rust,no_run\nprint_it();\n```\n\n```rust,ignore\nleft_out();\n```\n",
        );
        assert_eq!((report.examples, report.failed.len()), (1, 0), "{report:?}");
        assert_eq!(
            report.skipped,
            [
                "README.md:9: a block of Rust: it needs a printer",
                "README.md:13: a block of Rust: its first line says `ignore`",
            ]
        );
    }
}

#[test]
fn what_rustdoc_is_to_compile_alone_is_compiled() {
    let toy = Toy::package();
    let text = "# toy\n\n```rust,no_run\nloop { toy::more(1); }\n```\n\n```compile_fail\ntoy::more(\"\");\n```\n";
    let report = run_text(&toy, text);
    assert_eq!((report.examples, report.failed.len()), (2, 0), "{report:?}");
    let report = run_text(&toy, &text.replace("more(1)", "less(1)"));
    let [failed] = &report.failed[..] else {
        panic!("{:?}", report.failed);
    };
    assert_eq!(failed.line, 3);
    assert!(
        failed.said.contains("cannot find function `less`"),
        "{}",
        failed.said
    );
}

#[test]
fn a_program_is_found_where_a_reader_expects_it() {
    let toy = Toy::package();
    toy.write("src/main.rs", "fn main() { println!(\"ran\"); }\n");
    let report = run_text(
        &toy,
        "```sh\ncargo build --offline --release\n./target/release/toy\ncargo install --offline --path .\n```\n\n```sh\ntest \"$(toy)\" = ran\n```\n",
    );
    assert_eq!((report.failed.len(), report.commands), (0, 4), "{report:?}");
    assert!(toy.scratch().join("installed/bin/toy").is_file());
}

#[test]
fn commands_find_the_variables_that_are_given() {
    let toy = Toy::package();
    toy.write(
        "README.md",
        "```sh\ntest \"$CARGO_PROFILE_RELEASE_OPT_LEVEL\" = 0\n```\n",
    );
    toy.commit("Ask for it");
    assert_eq!(run(&toy, |options| options).failed.len(), 1);
    let report = run(&toy, |options| {
        options.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
    });
    assert_eq!((report.failed.len(), report.commands), (0, 1), "{report:?}");
}

#[test]
fn the_workspace_may_be_a_folder_of_a_repository_and_have_several_readmes() {
    let toy = Toy::empty();
    toy.write(
        "code/Cargo.toml",
        "[workspace]\nmembers = [\"a\", \"b\"]\nresolver = \"2\"\n",
    );
    for name in ["a", "b"] {
        toy.write(
            &format!("code/{name}/Cargo.toml"),
            MANIFEST.replace("\"toy\"", &format!("{name:?}")),
        );
        toy.write(
            &format!("code/{name}/src/lib.rs"),
            "#![doc = include_str!(concat!(\"../\", \"README.md\"))]\n",
        );
        toy.write(
            &format!("code/{name}/README.md"),
            "```sh\r\ntest -d a\r\n```\r\n\r\n```rust\r\nassert!(true);\r\n```\r\n",
        );
    }
    toy.write(".gitignore", "target\n");
    toy.commit("Begin");
    let workspace = tuneup_packaging::Workspace::load(&toy.path().join("code"), &Clean).unwrap();
    let report = run_readme_blocks(&workspace, &ReadmeOptions::new(&workspace), &Clean).unwrap();
    assert_eq!(report.files, ["a/README.md", "b/README.md"]);
    assert_eq!((report.commands, report.failed.len()), (2, 0), "{report:?}");
}

#[test]
fn a_readme_of_another_name_and_place_is_read() {
    let toy = Toy::package();
    toy.write(
        "Cargo.toml",
        MANIFEST.replace("\"README.md\"", "\"docs/start.md\""),
    );
    toy.write("README.md", "# On the way\n");
    toy.write("src/lib.rs", "//! Includes nothing.\n");
    let text =
        "```sh\nfalse\n```\n\n```rust\nassert!(true);\n```\n\n```rust\nassert!(false);\n```\n";
    toy.write("docs/start.md", text);
    toy.commit("Move it");
    let report = run(&toy, |options| options);
    assert_eq!(report.files, ["README.md", "docs/start.md"]);
    assert_eq!((report.commands, report.examples), (1, 2), "{report:?}");
    let failed = report.failed.iter();
    let failed: Vec<(&str, usize)> = failed.map(|one| (&one.file[..], one.line)).collect();
    assert_eq!(failed, [("docs/start.md", 2), ("docs/start.md", 9)]);
}

/// Nobody but rustdoc takes them for Rust, and it was asked for the others alone.
#[test]
fn blocks_without_a_language_stay_for_readers_where_the_readme_is_added_to_the_documentation() {
    let toy = Toy::package();
    toy.write("src/lib.rs", "//! Includes nothing.\n");
    let report = run_text(
        &toy,
        "# toy\n\n```\n$ toy --help\nUsage: …\n```\n\n    indented, no Rust\n\n- In a list:\n\n  ```rust\n  assert!(true);\n  ```\n",
    );
    assert_eq!((report.examples, report.failed.len()), (1, 0), "{report:?}");
}

#[test]
fn examples_of_every_kind_of_library_are_run() {
    for kind in ["proc-macro = true", "crate-type = [\"cdylib\", \"rlib\"]"] {
        let toy = Toy::package();
        toy.write("Cargo.toml", format!("{MANIFEST}\n[lib]\n{kind}\n"));
        toy.write("src/lib.rs", "//! Includes nothing.\n");
        let report = run_text(&toy, "# toy\n\n```rust\nassert!(true);\n```\n");
        assert_eq!(
            (report.examples, report.failed.len()),
            (1, 0),
            "{kind}: {report:?}"
        );
    }
}

#[test]
fn an_own_package_is_not_installed_whatever_stands_before_it() {
    let toy = Toy::package();
    let report = run_text(
        &toy,
        "```sh\nRUSTFLAGS=\"-C target-cpu=native\" cargo install toy\ncargo +stable install --locked toy\ntrue && cargo install toy\n```\n",
    );
    assert_eq!((report.commands, report.failed.len()), (0, 0), "{report:?}");
    assert_eq!(report.skipped.len(), 3);
}

/// A package shows the README of the workspace by a link, as it needs one in its folder.
#[test]
#[cfg(unix)]
fn a_readme_that_is_a_link_is_the_one_that_it_leads_to() {
    for library in [
        LIBRARY,
        "//! Includes nothing.\n\n/// One more.\npub fn more(number: u8) -> u8 { number + 1 }\n",
    ] {
        let toy = Toy::empty();
        toy.write(
            "Cargo.toml",
            "[workspace]\nmembers = [\"toy\"]\nresolver = \"2\"\n",
        );
        toy.write(".gitignore", "/target\n");
        toy.write("toy/Cargo.toml", MANIFEST);
        toy.write("toy/src/lib.rs", library);
        std::os::unix::fs::symlink("../README.md", toy.path().join("toy/README.md")).unwrap();
        toy.cargo(&["generate-lockfile", "--offline"]);
        let report = run_text(&toy, &README.replace("cargo build --offline", "mkdir made"));
        assert_eq!(report.failed, []);
        assert_eq!(report.files, ["README.md"]);
        assert_eq!((report.commands, report.examples), (1, 1), "{report:?}");
    }
}

/// zsh reads all of its script before it runs any of it.
struct Unread;

impl Runner for Unread {
    fn run(&self, command: &mut Command) -> io::Result<Output> {
        let is_unread = |word: &OsStr| word.to_string_lossy().contains("\nunreadable\n");
        if command.get_args().any(is_unread) {
            return Clean.run(&mut Command::new("false"));
        }
        Clean.run(command)
    }
}

#[test]
#[cfg(unix)]
fn a_shell_that_does_not_begin_is_no_pass() {
    let toy = Toy::package();
    toy.write("README.md", "```sh\ntrue\n```\n\n```sh\nunreadable\n```\n");
    toy.commit("Write");
    let workspace = toy.workspace();
    let mut options = ReadmeOptions::new(&workspace);
    options.scratch = toy.scratch();
    let report = run_readme_blocks(&workspace, &options, &Unread).unwrap();
    let lines: Vec<usize> = report.failed.iter().map(|failed| failed.line).collect();
    assert_eq!(lines, [6]);
}

/// What a hook of another repository would start, which is all that its commands are not kept from seeing.
struct Hook<'a>(&'a Toy);

impl Runner for Hook<'_> {
    fn run(&self, command: &mut Command) -> io::Result<Output> {
        for (name, place) in [("GIT_DIR", ".git"), ("GIT_INDEX_FILE", ".git/index")] {
            if command.get_envs().all(|(known, _)| known != name) {
                command.env(name, self.0.path().join(place));
            }
        }
        Clean.run(command)
    }
}

#[test]
fn the_repository_of_a_hook_is_none_of_its_business() {
    let (toy, other) = (Toy::package(), Toy::package());
    let before = other.git(&["ls-files", "--stage"]);
    toy.write(
        "README.md",
        "```sh\ntest \"$(git ls-files added)\" = added\n```\n\n```rust\nassert_eq!(toy::more(1), 2);\n```\n",
    );
    toy.write("added", "");
    toy.commit("Write");
    let workspace = toy.workspace();
    let mut options = ReadmeOptions::new(&workspace);
    options.scratch = toy.scratch();
    let report = run_readme_blocks(&workspace, &options, &Hook(&other)).unwrap();
    assert_eq!(report.failed, []);
    assert_eq!((report.commands, report.examples), (1, 1));
    toy.write("src/more.rs", "unsafe fn more() {}");
    toy.commit("More");
    let audited = tuneup_packaging::audit_unsafe(toy.path(), None, true, &Hook(&other)).unwrap();
    assert_eq!((audited.files, audited.total()), (2, 1));
    assert_eq!(other.git(&["ls-files", "--stage"]), before);
}
