//! One file that binds a commit to artefacts, their hashes, and the checks that were made.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde::{Deserialize, Serialize};

use crate::{
    Error, Runner, SourceDate,
    artefacts::{archive::length_of, contents::relative_name, linked::host},
    runner::{answer, git_in},
    sha256::sha256_of,
    whole_file::{is_unfinished, read, write_whole},
    workspace::cargo,
};

mod statement;

use statement::Statement;

/// The name of the file, in the folder of the artefacts.
const NAME: &str = "evidence.json";

/// What a release is made of and by.
///
/// It is written as an [in-toto statement](https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md) with
/// [SLSA provenance](https://slsa.dev/spec/v1.0/provenance), which tools for supply chains read, and in a stable order: the same release gives the same
/// bytes.
///
/// ```no_run
/// use std::path::Path;
/// use tuneup_packaging::{Evidence, EvidenceOutcome, SourceDate, System};
///
/// let checkout = Path::new(".");
/// let date = SourceDate::of_commit(checkout, &System)?;
/// let mut evidence = Evidence::gather(checkout, Path::new("dist"), date, &System)?;
/// evidence.add_check("tests", "cargo test --workspace", EvidenceOutcome::Passed);
/// evidence.write(Path::new("dist"))?;
/// # Ok::<(), tuneup_packaging::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Evidence {
    /// The commit that the artefacts were made of, in full.
    pub commit: String,
    /// Where the commit is from, if somebody has said it.
    pub repository: Option<String>,
    /// The tag, if somebody has said it.
    pub tag: Option<String>,
    /// The date of everything, as RFC 3339 writes it.
    pub date: String,
    /// What has built: versions by program.
    pub builder: BTreeMap<String, String>,
    /// The target that Cargo builds for on the machine.
    pub host: String,
    /// The SHA-256 of the lock file, if there is one.
    pub lock_file: Option<String>,
    /// By name, with `/` between its parts, relative to the folder.
    pub artefacts: BTreeMap<String, EvidenceArtefact>,
    /// In the order in which they were made.
    pub checks: Vec<EvidenceCheck>,
}

/// An artefact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct EvidenceArtefact {
    /// Its SHA-256, in small hexadecimal digits.
    pub sha256: String,
    /// Its length.
    pub bytes: u64,
}

/// A check that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EvidenceCheck {
    /// What was checked.
    pub name: String,
    /// The command that did, for who wants to repeat it.
    pub command: String,
    /// What it said.
    pub outcome: EvidenceOutcome,
}

/// What a check has said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EvidenceOutcome {
    /// All is well.
    Passed,
    /// Something is not.
    Failed,
    /// There is nothing to check here.
    NotApplicable,
    /// It could not be found out.
    Unknown,
}

impl Evidence {
    /// Hashes all files of a folder, and asks Git and Cargo where they come from.
    ///
    /// # Errors
    ///
    /// The checkout has changes that are not committed (files that Git does not know do not count); it is no repository; the folder is empty; or something in it is
    /// neither a file nor a folder.
    pub fn gather(
        checkout: &Path,
        folder: &Path,
        date: SourceDate,
        runner: &dyn Runner,
    ) -> Result<Self, Error> {
        let git = |arguments: &[&str]| {
            let mut command = git_in(checkout);
            command.args(arguments);
            answer(runner, &mut command)
        };
        let changes = git(&["status", "--porcelain", "--untracked-files=no"])?;
        if let Some(first) = changes.lines().next() {
            let file = first.get(3..).unwrap_or(first);
            let reason = format!(
                "`{file}` has changes that are not committed, so no commit stands for the artefacts; commit or stash them"
            );
            return Err(Error::unfit("the evidence", reason));
        }
        let version = |program: &str| {
            let mut command = Command::new(program);
            command.arg("--version").current_dir(checkout);
            Ok::<_, Error>(answer(runner, &mut command)?.trim().to_owned())
        };
        let artefacts = artefacts(folder)?;
        if artefacts.is_empty() {
            return Err(Error::unfit(
                "the evidence",
                format!("there is no artefact in `{}`", folder.display()),
            ));
        }
        let lock = checkout.join("Cargo.lock");
        let builder = [
            ("cargo", version(&cargo().to_string_lossy())?),
            ("rustc", version("rustc")?),
            ("tuneup-packaging", env!("CARGO_PKG_VERSION").to_owned()),
        ];
        Ok(Self {
            commit: git(&["rev-parse", "HEAD"])?.trim().to_owned(),
            repository: None,
            tag: None,
            date: date.to_string(),
            builder: builder
                .map(|(program, version)| (program.to_owned(), version))
                .into(),
            host: host(checkout, runner)?,
            lock_file: if lock.is_file() {
                Some(sha256_of(&lock)?)
            } else {
                None
            },
            artefacts,
            checks: Vec::new(),
        })
    }

