//! All objects of a repository, each once, and where they came in.

use std::{
    collections::{HashMap, HashSet},
    fs::File,
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
};

use crate::{
    Error, System, TimeLimit,
    runner::{answer, answer_bytes, git_in, line, path_of_bytes},
};

/// A kind of object, as Git calls it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Objects {
    /// What files contained.
    Blobs,
    /// Commits, with their messages.
    Commits,
    /// Tags that have a message.
    Tags,
}

/// One object while it is read.
pub(super) struct Object<'a> {
    pub(super) name: &'a str,
    /// Of a blob, one of the paths that it had; of a tag, its name; empty for a commit.
    pub(super) path: &'a str,
    pub(super) content: &'a mut dyn Read,
}

/// A repository whose history can be read.
pub(super) struct History {
    folder: PathBuf,
    has_commits: bool,
    /// The commits that stashes are: a reference leads to the last one alone, and its log to those before.
    stashes: Vec<String>,
}

impl History {
    /// Looks whether there is a repository with its whole history.
    pub(super) fn open(folder: &Path) -> Result<Self, Error> {
        let mut command = git(folder, &["rev-parse", "--is-shallow-repository"]);
        let said = said(&mut command)?;
        if said.trim() == "true" {
            return Err(Error::ShallowClone {
                folder: folder.to_owned(),
            });
        }
        let mut head = git(folder, &["rev-parse", "--quiet", "--verify", "HEAD"]);
        let head = head.output().map_err(cannot_start(&head))?;
        let mut list = git(
            folder,
            &["stash", "list", "--no-show-signature", "--format=%H"],
        );
        let stashes = self::said(&mut list)?;
        Ok(Self {
            folder: folder.to_owned(),
            has_commits: head.status.success(),
            stashes: stashes.lines().map(str::to_owned).collect(),
        })
    }

