//! `docs/src/guide/concurrency.md`.

use std::{
    collections::BTreeMap, error::Error, fmt::Write as _, num::NonZeroUsize, thread, time::Duration,
};

use tuneup_concurrency::{
    CpuExecutor, Executor, Model, ParImap, Pipeline, ReturnWhen, advise, hybrid, par, reduce_lines,
    try_gather, wait,
};

use super::assert_page_shows;

fn limit(n: usize) -> NonZeroUsize {
    NonZeroUsize::new(n).unwrap()
}

#[test]
fn which_model() {
    // ANCHOR: advise
    let fetch = |page: u32| {
        thread::sleep(Duration::from_millis(5));
        page * 10
    };
    let mut pages = 0..400;
    let advice = advise(&mut pages, fetch);
    assert!(matches!(advice.model, Model::Threads { .. }), "{advice}");
    // What was measured is done, and the other pages are still there.
    assert_eq!(advice.results[2], 20);
    assert_eq!(advice.results.len() + pages.len(), 400);
    // ANCHOR_END: advise
}

#[test]
fn a_slice() {
    // ANCHOR: map
    let words = ["one", "two", "three"];
    let lengths = par::map(&words, |word| word.len());
    assert_eq!(lengths, [3, 3, 5]);

    let numbers = par::try_map(&["1", "2", "three", "4"], |text| text.parse::<u32>());
    assert_eq!(numbers.unwrap_err().index, 2);
    // ANCHOR_END: map
}

#[test]
fn an_iterator() {
    // ANCHOR: imap
    let divisors = |n: u64| (1..=n).filter(|d| n.is_multiple_of(*d)).count();
    let first = (1..)
        .par_imap(move |n| (n, divisors(n)))
        .look_ahead(limit(1_000))
        .find(|(_, divisors)| *divisors > 20);
    assert_eq!(first, Some((360, 24)));
    // ANCHOR_END: imap
}

#[test]
fn tasks() -> Result<(), Box<dyn Error>> {
    let mut shown = String::new();
    // The page shows what anybody would write.
    macro_rules! println {
        ($($line:tt)*) => {
            writeln!(shown, $($line)*)?
        };
    }
    // ANCHOR: tasks
    let executor = CpuExecutor::builder().build()?;
    let first = executor.submit(|| 1)?;
    println!("first: {}", first.result()?);

    let tasks: Vec<_> = (0..3)
        .map(|n| executor.submit(move || n * n))
        .collect::<Result<_, _>>()?;
    let waited = wait(&tasks, ReturnWhen::All, None);
    println!("all done: {} of {}", waited.done.len(), tasks.len());
    // ANCHOR_END: tasks
    assert_page_shows("concurrency", &shown);
    Ok(())
}

#[tokio::test]
async fn waits() {
    // ANCHOR: gather
    let fetch = |page: u32| async move {
        match page {
            13 => Err("unlucky"),
            _ => Ok(page * 100),
        }
    };
    let pages = try_gather((0..10).map(fetch)).limit(limit(4)).await;
    assert_eq!(pages.unwrap()[9], 900);

    // The first error cancels what is under way, and says which item it was.
    let failed = try_gather((0..100).map(fetch)).limit(limit(4)).await;
    assert_eq!(failed.unwrap_err().index, 13);
    // ANCHOR_END: gather
}

#[tokio::test]
async fn fetching_and_computing() -> Result<(), Box<dyn Error>> {
    // ANCHOR: hybrid
    let lengths = hybrid(["a", "bb", "ccc"])
        .fetch(limit(2), |name| async move { name.repeat(1_000) })
        .compute(limit(2), |text| text.len())
        .collect()
        .await?;
    assert_eq!(lengths, [1_000, 2_000, 3_000]);
    // ANCHOR_END: hybrid
    Ok(())
}

#[test]
fn a_pipeline() -> Result<(), Box<dyn Error>> {
    // ANCHOR: pipeline
    let fetch = async |page: u32| format!("{page} {page}");
    let mut sums = Vec::new();
    Pipeline::from_iter(1..=3)
        .async_stage("fetch", 10, fetch)
        .try_stage("parse", 2, |text: String| {
            text.split(' ')
                .map(str::parse)
                .collect::<Result<Vec<u32>, _>>()
        })
        .stage("add", 1, |numbers| numbers.iter().sum::<u32>())
        .ordered()
        .run(|sum| sums.push(sum))?;
    assert_eq!(sums, [2, 4, 6]);

    let failed = Pipeline::from_iter(["1", "two"]).try_stage("parse", 2, str::parse::<u32>);
    assert_eq!(
        failed.collect().unwrap_err().to_string(),
        "stage parse failed at item 1"
    );
    // ANCHOR_END: pipeline
    Ok(())
}

#[test]
fn a_bottleneck() -> Result<(), Box<dyn Error>> {
    // ANCHOR: bottleneck
    let report = Pipeline::from_iter(0..20)
        .stage("resize", 1, |image| {
            thread::sleep(Duration::from_millis(2)); // stands for work
            image
        })
        .stage("store", 1, |image| image)
        .run(drop)?;
    let bottleneck = report.bottleneck().unwrap();
    assert_eq!(bottleneck.stage, "resize");
    // Such as: resize is the bottleneck: 1 worker is busy 100 % of the time; up to 20 would help, one for each item
    println!("{bottleneck}");
    // ANCHOR_END: bottleneck
    Ok(())
}

#[test]
fn lines_of_a_file() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("access.log");
    std::fs::write(&path, "GET /a\nPUT /a\nGET /b\n")?;
    // ANCHOR: lines
    let methods = reduce_lines(
        &path,
        |counts: &mut BTreeMap<Vec<u8>, u64>, line| {
            let method = line.split(|byte| *byte == b' ').next().unwrap_or_default();
            *counts.entry(method.to_vec()).or_default() += 1;
        },
        |counts, others| {
            for (method, count) in others {
                *counts.entry(method).or_default() += count;
            }
        },
    )?;
    assert_eq!(methods[&b"GET"[..]], 2);
    // ANCHOR_END: lines
    Ok(())
}
