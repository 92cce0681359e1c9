//! The generator against sequences of the authors' C code
//! (<https://prng.di.unimi.it/xoshiro256plusplus.c> and `splitmix64.c`), compiled with gcc.

use super::*;

#[test]
fn it_is_xoshiro_256_plus_plus() {
    let mut random = Random {
        state: [1, 2, 3, 4],
    };
    let published = [
        41_943_041,
        58_720_359,
        3_588_806_011_781_223,
        3_591_011_842_654_386,
    ];
    assert_eq!(std::array::from_fn(|_| random.next()), published);
}

#[test]
fn it_is_seeded_by_split_mix_64() {
    let mut state = 1_234_567;
    let published = [
        6_457_827_717_110_365_317,
        3_203_168_211_198_807_973,
        9_817_491_932_198_370_423,
    ];
    assert_eq!(std::array::from_fn(|_| split_mix(&mut state)), published);

    let mut random = Random::from_seed(0);
    let published = [
        5_987_356_902_031_041_503,
        7_051_070_477_665_621_255,
        6_633_766_593_972_829_180,
    ];
    assert_eq!(std::array::from_fn(|_| random.next()), published);
}

#[test]
fn every_number_below_the_bound_is_drawn_about_as_often() {
    const DRAWS: usize = 70_000;
    let mut random = Random::from_seed(7);
    let mut counts = [0_usize; 7];
    for _ in 0..DRAWS {
        counts[random.below(7)] += 1;
    }
    // Six standard deviations of a binomial count are 560.
    assert!(
        counts.iter().all(|count| count.abs_diff(DRAWS / 7) < 560),
        "{counts:?}"
    );
    assert_eq!(random.below(1), 0);
}
