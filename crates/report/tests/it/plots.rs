//! Plots, read by an XML parser.

use roxmltree::{Document, Node};
use tuneup_report::{
    Axis, Bar, BarPlot, BoxPlot, LinePlot, ScatterPlot, Series, Style, Svg, Unit, ViolinPlot,
};

mod any;
mod refused;

const HOSTILE: &str = "<script>alert(\"1\")</script> & 'quoted' \u{0}\u{1b}[31m ]]> -- 日本";

fn linear() -> Axis {
    Axis::linear("value", Unit::Nanoseconds)
}

fn logarithmic() -> Axis {
    Axis::logarithmic("value", Unit::Nanoseconds)
}

/// The texts of a plot, in the order they are drawn.
fn texts(svg: &Svg) -> Vec<String> {
    let document = Document::parse(svg.as_str()).expect("a plot is XML");
    let texts = document
        .descendants()
        .filter(|node| node.has_tag_name("text"));
    texts
        .map(|node| node.text().unwrap_or("").trim().to_owned())
        .collect()
}

fn number(node: Node<'_, '_>, name: &str) -> f64 {
    node.attribute(name)
        .and_then(|value| value.parse().ok())
        .unwrap_or(0.0)
}

/// Checks what holds for every plot: XML, no script, no link, no id, all of it inside the picture.
fn check(svg: &Svg) {
    let document = Document::parse(svg.as_str()).expect("a plot is XML");
    let root = document.root_element();
    let view: Vec<f64> = root
        .attribute("viewBox")
        .unwrap()
        .split(' ')
        .map(|part| part.parse().unwrap())
        .collect();
    let (width, height) = (view[2], view[3]);
    let inside = |x: f64, y: f64| {
        (-20.0..=width + 20.0).contains(&x) && (-20.0..=height + 20.0).contains(&y)
    };
    for node in document.descendants().filter(Node::is_element) {
        let name = node.tag_name().name();
        assert!(
            [
                "svg", "title", "style", "text", "line", "polyline", "polygon", "rect", "circle"
            ]
            .contains(&name),
            "{name}"
        );
        for attribute in node.attributes() {
            let (name, value) = (attribute.name(), attribute.value());
            assert!(
                !["id", "href", "src"].contains(&name) && !name.starts_with("on"),
                "{name}={value}"
            );
            assert!(
                !value.contains("NaN") && !value.contains("inf"),
                "{name}={value}"
            );
        }
        let corners = match name {
            "text" => vec![(number(node, "x"), number(node, "y"))],
            "line" => vec![
                (number(node, "x1"), number(node, "y1")),
                (number(node, "x2"), number(node, "y2")),
            ],
            "rect" => {
                let (x, y) = (number(node, "x"), number(node, "y"));
                vec![
                    (x, y),
                    (x + number(node, "width"), y + number(node, "height")),
                ]
            }
            "circle" => vec![(number(node, "cx"), number(node, "cy"))],
            "polyline" | "polygon" => {
                let pairs = node
                    .attribute("points")
                    .unwrap()
                    .split_whitespace()
                    .map(|pair| pair.split_once(','));
                pairs
                    .map(|pair| {
                        pair.map(|(x, y)| (x.parse().unwrap(), y.parse().unwrap()))
                            .unwrap()
                    })
                    .collect()
            }
            _ => Vec::new(),
        };
        for (x, y) in corners {
            assert!(
                inside(x, y),
                "{name} at {x}, {y} is outside {width} x {height}"
            );
        }
    }
}

