//! What a release consists of.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, anyhow};
use tuneup_packaging::{
    About, Area, Check, Checksums, Contents, DebBuilder, Error, Evidence, EvidenceOutcome,
    LicencePolicy, Packager, Selection, Shell, SigningKey, SourceDate, State, System, WheelBuilder,
    Workspace, gather_licences, verify_evidence, verify_sbom, verify_signature, verify_wheel,
    write_archive, write_sbom,
};

pub(super) use self::program::Program;
use super::{
    Made,
    git::git,
    scratch::{MADE, Scratch},
};

mod program;

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

pub(crate) struct Artefacts<'a> {
    scratch: &'a Scratch,
    workspace: Workspace,
    about: About,
    date: SourceDate,
    /// Where they go.
    folder: PathBuf,
    /// Where what they are made of goes.
    parts: PathBuf,
    /// What they are signed with, if at all.
    key: Option<&'a SigningKey>,
}

impl<'a> Artefacts<'a> {
    pub(super) fn of(
        scratch: &'a Scratch,
        version: &str,
        key: Option<&'a SigningKey>,
    ) -> Result<Self> {
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
            key,
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
        let format = ["log", "-1", "--no-show-signature", "--format=%an <%ae>"];
        let said = git(&self.scratch.folder, format, |git| git.arg(MADE))
            .context("it is not known who answers for the Debian package")?;
        Ok(said.trim().to_owned())
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

    /// Signs what others download; the public key that proves it.
    pub(super) fn sign(&self) -> Result<Made<String>> {
        let key = self.key.context("there is no signing key")?;
        let mut made = Made::of(key.public_key());
        for name in self.names()? {
            let signature = key.sign(&self.folder.join(name), self.date)?;
            made = made.with_file(signature.path);
        }
        Ok(made)
    }

    /// Whether all that others download has a signature by this key.
    pub(super) fn signatures(&self, key: String) -> Result<Check<'_>> {
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

    /// Removes what an earlier run has made and this one leaves out, with its signatures. Where there was something, checksums and evidence have it in them: they
    /// go as well, and are made again.
    pub(super) fn leave_out(&self, ending: &str) -> Result<()> {
        let signature = format!("{ending}.minisig");
        let mut names = self.all_names()?;
        names.retain(|name| name.ends_with(ending) || name.ends_with(&signature));
        if names.is_empty() {
            return Ok(());
        }
        for name in self.all_names()? {
            if names.contains(&name) || tells_of_others(&name) {
                let path = self.folder.join(name);
                fs::remove_file(&path).map_err(cannot("remove", &path))?;
            }
        }
        Ok(())
    }

    /// The checksums, and the evidence, in which they are as well.
    pub(super) fn evidence(&self, checks: &[(String, String)]) -> Result<Made<()>> {
        let sums = self.folder.join("SHA256SUMS");
        Checksums::of(&self.folder, &self.names()?)?.write(&sums)?;
        let mut made = Made::of(());
        if let Some(key) = self.key {
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
        if let Some(key) = self.key {
            made = made.with_file(key.sign(&path, self.date)?.path);
        }
        Ok(made.with_file(sums).with_file(path))
    }

    /// The files that are released, but for those that tell of the others.
    fn names(&self) -> Result<Vec<String>> {
        let mut names = self.all_names()?;
        names.retain(|name| !name.ends_with(".minisig") && !tells_of_others(name));
        Ok(names)
    }

    fn all_names(&self) -> Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(cannot("read", &self.folder))? {
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
        names.sort();
        Ok(names)
    }
}

fn tells_of_others(name: &str) -> bool {
    name.starts_with("SHA256SUMS") || name.starts_with("evidence.")
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
