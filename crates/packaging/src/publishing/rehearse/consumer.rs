//! Projects of strangers: each depends on one package, or installs it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use toml_edit::{Array, DocumentMut, InlineTable, Item};

use super::{
    Stage,
    installable::Smoke,
    readme::{Readme, add_dependency},
    report::{RehearsalCheck, RehearsalOutcome},
    steps::Steps,
    stranger::Stranger,
    subject::{DevDependency, Subject},
};
use crate::{Error, publishing::cargo_command::run_without_secrets};

/// Somebody who uses one package.
pub(super) struct Consumer<'a> {
    pub(super) stage: &'a Stage<'a>,
    pub(super) stranger: &'a Stranger,
    pub(super) subject: &'a Subject,
}

impl Consumer<'_> {
    fn checks(&self) -> Vec<RehearsalCheck> {
        let subject = self.subject;
        let mut checks = Vec::new();
        if subject.has_library {
            checks.push(RehearsalCheck::DefaultFeatures);
            if self.stage.rehearsal.with_all_features && !subject.features.is_empty() {
                checks.push(RehearsalCheck::AllFeatures);
            }
            if self.stage.rehearsal.with_each_feature && !subject.features.is_empty() {
                let none = [String::new()];
                let names = none.iter().chain(&subject.features);
                checks.extend(names.map(|name| RehearsalCheck::Feature { name: name.clone() }));
            }
        }
        checks.push(RehearsalCheck::Readme);
        if !subject.programs.is_empty() {
            checks.push(RehearsalCheck::Install);
        }
        checks
    }

    pub(super) fn skip(&self, steps: &mut Steps<'_>, reason: &str) {
        for check in self.checks() {
            steps.skip(&self.subject.name, check, reason);
        }
    }

    pub(super) fn run(&self, steps: &mut Steps<'_>) -> Result<(), Error> {
        for check in self.checks() {
            let step = || match &check {
                RehearsalCheck::AllFeatures => self.build("run", true, &self.subject.features),
                // What cannot be compiled is to be found; to generate code for each of them would take thrice the time.
                RehearsalCheck::Feature { name } if name.is_empty() => {
                    self.build("check", false, &[])
                }
                RehearsalCheck::Feature { name } => {
                    self.build("check", false, std::slice::from_ref(name))
                }
                RehearsalCheck::Readme => self.read(),
                RehearsalCheck::Install => self.install(),
                _ => self.build("run", true, &[]),
            };
            steps.run(&self.subject.name, check.clone(), step)?;
        }
        Ok(())
    }

    /// Builds and runs a program that links the library, or checks it only.
    fn build(
        &self,
        verb: &str,
        has_default_features: bool,
        features: &[String],
    ) -> Result<RehearsalOutcome, Error> {
        let folder = self.folder("user")?;
        let mut manifest = manifest("user");
        let mut wanted = InlineTable::from_iter([
            ("package", self.subject.name.clone()),
            ("version", format!("={}", self.subject.version)),
        ]);
        wanted.insert("default-features", has_default_features.into());
        wanted.insert("features", features.iter().collect::<Array>().into());
        add_dependency(&mut manifest, "subject", wanted);
        write(&folder.join("Cargo.toml"), &manifest.to_string())?;
        let program = "extern crate subject as _;\n\nfn main() {}\n";
        write(&folder.join("src/main.rs"), program)?;
        // The features of this build are not those of the one before.
        remove(&folder.join("Cargo.lock"))?;
        self.cargo(&folder, &[verb, "--quiet"])
    }

    /// Does what the README says, and runs its examples.
    fn read(&self) -> Result<RehearsalOutcome, Error> {
        let Some(readme) = &self.subject.readme else {
            return Ok(RehearsalOutcome::skipped("it has no README"));
        };
        if !self.subject.has_library {
            return Ok(RehearsalOutcome::skipped(
                "it has no library to show examples of",
            ));
        }
        let sources = self
            .stranger
            .sources(&self.subject.name, &self.subject.version);
        let Some(sources) = sources else {
            return Ok(RehearsalOutcome::skipped(
                "a project that depends on it cannot be built",
            ));
        };
        let readme = match fs::read_to_string(sources.join(readme)) {
            Ok(text) => Readme::parse(&text),
            Err(error) => {
                let name = readme.display();
                return Ok(RehearsalOutcome::failed(format!(
                    "`{name}` of the package cannot be read: {error}"
                )));
            }
        };
        if !readme.has_examples() && readme.additions.is_empty() {
            return Ok(RehearsalOutcome::skipped(
                "the README has no example in Rust to run, and no `cargo add`",
            ));
        }
        self.try_examples(&readme)
    }

    fn try_examples(&self, readme: &Readme) -> Result<RehearsalOutcome, Error> {
        let folder = self.folder("reader")?;
        let begin = [
            "init", "--quiet", "--lib", "--vcs", "none", "--name", "reader",
        ];
        let outcome = self.cargo(&folder, &begin)?;
        if outcome != RehearsalOutcome::Passed {
            return Ok(outcome);
        }
        let path = folder.join("Cargo.toml");
        let mut manifest = read_manifest(&path)?;
        // Whatever is above this folder, it is no member of it.
        manifest.insert("workspace", Item::Table(toml_edit::Table::new()));
        readme.add_dependencies(&mut manifest);
        write(&path, &manifest.to_string())?;
        for addition in &readme.additions {
            let mut arguments = vec!["add", "--quiet"];
            arguments.extend(addition.iter().map(String::as_str));
            let outcome = self.cargo(&folder, &arguments)?;
            if let RehearsalOutcome::Failed { reason } = outcome {
                let line = addition.join(" ");
                return Ok(RehearsalOutcome::failed(format!(
                    "`cargo add {line}` of the README: {reason}"
                )));
            }
        }
        let mut manifest = read_manifest(&path)?;
        self.add_what_is_used(&mut manifest, readme);
        write(&path, &manifest.to_string())?;
        write(
            &folder.join("src/lib.rs"),
            "#![doc = include_str!(\"../README.md\")]\n",
        )?;
        write(&folder.join("README.md"), &readme.documentation())?;
        if readme.has_examples() {
            self.cargo(&folder, &["test", "--quiet", "--doc"])
        } else {
            self.cargo(&folder, &["build", "--quiet"])
        }
    }

    /// The package itself, if the README says nothing about adding it, and those of its dev-dependencies that examples name.
    fn add_what_is_used(&self, manifest: &mut DocumentMut, readme: &Readme) {
        let subject = self.subject;
        if !depends_on(manifest, &subject.name) {
            let version = format!("={}", subject.version);
            let wanted = InlineTable::from_iter([("version", version)]);
            add_dependency(manifest, &subject.name, wanted);
        }
        let used = subject.dev_dependencies.iter().filter(|dependency| {
            dependency.package != subject.name
                && !depends_on(manifest, &dependency.package)
                && readme.mentions(&dependency.alias.replace('-', "_"))
        });
        let used: Vec<&DevDependency> = used.collect();
        for dependency in used {
            let mut wanted = InlineTable::from_iter([
                ("package", dependency.package.clone()),
                ("version", dependency.requirement.clone()),
            ]);
            wanted.insert("default-features", dependency.has_default_features.into());
            wanted.insert(
                "features",
                dependency.features.iter().collect::<Array>().into(),
            );
            add_dependency(manifest, &dependency.alias, wanted);
        }
    }

    /// Installs the programs by name and version, and as the README says, and runs them.
    fn install(&self) -> Result<RehearsalOutcome, Error> {
        let subject = self.subject;
        let to = self.stage.folder.join("installed").join(&subject.name);
        let version = format!("={}", subject.version);
        let exact = [&subject.name, "--version", &version].map(str::to_owned);
        if let Some(failed) = self.install_as(&exact, &to)? {
            return Ok(failed);
        }
        for arguments in self.readme_installations() {
            if let Some(failed) = self.install_as(&arguments, &to)? {
                return Ok(failed);
            }
        }
        let smokes = self.stage.rehearsal.smokes.iter();
        let smokes = smokes.filter(|smoke| smoke.package == subject.name);
        Smoke::all(smokes, &to.join("bin"), self.stranger, self.stage.runner)
    }

    /// What has gone wrong, if anything has.
    fn install_as(
        &self,
        arguments: &[String],
        to: &Path,
    ) -> Result<Option<RehearsalOutcome>, Error> {
        let mut command = self.stranger.cargo(&self.folder("installer")?);
        // Strangers optimise; what is proved is the same without, in a third of the time.
        command
            .args(["install", "--quiet", "--force", "--debug", "--root"])
            .arg(to)
            .args(arguments);
        self.stage.add_jobs(&mut command);
        let outcome = run_without_secrets(self.stage.runner, &mut command)?;
        Ok(outcome.err().map(|failure| {
            let line = arguments.join(" ");
            RehearsalOutcome::failed(format!("`cargo install {line}`: {}", failure.said))
        }))
    }

    /// The README is that of the sources that the installation has unpacked.
    fn readme_installations(&self) -> Vec<Vec<String>> {
        let subject = self.subject;
        let readme = subject.readme.as_ref().and_then(|readme| {
            let sources = self.stranger.sources(&subject.name, &subject.version);
            fs::read_to_string(sources?.join(readme)).ok()
        });
        let mut installations = Readme::parse(&readme.unwrap_or_default()).installations;
        installations.retain(|arguments| {
            let names = |argument: &String| argument.split('@').next() == Some(&subject.name);
            arguments.iter().any(names)
        });
        installations
    }

    fn cargo(&self, folder: &Path, arguments: &[&str]) -> Result<RehearsalOutcome, Error> {
        let mut command = self.stranger.cargo(folder);
        command.args(arguments);
        if matches!(arguments, ["run" | "check" | "test" | "build", ..]) {
            self.stage.add_jobs(&mut command);
        }
        outcome(self.stage, &mut command)
    }

    fn folder(&self, user: &str) -> Result<PathBuf, Error> {
        self.stage
            .empty_folder(&format!("{user}-of-{}", self.subject.name))
    }
}

