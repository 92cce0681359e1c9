//! The tools' own statistics, checked on the machine they run on.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Duration;

use tuneup_report::{Align, Cell, Style, Table};

use crate::{Comparison, Complexity, ComplexityClass, Error, Outcome, Verdict, complexity};

#[cfg(test)]
mod tests;

/// What [`self_test`] found on this machine. Shares are of 1: 0.005 is half a per cent.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SelfTest {
    /// Comparisons of a function with itself.
    pub same: usize,
    /// Of these, how many were called faster or slower.
    pub same_wrong: usize,
    /// Root mean square of the ratio's error over these, as a share.
    pub ratio_error_rms: f64,
    /// The largest error of the ratio, as a share.
    pub ratio_error_worst: f64,
    /// Comparisons of a function with one that does 3 % more.
    pub planted: usize,
    /// Of these, how many were called slower.
    pub planted_found: usize,
    /// Functions of known complexity, the class of each, and what the fit said of it.
    pub classes: Vec<ClassCheck>,
}

/// One function of known complexity.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ClassCheck {
    /// What the function does.
    pub name: &'static str,
    /// Its class.
    pub expected: ComplexityClass,
    /// The class that was fitted.
    pub found: ComplexityClass,
    /// How sure the fit was.
    pub confidence: f64,
}

/// The slowdown that is planted.
const PLANTED: f64 = 0.03;

/// Compares functions with themselves (`same` times) and with copies that do 3 % more (`planted` times), and fits eight
/// functions of known complexity.
///
/// Takes up to two thirds of a second for each comparison and half a second for each function. `on_step` is told of every step.
/// An unoptimised build says little: loops are then timed that no program has.
///
/// ```no_run
/// let found = tuneup_benchmarking::self_test(200, 100, &mut |step| eprintln!("{step}"))?;
/// assert!(found.is_passed(), "{:?}", found);
/// # Ok::<(), tuneup_benchmarking::Error>(())
/// ```
///
/// # Errors
///
/// Those of [`Comparison`] and [`Complexity`]; none is to be expected.
pub fn self_test(
    same: usize,
    planted: usize,
    on_step: &mut dyn FnMut(&str),
) -> Result<SelfTest, Error> {
    let mut errors = Vec::with_capacity(same);
    let mut same_wrong = 0;
    for index in 0..same {
        on_step("a function against itself");
        let outcome = WORKLOADS[index % WORKLOADS.len()](0.0, index as u64)?;
        let case = &outcome.cases[1];
        same_wrong += usize::from(matches!(case.verdict, Verdict::Faster | Verdict::Slower));
        errors.push((case.ratio.estimate - 1.0).abs());
    }
    let mut planted_found = 0;
    for index in 0..planted {
        on_step("3 % slower");
        let outcome = WORKLOADS[index % WORKLOADS.len()](PLANTED, index as u64)?;
        planted_found += usize::from(outcome.cases[1].verdict == Verdict::Slower);
    }
    Ok(SelfTest {
        same,
        same_wrong,
        ratio_error_rms: (errors.iter().map(|error| error * error).sum::<f64>()
            / same.max(1) as f64)
            .sqrt(),
        ratio_error_worst: errors.iter().copied().fold(0.0, f64::max),
        planted,
        planted_found,
        classes: classes(on_step)?,
    })
}

/// A comparison of a workload with itself plus a share; the seed sets the order of the blocks.
type Workload = fn(f64, u64) -> Result<Outcome, Error>;

/// Three kinds of work that a shared machine disturbs in different ways.
const WORKLOADS: [Workload; 3] = [arithmetic, memory, strings];

fn comparison(name: &str, seed: u64) -> Comparison {
    Comparison::new(name)
        .budget(Duration::from_millis(600))
        .seed(seed)
}

/// A chain of dependent multiplications: bound by the core alone.
fn arithmetic(more: f64, seed: u64) -> Result<Outcome, Error> {
    pair(comparison("arithmetic", seed), 2_000, more, |steps| {
        (0..steps).fold(1_u64, |x, _| {
            black_box(x.wrapping_mul(6_364_136_223_846_793_005))
        })
    })
}

