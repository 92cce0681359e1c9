//! The growth laws that a fit may name.

use std::fmt;

/// How the time of a function grows with the size `n` of its input.
///
/// The order is the order of growth, so `ComplexityClass::Linear < ComplexityClass::Quadratic`.
/// `Exponential` stands for every law `rⁿ` with a base from 1.3 to 4; the base that was found is in
/// [`ComplexityFit::base`](crate::ComplexityFit::base).
///
/// ```
/// use tuneup_benchmarking::ComplexityClass;
///
/// assert_eq!(ComplexityClass::Linearithmic.to_string(), "O(n log n)");
/// assert!(ComplexityClass::Linear < ComplexityClass::Quadratic);
/// ```
#[doc(alias = "big_o")]
#[doc(alias = "growth")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ComplexityClass {
    /// O(1): the size does not matter.
    Constant,
    /// O(log n): halving, tree descent, binary search.
    Logarithmic,
    /// O(n): one pass.
    Linear,
    /// O(n log n): comparison sorts.
    Linearithmic,
    /// O(n²): every pair.
    Quadratic,
    /// O(n³): every triple, the schoolbook matrix product.
    Cubic,
    /// O(2ⁿ): every subset.
    Exponential,
}

impl ComplexityClass {
    /// All classes, slowest growth first.
    ///
    /// ```
    /// assert_eq!(tuneup_benchmarking::ComplexityClass::ALL.len(), 7);
    /// ```
    pub const ALL: [Self; 7] = [
        Self::Constant,
        Self::Logarithmic,
        Self::Linear,
        Self::Linearithmic,
        Self::Quadratic,
        Self::Cubic,
        Self::Exponential,
    ];

    /// ln g(n) of the growth law g, with base `e^ln_base` for [`Exponential`](Self::Exponential).
    ///
    /// Logarithms keep 2ⁿ finite for every size. `log₂(n + 1)` stands for the logarithm, so that one
    /// element costs one step and not none.
    pub(super) fn ln_growth(self, n: f64, ln_base: f64) -> f64 {
        let steps = || (n + 1.0).log2();
        match self {
            Self::Constant => 0.0,
            Self::Logarithmic => steps().ln(),
            Self::Linear => n.ln(),
            Self::Linearithmic => n.ln() + steps().ln(),
            Self::Quadratic => 2.0 * n.ln(),
            Self::Cubic => 3.0 * n.ln(),
            Self::Exponential => n * ln_base,
        }
    }
}

impl fmt::Display for ComplexityClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Constant => "O(1)",
            Self::Logarithmic => "O(log n)",
            Self::Linear => "O(n)",
            Self::Linearithmic => "O(n log n)",
            Self::Quadratic => "O(n²)",
            Self::Cubic => "O(n³)",
            Self::Exponential => "O(2ⁿ)",
        })
    }
}
