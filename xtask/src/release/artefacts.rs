//! What a release consists of.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, anyhow, bail};
use serde::{Deserialize, Serialize};
use tuneup_packaging::{
    About, Area, Check, Checksums, Contents, DebBuilder, Error, Evidence, EvidenceOutcome,
    LicencePolicy, Packager, Selection, Shell, SigningKey, SourceDate, State, System, WheelBuilder,
    Workspace, gather_licences, verify_evidence, verify_sbom, verify_signature, verify_wheel,
    write_archive, write_sbom,
};

use super::{Made, scratch::Scratch};
use crate::ready;

/// The package with the program.
pub(crate) const PACKAGE: &str = "cargo-tuneup";

/// What may be linked into it; CONTRIBUTING.md says why.
pub(crate) const LICENCES: [&str; 9] = [
    "MIT",
    "MIT-0",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// No crate is larger.
const LARGEST_CRATE_BYTES: u64 = 1 << 20;

/// The variables with the signing key and its passphrase.
const KEY: (&str, &str) = ("TUNEUP_SIGNING_KEY", "TUNEUP_SIGNING_PASSPHRASE");

pub(crate) struct Artefacts<'a> {
    scratch: &'a Scratch,
    workspace: Workspace,
    about: About,
    date: SourceDate,
    /// Where they go.
    folder: PathBuf,
    /// Where what they are made of goes.
    parts: PathBuf,
    commit: String,
}

/// The program, and what it tells of itself.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Program {
    path: PathBuf,
    manual: PathBuf,
    completions: Vec<(String, PathBuf)>,
}