/// One plot of every kind.
fn all_kinds(title: &str, name: &str) -> Vec<Svg> {
    let series = || {
        Series::new(name, [(1.0, 10.0), (2.0, 20.0), (4.0, 35.0)])
            .with_band([(1.0, 9.0, 11.0), (2.0, 18.0, 21.0), (4.0, 30.0, 40.0)])
            .with_curve(name, |x| 10.0 * x)
    };
    let samples: Vec<f64> = (1..50).map(f64::from).collect();
    vec![
        LinePlot::new(title, linear(), linear().with_zero())
            .series(series())
            .to_svg()
            .unwrap(),
        ScatterPlot::new(title, logarithmic(), logarithmic())
            .series(series())
            .to_svg()
            .unwrap(),
        ViolinPlot::new(title, linear())
            .samples(name, &samples)
            .to_svg()
            .unwrap(),
        BoxPlot::new(title, logarithmic())
            .samples(name, &samples)
            .to_svg()
            .unwrap(),
        BarPlot::new(title, linear())
            .bar(Bar::new(name, 5.0).between(4.0, 7.0).styled(Style::Bad))
            .to_svg()
            .unwrap(),
    ]
}

#[test]
fn every_kind_is_sound_and_names_its_data() {
    for svg in all_kinds("A title", "a name") {
        check(&svg);
        let texts = texts(&svg);
        assert_eq!(texts[0], "A title");
        assert!(
            texts.iter().any(|text| text.starts_with("a name")),
            "{texts:?}"
        );
        assert!(
            texts.iter().any(|text| text.starts_with("value")),
            "{texts:?}"
        );
    }
}

#[test]
fn hostile_names_stay_text() {
    for svg in all_kinds(HOSTILE, HOSTILE) {
        check(&svg);
        assert_eq!(svg.title(), HOSTILE);
        let document = Document::parse(svg.as_str()).unwrap();
        let title = document
            .descendants()
            .find(|node| node.has_tag_name("title"))
            .unwrap();
        assert_eq!(
            title.text().unwrap(),
            HOSTILE
                .replace('\u{0}', "\\u{0}")
                .replace('\u{1b}', "\\u{1b}")
        );
    }
}

#[test]
fn a_plot_is_light_by_itself_and_dark_by_one_rule_on_screens() {
    let svg = &all_kinds("T", "n")[0];
    let document = Document::parse(svg.as_str()).unwrap();
    let ground = document
        .descendants()
        .find(|node| node.has_tag_name("rect"))
        .unwrap();
    assert_eq!(ground.attribute("fill"), Some("#FFFFFF"));
    let style = document
        .descendants()
        .find(|node| node.has_tag_name("style"))
        .unwrap()
        .text()
        .unwrap();
    assert!(style.starts_with("@media screen and (prefers-color-scheme:dark){"));
    let used = document
        .descendants()
        .flat_map(|node| [node.attribute("fill"), node.attribute("stroke")]);
    for color in used.flatten().filter(|color| *color != "none") {
        assert!(
            style.contains(&format!(".tuneup-plot [fill=\"{color}\"]")),
            "{color} has no dark twin"
        );
    }
}

#[test]
fn linear_axes_share_a_unit_and_count_in_round_steps() {
    let svg = LinePlot::new(
        "",
        Axis::linear("commit", Unit::Count),
        linear().with_zero(),
    )
    .series(Series::new("", [(0.0, 0.0), (10.0, 5_000_000.0)]))
    .to_svg()
    .unwrap();
    assert_eq!(
        texts(&svg),
        [
            "value (ms)",
            "0",
            "1",
            "2",
            "3",
            "4",
            "5",
            "0",
            "2",
            "4",
            "6",
            "8",
            "10",
            "commit"
        ]
    );
}

#[test]
fn logarithmic_axes_are_marked_at_powers() {
    let svg = ScatterPlot::new("", Axis::logarithmic("size", Unit::Bytes), logarithmic())
        .series(Series::new("", [(1024.0, 10.0), (65_536.0, 1e9)]))
        .to_svg()
        .unwrap();
    assert_eq!(
        texts(&svg),
        [
            "value", "100 ns", "10 µs", "1 ms", "100 ms", //
            "1 KiB", "2 KiB", "4 KiB", "8 KiB", "16 KiB", "32 KiB", "64 KiB", "size"
        ]
    );
}

