//! Calls that wait at the same time, on threads.

use tuneup_concurrency::{Executor, Task, ThreadExecutor};

pub fn sizes_of(pages: Vec<String>) -> Result<Vec<usize>, Box<dyn std::error::Error>> {
    let executor = ThreadExecutor::builder().build()?;
    let fetch = |page: String| executor.submit(move || page.len());
    let tasks = pages
        .into_iter()
        .map(fetch)
        .collect::<Result<Vec<Task<usize>>, _>>()?;
    Ok(tasks
        .into_iter()
        .map(Task::result)
        .collect::<Result<_, _>>()?)
}
