//! Which program of a workspace is meant, as Cargo names it.

use anyhow::{Result, bail};
use cargo_metadata::{Artifact, Metadata, PackageId, TargetKind};
use clap::Args;

use crate::package::find_package;

/// What is built, and how.
#[derive(Args)]
pub(crate) struct Target {
    /// The program, if there are several
    #[arg(long, value_name = "NAME", group = "which")]
    bin: Option<String>,
    /// An example instead
    #[arg(long, value_name = "NAME", group = "which")]
    example: Option<String>,
    /// A test instead
    #[arg(long, value_name = "NAME", group = "which")]
    test: Option<String>,
    /// A bench instead
    #[arg(long, value_name = "NAME", group = "which")]
    bench: Option<String>,
    /// The unit tests of the library instead
    #[arg(long, group = "which")]
    lib: bool,
    /// The unit tests of the program instead of the program
    #[arg(long, conflicts_with_all = ["example", "test", "bench", "lib"])]
    unit: bool,
    /// The package it is in
    #[arg(short, long, value_name = "NAME")]
    package: Option<String>,
    /// Features of the package
    #[arg(short = 'F', long, value_name = "FEATURES", value_delimiter = ',')]
    features: Vec<String>,
    /// All features of the package
    #[arg(long)]
    all_features: bool,
    /// No features of the package that are not asked for
    #[arg(long)]
    no_default_features: bool,
    /// Build with the profile release of Cargo, as by default
    #[arg(long, conflicts_with = "profile")]
    release: bool,
    /// The profile of Cargo to build with, instead of release
    #[arg(long, value_name = "PROFILE")]
    profile: Option<String>,
    /// The target to build for, if it is not this machine
    #[arg(long = "target", value_name = "TRIPLE")]
    triple: Option<String>,
}

impl Target {
    /// What Cargo builds for.
    pub(super) fn triple(&self) -> Option<&str> {
        self.triple.as_deref()
    }

    /// Options of Cargo that say how it builds.
    pub(super) fn how(&self) -> Vec<&str> {
        let profile = match &self.profile {
            Some(profile) if !self.release => profile,
            _ => "release",
        };
        let mut how = vec!["--profile", profile];
        for (flag, is_set) in [
            ("--all-features", self.all_features),
            ("--no-default-features", self.no_default_features),
        ] {
            how.extend(is_set.then_some(flag));
        }
        for feature in &self.features {
            how.extend(["--features", feature]);
        }
        if let Some(triple) = &self.triple {
            how.extend(["--target", triple]);
        }
        how
    }

    fn kind(&self) -> Kind {
        let named = [
            ("--bin", TargetKind::Bin, &self.bin),
            ("--example", TargetKind::Example, &self.example),
            ("--test", TargetKind::Test, &self.test),
            ("--bench", TargetKind::Bench, &self.bench),
        ];
        let named = named
            .into_iter()
            .find_map(|(flag, kind, name)| Some((flag, kind, Some(name.clone()?))));
        let (flag, kind, name) = match named {
            Some(named) => named,
            None if self.lib => ("--lib", TargetKind::Lib, None),
            None => ("--bin", TargetKind::Bin, None),
        };
        Kind { flag, kind, name }
    }
}

/// What was asked for, wherever it is.
struct Kind {
    /// Of Cargo.
    flag: &'static str,
    kind: TargetKind,
    name: Option<String>,
}

impl Kind {
    fn is_of(&self, target: &cargo_metadata::Target) -> bool {
        match self.kind {
            TargetKind::Lib => target.kind.iter().any(is_library),
            _ => target.kind.contains(&self.kind),
        }
    }

    /// With which of Cargo's flags it is chosen.
    fn flag(&self) -> &'static str {
        match self.kind {
            TargetKind::Lib => "--package",
            _ => self.flag,
        }
    }
}

/// Whether it is a library that a program can have in it.
fn is_library(kind: &TargetKind) -> bool {
    use TargetKind::{CDyLib, DyLib, Lib, RLib, StaticLib};
    matches!(kind, CDyLib | DyLib | Lib | RLib | StaticLib)
}

