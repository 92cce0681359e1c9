//! From the registers of HyperLogLog to a number.
//!
//! The improved estimator of Ertl, "New cardinality estimation algorithms for HyperLogLog sketches" (2017), algorithm 6: one formula for
//! few and many, without tables.

/// The estimate. A hash has so many bits beside its index, and a rank is at most one more.
pub(super) fn distinct(ranks: impl Iterator<Item = u8>, bits: u32) -> f64 {
    let mut counts = [0_u32; 65];
    let mut registers = 0.0;
    for rank in ranks {
        counts[usize::from(rank).min(counts.len() - 1)] += 1;
        registers += 1.0;
    }
    let share = |rank: u32| f64::from(counts[rank as usize]) / registers;
    let mut z = registers * tau(1.0 - share(bits + 1));
    for rank in (1..=bits).rev() {
        z = 0.5 * (z + f64::from(counts[rank as usize]));
    }
    z += registers * sigma(share(0));
    registers * registers / (2.0 * std::f64::consts::LN_2 * z)
}

/// x + Σ x^(2ᵏ) 2ᵏ⁻¹, for 0 to 1: what registers that were never met stand for.
fn sigma(mut x: f64) -> f64 {
    if x >= 1.0 {
        return f64::INFINITY;
    }
    let (mut y, mut z) = (1.0, x);
    loop {
        x *= x;
        let before = z;
        z += x * y;
        y += y;
        if z <= before {
            return z;
        }
    }
}

/// (1 − x − Σ (1 − x^(2⁻ᵏ))² 2⁻ᵏ) / 3, for 0 to 1: what registers that are full stand for.
fn tau(mut x: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return 0.0;
    }
    let (mut y, mut z) = (1.0, 1.0 - x);
    loop {
        x = x.sqrt();
        let before = z;
        y *= 0.5;
        z -= (1.0 - x).powi(2) * y;
        if z >= before {
            return z / 3.0;
        }
    }
}