#[test]
fn fractions_of_things_are_not_marked() {
    let svg = LinePlot::new("", Axis::linear("threads", Unit::Count), linear())
        .series(Series::new("", [(1.0, 1.0), (2.0, 2.0)]))
        .to_svg()
        .unwrap();
    assert_eq!(
        texts(&svg).iter().rev().take(3).rev().collect::<Vec<_>>(),
        ["1", "2", "threads"]
    );
}

#[test]
fn the_legend_names_points_with_their_curve_and_lines_apart_from_it() {
    let series = || Series::new("sort", [(1.0, 1.0), (2.0, 2.0)]).with_curve("O(n)", |n| n);
    let scatter = ScatterPlot::new("T", linear(), linear())
        .series(series())
        .to_svg()
        .unwrap();
    assert_eq!(texts(&scatter)[..2], ["T", "sort: O(n)"]);
    let line = LinePlot::new("T", linear(), linear())
        .series(series())
        .to_svg()
        .unwrap();
    assert_eq!(texts(&line)[..3], ["T", "sort", "O(n)"]);
    let plain = ScatterPlot::new("T", linear(), linear())
        .series(Series::new("", [(1.0, 1.0)]))
        .to_svg()
        .unwrap();
    assert_eq!(texts(&plain)[..2], ["T", "value (ns)"]);
}

#[test]
fn rows_show_their_median_or_value() {
    let violin = ViolinPlot::new("", linear())
        .samples("a", &[1.0, 2.0, 9.0])
        .to_svg()
        .unwrap();
    assert!(texts(&violin).contains(&"2.000 ns".to_owned()));
    let bars = BarPlot::new("", Axis::linear("", Unit::Change))
        .bar(Bar::new("a", -0.25))
        .to_svg()
        .unwrap();
    assert!(texts(&bars).contains(&"-25.0 %".to_owned()));
}

#[test]
fn bars_begin_at_zero() {
    let svg = BarPlot::new("", Axis::linear("", Unit::Plain))
        .bar(Bar::new("a", 50.0))
        .bar(Bar::new("b", 100.0))
        .to_svg()
        .unwrap();
    let document = Document::parse(svg.as_str()).unwrap();
    let bars: Vec<f64> = document
        .descendants()
        .filter(|node| node.has_tag_name("rect") && node.attribute("fill") == Some("#0072B2"))
        .map(|node| number(node, "width"))
        .collect();
    assert_eq!(bars.len(), 2);
    assert!((bars[1] / bars[0] - 2.0).abs() < 0.001, "{bars:?}");
}

#[test]
fn degenerate_data_makes_a_sound_picture() {
    for values in [
        vec![0.0],
        vec![5.0],
        vec![7.0; 9],
        vec![-3.0, -3.0],
        vec![1e9, 1e9 + 1.0],
        vec![5e-324, 5e-324],
    ] {
        let points = || values.iter().enumerate().map(|(x, &y)| (x as f64, y));
        check(
            &LinePlot::new("", linear(), linear())
                .series(Series::new("s", points()))
                .to_svg()
                .unwrap(),
        );
        check(
            &ViolinPlot::new("", linear())
                .samples("s", &values)
                .to_svg()
                .unwrap(),
        );
        check(
            &BoxPlot::new("", linear())
                .samples("s", &values)
                .to_svg()
                .unwrap(),
        );
        check(
            &BarPlot::new("", linear())
                .bar(Bar::new("s", values[0]))
                .to_svg()
                .unwrap(),
        );
    }
}

#[test]
fn a_curve_that_leaves_the_picture_is_cut() {
    let series =
        Series::new("s", [(1.0, 1.0), (100.0, 2.0)]).with_curve("steep", |x| (x * 10.0).exp());
    check(
        &LinePlot::new("", linear(), linear())
            .series(series)
            .to_svg()
            .unwrap(),
    );
}
