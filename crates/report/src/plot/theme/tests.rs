use super::{ALL, BOX_INK, FLAMES, GROUND, INK, MUTED, dark_rules, hex};
#[cfg(feature = "plots")]
use super::{BAD, GOOD, SERIES, WARN};

/// How far two colours are apart: 1 to 21 (WCAG 2.2, contrast ratio).
fn contrast(a: (u8, u8, u8), b: (u8, u8, u8)) -> f64 {
    let linear = |part: u8| {
        let part = f64::from(part) / 255.0;
        if part <= 0.04045 {
            part / 12.92
        } else {
            ((part + 0.055) / 1.055).powf(2.4)
        }
    };
    let luminance =
        |(red, green, blue)| 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
    let (a, b) = (luminance(a) + 0.05, luminance(b) + 0.05);
    a.max(b) / a.min(b)
}

#[test]
fn black_and_white_are_farthest_apart() {
    assert!((contrast((0, 0, 0), (255, 255, 255)) - 21.0).abs() < 1e-9);
}

#[test]
fn text_can_be_read_on_both_grounds() {
    for text in [INK, MUTED] {
        assert!(contrast(text.light, GROUND.light) >= 4.5, "{text:?}");
        assert!(contrast(text.dark, GROUND.dark) >= 4.5, "{text:?}");
    }
}

#[test]
fn what_is_written_on_a_flame_can_be_read() {
    for flame in FLAMES {
        assert!(contrast(BOX_INK.light, flame.light) >= 7.0, "{flame:?}");
        assert!(contrast(BOX_INK.dark, flame.dark) >= 4.5, "{flame:?}");
    }
}

#[test]
fn flames_stand_out_from_a_dark_ground() {
    for flame in FLAMES {
        assert!(contrast(flame.dark, GROUND.dark) >= 3.0, "{flame:?}");
    }
}

#[cfg(feature = "plots")]
#[test]
fn the_first_series_stand_out_from_both_grounds() {
    for series in &SERIES[..4] {
        assert!(contrast(series.light, GROUND.light) >= 3.0, "{series:?}");
        assert!(contrast(series.dark, GROUND.dark) >= 3.0, "{series:?}");
    }
}

#[cfg(feature = "plots")]
#[test]
fn every_colour_of_a_plot_is_among_all() {
    for color in SERIES
        .iter()
        .chain([&GOOD, &BAD, &WARN, &GROUND, &INK, &MUTED])
    {
        assert!(ALL.contains(color), "{color:?}");
    }
}

#[test]
fn every_colour_has_a_rule_of_its_own() {
    let rules = dark_rules();
    for color in ALL.iter().chain(&FLAMES).chain([&BOX_INK]) {
        assert_eq!(
            rules
                .matches(&format!("[fill=\"{}\"]", hex(color.light)))
                .count(),
            1,
            "{color:?}"
        );
    }
}
