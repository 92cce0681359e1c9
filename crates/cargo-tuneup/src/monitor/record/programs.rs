//! Who in the tree has used what, by the name of the program.

use std::collections::HashMap;

use crate::monitor::{process_tree::Identity, sampler::ProcessSample};

/// Names that are kept; further ones are counted together.
const MOST_NAMES: usize = 200;
const OTHERS: &str = "(others)";

/// All processes of one name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Program {
    pub(crate) name: String,
    /// Different processes that were seen.
    pub(crate) processes: u64,
    /// Their own processor time during the watch, as far as it was seen.
    pub(crate) cpu_ns: u64,
    /// The most resident memory that one of them had.
    pub(crate) peak_bytes: u64,
}

/// What a process was at the last sample.
#[derive(Debug)]
struct Before {
    /// It changes when the process begins another program.
    name: String,
    cpu_ns: u64,
}

/// Sums by name, from one sample to the next.
#[derive(Debug, Default)]
pub(crate) struct Programs {
    by_name: HashMap<String, Program>,
    before: HashMap<Identity, Before>,
}

impl Programs {
    pub(crate) fn add(&mut self, processes: &[ProcessSample]) {
        for process in processes {
            let is_full = self.by_name.len() >= MOST_NAMES;
            let is_known = self.by_name.contains_key(&process.name);
            let name = match is_full && !is_known {
                true => OTHERS,
                false => &process.name,
            };
            let program = self.by_name.entry(name.to_owned());
            let program = program.or_insert_with(|| Program {
                name: name.to_owned(),
                ..Program::default()
            });
            let before = self.before.get(&process.id);
            let was_counted = before.is_some_and(|before| before.name == process.name);
            program.processes += u64::from(!was_counted);
            program.peak_bytes = program.peak_bytes.max(process.peak_resident_bytes);
            let at_first = if process.is_older { process.cpu_ns } else { 0 };
            let before = before.map_or(at_first, |before| before.cpu_ns);
            program.cpu_ns += process.cpu_ns.saturating_sub(before);
        }
        let now = processes.iter().map(|process| {
            let before = Before {
                name: process.name.clone(),
                cpu_ns: process.cpu_ns,
            };
            (process.id, before)
        });
        self.before = now.collect();
    }

    /// Those with the most processor time first.
    pub(crate) fn by_time(&self) -> Vec<&Program> {
        let mut programs: Vec<&Program> = self.by_name.values().collect();
        programs.sort_by(|left, right| {
            let later = right.cpu_ns.cmp(&left.cpu_ns);
            later.then_with(|| left.name.cmp(&right.name))
        });
        programs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(pid: i32, name: &str, cpu_ns: u64) -> ProcessSample {
        ProcessSample {
            id: Identity { pid, start: 1 },
            name: name.to_owned(),
            cpu_ns,
            peak_resident_bytes: cpu_ns / 10,
            is_running: true,
            is_older: name == "sh",
        }
    }

    #[test]
    fn processes_of_one_name_are_one_program() {
        let mut programs = Programs::default();
        programs.add(&[process(1, "sh", 1_000)]);
        programs.add(&[process(1, "sh", 1_010), process(2, "cc", 300)]);
        programs.add(&[process(3, "cc", 500)]);
        let found = programs.by_time();
        let said: Vec<_> = found
            .iter()
            .map(|it| (&it.name[..], it.processes, it.cpu_ns, it.peak_bytes))
            .collect();
        assert_eq!(said, [("cc", 2, 800, 50), ("sh", 1, 10, 101)]);
    }

    #[test]
    fn a_process_that_begins_another_program_counts_for_both() {
        let mut programs = Programs::default();
        programs.add(&[process(1, "env", 100)]);
        programs.add(&[process(1, "cc", 700)]);
        let found = programs.by_time();
        let said: Vec<_> = found.iter().map(|it| (it.processes, it.cpu_ns)).collect();
        assert_eq!(said, [(1, 600), (1, 100)]);
    }

    #[test]
    fn names_without_end_are_counted_together() {
        let mut programs = Programs::default();
        for pid in 0..1_000 {
            programs.add(&[process(pid, &format!("job-{pid}"), 5)]);
        }
        let found = programs.by_time();
        assert_eq!(found.len(), MOST_NAMES + 1);
        assert_eq!(found[0].name, OTHERS);
        assert_eq!(found[0].cpu_ns, 5 * (1_000 - MOST_NAMES as u64));
    }
}