impl<'a> Artefacts<'a> {
    pub(super) fn of(scratch: &'a Scratch, version: &str, commit: &str) -> Result<Self> {
        let about = About::load(&scratch.folder, PACKAGE, &System)?;
        anyhow::ensure!(
            about.version.to_string() == version,
            "the clone has version {}",
            about.version
        );
        let artefacts = Self {
            workspace: scratch.workspace()?,
            about,
            date: SourceDate::of_commit(&scratch.folder, &System)?,
            folder: scratch.place.join("artefacts"),
            parts: scratch.place.join("parts"),
            commit: commit.to_owned(),
            scratch,
        };
        for folder in [&artefacts.folder, &artefacts.parts] {
            fs::create_dir_all(folder).map_err(cannot("make", folder))?;
        }
        Ok(artefacts)
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn version(&self) -> String {
        self.about.version.to_string()
    }

    /// Builds the program so that no path of this machine is in it, and has it write its manual and completions.
    pub(super) fn build(&self) -> Result<Made<Program>> {
        // What an earlier release has left is no part of this one.
        for folder in [&self.folder, &self.parts] {
            fs::remove_dir_all(folder).map_err(cannot("remove", folder))?;
            fs::create_dir_all(folder).map_err(cannot("make", folder))?;
        }
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo
            .args(["build", "--release", "--locked", "--package", PACKAGE])
            .arg("--target-dir")
            .arg(&self.scratch.target)
            .env("CARGO_ENCODED_RUSTFLAGS", self.remapped()?)
            .env("CARGO_PROFILE_RELEASE_STRIP", "symbols")
            .env("CARGO_INCREMENTAL", "0")
            .env("SOURCE_DATE_EPOCH", self.date.unix().to_string())
            .current_dir(&self.scratch.folder);
        if !cargo.status().context("cannot start Cargo")?.success() {
            bail!("the program does not build; see above");
        }
        let path = self.parts.join(PACKAGE);
        let built = self.scratch.target.join("release").join(PACKAGE);
        fs::copy(built, &path).map_err(cannot("write", &path))?;
        let manual = self.written(&path, &["man"], &format!("{PACKAGE}.1"))?;
        let completions = ["bash", "zsh", "fish"].map(|shell| {
            let file = format!("{PACKAGE}.{shell}");
            Ok((
                shell.to_owned(),
                self.written(&path, &["completions", shell], &file)?,
            ))
        });
        let completions: Vec<(String, PathBuf)> = completions.into_iter().collect::<Result<_>>()?;
        let files = completions.iter().map(|(_, path)| path.clone());
        Ok(Made::of(Program {
            path: path.clone(),
            manual: manual.clone(),
            completions: completions.clone(),
        })
        .with_file(path)
        .with_file(manual)
        .with_files(files))
    }

    /// Folders of this machine are called by what they are, so that the same program comes of any.
    fn remapped(&self) -> Result<String> {
        let home = tuneup_packaging::cargo_home();
        let folders = [
            (&self.scratch.folder, "/source"),
            (&self.scratch.target, "/target"),
            (&home, "/cargo"),
        ];
        let flags = folders.map(|(folder, name)| {
            let folder = folder.to_str().with_context(|| {
                format!("`{}` is no Unicode; check out elsewhere", folder.display())
            })?;
            Ok(format!("--remap-path-prefix={folder}={name}"))
        });
        let flags: Vec<String> = flags.into_iter().collect::<Result<_>>()?;
        Ok(flags.join("\u{1f}"))
    }

    /// What the program prints, in a file.
    fn written(&self, program: &Path, arguments: &[&str], file: &str) -> Result<PathBuf> {
        let output = Command::new(program).args(arguments).output();
        let output = output.with_context(|| format!("cannot start `{}`", program.display()))?;
        if !output.status.success() {
            bail!("the program does not do `{}`", arguments.join(" "));
        }
        let path = self.parts.join(file);
        fs::write(&path, output.stdout).map_err(cannot("write", &path))?;
        Ok(path)
    }

    /// The bill of materials, equal to the lock file, and the texts of the licences of all that is linked.
    pub(super) fn bills(&self) -> Result<Made<()>> {
        let selection = Selection::new(PACKAGE);
        let bill = self.folder.join(format!("{PACKAGE}.cdx.json"));
        write_sbom(&bill, &self.workspace, &selection, self.date, &System)?;
        verify_sbom(&bill, &self.scratch.folder.join("Cargo.lock"))?;
        let policy = LicencePolicy::new(LICENCES).with_standard_texts();
        let licences = gather_licences(&self.workspace, &selection, &policy, &System)?;
        let texts = self.third_party();
        licences.check().map_err(|error| {
            anyhow!("{error}; do without it, or allow its licence with a reason")
        })?;
        licences.write(&texts)?;
        Ok(Made::of(()).with_file(bill).with_file(texts))
    }

    fn third_party(&self) -> PathBuf {
        self.folder.join("THIRD-PARTY.txt")
    }

    fn own_licences(&self) -> [PathBuf; 2] {
        let folder = self.scratch.folder.join("crates/cargo-tuneup");
        ["LICENSE-APACHE", "LICENSE-MIT"].map(|name| folder.join(name))
    }

    pub(super) fn archives(&self, program: &Program) -> Result<Made<Vec<PathBuf>>> {
        let target = env::consts::ARCH;
        let root = format!(
            "{PACKAGE}-{}-{target}-{}",
            self.about.version,
            env::consts::OS
        );
        let mut contents = Contents::new();
        contents.add_program(PACKAGE, &program.path)?;
        contents.add_file(&format!("{PACKAGE}.1"), &program.manual)?;
        contents.add_file("THIRD-PARTY.txt", self.third_party())?;
        contents.add_file("CHANGELOG.md", self.scratch.folder.join("CHANGELOG.md"))?;
        for (shell, path) in &program.completions {
            contents.add_file(&format!("completions/{PACKAGE}.{shell}"), path)?;
        }
        for path in self.own_licences().iter().chain(&self.about.readme) {
            let name = path.file_name().unwrap_or_default();
            contents.add_file(&name.to_string_lossy(), path)?;
        }
        let mut archives = Vec::new();
        for ending in ["tar.gz", "zip"] {
            let path = self.folder.join(format!("{root}.{ending}"));
            write_archive(&path, &root, &contents, self.date)?;
            archives.push(path);
        }
        Ok(Made::of(archives.clone()).with_files(archives))
    }

    pub(super) fn wheel(&self, program: &Program) -> Result<Made<Option<PathBuf>>> {
        let mut wheel = WheelBuilder::new(self.about.clone())
            .program(&program.path)
            .licence_file(self.third_party());
        for path in self.own_licences() {
            wheel = wheel.licence_file(path);
        }
        let wheel = wheel.write(&self.folder, self.date)?;
        verify_wheel(&wheel.path)?;
        Ok(Made::of(Some(wheel.path.clone())).with_file(wheel.path))
    }

    pub(super) fn deb(&self, program: &Program) -> Result<Made<PathBuf>> {
        let mut deb = DebBuilder::new(self.about.clone(), self.maintainer()?)
            .program(&program.path)
            .man_page(&program.manual)
            .changelog(self.scratch.folder.join("CHANGELOG.md"))
            // Not among the package's own: Debian has the well-known texts elsewhere, and wants none of them twice.
            .file(
                format!("usr/share/doc/{PACKAGE}/THIRD-PARTY.txt"),
                self.third_party(),
            )
            .section("devel");
        for path in self.own_licences() {
            deb = deb.licence_file(path);
        }
        for (shell, path) in &program.completions {
            let shell = match &shell[..] {
                "bash" => Shell::Bash,
                "zsh" => Shell::Zsh,
                _ => Shell::Fish,
            };
            deb = deb.completions(shell, path);
        }
        let deb = deb.write(&self.folder, self.date)?;
        Ok(Made::of(deb.path.clone()).with_file(deb.path))
    }

    /// Who has made the commit of the release answers for the package.
    fn maintainer(&self) -> Result<String> {
        let output = Command::new("git")
            .args(["log", "-1", "--format=%an <%ae>", &self.commit])
            .current_dir(&self.scratch.folder)
            .output()
            .context("cannot start git")?;
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    }

    /// The `.crate` files. They are built where they are used, in the rehearsal. The one with the program.
    pub(super) fn crates(&self, registry: Option<&str>) -> Result<Made<PathBuf>> {
        let mut packager = Packager::new()
            .want("README.md")
            .want("LICENSE-*")
            .largest_bytes(LARGEST_CRATE_BYTES)
            .locked()
            .without_build();
        if let Some(name) = registry {
            packager = packager.registry(name);
        }
        let files = packager.package(&self.workspace, &[], &self.folder, &System)?;
        let program = files.iter().find(|file| file.package == PACKAGE);
        let program = program.context("the program is published")?.path.clone();
        Ok(Made::of(program).with_files(files.into_iter().map(|file| file.path)))
    }

    /// Signs what others download, if there is a key; the public key that proves it, else nothing.
    pub(super) fn sign(&self) -> Result<Made<Option<String>>> {
        let Some(key) = signing_key()? else {
            return Ok(Made::of(None));
        };
        let mut made = Made::of(Some(key.public_key()));
        for name in self.names()? {
            let signature = key.sign(&self.folder.join(name), self.date)?;
            made = made.with_file(signature.path);
        }
        Ok(made)
    }

    /// Whether all that others download has a signature by this key.
    pub(super) fn signatures(&self, public_key: Option<String>) -> Result<Check<'_>> {
        let Some(key) = public_key else {
            let reason = "there is no signing key: TUNEUP_SIGNING_KEY is not set";
            return Ok(ready::unsigned(reason));
        };
        let names = self.names()?;
        let line = format!("minisign -Vm ARTEFACT -P {key}");
        let about = "the artefacts are signed";
        Ok(Check::new(
            "signatures",
            Area::Security,
            about,
            line,
            move |_| {
                for name in &names {
                    if let Err(error) = verify_signature(&self.folder.join(name), &key) {
                        return Ok(State::fail(error.to_string(), "sign what is released"));
                    }
                }
                Ok(State::pass(format!("{} artefacts", names.len())))
            },
        ))
    }

