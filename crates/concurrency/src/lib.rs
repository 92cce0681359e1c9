#![doc = include_str!("../README.md")]

mod error;

mod core_budget;

mod contain;
mod cost;
mod item_error;
mod item_panic;
mod panic_info;
mod size_hint;

#[cfg(all(test, loom))]
mod model_checking;

pub mod par;

mod imap;
mod lines;
mod pipeline;

mod advise;
mod progress;

mod executor;
mod task;
mod wait;

#[cfg(feature = "process")]
#[cfg_attr(
    not(unix),
    expect(
        dead_code,
        reason = "no worker is started there, so nothing is sent to one"
    )
)]
mod process_pool;

#[cfg(feature = "async")]
mod background;
#[cfg(feature = "async")]
mod cpu;
#[cfg(feature = "async")]
mod failure;
#[cfg(feature = "async")]
mod gather;
#[cfg(feature = "async")]
mod hybrid;
#[cfg(feature = "async")]
mod par_buffered;
#[cfg(feature = "async")]
mod race;
#[cfg(feature = "async")]
mod rate_limiter;
#[cfg(feature = "async")]
mod retry;
#[cfg(feature = "async")]
mod task_group;
#[cfg(feature = "async")]
mod timeout;

#[cfg(feature = "process")]
pub use crate::process_pool::{
    ProcessError, ProcessJob, ProcessJobs, ProcessMap, ProcessPool, ProcessPoolBuilder,
    ProcessTask, WorkerProgram,
};
pub use crate::{
    advise::{Advice, Advisor, AdvisorBuilder, Measured, Model, Trial, advise},
    core_budget::{CoreBudget, CoreLease},
    error::Error,
    executor::{
        CpuExecutor, CpuExecutorBuilder, Executor, Map, Refusal, Rejected, Shutdown,
        ThreadExecutor, ThreadExecutorBuilder,
    },
    imap::{Imap, ParImap},
    item_error::ItemError,
    item_panic::ItemPanic,
    lines::{
        LinesProgress, MapLines, ParallelLines, ParallelLinesBuilder, lines_parallel, reduce_lines,
    },
    panic_info::PanicInfo,
    pipeline::{
        Bottleneck, Pipeline, PipelineEnd, PipelineError, PipelineHandle, PipelineReport,
        StagePanic, StageReport,
    },
    progress::{ItemsProgress, Progress},
    task::{Task, TaskError, TaskStatus},
    wait::{
        AsCompleted, AsCompletedTimeout, ReturnWhen, Unfinished, Waited, as_completed,
        as_completed_timeout, wait, wait_fallible,
    },
};
#[cfg(feature = "async")]
pub use crate::{
    background::{Background, background},
    cpu::{CpuPool, cpu},
    executor::{AsyncExecutor, AsyncExecutorBuilder},
    failure::Failure,
    gather::{
        FailFast, Fallible, Gather, GatherBatches, GatherError, GatherKind, GatherProgress,
        Gathering, Plain, ReturnErrors, gather, gather_batches, try_gather,
    },
    hybrid::{Computed, Fetching, Hybrid, hybrid},
    par_buffered::{Buffered, BufferedUnordered, ParBuffered},
    race::{RaceError, race},
    rate_limiter::RateLimiter,
    retry::{GiveUp, RetryBudget, RetryError, RetryPolicy, RetryPolicyBuilder, retry, retry_if},
    task_group::{GroupError, GroupHandle, GroupTask, TaskGroup},
    timeout::{TimedOut, timeout},
};
