//! `cargo tuneup profile` on four programs that others have written: they do and print what they do otherwise, and pass their tests.
//!
//! Fetches them from the registry and builds each twice, which takes minutes: `cargo xtask test --only projects` runs it.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    time::{Duration, Instant},
};

use serde_json::Value;
use tuneup_report::{Cell, Table, Terminal};

/// A program, and how it is run in the folder of this checkout.
struct Project {
    package: &'static str,
    version: &'static str,
    program: &'static str,
    arguments: &'static [&'static str],
}

const PROJECTS: [Project; 4] = [
    Project {
        package: "ripgrep",
        version: "15.2.0",
        program: "rg",
        arguments: &["--no-config", "--line-number", "fn [a-z]+", "crates"],
    },
    Project {
        package: "hyperfine",
        version: "1.20.0",
        program: "hyperfine",
        arguments: &[
            "--style=none",
            "--output=inherit",
            "--runs=2",
            "-N",
            "head Cargo.toml",
        ],
    },
    Project {
        package: "fd-find",
        version: "10.5.0",
        program: "fd",
        arguments: &["--type=file", "rs$", "crates"],
    },
    Project {
        package: "tokei",
        version: "14.0.0",
        program: "tokei",
        arguments: &["crates"],
    },
];

/// What was found out of a project.
struct Found {
    recorded: usize,
    functions: usize,
    builds: [Duration; 2],
    same_output: bool,
    /// Tests that pass, without and with what records.
    passed: [u64; 2],
}

#[test]
#[ignore = "fetches and builds four projects: cargo xtask test --only projects"]
fn four_projects_do_what_they_did() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("projects");
    let Some(sources) = fetched(&folder) else {
        return;
    };
    let mut table = Table::new([
        "project",
        "recorded",
        "functions",
        "build",
        "same output",
        "tests",
        "with records",
    ])
    .title("Four projects, without an edit");
    let mut complaints = Vec::new();
    for (project, source) in PROJECTS.iter().zip(sources) {
        let found = look_at(project, &folder, &source);
        let name = format!("{} {}", project.package, project.version);
        let ratio = found.builds[1].as_secs_f64() / found.builds[0].as_secs_f64();
        table.push([
            Cell::text(name.clone()),
            Cell::count(found.recorded as u64),
            Cell::count(found.functions as u64),
            Cell::ratio(ratio),
            Cell::text(if found.same_output { "yes" } else { "no" }),
            Cell::count(found.passed[0]),
            Cell::count(found.passed[1]),
        ]);
        if !found.same_output {
            complaints.push(format!("{name} prints something else"));
        }
        if found.passed[0] == 0 || found.passed[0] != found.passed[1] {
            complaints.push(format!("{name} passes other tests"));
        }
        if found.recorded < found.functions * 9 / 10 {
            complaints.push(format!("{name} has functions that do not record"));
        }
    }
    for line in table.render(&Terminal::plain(120)).lines() {
        println!("table: {line}");
    }
    assert!(complaints.is_empty(), "{complaints:?}");
}

/// Copies of their sources; none, which is told, if they cannot be fetched.
fn fetched(folder: &Path) -> Option<Vec<PathBuf>> {
    let scratch = folder.join("scratch");
    fs::create_dir_all(scratch.join("src")).unwrap();
    fs::write(scratch.join("src/lib.rs"), "").unwrap();
    let mut manifest =
        "[package]\nname = \"scratch\"\nversion = \"0.0.0\"\n[workspace]\n[dependencies]\n"
            .to_owned();
    for project in &PROJECTS {
        manifest.push_str(&format!("{} = \"={}\"\n", project.package, project.version));
    }
    fs::write(scratch.join("Cargo.toml"), manifest).unwrap();
    let output = cargo(&scratch).arg("fetch").output().unwrap();
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let last = said.lines().rfind(|line| !line.trim().is_empty());
        eprintln!(
            "skipped: the projects cannot be fetched: {}",
            last.unwrap_or_default().trim()
        );
        return None;
    }
    let copied = PROJECTS.iter().map(|project| {
        let copy = folder.join(project.package);
        let _ = fs::remove_dir_all(&copy);
        copy_folder(&unpacked(project), &copy);
        copy
    });
    Some(copied.collect())
}

/// Where Cargo has unpacked it. Its own list of packages leaves out those that are no libraries.
fn unpacked(project: &Project) -> PathBuf {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(env::home_dir()?.join(".cargo")));
    let registries = fs::read_dir(home.unwrap().join("registry/src")).unwrap();
    let name = format!("{}-{}", project.package, project.version);
    let mut folders = registries.map(|registry| registry.unwrap().path().join(&name));
    let found = folders.find(|folder| folder.is_dir());
    found.unwrap_or_else(|| panic!("Cargo has fetched {name}, and it is not in its folder"))
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (path, copy) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy_folder(&path, &copy);
        } else {
            fs::copy(&path, &copy).unwrap();
        }
    }
}

