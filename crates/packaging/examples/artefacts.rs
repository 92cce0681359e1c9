//! All that a release of a program consists of, from a checkout to the evidence.
//!
//! `cargo run -p tuneup-packaging --features full --example artefacts -- CHECKOUT PACKAGE PROGRAM FOLDER`

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use tuneup_packaging::{
    About, Checksums, Contents, DebBuilder, Error, Evidence, EvidenceOutcome, LicencePolicy,
    Packager, Selection, SourceDate, System, WheelBuilder, Workspace, gather_licences, sha256_of,
    verify_evidence, verify_sbom, verify_wheel, write_archive, write_sbom,
};

/// Who answers for the Debian package.
const MAINTAINER: &str = "Nobody <nobody@example.org>";

/// What may be linked into the program.
const ALLOWED: [&str; 9] = [
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

/// What is released, and where it goes.
struct Release {
    workspace: Workspace,
    about: About,
    date: SourceDate,
    program: PathBuf,
    licences: Vec<PathBuf>,
    folder: PathBuf,
}

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let [checkout, package, program, folder] = &arguments[..] else {
        eprintln!("usage: artefacts CHECKOUT PACKAGE PROGRAM FOLDER");
        return ExitCode::from(2);
    };
    match release(
        checkout.as_ref(),
        package,
        program.as_ref(),
        folder.as_ref(),
    ) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let source = std::error::Error::source(&error);
            let source = source.map_or(String::new(), |source| format!(": {source}"));
            eprintln!("{error}{source}");
            ExitCode::FAILURE
        }
    }
}

fn release(checkout: &Path, package: &str, program: &Path, folder: &Path) -> Result<(), Error> {
    let workspace = Workspace::load(checkout, &System)?;
    let about = About::load(checkout, package, &System)?;
    let member = workspace
        .member(package)
        .map(|member| member.folder().to_owned());
    let release = Release {
        licences: licence_files(&member.unwrap_or(checkout.to_owned())),
        date: SourceDate::of_commit(checkout, &System)?,
        about,
        program: program.to_owned(),
        folder: folder.to_owned(),
        workspace,
    };
    release.bills()?;
    release.crates()?;
    release.archives()?;
    release.packages()?;
    release.evidence()?;
    let evidence = verify_evidence(&release.folder)?;
    println!("made of {}", evidence.commit);
    for (name, artefact) in &evidence.artefacts {
        println!("{}  {:>9}  {name}", artefact.sha256, artefact.bytes);
    }
    Ok(())
}

/// The files with the package's own licences.
fn licence_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let is_licence = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("LICENSE")
    };
    let mut files: Vec<_> = entries
        .map(|entry| entry.path())
        .filter(is_licence)
        .collect();
    files.sort();
    files
}

impl Release {
    /// What the program is built of.
    // ANCHOR: bills
    fn bills(&self) -> Result<(), Error> {
        let selection = Selection::new(&self.about.name);
        let path = self.folder.join("sbom.cdx.json");
        let sbom = write_sbom(&path, &self.workspace, &selection, self.date, &System)?;
        verify_sbom(&path, &self.workspace.root.join("Cargo.lock"))?;
        println!(
            "{} packages, of which {} are linked",
            sbom.packages, sbom.linked
        );

        let policy = LicencePolicy::new(ALLOWED).with_standard_texts();
        let licences = gather_licences(&self.workspace, &selection, &policy, &System)?;
        licences.write(&self.folder.join("THIRD-PARTY.txt"))
    }
    // ANCHOR_END: bills

    /// For those who build it themselves.
    // ANCHOR: crates
    fn crates(&self) -> Result<(), Error> {
        let packager = Packager::new()
            .want("README.md")
            .want("LICENSE-*")
            .largest_bytes(1 << 20)
            .without_build();
        for file in packager.package(&self.workspace, &[], &self.folder, &System)? {
            println!(
                "{} {} with {} files",
                file.package,
                file.version,
                file.files.len()
            );
        }
        Ok(())
    }
    // ANCHOR_END: crates

    /// For those who unpack it themselves.
    // ANCHOR: archives
    fn archives(&self) -> Result<(), Error> {
        let root = format!("{}-{}", self.about.name, self.about.version);
        let mut contents = Contents::new();
        let name = self.program.file_name().unwrap_or_default();
        contents.add_program(&name.to_string_lossy(), &self.program)?;
        contents.add_file("THIRD-PARTY.txt", self.folder.join("THIRD-PARTY.txt"))?;
        for path in self.licences.iter().chain(&self.about.readme) {
            let name = path.file_name().unwrap_or_default();
            contents.add_file(&name.to_string_lossy(), path)?;
        }
        for ending in ["tar.gz", "zip"] {
            let path = self.folder.join(format!("{root}.{ending}"));
            write_archive(&path, &root, &contents, self.date)?;
        }
        Ok(())
    }
    // ANCHOR_END: archives

    /// For those who install it by pip or dpkg.
    // ANCHOR: packages
    fn packages(&self) -> Result<(), Error> {
        let mut wheel = WheelBuilder::new(self.about.clone()).program(&self.program);
        let mut deb = DebBuilder::new(self.about.clone(), MAINTAINER).program(&self.program);
        for path in &self.licences {
            wheel = wheel.licence_file(path);
            deb = deb.licence_file(path);
        }
        let wheel = wheel.write(&self.folder, self.date)?;
        verify_wheel(&wheel.path)?;
        println!("a wheel for {}", wheel.tags.join(" "));
        let deb = deb.section("devel").write(&self.folder, self.date)?;
        println!(
            "a Debian package for {} with {}",
            deb.architecture,
            deb.depends.join(", ")
        );
        Ok(())
    }
    // ANCHOR_END: packages

    /// Comes last.
    // ANCHOR: evidence
    fn evidence(&self) -> Result<(), Error> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let names: Vec<_> = entries
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter(|name| !name.starts_with("SHA256SUMS") && !name.starts_with("evidence."))
            .collect();
        let sums = Checksums::of(&self.folder, &names)?;
        sums.write(&self.folder.join("SHA256SUMS"))?;

        let root = &self.workspace.root;
        let mut evidence = Evidence::gather(root, &self.folder, self.date, &System)?;
        if let Some(address) = &self.about.repository {
            evidence.set_repository(address);
        }
        let program = sha256_of(&self.program)?;
        evidence.add_check(
            "program",
            format!("sha256sum: {program}"),
            EvidenceOutcome::Passed,
        );
        evidence.write(&self.folder)?;
        Ok(())
    }
    // ANCHOR_END: evidence
}
