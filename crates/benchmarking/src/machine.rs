//! What makes two results comparable: the machine they were measured on.

use std::fmt;
use std::thread::available_parallelism;

#[cfg(test)]
mod tests;

/// The machine that results belong to. Results of different machines are never put into one series.
///
/// The host name is not part of it, so that a history can be shown to others; name machines of the same kind apart with
/// [`with_name`](Self::with_name).
///
/// ```
/// use tuneup_benchmarking::Machine;
///
/// let machine = Machine::new("Example CPU @ 3.0 GHz", 8, "linux", "x86_64");
/// assert_eq!(machine.id().len(), 16);
/// assert_ne!(machine.id(), machine.clone().with_name("runner-2").id());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Machine {
    /// The processor's model name, or `unknown`.
    pub cpu: String,
    /// The cores that a program may use.
    pub cores: usize,
    /// The operating system, as [`std::env::consts::OS`] has it.
    pub os: String,
    /// The instruction set, as [`std::env::consts::ARCH`] has it.
    pub arch: String,
    /// What tells machines of the same kind apart; `None` unless given.
    pub name: Option<String>,
}

impl Machine {
    /// A machine with these properties and without a name.
    ///
    /// ```
    /// let machine = tuneup_benchmarking::Machine::new("Example CPU", 2, "linux", "aarch64");
    /// assert_eq!(machine.name, None);
    /// ```
    #[must_use]
    pub fn new(
        cpu: impl Into<String>,
        cores: usize,
        os: impl Into<String>,
        arch: impl Into<String>,
    ) -> Self {
        Self {
            cpu: cpu.into(),
            cores,
            os: os.into(),
            arch: arch.into(),
            name: None,
        }
    }

    /// The machine that this program runs on.
    ///
    /// Reads `/proc/cpuinfo` for the model name; where there is none (outside Linux, on some ARM boards) the name is
    /// `unknown`. The cores are those of [`available_parallelism`], 1 if it does not know.
    ///
    /// ```
    /// let machine = tuneup_benchmarking::Machine::detect();
    /// assert!(machine.cores >= 1);
    /// ```
    #[must_use]
    pub fn detect() -> Self {
        let cpuinfo = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let cpu = model_name(&cpuinfo).unwrap_or("unknown");
        let cores = available_parallelism().map_or(1, usize::from);
        Self::new(cpu, cores, std::env::consts::OS, std::env::consts::ARCH)
    }

    /// The same machine with a name.
    ///
    /// ```
    /// let machine = tuneup_benchmarking::Machine::detect().with_name("lab-3");
    /// assert_eq!(machine.name.as_deref(), Some("lab-3"));
    /// ```
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sixteen hexadecimal digits that stand for all fields: FNV-1a (64 bits) over them. The same on every platform and
    /// in every version.
    ///
    /// ```
    /// let machine = tuneup_benchmarking::Machine::new("Example CPU", 2, "linux", "aarch64");
    /// assert_eq!(machine.id(), machine.clone().id());
    /// ```
    #[must_use]
    pub fn id(&self) -> String {
        let cores = self.cores.to_string();
        let fields = [
            self.cpu.as_str(),
            &cores,
            &self.os,
            &self.arch,
            self.name.as_deref().unwrap_or(""),
        ];
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for field in fields {
            // A byte that UTF-8 never has keeps ("ab", "c") and ("a", "bc") apart.
            for byte in field.bytes().chain([0xff]) {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            }
        }
        format!("{hash:016x}")
    }
}

/// One line: `AMD EPYC, 2 cores, linux x86_64`, and the name where there is one.
impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            cpu,
            cores,
            os,
            arch,
            name,
        } = self;
        write!(f, "{cpu}, {cores} cores, {os} {arch}")?;
        name.iter().try_for_each(|name| write!(f, " ({name})"))
    }
}

/// The processor's name in the text of `/proc/cpuinfo`: `model name` on x86, `Model` or `Hardware` on ARM boards.
fn model_name(cpuinfo: &str) -> Option<&str> {
    let field = |key: &str| {
        let mut lines = cpuinfo.lines().filter_map(|line| line.split_once(':'));
        lines
            .find(|(name, _)| name.trim() == key)
            .map(|(_, value)| value.trim())
            .filter(|value| !value.is_empty())
    };
    field("model name")
        .or_else(|| field("Model"))
        .or_else(|| field("Hardware"))
}
