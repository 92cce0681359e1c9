//! The tests of a package as it is published: from its `.crate` file, unpacked elsewhere.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use cargo_metadata::{Dependency, DependencyKind, Metadata};
use serde::{Deserialize, Serialize};
use toml::{Table, Value};

use crate::{
    Error, Member, Runner, Workspace,
    readiness::{
        paths::normal,
        readme_blocks::{counted, last_lines},
        scratch::Scratch,
    },
    runner::{answer, outcome},
    workspace::{cargo, metadata},
};

#[cfg(test)]
mod tests;

/// What [`test_unpacked`] has found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UnpackedReport {
    /// One for each package, in the order of their names.
    pub packages: Vec<UnpackedPackage>,
}

/// How the tests of one unpacked package went.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UnpackedPackage {
    /// Its name.
    pub name: String,
    /// Tests that passed.
    pub passed: u64,
    /// Tests that failed.
    pub failed: u64,
    /// Dev-dependencies on siblings that Cargo has left out of the `.crate`, because they have a path and no version; they were given
    /// back for the tests.
    pub given_back: Vec<String>,
    /// What tests have not looked at: lines of standard error that begin with `skipped: `, if a component is missing, or with `left out: `, if
    /// it is something that nobody has to have.
    pub skipped: Vec<String>,
    /// The end of what was said, if a test failed or could not be compiled.
    pub said: Option<String>,
}

/// Packs the published packages of a workspace, unpacks them into an empty folder, and runs their tests there: so one sees that a file
/// which a test or the code needs is not in the package.
///
/// What is packed is what is committed. Packages find their siblings among the unpacked ones. Versions of other packages are those of
/// the workspace's lock file. A dev-dependency on a sibling by path alone is not part of a `.crate`, which is how circles of
/// dev-dependencies are published; such a dependency is given back, so that the tests are judged by what was packed and not by that.
/// Siblings are looked for in place of packages of crates.io alone.
///
/// A file of Cargo's configuration around the unpacked packages sees to that, so that what a test builds with a Cargo of its own finds them
/// too; the configuration of the folders above is in force as well. The profiles are those of the workspace. Takes a build of the workspace
/// and its tests; `tar` unpacks.
///
/// # Errors
///
/// Git, Cargo or `tar` cannot be started; the packages cannot be packed; a file cannot be written; the time is over.
///
/// ```no_run
/// use std::path::Path;
/// use tuneup_packaging::{System, Workspace, test_unpacked};
///
/// let workspace = Workspace::load(Path::new("."), &System)?;
/// let report = test_unpacked(&workspace, &workspace.target.join("scratch"), true, &System)?;
/// assert!(report.packages.iter().all(|package| package.said.is_none()));
/// # Ok::<(), tuneup_packaging::Error>(())
/// ```
pub fn test_unpacked(
    workspace: &Workspace,
    scratch: &Path,
    all_features: bool,
    runner: &dyn Runner,
) -> Result<UnpackedReport, Error> {
    let scratch = Scratch::open(scratch)?;
    let root = scratch.clone_of(&workspace.root, runner)?;
    let mut report = UnpackedReport::default();
    let published: Vec<&Member> = workspace.published().collect();
    if published.is_empty() {
        return Ok(report);
    }
    let target = scratch.target();
    pack(&root, &target, &published, runner)?;
    let unpacked = Unpacked {
        folder: scratch.packages(),
        metadata: metadata(&root, runner)?,
        root: &root,
        published: &published,
    };
    unpacked.clear(&target)?;
    unpacked.find_each_other(&target)?;
    unpacked.lead_there()?;
    for member in &published {
        unpacked.unpack(member, &target, runner)?;
    }
    for member in &published {
        let given_back = unpacked.complete(member)?;
        let mut test = unpacked.test(member, &target, all_features);
        let output = outcome(runner, &mut test)?;
        let (stdout, stderr) = (
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        );
        report.packages.push(UnpackedPackage {
            name: member.name.clone(),
            passed: counted(&stdout, "passed"),
            failed: counted(&stdout, "failed"),
            given_back,
            skipped: skipped(&stderr),
            said: (!output.status.success()).then(|| reason(&stdout, &stderr)),
        });
    }
    Ok(report)
}