/// Walking through a table larger than the first cache, in a scattered order.
fn memory(more: f64, seed: u64) -> Result<Outcome, Error> {
    let table: Vec<u64> = (0..65_536_u64)
        .map(|i| i.wrapping_mul(2_654_435_761))
        .collect();
    let table = table.as_slice();
    pair(comparison("memory", seed), 2_000, more, |steps| {
        (0..steps).fold(0_u64, |at, i| table[(at.wrapping_add(i) % 65_536) as usize])
    })
}

/// Formatting and allocating.
fn strings(more: f64, seed: u64) -> Result<Outcome, Error> {
    pair(comparison("strings", seed), 200, more, |steps| {
        (0..steps)
            .map(|i| format!("item {i:05}").len() as u64)
            .sum::<u64>()
    })
}

/// The same function twice, the second time with a share of steps more; the answers are not what is compared.
fn pair<O>(
    comparison: Comparison,
    steps: u64,
    more: f64,
    work: impl Fn(u64) -> O + Copy,
) -> Result<Outcome, Error> {
    let steps_of_second = steps + (steps as f64 * more).round() as u64;
    let both = [steps, steps_of_second];
    // One function for both cases: two copies of it would differ by where the compiler put them.
    let run = move |index: usize| {
        move |steps: &[u64; 2]| {
            black_box(work(black_box(steps[index])));
        }
    };
    comparison
        .input(both)
        .case("a", run(0))
        .case("b", run(1))
        .run()
}

/// Eight functions of known complexity.
fn classes(on_step: &mut dyn FnMut(&str)) -> Result<Vec<ClassCheck>, Error> {
    use ComplexityClass::{
        Constant, Cubic, Exponential, Linear, Linearithmic, Logarithmic, Quadratic,
    };
    let wide = [64, 256, 1_024, 4_096, 16_384, 65_536];
    let middle = [16, 32, 64, 128, 256, 512, 1_024];
    let narrow = [4, 8, 16, 32, 64, 96, 128];
    let subsets = [4, 6, 8, 10, 12, 14, 16];
    let mut checks = Vec::new();
    let mut check = |name, expected, fit: Complexity| {
        on_step(name);
        checks.push(ClassCheck {
            name,
            expected,
            found: fit.best,
            confidence: fit.confidence,
        });
    };
    check(
        "middle element",
        Constant,
        complexity(&wide, ordered, |v| v[v.len() / 2])?,
    );
    check(
        "binary search",
        Logarithmic,
        complexity(&wide, ordered, |v| {
            lookups(v, |x| v.binary_search(&x).is_ok())
        })?,
    );
    check(
        "tree lookup",
        Logarithmic,
        complexity(&wide, tree, lookups_in)?,
    );
    check(
        "sum",
        Linear,
        complexity(&wide, ordered, |v| {
            v.iter().map(|&x| black_box(x)).sum::<u64>()
        })?,
    );
    check(
        "sort",
        Linearithmic,
        complexity(&wide, scattered, |v| sorted(v))?,
    );
    check(
        "pairs",
        Quadratic,
        complexity(&middle, ordered, |v| pairs(v))?,
    );
    check(
        "matrix product",
        Cubic,
        complexity(&narrow, matrix, |m| product(m))?,
    );
    check(
        "subset sums",
        Exponential,
        complexity(&subsets, ordered, |v| subset_sums(v))?,
    );
    Ok(checks)
}

fn ordered(n: usize) -> Vec<u64> {
    (0..n as u64).collect()
}

fn scattered(n: usize) -> Vec<u64> {
    let mut rng = fastrand::Rng::with_seed(n as u64);
    (0..n).map(|_| rng.u64(..)).collect()
}

fn tree(n: usize) -> BTreeMap<u64, u64> {
    (0..n as u64).map(|x| (x, x)).collect()
}

fn matrix(n: usize) -> Vec<Vec<f64>> {
    (0..n)
        .map(|row| (0..n).map(|column| (row * column % 7) as f64).collect())
        .collect()
}

/// Sixteen lookups at scattered places, so that the branches cannot be learnt.
fn lookups(values: &[u64], found: impl Fn(u64) -> bool) -> usize {
    let n = values.len() as u64;
    (0..16_u64)
        .filter(|i| found(black_box(i.wrapping_mul(0x9e37_79b9_7f4a_7c15) % n)))
        .count()
}

