//! Rust blocks of a README, run as documentation tests.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use cargo_metadata::{Metadata, Package, Target, TargetKind};
use regex::Regex;

use super::{FailedBlock, ReadmeReport};
use crate::{
    Error, Runner,
    fenced_blocks::{Block, documentation},
    readiness::paths::{normal, real},
    runner::{answer, git_in, outcome},
    workspace::{cargo, metadata},
};

/// The workspace in the clone, as far as examples need it.
pub(super) struct Examples<'a> {
    pub(super) root: &'a Path,
    pub(super) target: &'a Path,
    pub(super) runner: &'a dyn Runner,
    metadata: Metadata,
    included: Vec<Inclusion>,
}

/// A README that the documentation of a package includes.
#[derive(Clone, Debug)]
struct Inclusion {
    readme: PathBuf,
    package: String,
    /// The line of the source that includes it.
    line: usize,
}

impl<'a> Examples<'a> {
    pub(super) fn read(
        root: &'a Path,
        target: &'a Path,
        runner: &'a dyn Runner,
    ) -> Result<Self, Error> {
        let metadata = metadata(root, runner)?;
        let included = included(root, &metadata, runner)?;
        Ok(Self {
            root,
            target,
            runner,
            metadata,
            included,
        })
    }

    /// Runs the Rust blocks of one README, as far as they may be; `name` is its path in the workspace.
    pub(super) fn run(
        &self,
        name: &str,
        blocks: &[Block],
        report: &mut ReadmeReport,
    ) -> Result<(), Error> {
        let readme = real(&self.root.join(name));
        let all = blocks;
        let blocks = blocks.iter().filter(|block| block.not_run().is_none());
        let blocks: Vec<&Block> = blocks.collect();
        let known = self.included.iter().find(|known| known.readme == readme);
        let inclusion = match known {
            Some(known) => {
                ignore_the_rest(&readme, all)?;
                Some(known.clone())
            }
            None => self.add_to_documentation(&readme, &blocks)?,
        };
        let Some(Inclusion {
            package,
            line: offset,
            ..
        }) = inclusion
        else {
            report.failed.extend(blocks.iter().map(|block| FailedBlock {
                file: name.to_owned(),
                line: block.line(),
                command: super::RUST.to_owned(),
                said: "nothing runs it: include the file in the documentation of a crate with `#[doc = include_str!(…)]`, or say before the block why not: `<!-- not run: … -->`".to_owned(),
            }));
            return Ok(());
        };
        let file = readme.file_name().unwrap_or_default().to_string_lossy();
        let (output, count) = self.tested(&package, &file)?;
        report.examples += count;
        if output.status.success() && count as usize >= blocks.len() {
            return Ok(());
        }
        let said =
            String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        let told = |line: usize, said: String| FailedBlock {
            file: name.to_owned(),
            line,
            command: format!("cargo test --doc --package {package}"),
            said,
        };
        let fences: Vec<usize> = blocks.iter().map(|block| block.line() - 1).collect();
        let lines = said
            .lines()
            .filter_map(|line| failed_line(line, &file, offset, &fences));
        let mut failed: Vec<FailedBlock> = lines
            .map(|(line, shown)| told(line, reason_of(&said, shown)))
            .collect();
        if failed.is_empty() {
            let first = blocks.first().map_or(0, |block| block.line());
            failed.push(told(
                first,
                match output.status.success() {
                    true => format!("{count} examples have run, and there are {}", blocks.len()),
                    false => super::last_lines(&said),
                },
            ));
        }
        report.failed.extend(failed);
        Ok(())
    }

    /// Runs the examples of a file, and counts them.
    fn tested(&self, package: &str, file: &str) -> Result<(Output, u64), Error> {
        let output = self.test(package, Some(file))?;
        let count = tests(&output);
        if count > 0 || !output.status.success() {
            return Ok((output, count));
        }
        // Older versions of rustdoc name such tests after the source that includes the file.
        let output = self.test(package, None)?;
        let count = tests(&output);
        Ok((output, count))
    }

    fn test(&self, package: &str, filter: Option<&str>) -> Result<Output, Error> {
        let mut command = Command::new(cargo());
        command
            .args([
                "test",
                "--doc",
                "--all-features",
                "--color",
                "never",
                "--package",
                package,
            ])
            .arg("--target-dir")
            .arg(self.target)
            .current_dir(self.root);
        if let Some(filter) = filter {
            command.args(["--", filter]);
        }
        outcome(self.runner, &mut command)
    }

