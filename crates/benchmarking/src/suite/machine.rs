//! Which machine this is, in one line.

/// Processor, cores, system and architecture, such as `AMD EPYC, 2 cores, linux x86_64`: what results are comparable within.
///
/// Reads `/proc/cpuinfo` where there is one; elsewhere the processor is `unknown processor`. No host name: results are shared.
#[must_use]
pub fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let processor = std::fs::read_to_string("/proc/cpuinfo")
        .ok()
        .and_then(|text| processor(&text));
    format!(
        "{}, {cores} cores, {} {}",
        processor.unwrap_or_else(|| "unknown processor".to_owned()),
        std::env::consts::OS,
        std::env::consts::ARCH
    )
}

fn processor(cpuinfo: &str) -> Option<String> {
    let line = cpuinfo
        .lines()
        .find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}
