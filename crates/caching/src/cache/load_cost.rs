//! What loading a value took, in a byte: what a hit saves.

/// The class of a time: five bits of exponent and three of mantissa, so that each is within 6 % of what it stands for, from
/// 8 ns to 32 s. 0 is for a value that was not loaded.
pub(super) fn class(ns: u64) -> u8 {
    let ns = ns.clamp(9, 15 << 31);
    let exponent = 63 - ns.leading_zeros() - 3;
    let mantissa = (ns >> exponent) & 7;
    (exponent as u8) << 3 | mantissa as u8
}

/// The time that a class stands for: the middle of those in it.
#[inline(always)]
pub(super) fn ns(class: u8) -> u64 {
    TIMES[class as usize]
}

/// In a table, because it is asked for at each hit.
static TIMES: [u64; 256] = {
    let mut times = [0; 256];
    let mut class = 1;
    while class < times.len() {
        let exponent = class >> 3;
        let middle = (1 << exponent) >> 1;
        times[class] = (8 + (class as u64 & 7)) << exponent | middle;
        class += 1;
    }
    times
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_is_near_what_it_stands_for() {
        for exponent in 4..34 {
            for step in 0..100_u64 {
                let time = (1 << exponent) + ((1 << exponent) * step) / 100;
                let there_and_back = ns(class(time)) as f64 / time as f64;
                assert!(
                    (0.93..=1.07).contains(&there_and_back),
                    "{time} became {there_and_back} of it"
                );
            }
        }
    }

    #[test]
    fn what_was_not_loaded_saves_nothing_and_the_ends_saturate() {
        assert_eq!(ns(0), 0);
        assert!(class(0) > 0, "even the fastest load is a load");
        assert_eq!(class(u64::MAX), class(40_000_000_000));
    }
}
