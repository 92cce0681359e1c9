//! What comes next in a workspace, why, and the difference that it makes: `cargo run --example next_version -- FOLDER minor`.
//!
//! With `--apply` behind that, the edits are made. Nothing is committed or tagged.

use std::{env, error::Error, path::Path, process::ExitCode, time::SystemTime};

use tuneup_packaging::{
    Bump, Changelog, NextVersion, PlanOptions, Raise, ReleasePlan, System, Workspace, date_of,
};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(|word| &word[..]).collect();
    let outcome = match words[..] {
        [folder, raise] => show(Path::new(folder), raise, false),
        [folder, raise, "--apply"] => show(Path::new(folder), raise, true),
        _ => Err(
            "usage: next_version FOLDER auto|prerelease|patch|minor|major|VERSION [--apply]".into(),
        ),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn show(folder: &Path, raise: &str, is_applied: bool) -> Result<(), Box<dyn Error>> {
    // ANCHOR: plan
    let workspace = Workspace::load(folder, &System)?;
    let plan = ReleasePlan::load(&workspace, &PlanOptions::new(), &System)?;
    let next = plan.next(&raise.parse::<Raise>()?)?;
    // ANCHOR_END: plan
    for version in &next {
        tell(version);
    }
    // ANCHOR: bump
    let mut bump = Bump::compute(&workspace, &next, &System)?;
    // ANCHOR_END: bump
    if let [first, rest @ ..] = &next[..]
        && rest.iter().all(|other| other.to == first.to)
    {
        bump.edits.push(changelog(&workspace, &plan, first)?.edit());
    }
    print!("{}", bump.diff());
    if is_applied {
        // ANCHOR: apply
        bump.apply(&System)?;
        // ANCHOR_END: apply
    }
    Ok(())
}

/// The changelog of a workspace whose members have one version.
fn changelog(
    workspace: &Workspace,
    plan: &ReleasePlan,
    next: &NextVersion,
) -> Result<Changelog, tuneup_packaging::Error> {
    let tag = next.tag.as_deref().unwrap_or_default();
    // ANCHOR: changelog
    let mut changelog = Changelog::open(&workspace.root.join("CHANGELOG.md"))?;
    changelog.add_changes(&plan.changes);
    changelog.release(&next.to, &date_of(SystemTime::now()), tag)?;
    // ANCHOR_END: changelog
    Ok(changelog)
}

fn tell(next: &NextVersion) {
    let tag = next.tag.as_deref().unwrap_or("no tag");
    println!("{} {} -> {} ({tag})", next.package, next.from, next.to);
    for reason in &next.reasons {
        println!("    {reason}");
    }
}
