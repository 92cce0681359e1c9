//! The versions of `laziness` agree.

use proptest::prelude::*;
use tuneup_benches::cookbook::laziness::{
    Reading, first_ten_collected, first_ten_lazy, lines, parse, readings, total_collected,
    total_lazy,
};

#[test]
fn nothing_too_few_and_broken_lines() {
    let text = [
        "1,901",
        "",
        "ä,1000",
        "2,900",
        "3,99999999999",
        "4;950",
        "5,950",
    ]
    .map(String::from);
    for version in [first_ten_collected, first_ten_lazy] {
        assert!(version(&[]).is_empty());
        assert_eq!(version(&text), [1, 5]);
    }
    for version in [total_collected, total_lazy] {
        assert_eq!(version(&[]), 0);
        assert_eq!(
            version(&[Reading {
                sensor: 1,
                value: 907
            }]),
            7
        );
    }
}

#[test]
fn lines_and_readings_are_the_same_data() {
    let parsed: Vec<Reading> = lines(500).iter().filter_map(|line| parse(line)).collect();
    assert_eq!(parsed, readings(500));
    assert_eq!(first_ten_lazy(&lines(500)).len(), 10);
}

proptest! {
    #[test]
    fn agree_with_a_loop(values in prop::collection::vec((0_u32..50, 880_u32..920), 0..60)) {
        let readings: Vec<Reading> = values.into_iter().map(|(sensor, value)| Reading { sensor, value }).collect();
        let text: Vec<String> = readings.iter().map(|reading| format!("{},{}", reading.sensor, reading.value)).collect();
        let (mut sensors, mut total) = (Vec::new(), 0);
        for reading in &readings {
            if reading.value > 900 {
                total += u64::from(reading.value) - 900;
                if sensors.len() < 10 {
                    sensors.push(reading.sensor);
                }
            }
        }
        for version in [first_ten_collected, first_ten_lazy] {
            prop_assert_eq!(&version(&text), &sensors);
        }
        for version in [total_collected, total_lazy] {
            prop_assert_eq!(version(&readings), total);
        }
    }
}
