//! Any data, however odd, makes a sound picture or an error.

use proptest::prelude::*;
use tuneup_report::{Axis, Bar, BarPlot, BoxPlot, LinePlot, ScatterPlot, Series, Unit, ViolinPlot};

use super::check;

fn any_axis() -> impl Strategy<Value = Axis> {
    let unit = prop::sample::select(vec![
        Unit::Plain,
        Unit::Count,
        Unit::Nanoseconds,
        Unit::Bytes,
        Unit::PerSecond,
        Unit::BytesPerSecond,
        Unit::Percent,
        Unit::Change,
        Unit::Ratio,
        Unit::Named("x".into()),
    ]);
    (unit, 0..3).prop_map(|(unit, kind)| match kind {
        0 => Axis::linear("l", unit),
        1 => Axis::linear("z", unit).with_zero(),
        _ => Axis::logarithmic("g", unit),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_is_drawn_is_sound(
        x in any_axis(),
        y in any_axis(),
        points in prop::collection::vec((any::<f64>(), any::<f64>()), 1..20),
        name in any::<String>(),
    ) {
        let series = Series::new(name.clone(), points.clone()).with_curve("c", |x| x * x);
        if let Ok(svg) = LinePlot::new(&name, x.clone(), y.clone()).series(series.clone()).to_svg() {
            check(&svg);
        }
        if let Ok(svg) = ScatterPlot::new(&name, x.clone(), y).series(series).to_svg() {
            check(&svg);
        }
        let values: Vec<f64> = points.iter().map(|point| point.0).collect();
        if let Ok(svg) = ViolinPlot::new(&name, x.clone()).samples(&name, &values).to_svg() {
            check(&svg);
        }
        if let Ok(svg) = BoxPlot::new(&name, x.clone()).samples(&name, &values).to_svg() {
            check(&svg);
        }
        if let Ok(svg) = BarPlot::new(&name, x).bar(Bar::new(&name, values[0])).to_svg() {
            check(&svg);
        }
    }

    #[test]
    fn ordinary_values_are_always_drawn(
        points in prop::collection::vec((1e-3..1e12_f64, 1e-3..1e12_f64), 1..30),
        x in any_axis(),
        y in any_axis(),
    ) {
        let values: Vec<f64> = points.iter().map(|point| point.1).collect();
        check(&ScatterPlot::new("P", x.clone(), y.clone()).series(Series::new("s", points)).to_svg().unwrap());
        check(&ViolinPlot::new("P", x.clone()).samples("s", &values).to_svg().unwrap());
        check(&BoxPlot::new("P", y.clone()).samples("s", &values).to_svg().unwrap());
        check(&BarPlot::new("P", x).bar(Bar::new("s", values[0])).to_svg().unwrap());
    }
}