    /// The checksums, and the evidence, in which they are as well.
    pub(super) fn evidence(&self, checks: &[(String, String)]) -> Result<Made<()>> {
        let sums = self.folder.join("SHA256SUMS");
        Checksums::of(&self.folder, &self.names()?)?.write(&sums)?;
        let key = signing_key()?;
        let mut made = Made::of(());
        if let Some(key) = &key {
            made = made.with_file(key.sign(&sums, self.date)?.path);
        }
        let mut evidence =
            Evidence::gather(&self.scratch.folder, &self.folder, self.date, &System)?;
        if let Some(address) = &self.about.repository {
            evidence.set_repository(address);
        }
        for (name, command) in checks {
            evidence.add_check(name, command, EvidenceOutcome::Passed);
        }
        let path = evidence.write(&self.folder)?;
        verify_evidence(&self.folder)?;
        if let Some(key) = &key {
            made = made.with_file(key.sign(&path, self.date)?.path);
        }
        Ok(made.with_file(sums).with_file(path))
    }

    /// The files that are released, but for those that tell of the others.
    fn names(&self) -> Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(cannot("read", &self.folder))? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if !name.ends_with(".minisig") && name != "SHA256SUMS" && !name.starts_with("evidence.")
            {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }
}

fn signing_key() -> Result<Option<SigningKey>> {
    match env::var_os(KEY.0) {
        Some(_) => Ok(Some(SigningKey::from_environment(KEY.0, KEY.1)?)),
        None => Ok(None),
    }
}

/// For `map_err` of what is done to a file or folder.
fn cannot(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::File {
        action,
        path,
        source,
    }
}