    /// Names the repository, as the manifest of a package does; a name or password in the address is left out. What the checkout calls its origin may be a
    /// folder of somebody's machine, and is not asked for.
    pub fn set_repository(&mut self, address: &str) {
        self.repository = Some(without_secrets(address.trim()));
    }

    /// Adds a check that was made.
    pub fn add_check(
        &mut self,
        name: impl Into<String>,
        command: impl Into<String>,
        outcome: EvidenceOutcome,
    ) {
        self.checks.push(EvidenceCheck {
            name: name.into(),
            command: command.into(),
            outcome,
        });
    }

    /// Writes `evidence.json` into the folder of the artefacts, whole or not at all, and says where. It comes last: what changes later is found out.
    ///
    /// # Errors
    ///
    /// It cannot be written.
    pub fn write(&self, folder: &Path) -> Result<PathBuf, Error> {
        let path = folder.join(NAME);
        write_whole(&path, Statement::of(self).text().as_bytes())?;
        Ok(path)
    }

    /// Reads it, without a look at the artefacts.
    ///
    /// # Errors
    ///
    /// It cannot be read, or is none.
    ///
    /// ```
    /// use tuneup_packaging::Evidence;
    ///
    /// let error = Evidence::read("no-such-folder".as_ref()).unwrap_err();
    /// assert!(error.to_string().contains("evidence.json"));
    /// ```
    pub fn read(folder: &Path) -> Result<Self, Error> {
        let path = folder.join(NAME);
        let statement: Statement = serde_json::from_slice(&read(&path)?)
            .map_err(|error| Error::faulty(&path, format!("it is no evidence: {error}")))?;
        statement
            .evidence()
            .map_err(|problem| Error::faulty(path, problem))
    }
}

/// Reads the evidence of a folder, and all artefacts again.
///
/// # Errors
///
/// [`Error::Faulty`] names each artefact that has changed or is missing, each file that the evidence does not know, and each check that has not passed.
///
/// ```no_run
/// use tuneup_packaging::verify_evidence;
///
/// let evidence = verify_evidence("dist".as_ref())?;
/// println!("made of {}", evidence.commit);
/// # Ok::<(), tuneup_packaging::Error>(())
/// ```
pub fn verify_evidence(folder: &Path) -> Result<Evidence, Error> {
    let evidence = Evidence::read(folder)?;
    let found = artefacts(folder)?;
    let mut problems = Vec::new();
    for (name, artefact) in &evidence.artefacts {
        match found.get(name) {
            None => problems.push(format!("`{name}` is missing")),
            Some(other) if other != artefact => problems.push(format!(
                "`{name}` has changed: SHA-256 {}, not {}",
                other.sha256, artefact.sha256
            )),
            Some(_) => {}
        }
    }
    let strange = found
        .keys()
        .filter(|name| !evidence.artefacts.contains_key(*name));
    problems.extend(strange.map(|name| format!("`{name}` is not in the evidence")));
    let bad = evidence.checks.iter().filter(|check| {
        matches!(
            check.outcome,
            EvidenceOutcome::Failed | EvidenceOutcome::Unknown
        )
    });
    problems.extend(bad.map(|check| {
        format!(
            "the check `{}` has not passed: {}",
            check.name, check.command
        )
    }));
    Error::unless_empty(folder.join(NAME), problems)?;
    Ok(evidence)
}

/// All files below a folder, but the evidence and its signature.
fn artefacts(folder: &Path) -> Result<BTreeMap<String, EvidenceArtefact>, Error> {
    let mut artefacts = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).map_err(Error::file("read", &next))? {
            let entry = entry.map_err(Error::file("read", &next))?;
            let path = entry.path();
            let kind = entry.file_type().map_err(Error::file("read", &path))?;
            let name = relative_name(folder, &path).ok_or_else(|| {
                Error::unfit(format!("`{}`", path.display()), "its name is no text")
            })?;
            if kind.is_dir() {
                folders.push(path);
            } else if is_unfinished(&path) {
                let reason = "a program that was killed has left it; remove it";
                return Err(Error::unfit(format!("`{name}`"), reason));
            } else if !kind.is_file() {
                return Err(Error::unfit(
                    format!("`{name}`"),
                    "it is neither a file nor a folder, and no artefact",
                ));
            } else if name.strip_suffix(".minisig").unwrap_or(&name) != NAME {
                let artefact = EvidenceArtefact {
                    sha256: sha256_of(&path)?,
                    bytes: length_of(&path)?,
                };
                artefacts.insert(name, artefact);
            }
        }
    }
    Ok(artefacts)
}

/// An address without the name and password that it may begin with.
fn without_secrets(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else {
        return address.to_owned();
    };
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = host.rsplit('@').next().unwrap_or(host);
    let path = path.split(['?', '#']).next().unwrap_or(path);
    format!("{scheme}://{host}/{path}")
}

#[cfg(test)]
mod tests;
