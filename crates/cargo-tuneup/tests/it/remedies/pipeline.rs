//! More workers for a stage.

use tuneup_concurrency::{Pipeline, PipelineError};

pub fn total(pages: Vec<String>) -> Result<usize, PipelineError> {
    let mut total = 0;
    Pipeline::from_iter(pages)
        .stage("fetch", 8, |page| page.len()) // 8 workers
        .run(|length| total += length)?;
    Ok(total)
}