fn lookups_in(tree: &BTreeMap<u64, u64>) -> usize {
    let n = tree.len() as u64;
    (0..16_u64)
        .filter(|i| tree.contains_key(&black_box(i.wrapping_mul(0x9e37_79b9_7f4a_7c15) % n)))
        .count()
}

fn sorted(values: &[u64]) -> Vec<u64> {
    let mut copy = values.to_vec();
    copy.sort_unstable();
    copy
}

fn pairs(values: &[u64]) -> usize {
    let equal = |(i, a): (usize, &u64)| {
        values[i + 1..]
            .iter()
            .filter(|&b| black_box(*b) == *a)
            .count()
    };
    values.iter().enumerate().map(equal).sum()
}

fn product(matrix: &[Vec<f64>]) -> f64 {
    let n = matrix.len();
    let cell = |row: usize, column: usize| {
        (0..n)
            .map(|k| matrix[row][k] * black_box(matrix[k][column]))
            .sum::<f64>()
    };
    (0..n)
        .flat_map(|row| (0..n).map(move |column| (row, column)))
        .map(|(row, column)| cell(row, column))
        .sum()
}

fn subset_sums(values: &[u64]) -> u64 {
    match values {
        [] => 0,
        [first, rest @ ..] => black_box(subset_sums(rest)).max(first + subset_sums(rest)),
    }
}

impl SelfTest {
    /// Whether all of it is as it should be: at most 2 % wrong verdicts, at least 95 % of the planted slowdowns found, ratios within 0.5 % rms, every
    /// class right.
    ///
    /// ```no_run
    /// let found = tuneup_benchmarking::self_test(50, 20, &mut |_| {})?;
    /// std::process::exit(i32::from(!found.is_passed()));
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    #[must_use]
    pub fn is_passed(&self) -> bool {
        self.same_wrong * 50 <= self.same
            && self.planted_found * 100 >= self.planted * 95
            && self.ratio_error_rms <= 0.005
            && self
                .classes
                .iter()
                .all(|class| class.found == class.expected)
    }

    /// What was asked, what was found, and whether that is enough.
    ///
    /// ```no_run
    /// let found = tuneup_benchmarking::self_test(50, 20, &mut |_| {})?;
    /// println!("{}", found.table().to_markdown());
    /// # Ok::<(), tuneup_benchmarking::Error>(())
    /// ```
    #[must_use]
    pub fn table(&self) -> Table {
        let verdict = |fine: bool| {
            if fine {
                Cell::text("yes").styled(Style::Good)
            } else {
                Cell::text("NO").styled(Style::Bad)
            }
        };
        let mut table = Table::new(["check", "found", "wanted", "kept"])
            .align(1, Align::Right)
            .align(2, Align::Right);
        table.push([
            Cell::text(format!(
                "wrong verdicts in {} comparisons of a function with itself",
                self.same
            )),
            Cell::count(self.same_wrong as u64),
            Cell::text(format!("≤ {}", self.same / 50)),
            verdict(self.same_wrong * 50 <= self.same),
        ]);
        table.push([
            Cell::text(format!(
                "error of the ratio, rms (worst {:.2} %)",
                self.ratio_error_worst * 100.0
            )),
            Cell::text(format!("{:.3} %", self.ratio_error_rms * 100.0)),
            Cell::text("≤ 0.5 %"),
            verdict(self.ratio_error_rms <= 0.005),
        ]);
        table.push([
            Cell::text(format!("slowdowns of 3 % found among {}", self.planted)),
            Cell::count(self.planted_found as u64),
            Cell::text(format!("≥ {}", (self.planted * 95).div_ceil(100))),
            verdict(self.planted_found * 100 >= self.planted * 95),
        ]);
        for class in &self.classes {
            table.push([
                Cell::text(format!("complexity of: {}", class.name)),
                Cell::text(format!(
                    "{} ({:.0} % sure)",
                    class.found,
                    class.confidence * 100.0
                )),
                Cell::text(class.expected.to_string()),
                verdict(class.found == class.expected),
            ]);
        }
        table
    }
}