    /// Has the library beside a README, or that of a package which names it, include these blocks of it in the clone, so that they can be run. `None` if there
    /// is no library.
    fn add_to_documentation(
        &self,
        readme: &Path,
        blocks: &[&Block],
    ) -> Result<Option<Inclusion>, Error> {
        let file = readme.file_name().unwrap_or_default().to_string_lossy();
        let folder = |package: &Package| {
            let folder = package.manifest_path.parent();
            normal(folder.map_or(Path::new(""), |folder| folder.as_std_path()))
        };
        let packages = self.metadata.workspace_packages();
        // What is in the folder of a package may be a link to it.
        let beside = packages.iter().map(|package| (package, &*file));
        let named = packages
            .iter()
            .filter_map(|package| Some((package, package.readme.as_ref()?.as_str())));
        let mut places = beside.chain(named);
        let place = places.find(|(package, path)| real(&folder(package).join(path)) == readme);
        let library = place.and_then(|(package, file)| {
            let library = package.targets.iter().find(|target| has_examples(target))?;
            Some((package, file, library.src_path.as_std_path()))
        });
        let Some((package, file, source)) = library else {
            return Ok(None);
        };
        let name = package.name.to_string();
        let text = fs::read_to_string(source).map_err(Error::file("read", source))?;
        // A test is named after the file if that is named from the source on.
        let inside = source.parent().and_then(|source| {
            let inside = normal(source)
                .strip_prefix(folder(package))
                .map(Path::to_owned);
            inside.ok()
        });
        let path = match inside {
            Some(inside) => "../".repeat(inside.components().count()) + file,
            None => readme.to_string_lossy().into_owned(),
        };
        let text = format!(
            "{text}\n#[cfg(doctest)]\n#[doc = include_str!({path:?})]\nstruct ReadmeExamples;\n"
        );
        let lines = text.lines().count();
        fs::write(source, text).map_err(Error::file("write", source))?;
        let examples = documentation(blocks.iter().copied());
        fs::write(readme, examples).map_err(Error::file("write", readme))?;
        Ok(Some(Inclusion {
            readme: readme.to_owned(),
            package: name,
            line: lines - 1,
        }))
    }
}

/// Whether Cargo has rustdoc run the examples of a target.
fn has_examples(target: &Target) -> bool {
    let is_known = |kind: &TargetKind| {
        matches!(
            kind,
            TargetKind::Lib | TargetKind::RLib | TargetKind::ProcMacro
        )
    };
    target.kind.iter().any(is_known)
}

/// What a comment keeps from being run, rustdoc would run: tells it in the clone, with no line more or less.
fn ignore_the_rest(readme: &Path, blocks: &[Block]) -> Result<(), Error> {
    let mut left_out = blocks.iter().filter(|block| block.not_run().is_some());
    let Some(first) = left_out.next() else {
        return Ok(());
    };
    let bytes = fs::read(readme).map_err(Error::file("read", readme))?;
    let text = String::from_utf8_lossy(&bytes);
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for block in [first].into_iter().chain(left_out) {
        // The fence is the line before the block, and lines count from 1 on.
        lines[block.line() - 2] += ",ignore";
    }
    fs::write(readme, lines.join("\n") + "\n").map_err(Error::file("write", readme))
}

/// Which files the documentation of which packages includes.
fn included(
    root: &Path,
    metadata: &Metadata,
    runner: &dyn Runner,
) -> Result<Vec<Inclusion>, Error> {
    let mut list = git_in(root);
    list.args(["ls-files", "-z", "--", "*.rs"]);
    let names = answer(runner, &mut list)?;
    // `\s` would need tables of Unicode, which are there only where somebody else asks for them.
    let inclusion =
        Regex::new(r#"doc[ \t\r\n]*=[ \t\r\n]*include_str!\([ \t\r\n]*"([^"]+)"[ \t\r\n]*\)"#)
            .expect("a pattern of this file");
    let mut included = Vec::new();
    for name in names.split('\0').filter(|name| !name.is_empty()) {
        let source = root.join(name);
        let text = fs::read(&source).map_err(Error::file("read", &source))?;
        let text = String::from_utf8_lossy(&text);
        for captures in inclusion.captures_iter(&text) {
            let folder = source.parent().unwrap_or(root);
            let readme = real(&folder.join(&captures[1]));
            let line = text[..captures.get_match().start()].matches('\n').count() + 1;
            let package = owner(&source, metadata);
            included.extend(package.map(|package| Inclusion {
                readme,
                package,
                line,
            }));
        }
    }
    Ok(included)
}

/// The package in whose folder a source is; the innermost, if they are nested.
fn owner(source: &Path, metadata: &Metadata) -> Option<String> {
    let source = normal(source);
    let packages = metadata.workspace_packages().into_iter();
    let around = packages.filter_map(|package| {
        let folder = normal(package.manifest_path.parent()?.as_std_path());
        source
            .starts_with(&folder)
            .then(|| (folder.components().count(), package.name.to_string()))
    });
    around.max().map(|(_, name)| name)
}

/// How many tests have passed or failed.
fn tests(output: &Output) -> u64 {
    let text = String::from_utf8_lossy(&output.stdout);
    super::counted(&text, "passed") + super::counted(&text, "failed")
}

/// From `test src/../README.md - (line 7) ... FAILED` the 7, as the line of the file and as it is shown. Until the edition of 2024
/// rustdoc names the source that includes the file, and counts on from there; what it means then is the line of a fence.
fn failed_line(line: &str, file: &str, offset: usize, fences: &[usize]) -> Option<(usize, usize)> {
    let name = line.strip_prefix("test ")?.strip_suffix("... FAILED")?;
    let (name, rest) = name.rsplit_once("(line ")?;
    // Behind it may stand ` - compile` or ` - compile fail`.
    let (shown, _) = rest.split_once(')')?;
    let shown: usize = shown.parse().ok()?;
    if name.contains(file) {
        return Some((shown, shown));
    }
    let line = (shown + 1).checked_sub(offset)?;
    fences.contains(&line).then_some((line, shown))
}

/// What the test at a line has said, without the stack.
fn reason_of(said: &str, line: usize) -> String {
    let place = format!("(line {line}) stdout ----");
    let (_, rest) = said.split_once(&place).unwrap_or(("", ""));
    let lines = rest.lines().filter(|line| !line.trim().is_empty());
    let lines =
        lines.take_while(|line| !line.starts_with("stack backtrace") && !line.starts_with("---- "));
    lines.take(8).collect::<Vec<_>>().join("\n")
}
