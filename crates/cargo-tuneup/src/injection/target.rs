//! Which program of a workspace is meant, as Cargo names it.

use anyhow::{Result, bail};
use cargo_metadata::{Metadata, TargetKind};
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
    /// The package it is in
    #[arg(short, long, value_name = "NAME")]
    package: Option<String>,
    /// Features of the package
    #[arg(short = 'F', long, value_name = "FEATURES", value_delimiter = ',')]
    pub(super) features: Vec<String>,
    /// The profile of Cargo to build with
    #[arg(long, value_name = "PROFILE", default_value = "release")]
    pub(super) profile: String,
}

impl Target {
    /// Whether Cargo would run it in the folder of its package.
    pub(super) fn runs_in_package(&self) -> bool {
        self.test.is_some() || self.bench.is_some()
    }
}

/// What Cargo is to build.
pub(super) struct Wanted {
    pub(super) package: String,
    /// Of Cargo, for what it is.
    pub(super) flag: &'static str,
    pub(super) name: String,
}

impl Wanted {
    /// What was asked for; otherwise the only program, or the one that the package runs by default.
    pub(super) fn of(options: &Target, metadata: &Metadata) -> Result<Self> {
        let package = find_package(metadata, options.package.as_deref())?;
        let packages =
            package.map_or_else(|| metadata.workspace_packages(), |package| vec![package]);
        let named = [
            ("--bin", TargetKind::Bin, &options.bin),
            ("--example", TargetKind::Example, &options.example),
            ("--test", TargetKind::Test, &options.test),
            ("--bench", TargetKind::Bench, &options.bench),
        ];
        let named = named
            .into_iter()
            .find_map(|(flag, kind, name)| Some((flag, kind, name.as_ref()?)));
        let (flag, kind) = named
            .as_ref()
            .map_or(("--bin", TargetKind::Bin), |(flag, kind, _)| {
                (flag, kind.clone())
            });
        let default = package.and_then(|package| package.default_run.as_ref());
        let name = named.map(|(_, _, name)| name).or(default);
        let targets: Vec<(&str, &str)> = packages
            .iter()
            .flat_map(|package| {
                package
                    .targets
                    .iter()
                    .map(|target| (package.name.as_str(), target))
            })
            .filter(|(_, target)| target.kind.contains(&kind))
            .map(|(package, target)| (package, target.name.as_str()))
            .collect();
        let names = || {
            targets
                .iter()
                .map(|(_, name)| *name)
                .collect::<Vec<_>>()
                .join(", ")
        };
        let chosen = match (name, &targets[..]) {
            (_, []) => bail!(
                "there is nothing of that kind here; choose with --bin, --example, --test or --bench, and the package with --package"
            ),
            (None, [only]) => Some(only),
            (None, _) => bail!(
                "there are several programs; choose one with --bin: {}",
                names()
            ),
            (Some(name), _) => targets.iter().find(|(_, target)| target == name),
        };
        let Some((package, name)) = chosen else {
            bail!(
                "there is no `{}` of that kind here; there are: {}",
                name.map_or("", String::as_str),
                names()
            );
        };
        Ok(Self {
            package: (*package).to_owned(),
            flag,
            name: (*name).to_owned(),
        })
    }
}
