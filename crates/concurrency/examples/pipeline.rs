//! Counts words of files in three stages: read, count, gather; and tells which of them is the bottleneck.
//!
//! Run with `cargo run --release -p tuneup-concurrency --example pipeline [FILE...]`; without files, on the sources of this crate.

use std::{
    error::Error,
    fs, io, iter,
    path::{Path, PathBuf},
    time::Duration,
};

use tuneup_concurrency::{CoreBudget, Pipeline, PipelineReport};

struct Counted {
    path: PathBuf,
    words: usize,
}

fn read(path: PathBuf) -> io::Result<(PathBuf, String)> {
    let text = fs::read_to_string(&path)?;
    Ok((path, text))
}

fn count((path, text): (PathBuf, String)) -> Counted {
    let words = text.split_whitespace().count();
    Counted { path, words }
}

/// The files of a folder, and those of the folders in it.
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            all.extend(files(&path)?);
        } else {
            all.push(path);
        }
    }
    all.sort();
    Ok(all)
}

/// A line for each stage, with what its workers did in parts of the whole time; and what to do if it is to be faster.
fn show(report: &PipelineReport) {
    println!("stage    workers  items   busy  starved  blocked   waiting before it (mean, most)");
    let ends = (&report.source, &report.output);
    for stage in iter::once(ends.0).chain(&report.stages).chain([ends.1]) {
        let all_s = report.elapsed.as_secs_f64() * stage.workers as f64;
        let percent = |part: Duration| 100.0 * part.as_secs_f64() / all_s;
        println!(
            "{:<8} {:>7} {:>6} {:>4.0} % {:>6.0} % {:>6.0} % {:>10.1} {:>6}",
            stage.name,
            stage.workers,
            stage.items,
            percent(stage.busy),
            percent(stage.starved),
            percent(stage.blocked),
            stage.mean_queue_depth,
            stage.most_queue_depth,
        );
    }
    println!("busy: at work; starved: nothing came in; blocked: the queue behind was full");
    if let Some(bottleneck) = report.bottleneck() {
        println!("\n{bottleneck}");
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut paths: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    if paths.is_empty() {
        paths = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))?;
    }
    let mut words = 0;
    let mut longest: Option<Counted> = None;
    let report = Pipeline::from_iter(paths)
        // Texts are large: no more than a few of them wait.
        .try_stage("read", 2, read)
        .queue(8)
        .stage("count", CoreBudget::global().cores().get(), count)
        .ordered()
        .run(|file| {
            words += file.words;
            if longest.as_ref().is_none_or(|most| file.words > most.words) {
                longest = Some(file);
            }
        })?;
    let files = report.output.items;
    println!("{words} words in {files} files, in {:.1?}", report.elapsed);
    if let Some(file) = longest {
        println!("most: {} in {}", file.words, file.path.display());
    }
    println!();
    show(&report);
    Ok(())
}
