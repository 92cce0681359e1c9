//! Reading `git log`: fields that end with a zero byte, which no message and no name can contain.

use super::Commit;
use crate::runner::path_of_bytes;

/// What a commit begins with; no name of a file in git does.
const BEGIN: &[u8] = b"//";

/// How git is asked: each commit is told as five fields and its files. What a user may have configured for people is set back.
pub(super) const OPTIONS: &[&str] = &[
    "-c",
    "log.showRoot=true",
    "log",
    "-z",
    "--no-show-signature",
    "--no-mailmap",
    "--no-ext-diff",
    "--no-color",
    "--encoding=UTF-8",
    "-c",
    "--no-renames",
    "--no-relative",
    "--name-only",
    "--format=//%H%x00%at%x00%P%x00%s%x00%b%x00",
];

/// None if it is something else.
pub(super) fn read(said: &[u8]) -> Option<Vec<Commit>> {
    let mut commits = Vec::new();
    let mut fields = said.split(|byte| *byte == 0).peekable();
    while let Some(first) = fields.next() {
        if first.is_empty() && fields.peek().is_none() {
            break;
        }
        let hash = String::from_utf8_lossy(first.strip_prefix(BEGIN)?).into_owned();
        let mut text = || fields.next().map(String::from_utf8_lossy);
        let mut commit = Commit {
            hash,
            authored_s: text()?.parse().ok()?,
            is_merge: text()?.contains(' '),
            subject: text()?.into_owned(),
            body: text()?.trim_end().to_owned(),
            files: Vec::new(),
        };
        // Between the message and the names are empty fields, or a line end where it is no merge.
        let mut line_end: &[u8] = if commit.is_merge { b"" } else { b"\n" };
        while let Some(name) = fields.next_if(|field| !field.starts_with(BEGIN)) {
            if name.is_empty() {
                continue;
            }
            commit
                .files
                .push(path_of_bytes(name.strip_prefix(line_end).unwrap_or(name)));
            line_end = b"";
        }
        commits.push(commit);
    }
    Some(commits)
}
