//! The time in which somebody had to wait for a processor, for memory or for a disk; Documentation/accounting/psi.rst of the kernel.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Instant,
};

/// Shares of the time in which at least one thread that could run had to wait, 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Stalls {
    pub(crate) cpu: f64,
    pub(crate) memory: f64,
    pub(crate) io: f64,
}

/// Sums of such times, since they were first read.
pub(super) struct Pressure {
    /// The control group; none for the machine.
    group: Option<String>,
    files: [PathBuf; 3],
    begun: Instant,
    before_us: [u64; 3],
}

impl Pressure {
    /// Of a control group, by its name and folder, if it has sums of its own.
    pub(super) fn begin(group: Option<(&str, &Path)>) -> Self {
        let of_group = group.map(|(name, folder)| {
            let files = ["cpu", "memory", "io"].map(|name| folder.join(format!("{name}.pressure")));
            (Some(name.to_owned()), files)
        });
        let of_machine = || {
            let files = ["cpu", "memory", "io"].map(|name| Path::new("/proc/pressure").join(name));
            (None, files)
        };
        let (group, files) = of_group
            .filter(|(_, files)| read_us(files).is_some())
            .unwrap_or_else(of_machine);
        Self {
            before_us: read_us(&files).unwrap_or_default(),
            group,
            files,
            begun: Instant::now(),
        }
    }

    /// Since then, and in which control group; none if the kernel does not tell (CONFIG_PSI), or the group is gone.
    pub(super) fn stalls(&self) -> Option<(Option<String>, Stalls)> {
        let now_us = read_us(&self.files)?;
        let elapsed_us = self.begun.elapsed().as_micros() as f64;
        let share = |at: usize| {
            let us = now_us[at].saturating_sub(self.before_us[at]);
            (us as f64 / elapsed_us.max(1.0)).min(1.0)
        };
        let stalls = Stalls {
            cpu: share(0),
            memory: share(1),
            io: share(2),
        };
        Some((self.group.clone(), stalls))
    }
}

fn read_us(files: &[PathBuf; 3]) -> Option<[u64; 3]> {
    let mut totals = [0; 3];
    for (total, file) in totals.iter_mut().zip(files) {
        *total = total_us(&fs::read_to_string(file).ok()?)?;
    }
    Some(totals)
}

/// `some avg10=0.00 avg60=0.00 avg300=0.00 total=64473187`.
fn total_us(text: &str) -> Option<u64> {
    let some = text.lines().find_map(|line| line.strip_prefix("some "))?;
    let total = some
        .split(' ')
        .find_map(|field| field.strip_prefix("total="))?;
    total.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_of_waits_is_read() {
        let text = "some avg10=0.54 avg60=0.47 avg300=6.73 total=2782226047\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=7\n";
        assert_eq!(total_us(text), Some(2_782_226_047));
        assert_eq!(total_us("full avg10=0.00 total=7\n"), None);
        assert_eq!(total_us("some total=-1\n"), None);
    }

    #[test]
    fn a_group_without_sums_of_its_own_has_the_machines() {
        let folder = tempfile::tempdir().unwrap();
        let pressure = Pressure::begin(Some(("/a", folder.path())));
        assert_eq!(pressure.group, None);
        for name in ["cpu", "memory", "io"] {
            let path = folder.path().join(format!("{name}.pressure"));
            fs::write(path, "some avg10=0 avg60=0 avg300=0 total=5\n").unwrap();
        }
        let pressure = Pressure::begin(Some(("/a", folder.path())));
        let path = folder.path().join("cpu.pressure");
        fs::write(path, "some avg10=0 avg60=0 avg300=0 total=99999999999\n").unwrap();
        let (group, stalls) = pressure.stalls().unwrap();
        assert_eq!(group.as_deref(), Some("/a"));
        let expected = Stalls {
            cpu: 1.0,
            ..Stalls::default()
        };
        assert_eq!(stalls, expected);
    }
}
