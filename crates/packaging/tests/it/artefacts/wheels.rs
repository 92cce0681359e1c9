//! Wheels, in the hands of Python.

use std::{fs, process::Command};

use tuneup_packaging::{Wheel, WheelBuilder, verify_wheel};

use super::tool::{Tool, date};
use crate::programs::{environment, judges, output, skip};

fn wheel(tool: &Tool) -> Wheel {
    WheelBuilder::new(tool.about())
        .program(tool.program())
        .licence_file(tool.path("LICENSE-MIT"))
        .data_file("share/man/man1/toy-tool.1", tool.path("toy-tool.1"))
        .classifier("Environment :: Console")
        .requires_python(">=3.8")
        .write(&tool.path("out"), date())
        .unwrap()
}

#[test]
fn wheels_are_the_same_bytes_from_two_folders() {
    let [here, there] = [Tool::new(), Tool::new()];
    let (one, other) = (wheel(&here), wheel(&there));
    assert_eq!(one.sha256, other.sha256);
    assert_eq!(verify_wheel(&one.path).unwrap(), one);
}

#[test]
fn pip_installs_a_wheel_and_its_program_runs() {
    const TEST: &str = "pip_installs_a_wheel_and_its_program_runs";
    let tool = Tool::new();
    let wheel = wheel(&tool);
    let Some(bin) = environment(&tool.path("")) else {
        return skip(TEST, "python3 cannot make an environment");
    };
    let mut pip = Command::new(bin.join("pip"));
    pip.args(["install", "--quiet", "--no-index", "--no-deps"]);
    output(pip.arg(&wheel.path));
    let said = output(Command::new(bin.join("toy-tool")).arg("--version"));
    assert_eq!(said, "toy-tool 1.2.3\n");
    let page = tool.path("environment/share/man/man1/toy-tool.1");
    assert_eq!(
        fs::read(page).unwrap(),
        fs::read(tool.path("toy-tool.1")).unwrap()
    );
    let shown = output(Command::new(bin.join("pip")).args(["show", "--files", "toy-tool"]));
    assert!(shown.contains("Version: 1.2.3"), "{shown}");
    assert!(
        shown.contains("dist-info/licenses/LICENSE-MIT\n"),
        "{shown}"
    );
    output(Command::new(bin.join("pip")).args(["uninstall", "--quiet", "--yes", "toy-tool"]));
    assert!(!bin.join("toy-tool").exists());
}

#[test]
fn other_tools_find_nothing_wrong_with_a_wheel() {
    const TEST: &str = "other_tools_find_nothing_wrong_with_a_wheel";
    let tool = Tool::new();
    let wheel = wheel(&tool);
    let Some(bin) = judges() else {
        return skip(
            TEST,
            "twine, check-wheel-contents, wheel and auditwheel cannot be installed",
        );
    };
    let judge = |program: &str, arguments: &[&str]| {
        let mut command = Command::new(bin.join(program));
        command.args(arguments).arg(&wheel.path);
        output(command.current_dir(tool.path("")))
    };
    let said = judge("twine", &["check", "--strict"]);
    assert!(said.contains("PASSED"), "{said}");
    // W007: there is no module to import. A wheel of programs has none.
    let said = judge("check-wheel-contents", &["--ignore", "W007"]);
    assert!(said.contains("OK"), "{said}");
    judge("wheel", &["unpack"]);
    assert!(tool.path("toy-tool-1.2.3").is_dir() || tool.path("toy_tool-1.2.3").is_dir());
}

#[test]
fn auditwheel_finds_the_same_platform() {
    const TEST: &str = "auditwheel_finds_the_same_platform";
    let tool = Tool::new();
    let wheel = wheel(&tool);
    let Some(bin) = judges() else {
        return skip(TEST, "auditwheel cannot be installed");
    };
    // Its command judges wheels of modules only; the functions behind it, any file.
    let script = tool.path("versions.py");
    fs::write(&script, VERSIONS).unwrap();
    let mut python = Command::new(bin.join("python"));
    let said = output(python.arg(script).arg(tool.program()));
    let tag = format!("py3-none-manylinux_{}_", said.trim());
    assert!(wheel.tags[0].starts_with(&tag), "{tag}: {:?}", wheel.tags);
}

/// Prints the highest version of glibc's symbols, as `2_34`.
const VERSIONS: &str = "
import sys
from auditwheel.elfutils import elf_find_versioned_symbols
from elftools.elf.elffile import ELFFile
symbols = elf_find_versioned_symbols(ELFFile(open(sys.argv[1], 'rb')))
versions = [v[6:].split('.') for _, v in symbols if v.startswith('GLIBC_') and v[6].isdigit()]
print('_'.join(max(versions, key=lambda v: [int(p) for p in v])))
";