fn look_at(project: &Project, folder: &Path, source: &Path) -> Found {
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let plain_target = folder.join("plain");
    let _ = fs::remove_dir_all(&plain_target);
    let target_option = format!("--target-dir={}", plain_target.display());

    said(project, "is built");
    let begun = Instant::now();
    let mut plain = cargo(source);
    plain.args([
        "build",
        "--release",
        "--locked",
        "--bin",
        project.program,
        &target_option,
    ]);
    checked(&mut plain);
    let plain_build = begun.elapsed();

    said(project, "is built with what records its calls");
    // The first build has the runtime, and builds all dependencies anew.
    let begun = Instant::now();
    let mut tuneup = tuneup(source);
    checked(tuneup.args(["--bin", project.program, "--", "--version"]));
    let build = begun.elapsed();
    let (recorded, functions) = functions(source);

    said(project, "is run");
    let run = |program: PathBuf| {
        let mut program = Command::new(program);
        lines_of(&checked(
            program.args(project.arguments).current_dir(&checkout),
        ))
    };
    let records = source
        .join("target/tuneup/profile/target/release")
        .join(project.program);
    let same_output = run(plain_target.join("release").join(project.program)) == run(records);

    said(project, "is tested");
    let mut passed = [0; 2];
    for tests in tests_of(source) {
        let mut plain = cargo(source);
        plain
            .args(["test", "--release", "--locked", &target_option])
            .args(&tests);
        passed[0] += passed_of(&plain.output().unwrap());
        passed[1] += passed_of(&tuneup_of(source).args(&tests).output().unwrap());
    }
    Found {
        recorded,
        functions,
        builds: [plain_build, build],
        same_output,
        passed,
    }
}

fn said(project: &Project, what: &str) {
    eprintln!("{} {what}", project.package);
}

fn cargo(folder: &Path) -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(folder).env_remove("CARGO_TARGET_DIR");
    cargo
}

fn tuneup_of(folder: &Path) -> Command {
    let mut tuneup = Command::new(env!("CARGO_BIN_EXE_cargo-tuneup"));
    tuneup
        .args(["tuneup", "profile"])
        .current_dir(folder)
        .env_remove("CARGO_TARGET_DIR");
    tuneup
}

/// [`tuneup_of`] a folder that has not been built in.
fn tuneup(folder: &Path) -> Command {
    let _ = fs::remove_dir_all(folder.join("target/tuneup"));
    tuneup_of(folder)
}

#[track_caller]
fn checked(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
    output
}

fn json_of(command: &mut Command) -> Value {
    serde_json::from_slice(&checked(command).stdout).unwrap()
}

/// What was printed, in an order that does not depend on threads.
fn lines_of(output: &Output) -> Vec<String> {
    let text = String::from_utf8_lossy(&output.stdout);
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    assert!(!lines.is_empty());
    lines.sort();
    lines
}

/// Functions that record, and all.
fn functions(source: &Path) -> (usize, usize) {
    let reports = fs::read_dir(source.join("target/tuneup/profile/reports")).unwrap();
    let (mut recorded, mut all) = (0, 0);
    for report in reports.map(Result::unwrap) {
        let report: Value = serde_json::from_slice(&fs::read(report.path()).unwrap()).unwrap();
        let records = report["recorded"].as_u64().unwrap() as usize;
        recorded += records;
        all += records + report["skipped"].as_array().unwrap().len();
    }
    (recorded, all)
}

/// Options that choose its tests: those of its folder `tests`, or the library's where that is not in the package.
fn tests_of(source: &Path) -> Vec<Vec<String>> {
    let metadata = json_of(cargo(source).args(["metadata", "--no-deps", "--format-version=1"]));
    let targets = metadata["packages"][0]["targets"].as_array().unwrap();
    let tests = targets.iter().filter(|target| target["kind"][0] == "test");
    let named = |target: &Value| {
        let name = target["name"].as_str().unwrap();
        vec!["--test".to_owned(), name.to_owned()]
    };
    let tests: Vec<_> = tests.map(named).collect();
    match tests.is_empty() {
        true => vec![vec!["--lib".to_owned()]],
        false => tests,
    }
}

/// Tests that pass.
fn passed_of(output: &Output) -> u64 {
    let text = String::from_utf8_lossy(&output.stdout);
    let results = text
        .lines()
        .filter(|line| line.starts_with("test result: "));
    let passed = results.filter_map(|line| {
        line.split_once(" passed")?
            .0
            .rsplit(' ')
            .next()?
            .parse::<u64>()
            .ok()
    });
    passed.sum()
}
