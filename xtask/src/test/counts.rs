//! How many tests ran, read from what libtest prints, and which said that they were skipped.

/// The sum of libtest's result lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) passed: u64,
    pub(super) failed: u64,
    pub(super) ignored: u64,
}

/// How a test says that it could not run: a line on standard error, past libtest's capture, with its name and what is missing.
const SKIPPED: &str = "skipped: ";

impl Counts {
    /// Adds up every `test result: …` line.
    pub(super) fn of(output: &str) -> Self {
        let mut sum = Self::default();
        for line in output
            .lines()
            .filter(|line| line.starts_with("test result: "))
        {
            let before = |word: &str| {
                let words: Vec<&str> = line
                    .split([' ', ';'])
                    .filter(|part| !part.is_empty())
                    .collect();
                let at = words.iter().position(|part| *part == word)?;
                words.get(at.checked_sub(1)?)?.parse::<u64>().ok()
            };
            sum.add(Self {
                passed: before("passed").unwrap_or(0),
                failed: before("failed").unwrap_or(0),
                ignored: before("ignored").unwrap_or(0),
            });
        }
        sum
    }

    pub(super) fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.ignored += other.ignored;
    }

    pub(super) fn is_empty(self) -> bool {
        self == Self::default()
    }

    /// The sum in libtest's own form.
    pub(super) fn result_line(self) -> String {
        let verdict = if self.failed == 0 { "ok" } else { "FAILED" };
        format!(
            "test result: {verdict}. {} passed; {} failed; {} ignored",
            self.passed, self.failed, self.ignored
        )
    }
}

/// What tests said that they left out for want of data that is nobody's duty to have: not a failure, even on CI.
pub(super) fn left_out(output: &str) -> impl Iterator<Item = &str> {
    // The harness may have begun the line with the name of the test.
    let said = |line| str::split_once(line, "left out: ").map(|(_, what)| what);
    output.lines().filter_map(said)
}

/// The lines of tables by which tests said what they have found out.
pub(super) fn tables(output: &str) -> impl Iterator<Item = &str> {
    output
        .lines()
        .filter_map(|line| line.strip_prefix("table: "))
}

/// The lines by which tests said that a component of the machine is missing.
pub(super) fn skipped(output: &str) -> Vec<&str> {
    // With one thread, libtest has already written `test name ... ` when the test writes its line.
    let said = |line: &'_ str| line.starts_with(SKIPPED) || line.contains("... skipped: ");
    let lines = output.lines().filter(|line| said(line));
    lines
        .filter_map(|line| line.split_once(SKIPPED))
        .map(|(_, what)| what)
        .collect()
}

#[cfg(test)]
mod tests;