/// What Cargo is to build.
pub(super) struct Wanted {
    package: PackageId,
    package_name: String,
    kind: Kind,
    name: String,
    /// Its unit tests.
    unit: bool,
}

/// Something that may be meant: its package and its name.
type Candidate<'a> = (&'a cargo_metadata::Package, &'a str);

impl Wanted {
    /// What was asked for; otherwise the only program, or the one that the package runs by default.
    pub(super) fn of(options: &Target, metadata: &Metadata) -> Result<Self> {
        let package = find_package(metadata, options.package.as_deref())?;
        let packages =
            package.map_or_else(|| metadata.workspace_packages(), |package| vec![package]);
        let kind = options.kind();
        let candidates: Vec<Candidate<'_>> = packages
            .iter()
            .flat_map(|package| package.targets.iter().map(move |target| (*package, target)))
            .filter(|(_, target)| kind.is_of(target))
            .map(|(package, target)| (package, target.name.as_str()))
            .collect();
        let default = package.and_then(|package| package.default_run.clone());
        let name = match kind.kind {
            TargetKind::Bin => kind.name.clone().or(default),
            _ => kind.name.clone(),
        };
        let (package, name) = choose(&kind, name.as_deref(), &candidates)?;
        Ok(Self {
            package: package.id.clone(),
            package_name: package.name.to_string(),
            unit: options.unit || kind.kind == TargetKind::Lib,
            name: name.to_owned(),
            kind,
        })
    }

    /// The command of Cargo, with its options, that builds it and runs nothing.
    pub(super) fn what(&self) -> Vec<&str> {
        let mut what = match self.unit {
            true => vec!["test", "--no-run"],
            false => vec!["build"],
        };
        what.extend(["--package", &self.package_name, self.kind.flag]);
        if self.kind.kind != TargetKind::Lib {
            what.push(&self.name);
        }
        what
    }

    /// Whether Cargo has built it here.
    pub(super) fn is(&self, artifact: &Artifact) -> bool {
        artifact.executable.is_some()
            && artifact.package_id == self.package
            && artifact.target.name == self.name
            && self.kind.is_of(&artifact.target)
            && (artifact.profile.test || !self.unit)
    }

    /// Whether Cargo would run it in the folder of its package.
    pub(super) fn runs_in_package(&self) -> bool {
        self.unit || matches!(self.kind.kind, TargetKind::Test | TargetKind::Bench)
    }

    /// What Cargo gives it before anything else.
    pub(super) fn first_argument(&self) -> Option<&'static str> {
        (self.kind.kind == TargetKind::Bench).then_some("--bench")
    }
}

/// The one of this name, or the only one.
fn choose<'a>(
    kind: &Kind,
    name: Option<&str>,
    candidates: &[Candidate<'a>],
) -> Result<Candidate<'a>> {
    if candidates.is_empty() {
        bail!(
            "there is nothing of that kind here; choose with --bin, --example, --test, --bench or --lib, and the package with --package"
        );
    }
    let is_it = |(_, of): &&Candidate<'a>| name.is_none_or(|name| *of == name);
    let found: Vec<&Candidate<'a>> = candidates.iter().filter(is_it).collect();
    let names = |of: &[&Candidate<'a>]| {
        let names = of.iter().map(|(package, name)| match kind.flag() {
            "--package" => package.name.as_str(),
            _ => *name,
        });
        names.collect::<Vec<_>>().join(", ")
    };
    match (&found[..], name) {
        ([only], _) => Ok(**only),
        ([], _) => bail!(
            "there is no `{}` of that kind here; there are: {}",
            name.unwrap_or_default(),
            names(&candidates.iter().collect::<Vec<_>>())
        ),
        (several, None) => bail!(
            "there are several; choose one with {}: {}",
            kind.flag(),
            names(several)
        ),
        (several, Some(name)) => {
            let packages = several.iter().map(|(package, _)| package.name.as_str());
            bail!(
                "several packages have a `{name}` of that kind; choose one with --package: {}",
                packages.collect::<Vec<_>>().join(", ")
            )
        }
    }
}