fn pack(
    root: &Path,
    target: &Path,
    published: &[&Member],
    runner: &dyn Runner,
) -> Result<(), Error> {
    let mut command = Command::new(cargo());
    // The clone is clean, but for the link to what is built. A lock file would be resolved against a registry, which has to be named where another one stands for
    // the public one; the tests take that of the workspace anyway.
    command.args([
        "package",
        "--no-verify",
        "--exclude-lockfile",
        "--allow-dirty",
        "--quiet",
        "--target-dir",
    ]);
    command.arg(target).current_dir(root);
    for member in published {
        command.args(["--package", &member.name]);
    }
    answer(runner, &mut command).map(drop)
}

/// Packages side by side, each in a folder with its name and version.
struct Unpacked<'a> {
    folder: PathBuf,
    metadata: Metadata,
    /// The workspace in the clone.
    root: &'a Path,
    published: &'a [&'a Member],
}

impl Unpacked<'_> {
    fn folder_of(&self, member: &Member) -> PathBuf {
        self.folder
            .join(format!("{}-{}", member.name, member.version))
    }

    /// Removes what was unpacked before; what was built of it may be used again.
    fn clear(&self, target: &Path) -> Result<(), Error> {
        for entry in fs::read_dir(&self.folder).map_err(Error::file("read", &self.folder))? {
            let path = entry.map_err(Error::file("read", &self.folder))?.path();
            if path != target {
                fs::remove_dir_all(&path).map_err(Error::file("remove", &path))?;
            }
        }
        Ok(())
    }

    /// Puts the unpacked packages in the place of those of crates.io for each Cargo that runs in them, also for those that tests start, and has all of
    /// these build in one place, with the profiles of the workspace.
    fn find_each_other(&self, target: &Path) -> Result<(), Error> {
        let text = |path: &Path| Value::from(path.to_string_lossy().into_owned());
        let patches = self.published.iter().map(|member| {
            let place = Table::from_iter([("path".to_owned(), text(&self.folder_of(member)))]);
            (member.name.clone(), Value::from(place))
        });
        let build = ("target-dir".to_owned(), text(target));
        let mut config = Table::from_iter([
            ("build".to_owned(), Table::from_iter([build]).into()),
            (
                "patch".to_owned(),
                Table::from_iter([("crates-io".to_owned(), Table::from_iter(patches).into())])
                    .into(),
            ),
        ]);
        // They are no part of a package. Without them a test would be built as nobody builds it who works on the workspace: slower, and larger.
        let path = self.root.join("Cargo.toml");
        let mut workspace = read_manifest(&path)?;
        if let Some(profiles) = workspace.remove("profile") {
            config.insert("profile".to_owned(), profiles);
        }
        // What is not stable in profiles is allowed by another name in a manifest than in a configuration.
        if let Some(Value::Array(names)) = workspace.remove("cargo-features") {
            let names = names.iter().filter_map(Value::as_str);
            let allowed: Table = names.map(|name| (name.to_owned(), true.into())).collect();
            config.insert("unstable".to_owned(), allowed.into());
        }
        let folder = self.folder.join(".cargo");
        fs::create_dir_all(&folder).map_err(Error::file("make", &folder))?;
        let file = folder.join("config.toml");
        fs::write(&file, config.to_string()).map_err(Error::file("write", &file))
    }

    /// Has the members that are never published, which stay in the clone, use the unpacked packages instead of their folders there: two packages of one name
    /// and version that are from two places cannot be in one lock file, and their types would be different ones.
    fn lead_there(&self) -> Result<(), Error> {
        let packages = self.metadata.workspace_packages();
        let places: BTreeMap<PathBuf, PathBuf> = self
            .published
            .iter()
            .filter_map(|member| {
                let package = packages.iter().find(|other| *other.name == member.name)?;
                let folder = package.manifest_path.parent()?.as_std_path();
                Some((normal(folder), self.folder_of(member)))
            })
            .collect();
        let manifests = packages
            .iter()
            .map(|package| package.manifest_path.clone().into_std_path_buf());
        // What is inherited from it has a path there.
        let manifests: BTreeSet<PathBuf> =
            manifests.chain([self.root.join("Cargo.toml")]).collect();
        for path in manifests {
            let mut manifest = read_manifest(&path)?;
            let folder = path.parent().unwrap_or(self.root);
            lead(&mut manifest, &|path| {
                places.get(&normal(&folder.join(path))).cloned()
            });
            fs::write(&path, manifest.to_string()).map_err(Error::file("write", &path))?;
        }
        Ok(())
    }

    fn unpack(&self, member: &Member, target: &Path, runner: &dyn Runner) -> Result<(), Error> {
        let archive = target.join(format!("package/{}-{}.crate", member.name, member.version));
        let mut tar = Command::new("tar");
        // All files of a `.crate` have the same old date, by which Cargo would take changed ones for built ones.
        tar.args(["--extract", "--touch", "--gzip", "--file"])
            .arg(&archive);
        tar.arg("--directory").arg(&self.folder);
        answer(runner, &mut tar).map(drop)
    }

    /// Makes an unpacked package a workspace of its own, with the dev-dependencies that were left out and the versions that were tested.
    fn complete(&self, member: &Member) -> Result<Vec<String>, Error> {
        let path = self.folder_of(member).join("Cargo.toml");
        let mut manifest = read_manifest(&path)?;
        manifest.insert("workspace".to_owned(), Table::new().into());
        let packages = self.metadata.workspace_packages();
        let package = packages.iter().find(|package| *package.name == member.name);
        let dependencies = package.iter().flat_map(|package| &package.dependencies);
        let mut given_back = Vec::new();
        for dependency in dependencies.filter(|dependency| is_by_path_alone(dependency)) {
            if let Some(place) = self.place_of(dependency)
                && give_back(&mut manifest, dependency, place)
            {
                given_back.push(dependency.name.clone());
            }
        }
        fs::write(&path, manifest.to_string()).map_err(Error::file("write", &path))?;
        let (tested, own) = (
            self.root.join("Cargo.lock"),
            path.with_file_name("Cargo.lock"),
        );
        if tested.is_file() {
            fs::copy(tested, &own).map_err(Error::file("write", own))?;
        }
        Ok(given_back)
    }

    /// Where a sibling comes from: by its version, in whose place the unpacked one is put, or from the clone if it is never published. By its
    /// folder an unpacked one would be another package to Cargo than the one that is depended on for more than the tests.
    fn place_of(&self, dependency: &Dependency) -> Option<(&'static str, Value)> {
        let mut published = self.published.iter();
        let sibling = published.find(|member| member.name == dependency.name);
        let version = sibling.map(|member| ("version", format!("={}", member.version)));
        let path = || Some(("path", dependency.path.as_ref()?.to_string()));
        let (key, text) = version.or_else(path)?;
        Some((key, text.into()))
    }

    fn test(&self, member: &Member, target: &Path, all_features: bool) -> Command {
        let mut command = Command::new(cargo());
        command.args(["test", "--no-fail-fast", "--color", "never"]);
        if all_features {
            command.arg("--all-features");
        }
        command.arg("--target-dir").arg(target);
        command.current_dir(self.folder_of(member));
        command
    }
}

