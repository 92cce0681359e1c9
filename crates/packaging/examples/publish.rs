//! Publishes a workspace to a registry that Cargo's configuration knows by a name, or takes it back from there:
//! `cargo run --example publish --features registry -- FOLDER REGISTRY [take-back|bring-back]`.

use std::{env, error::Error as _, path::PathBuf, process::ExitCode};

use tuneup_packaging::{CargoIndex, Error, Publication, System, Withdrawal, Workspace};

fn main() -> ExitCode {
    run().unwrap_or_else(|error| {
        let reason = error.source().map(|source| format!(": {source}"));
        eprintln!("error: {error}{}", reason.unwrap_or_default());
        ExitCode::FAILURE
    })
}

fn run() -> Result<ExitCode, Error> {
    let mut arguments = env::args().skip(1);
    let (Some(folder), Some(registry)) = (arguments.next(), arguments.next()) else {
        eprintln!("name the folder of a workspace, and a registry of Cargo's configuration");
        return Ok(ExitCode::FAILURE);
    };
    let folder = PathBuf::from(folder);
    let verb = arguments.next();
    if !matches!(verb.as_deref(), None | Some("take-back" | "bring-back")) {
        eprintln!("behind the registry, nothing, `take-back` or `bring-back` is known");
        return Ok(ExitCode::FAILURE);
    }
    // ANCHOR: publish
    let workspace = Workspace::load(&folder, &System)?;
    let index = CargoIndex::new(&System).with_registry(&registry);
    if verb.is_none() {
        let state = workspace.target.join("publish.json");
        let publication = Publication::of(&workspace, &state).registry(&registry);
        let report = publication.run(&index, &System, &System, &|event| eprintln!("{event:?}"))?;
        for package in &report.packages {
            println!(
                "{} {} {:?}",
                package.package, package.version, package.arrival
            );
        }
        println!("used from there: {}", report.trial);
        return Ok(ExitCode::SUCCESS);
    }
    // ANCHOR_END: publish
    // ANCHOR: withdraw
    let withdrawal = Withdrawal::of(&workspace).registry(&registry);
    let report = if verb.as_deref() == Some("bring-back") {
        withdrawal.undo(&index, &System)?
    } else {
        withdrawal.run(&index, &System)?
    };
    for package in &report.packages {
        println!(
            "{} {} {:?}",
            package.package, package.version, package.outcome
        );
    }
    // ANCHOR_END: withdraw
    Ok(if report.is_all_right() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
