//! The readiness of any workspace: `cargo run --features html --example readiness -- FOLDER [ADVISORY-DATABASE]`.

use std::{env, error::Error, path::Path, process::ExitCode};

use tuneup_packaging::{Readiness, ReadinessEvent, StandardChecks, System, Workspace};
use tuneup_report::{Terminal, write_file};

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut arguments = env::args_os().skip(1);
    let folder = arguments.next().unwrap_or_else(|| ".".into());
    // ANCHOR: checklist
    let workspace = Workspace::load(Path::new(&folder), &System)?;
    let mut standard = StandardChecks::new(&workspace);
    if let Some(database) = arguments.next() {
        standard = standard.advisories(database);
    }
    let report = Readiness::builder(&workspace.root)
        .checks(standard.checks())
        .on_event(tell)
        .build()?
        .run();
    print!("{}", report.table().render(&Terminal::detect()));
    // ANCHOR_END: checklist
    let place = workspace.target.join("tuneup");
    std::fs::create_dir_all(&place)?;
    write_file(&place.join("readiness.html"), report.to_html().as_bytes())?;
    write_file(&place.join("readiness.md"), report.to_markdown().as_bytes())?;
    write_file(
        &place.join("readiness.json"),
        &serde_json::to_vec_pretty(&report)?,
    )?;
    eprintln!(
        "the details are in {}",
        place.join("readiness.html").display()
    );
    Ok(match report.is_ready() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

fn tell(event: &ReadinessEvent<'_>) {
    match event {
        ReadinessEvent::Started { check, number, of } => {
            eprintln!("[{number}/{of}] {}: {}", check.id(), check.line());
        }
        ReadinessEvent::Ended { report } => {
            eprintln!(
                "      {} in {:.1} s",
                report.state.name(),
                report.took_ms as f64 / 1000.0
            );
        }
        _ => {}
    }
}
