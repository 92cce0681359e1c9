use super::density;

/// The places where a density is higher than on both sides.
fn peaks(density: &[(f64, f64)]) -> Vec<f64> {
    density
        .windows(3)
        .filter(|near| near[1].1 > near[0].1 && near[1].1 >= near[2].1)
        .map(|near| near[1].0)
        .collect()
}

#[test]
fn equal_samples_have_no_density() {
    assert_eq!(density(&[7.0; 9], false), None);
    assert_eq!(density(&[7.0; 9], true), None);
}

#[test]
fn a_density_spans_the_samples_and_its_highest_point_is_one() {
    let sorted: Vec<f64> = (0..100).map(f64::from).collect();
    let density = density(&sorted, false).unwrap();
    assert_eq!((density[0].0, density[density.len() - 1].0), (0.0, 99.0));
    assert_eq!(density.iter().map(|point| point.1).fold(0.0, f64::max), 1.0);
}

#[test]
fn a_density_is_the_mean_of_bells_around_the_samples() {
    let sorted = [1.0, 2.0, 4.0, 5.0, 9.0];
    // Silverman: 0.9 × min(deviation, quartile distance / 1.34) × n^(-1/5); the quartiles are 2 and 5.
    let bandwidth = 0.9 * (3.0_f64 / 1.34) * 5.0_f64.powf(-0.2);
    let bells = |at: f64| {
        sorted
            .iter()
            .map(|value| (-0.5 * ((at - value) / bandwidth).powi(2)).exp())
            .sum::<f64>()
    };
    let found = density(&sorted, false).unwrap();
    let highest = found.iter().map(|point| bells(point.0)).fold(0.0, f64::max);
    for (at, height) in found {
        assert!(
            (height - bells(at) / highest).abs() < 1e-12,
            "{at}: {height}"
        );
    }
}

#[test]
fn two_clusters_have_two_peaks() {
    let mut samples: Vec<f64> = (0..200).map(|step| f64::from(step % 20) / 10.0).collect();
    samples.extend((0..200).map(|step| 10.0 + f64::from(step % 20) / 10.0));
    samples.sort_unstable_by(f64::total_cmp);
    assert_eq!(peaks(&density(&samples, false).unwrap()).len(), 2);
}

#[test]
fn many_samples_have_the_density_of_some() {
    let sorted: Vec<f64> = (0..100_000)
        .map(|step| (f64::from(step) / 1e5).powi(2))
        .collect();
    let found = density(&sorted, false).unwrap();
    let some: Vec<f64> = sorted.iter().copied().step_by(50).collect();
    assert_eq!(found, density(&some, false).unwrap());
}

#[test]
fn on_a_logarithmic_axis_a_density_is_even_in_factors() {
    let sorted: Vec<f64> = (-20..=20)
        .map(|step| 2_f64.powf(f64::from(step) / 4.0))
        .collect();
    let found = density(&sorted, true).unwrap();
    for (below, above) in found.iter().zip(found.iter().rev()) {
        assert!((below.1 - above.1).abs() < 1e-9, "{below:?} {above:?}");
    }
}
