//! Steps that go on where they were stopped: `cargo run --example steps --features steps -- FOLDER [--resume]`.
//!
//! Plans in which order the members of a workspace are published, and writes that into its target folder.

use std::{env, error::Error, fs, path::Path, process::ExitCode};

use tuneup_packaging::{Made, Repository, StepEvent, StepsBuilder, System, Workspace};
use tuneup_report::Terminal;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(|word| &word[..]).collect();
    let outcome = match words[..] {
        [folder] => run(Path::new(folder), false),
        [folder, "--resume"] => run(Path::new(folder), true),
        _ => Err("usage: steps FOLDER [--resume]".into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(folder: &Path, resumes: bool) -> Result<(), Box<dyn Error>> {
    let workspace = Workspace::load(folder, &System)?;
    let head = Repository::open(folder, &System)?.head()?;
    let file = workspace.target.join("order.txt");
    // ANCHOR: steps
    let state = workspace.target.join("steps.json");
    let mut steps = StepsBuilder::new(&state, head.hash)
        .step("plan", "what is released, and in which order")
        .optional_step("list", "the order in a file")
        .resume(resumes)
        .build(&System, |event| {
            if let StepEvent::Begun { name, about, .. } = event {
                eprintln!("{name}: {about}");
            }
        })?;
    let order: Vec<String> = steps.run("plan", || {
        let order = workspace.publish_order()?.into_iter();
        Ok(Made::of(order.map(|member| member.name.clone()).collect()))
    })?;
    steps.run_optional("list", || {
        fs::write(&file, order.join("\n"))?;
        Ok(Made::of(()).with_file(&file))
    })?;
    // ANCHOR_END: steps
    print!("{}", steps.report().table().render(&Terminal::plain(100)));
    Ok(())
}