fn read_manifest(path: &Path) -> Result<Table, Error> {
    let text = fs::read_to_string(path).map_err(Error::file("read", path))?;
    let parsed = text.parse();
    parsed.map_err(|error: toml::de::Error| Error::faulty(path, error.to_string()))
}

/// Gives the dependencies of a manifest, wherever it has some, the folders that are to stand for those that they name.
fn lead(table: &mut Table, place_of: &dyn Fn(&str) -> Option<PathBuf>) {
    for (key, value) in table.iter_mut() {
        let Some(table) = value.as_table_mut() else {
            continue;
        };
        match &key[..] {
            "dependencies" | "dev-dependencies" | "build-dependencies" => {
                for dependency in table.iter_mut().filter_map(|(_, it)| it.as_table_mut()) {
                    let named = dependency.get("path").and_then(Value::as_str);
                    if let Some(place) = named.and_then(place_of) {
                        let place = place.to_string_lossy().into_owned();
                        dependency.insert("path".to_owned(), place.into());
                    }
                }
            }
            // Those of platforms are a table deeper than the others.
            _ => lead(table, place_of),
        }
    }
}

fn is_by_path_alone(dependency: &Dependency) -> bool {
    dependency.kind == DependencyKind::Development && dependency.path.is_some()
}

/// Adds a dev-dependency; `false` if it is there, because it has a version.
fn give_back(manifest: &mut Table, dependency: &Dependency, place: (&'static str, Value)) -> bool {
    let platform = dependency.target.as_ref().map(ToString::to_string);
    let path = platform
        .iter()
        .flat_map(|platform| ["target", &platform[..]]);
    let mut table = manifest;
    for key in path.chain(["dev-dependencies"]) {
        let inner = table.entry(key).or_insert_with(|| Table::new().into());
        match inner.as_table_mut() {
            Some(inner) => table = inner,
            // Cargo has written the manifest, so that this cannot be; it would complain of it better than this.
            None => return false,
        }
    }
    let name = dependency.rename.as_ref().unwrap_or(&dependency.name);
    if table.contains_key(name) {
        return false;
    }
    let features = dependency
        .features
        .iter()
        .cloned()
        .map(Value::from)
        .collect::<Vec<_>>();
    let facts = BTreeMap::from([
        place,
        ("package", Value::from(dependency.name.clone())),
        (
            "default-features",
            Value::from(dependency.uses_default_features),
        ),
        ("features", Value::from(features)),
    ]);
    let facts: Table = facts
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect();
    table.insert(name.clone(), facts.into());
    true
}

/// So many lines of failures are told.
const FAILURES: usize = 10;

/// How a line begins by which a test says that a component is missing that it needs.
pub(crate) const SKIPPED: &str = "skipped: ";

/// And one by which it says that there is not what nobody has to have: data beside the checkout, or a right.
const LEFT_OUT: &str = "left out: ";

/// What tests say past their harness that they have not looked at, each once.
pub(crate) fn skipped(stderr: &str) -> Vec<String> {
    let is_said = |line: &&str| line.starts_with(SKIPPED) || line.starts_with(LEFT_OUT);
    let lines: BTreeSet<&str> = stderr.lines().filter(is_said).collect();
    lines.into_iter().map(str::to_owned).collect()
}

/// The tests that failed, and the words with which they did.
pub(crate) fn failures(stdout: &str) -> Vec<String> {
    let is_failure = |line: &&str| line.starts_with("test ") && line.ends_with("... FAILED");
    let failed = stdout.lines().filter(is_failure).map(str::to_owned);
    let panics = stdout.lines().zip(stdout.lines().skip(1));
    let panics = panics.filter_map(|(line, next)| {
        let (_, place) = line.split_once(" panicked at ")?;
        Some(format!("    {place} {next}"))
    });
    failed.chain(panics).collect()
}

/// The tests that failed; otherwise what the compiler complains of, or the end of it all.
fn reason(stdout: &str, stderr: &str) -> String {
    let failed = failures(stdout);
    if !failed.is_empty() {
        let shown = failed.iter().take(FAILURES).cloned();
        return shown.collect::<Vec<_>>().join("\n");
    }
    let mut lines = stderr.lines().skip_while(|line| !line.starts_with("error"));
    let errors: Vec<&str> = lines
        .by_ref()
        .filter(|line| !line.trim().is_empty())
        .take(8)
        .collect();
    match errors.is_empty() {
        true => last_lines(stderr),
        false => errors.join("\n"),
    }
}