fn outcome(stage: &Stage<'_>, command: &mut Command) -> Result<RehearsalOutcome, Error> {
    Ok(match run_without_secrets(stage.runner, command)? {
        Ok(_) => RehearsalOutcome::Passed,
        Err(failure) => RehearsalOutcome::failed(failure.said),
    })
}

/// A project that belongs to no workspace.
fn manifest(name: &str) -> DocumentMut {
    let text = format!(
        "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2021\"\npublish = false\n\n[dependencies]\n\n[workspace]\n"
    );
    text.parse().unwrap_or_default()
}

fn depends_on(manifest: &DocumentMut, package: &str) -> bool {
    let dependencies = manifest.get("dependencies").and_then(Item::as_table_like);
    let mut dependencies = dependencies.into_iter().flat_map(|table| table.iter());
    dependencies.any(|(name, item)| {
        let real = item.get("package").and_then(Item::as_str);
        real.unwrap_or(name) == package
    })
}

fn read_manifest(path: &Path) -> Result<DocumentMut, Error> {
    let text = fs::read_to_string(path).map_err(Error::file("read", path))?;
    // It is Cargo's own.
    text.parse()
        .map_err(|error: toml_edit::TomlError| Error::Answer {
            command: "cargo init".to_owned(),
            reason: error.to_string(),
        })
}

fn write(path: &Path, text: &str) -> Result<(), Error> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(Error::file("make", parent))?;
    }
    fs::write(path, text).map_err(Error::file("write", path))
}

fn remove(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::file("remove", path)(error))
        }
        _ => Ok(()),
    }
}