    /// Tells of each object that a branch, a tag, a stash or the checkout can reach, once.
    pub(super) fn each(
        &self,
        objects: Objects,
        limit: &TimeLimit,
        mut tell: impl FnMut(Object<'_>) -> io::Result<()>,
    ) -> Result<u64, Error> {
        let mut list = self.rev_list();
        list.args(match objects {
            Objects::Blobs => &[
                "--objects",
                "--filter=object:type=blob",
                "--filter-provided-objects",
            ][..],
            // No commit before one that follows it.
            Objects::Commits => &["--topo-order"],
            Objects::Tags => &[
                "--objects",
                "--filter=object:type=tag",
                "--filter-provided-objects",
            ],
        });
        let mut contents = git(&self.folder, &["cat-file", "--buffer"]);
        contents.arg("--batch=%(objectname) %(objectsize) %(rest)");
        let mut pipeline = Pipeline::start(&mut list, &mut contents)?;
        let mut count = 0;
        let mut header = Vec::new();
        while pipeline.next_line(&mut header)? {
            limit.check().map_err(too_long(&pipeline.line))?;
            let text = String::from_utf8_lossy(&header);
            let mut words = text.trim_end_matches('\n').splitn(3, ' ');
            let name = words.next().unwrap_or_default();
            let size = words.next().and_then(|size| size.parse().ok());
            let size: u64 = size.ok_or_else(|| pipeline.unreadable(&text))?;
            let path = words.next().unwrap_or_default();
            // A line end follows the content.
            let mut rest = pipeline.output.by_ref().take(size + 1);
            let content = &mut rest.by_ref().take(size);
            tell(Object {
                name,
                path,
                content,
            })
            .and_then(|()| io::copy(&mut rest, &mut io::sink()))
            .map_err(|error| pipeline.unreadable(&error.to_string()))?;
            count += 1;
        }
        pipeline.finish()?;
        Ok(count)
    }

    /// For each of these blobs the first commit that has it, with its place in the order of the history.
    pub(super) fn commits_of(
        &self,
        blobs: &HashSet<String>,
        limit: &TimeLimit,
    ) -> Result<HashMap<String, (usize, String)>, Error> {
        let mut commits = HashMap::new();
        if blobs.is_empty() {
            return Ok(commits);
        }
        let mut list = self.rev_list();
        list.args(["--reverse", "--topo-order"]);
        let mut changes = git(
            &self.folder,
            &[
                "diff-tree",
                "--stdin",
                "-r",
                "-c",
                "--root",
                "--no-renames",
                "--no-abbrev",
                "--raw",
            ],
        );
        let mut pipeline = Pipeline::start(&mut list, &mut changes)?;
        let mut commit = String::new();
        let mut change = Vec::new();
        while pipeline.next_line(&mut change)? {
            limit.check().map_err(too_long(&pipeline.line))?;
            let text = String::from_utf8_lossy(&change);
            let text = text.trim_end_matches('\n');
            if !text.starts_with(':') {
                commit = text.to_owned();
                continue;
            }
            // Modes, then objects, the last of which is the result; then the kind of change, and after a tab the path.
            let facts = text.split('\t').next().unwrap_or_default();
            let result = facts.split(' ').rev().nth(1).unwrap_or_default();
            if blobs.contains(result) && !commits.contains_key(result) {
                commits.insert(result.to_owned(), (commits.len(), commit.clone()));
            }
        }
        pipeline.finish()?;
        Ok(commits)
    }

    /// Which of these blobs the current commit has.
    pub(super) fn current(&self, blobs: &HashSet<String>) -> Result<HashSet<String>, Error> {
        if !self.has_commits || blobs.is_empty() {
            return Ok(HashSet::new());
        }
        let mut command = git(
            &self.folder,
            &[
                "ls-tree",
                "-r",
                "--full-tree",
                "--format=%(objectname)",
                "HEAD",
            ],
        );
        let names = said(&mut command)?;
        Ok(names
            .lines()
            .filter(|name| blobs.contains(*name))
            .map(str::to_owned)
            .collect())
    }

    /// Files that differ from the current commit, or that Git does not know and does not ignore.
    pub(super) fn changed_files(&self) -> Result<Vec<PathBuf>, Error> {
        let mut lists = vec![git(
            &self.folder,
            &[
                "ls-files",
                "-z",
                "--others",
                "--exclude-standard",
                "--full-name",
                ":/",
            ],
        )];
        lists.push(match self.has_commits {
            true => git(
                &self.folder,
                &[
                    "diff",
                    "-z",
                    "--name-only",
                    "--no-ext-diff",
                    "--no-renames",
                    "--ignore-submodules",
                    "HEAD",
                ],
            ),
            false => git(
                &self.folder,
                &["ls-files", "-z", "--cached", "--full-name", ":/"],
            ),
        });
        let mut files = Vec::new();
        for mut list in lists {
            let text = answer_bytes(&System, &mut list)?;
            let names = text.split(|byte| *byte == 0);
            files.extend(names.filter(|name| !name.is_empty()).map(path_of_bytes));
        }
        Ok(files)
    }

    /// The folder that the paths of the repository begin at.
    pub(super) fn root(&self) -> Result<PathBuf, Error> {
        let mut command = git(&self.folder, &["rev-parse", "--show-toplevel"]);
        Ok(PathBuf::from(
            said(&mut command)?.trim_end_matches(['\r', '\n']),
        ))
    }

    fn rev_list(&self) -> Command {
        let mut command = git(&self.folder, &["rev-list", "--all"]);
        // What is checked out need not be on a branch.
        if self.has_commits {
            command.arg("HEAD");
        }
        command.args(&self.stashes);
        command
    }
}

fn git(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = git_in(folder);
    command
        .args(arguments)
        // A partial clone would fetch what is missing, one object at a time.
        .env("GIT_NO_LAZY_FETCH", "1")
        // What is replaced here alone is pushed as it is.
        .env("GIT_NO_REPLACE_OBJECTS", "1")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .stdin(Stdio::null());
    command
}

fn said(command: &mut Command) -> Result<String, Error> {
    answer(&System, command)
}

fn cannot_start(command: &Command) -> impl FnOnce(io::Error) -> Error {
    let command = line(command);
    move |source| Error::CannotStart { command, source }
}

fn too_long(line: &str) -> impl FnOnce(io::Error) -> Error {
    let command = line.to_owned();
    move |source| Error::TookTooLong { command, source }
}

/// Two programs, the second of which reads what the first one writes. Ended if they are left.
struct Pipeline {
    line: String,
    programs: [Child; 2],
    complaints: File,
    output: BufReader<ChildStdout>,
}

impl Pipeline {
    fn start(first: &mut Command, second: &mut Command) -> Result<Self, Error> {
        let command = format!("{} | {}", line(first), line(second));
        let failed = |source| Error::CannotStart {
            command: command.clone(),
            source,
        };
        // A file, not a pipe: nobody need read it for the programs to go on.
        let complaints = tempfile::tempfile().map_err(failed)?;
        let stderr = || complaints.try_clone().map(Stdio::from);
        first
            .stdout(Stdio::piped())
            .stderr(stderr().map_err(failed)?);
        let mut one = first.spawn().map_err(failed)?;
        let names = one.stdout.take().map_or_else(Stdio::null, Stdio::from);
        second.stdin(names).stdout(Stdio::piped());
        let other = stderr().and_then(|stderr| second.stderr(stderr).spawn());
        // The command would keep the reading end open, and the first program would never learn that nobody reads.
        second.stdin(Stdio::null());
        let mut other = match other {
            Ok(other) => other,
            Err(error) => {
                end(&mut one);
                return Err(failed(error));
            }
        };
        let output = other.stdout.take().expect("the output is a pipe");
        Ok(Self {
            line: command,
            programs: [one, other],
            complaints,
            output: BufReader::with_capacity(1 << 18, output),
        })
    }

    /// The next line; `false` at the end.
    fn next_line(&mut self, line: &mut Vec<u8>) -> Result<bool, Error> {
        line.clear();
        let count = self.output.read_until(b'\n', line);
        let count = count.map_err(|error| self.unreadable(&error.to_string()))?;
        Ok(count > 0)
    }

    fn unreadable(&self, reason: &str) -> Error {
        Error::Answer {
            command: self.line.clone(),
            reason: reason.trim_end().to_owned(),
        }
    }

    fn finish(mut self) -> Result<(), Error> {
        for index in 0..self.programs.len() {
            let status = self.programs[index].wait();
            let status = status.map_err(|error| self.unreadable(&error.to_string()))?;
            if !status.success() {
                let mut said = String::new();
                let read = self.complaints.seek(SeekFrom::Start(0));
                let _ =
                    read.and_then(|_| (&mut self.complaints).take(4000).read_to_string(&mut said));
                return Err(Error::CommandFailed {
                    command: self.line.clone(),
                    said: said.trim().to_owned(),
                });
            }
        }
        Ok(())
    }
}

impl Drop for Pipeline {
    fn drop(&mut self) {
        self.programs.iter_mut().for_each(end);
    }
}

fn end(program: &mut Child) {
    // It may have ended already; then its status is known and nothing is sent.
    let _ = program.kill();
    let _ = program.wait();
}
