//! The native sampler from outside, in a process in which nothing else works.

#[cfg(target_os = "linux")]
mod call_tree;
#[cfg(target_os = "linux")]
mod other_process;
#[cfg(target_os = "linux")]
mod own_process;
#[cfg(target_os = "linux")]
mod processor_time;
#[cfg(target_os = "linux")]
mod program;
#[cfg(target_os = "linux")]
mod refusal;
#[cfg(target_os = "linux")]
mod skip;
#[cfg(target_os = "linux")]
mod turns;
#[cfg(target_os = "linux")]
mod workload;

mod options;
