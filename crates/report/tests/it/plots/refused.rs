//! What is refused, and in which words.

use tuneup_report::{
    Axis, Bar, BarPlot, BoxPlot, Error, LinePlot, ScatterPlot, Series, Svg, ViolinPlot,
};

use super::{linear, logarithmic};

#[test]
fn plots_without_data_are_refused() {
    let no_data =
        |result: Result<Svg, Error>| matches!(result, Err(Error::NoData { plot }) if plot == "P");
    assert!(no_data(LinePlot::new("P", linear(), linear()).to_svg()));
    assert!(no_data(
        LinePlot::new("P", linear(), linear())
            .series(Series::new("empty", []))
            .to_svg()
    ));
    assert!(no_data(ScatterPlot::new("P", linear(), linear()).to_svg()));
    assert!(no_data(ViolinPlot::new("P", linear()).to_svg()));
    assert!(no_data(
        BoxPlot::new("P", linear()).samples("empty", &[]).to_svg()
    ));
    assert!(no_data(BarPlot::new("P", linear()).to_svg()));
}

#[test]
fn values_that_cannot_be_drawn_are_refused_by_name() {
    let line = |axis: Axis, y: f64| {
        LinePlot::new("P", linear(), axis)
            .series(Series::new("s", [(1.0, y)]))
            .to_svg()
    };
    let message = |result: Result<Svg, Error>| result.unwrap_err().to_string();
    assert_eq!(
        message(line(linear(), f64::NAN)),
        "the plot \"P\" was given NaN in \"s\"; leave out what is not a finite number"
    );
    assert_eq!(
        message(line(logarithmic(), 0.0)),
        "the plot \"P\" was given 0 in \"s\", but its axis is logarithmic; use a linear axis or leave it out"
    );
    assert_eq!(
        message(line(linear(), 1e200)),
        "the plot \"P\" was given 1e200 in \"s\", which is beyond ±1e150; use a larger unit"
    );
    let band = Series::new("s", [(1.0, 1.0)]).with_band([(1.0, 3.0, 2.0)]);
    assert_eq!(
        message(LinePlot::new("P", linear(), linear()).series(band).to_svg()),
        "the plot \"P\" was given the interval 3 to 2 in \"s\"; put the lower end first"
    );
    assert!(matches!(
        BoxPlot::new("P", logarithmic())
            .samples("s", &[1.0, -1.0])
            .to_svg(),
        Err(Error::NotPositive { value: -1.0, .. })
    ));
    assert!(matches!(
        BarPlot::new("P", linear())
            .bar(Bar::new("s", 1.0).between(f64::INFINITY, 2.0))
            .to_svg(),
        Err(Error::NotFinite { .. })
    ));
}

#[test]
fn more_than_can_be_told_apart_is_refused() {
    let mut line = LinePlot::new("P", linear(), linear());
    let mut bars = BarPlot::new("P", linear());
    let mut boxes = BoxPlot::new("P", linear());
    for index in 0..201 {
        line = line.series(Series::new("s", [(0.0, f64::from(index))]));
        bars = bars.bar(Bar::new("b", 1.0));
        boxes = boxes.samples("b", &[1.0]);
    }
    let counts = [line.to_svg(), bars.to_svg(), boxes.to_svg()].map(|result| match result {
        Err(Error::TooMany { count, max, .. }) => (count, max),
        other => panic!("{other:?}"),
    });
    assert_eq!(counts, [(201, 24), (201, 200), (201, 200)]);
    let points = Series::new("s", (0..20_001).map(|x| (f64::from(x), 1.0)));
    let crowded = LinePlot::new("P", linear(), linear())
        .series(points)
        .to_svg();
    assert!(matches!(
        crowded,
        Err(Error::TooMany {
            count: 20_001,
            max: 20_000,
            ..
        })
    ));
}
