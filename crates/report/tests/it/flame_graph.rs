//! Flame graphs, read by an XML parser.

use proptest::prelude::*;
use roxmltree::{Document, Node};
use tuneup_report::{Error, FlameGraph, Svg, Unit};

const HOSTILE: &str = "<script>alert(\"1\")</script> & 'quoted' \u{0}\u{1b}[31m\n]]> -- 日本";

fn number(node: Node<'_, '_>, name: &str) -> f64 {
    let value = node.attribute(name).unwrap_or_default();
    value.parse().unwrap_or_else(|_| panic!("{name}={value:?}"))
}

/// The boxes of a flame graph: left, right and top edge, and what the pointer shows.
fn boxes(document: &Document<'_>) -> Vec<(f64, f64, f64, String)> {
    let graph = document
        .descendants()
        .find(|node| node.attribute("class") == Some("flame-graph"))
        .unwrap();
    let edges = |node: Node<'_, '_>| {
        let (x, width) = (number(node, "x"), number(node, "width"));
        let title = node.children().find(|child| child.has_tag_name("title"));
        let title = title.and_then(|title| title.text()).unwrap_or_default();
        (x, x + width, number(node, "y"), title.to_owned())
    };
    graph
        .children()
        .filter(Node::is_element)
        .map(edges)
        .collect()
}

fn texts(document: &Document<'_>) -> Vec<String> {
    let texts = document
        .descendants()
        .filter(|node| node.has_tag_name("text"));
    texts
        .map(|node| node.text().unwrap_or_default().to_owned())
        .collect()
}

/// Checks what holds for every flame graph: XML, no script, no link, no id, every box inside the picture and over no
/// other one, every colour with a dark twin.
fn check(svg: &Svg) {
    let document = Document::parse(svg.as_str()).expect("a flame graph is XML");
    let view: Vec<f64> = document
        .root_element()
        .attribute("viewBox")
        .unwrap()
        .split(' ')
        .map(|part| part.parse().unwrap())
        .collect();
    let style = document
        .descendants()
        .find(|node| node.has_tag_name("style"))
        .unwrap();
    for node in document.descendants().filter(Node::is_element) {
        let name = node.tag_name().name();
        assert!(
            ["svg", "title", "style", "text", "rect", "g"].contains(&name),
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
            if name == "fill" {
                let rule = format!(".tuneup-plot [fill=\"{value}\"]");
                assert!(style.text().unwrap().contains(&rule), "{value}");
            }
        }
    }
    let boxes = boxes(&document);
    assert!(!boxes.is_empty());
    for (left, right, top, title) in &boxes {
        assert!(
            (0.0..view[2]).contains(left) && *right > *left && *right <= view[2],
            "{title}: {left} to {right}"
        );
        assert!((0.0..view[3]).contains(top), "{title}");
    }
    let mut ordered: Vec<_> = boxes
        .iter()
        .map(|(left, right, top, _)| (*top, *left, *right))
        .collect();
    ordered.sort_by(|a, b| a.partial_cmp(b).unwrap());
    for pair in ordered.windows(2) {
        assert!(
            pair[0].0 < pair[1].0 || pair[0].2 <= pair[1].1 + 0.01,
            "{pair:?}"
        );
    }
}

#[test]
fn boxes_are_as_wide_as_their_weight_and_stand_below_their_caller() {
    let svg = FlameGraph::new("A title", Unit::Nanoseconds)
        .frame(None, "main", 10.0)
        .frame(Some(0), "small", 30.0)
        .frame(Some(0), "large", 60.0)
        .to_svg()
        .unwrap();
    check(&svg);
    let document = Document::parse(svg.as_str()).unwrap();
    let boxes = boxes(&document);
    let [main, small, large] = boxes.as_slice() else {
        panic!("{boxes:?}");
    };
    assert_eq!(main.3, "main\n100.0 ns, 100.0 %; own 10.00 ns");
    assert_eq!(small.3, "small\n30.00 ns, 30.0 %; own 30.00 ns");
    assert!(main.2 < small.2 && small.2 == large.2);
    assert_eq!(large.0, main.0);
    let width = |of: &(f64, f64, f64, String)| of.1 - of.0;
    assert!((width(large) / width(main) - 0.6).abs() < 0.001);
    assert!((width(large) / width(small) - 2.0).abs() < 0.01);
    assert_eq!(
        texts(&document),
        ["A title", "100.0 ns", "main", "small", "large"]
    );
}

#[test]
fn labels_are_shortened_to_their_box() {
    let long = "a_crate::a_module::".repeat(40) + "the_end";
    let svg = FlameGraph::new(&long, Unit::Count)
        .frame(None, &long, 0.0)
        .frame(Some(0), &long, 95.0)
        .frame(Some(0), "narrow", 1.0)
        .to_svg()
        .unwrap();
    check(&svg);
    let document = Document::parse(svg.as_str()).unwrap();
    let texts = texts(&document);
    assert_eq!(texts.len(), 4, "{texts:?}");
    for text in [&texts[0], &texts[2], &texts[3]] {
        assert!(text.contains('…') && text.ends_with("the_end"), "{text}");
    }
}

#[test]
fn hostile_names_stay_text() {
    let svg = FlameGraph::new(HOSTILE, Unit::Count)
        .frame(None, HOSTILE, 1.0)
        .to_svg()
        .unwrap();
    check(&svg);
    let document = Document::parse(svg.as_str()).unwrap();
    let shown = HOSTILE
        .replace('\u{0}', "\\u{0}")
        .replace('\u{1b}', "\\u{1b}")
        .replace('\n', " ");
    let boxes = boxes(&document);
    assert_eq!(boxes[0].3, format!("{shown}\n1, 100.0 %; own 1"));
    assert!(texts(&document).contains(&shown));
}

#[test]
fn what_is_left_out_is_said() {
    let mut graph = FlameGraph::new("T", Unit::Count);
    let mut parent = graph.push(None, "root", 1e6);
    for _ in 0..1_200 {
        graph.push(Some(parent), "narrow", 1.0);
    }
    for _ in 0..50_000 {
        parent = graph.push(Some(parent), "deep", 1e3);
    }
    let svg = graph.to_svg().unwrap();
    check(&svg);
    let document = Document::parse(svg.as_str()).unwrap();
    let texts = texts(&document);
    assert!(
        texts.contains(&"1,251 frames of less than 0.1 % are not drawn.".to_owned()),
        "{:?}",
        &texts[texts.len() - 2..]
    );
    assert!(
        texts.contains(&"49,850 levels further down are not drawn.".to_owned()),
        "{:?}",
        &texts[texts.len() - 2..]
    );
    assert_eq!(boxes(&document).len(), 100);
}

#[test]
fn a_label_has_the_same_colour_in_every_graph() {
    let colors = |graph: FlameGraph| -> Vec<String> {
        let svg = graph.to_svg().unwrap();
        let document = Document::parse(svg.as_str()).unwrap();
        let rects = document
            .descendants()
            .filter(|node| node.has_tag_name("rect"));
        rects
            .skip(1)
            .map(|node| node.attribute("fill").unwrap().to_owned())
            .collect()
    };
    let one = colors(FlameGraph::new("one", Unit::Count).frame(None, "parse", 1.0));
    let two = colors(
        FlameGraph::new("two", Unit::Bytes)
            .frame(None, "main", 2.0)
            .frame(Some(0), "parse", 1.0),
    );
    assert_eq!(one[0], two[1]);
    let names = (0..64).fold(FlameGraph::new("many", Unit::Count), |graph, index| {
        graph.frame(None, format!("function_{index}"), 1.0)
    });
    let mut palette = colors(names);
    palette.sort();
    palette.dedup();
    assert_eq!(palette.len(), 8);
}

#[test]
fn what_cannot_be_drawn_is_refused_by_name() {
    let message = |graph: FlameGraph| graph.to_svg().unwrap_err().to_string();
    let graph = || FlameGraph::new("T", Unit::Count);
    assert_eq!(
        message(graph().frame(None, "idle", 0.0)),
        "the plot \"T\" has no data; add at least one point, sample, bar or weight above zero"
    );
    assert_eq!(
        message(graph().frame(None, "f", -1.0)),
        "the flame graph \"T\" was given -1 for \"f\"; a weight is zero or more"
    );
    assert_eq!(
        message(graph().frame(Some(0), "f", 1.0)),
        "the flame graph \"T\" was given \"f\" below the frame 0, which is not there yet; add callers first"
    );
    assert!(matches!(
        graph().frame(None, "f", f64::NAN).to_svg(),
        Err(Error::NotFinite { .. })
    ));
    assert!(matches!(
        graph().frame(None, "f", 1e300).to_svg(),
        Err(Error::TooLarge { .. })
    ));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_tree_makes_a_sound_picture(
        frames in prop::collection::vec((any::<prop::sample::Index>(), any::<String>(), 0.0..1e18_f64), 1..60),
        top in 1..5_usize,
    ) {
        let mut graph = FlameGraph::new("T", Unit::Nanoseconds);
        for (index, (parent, label, weight)) in frames.iter().enumerate() {
            let parent = (index >= top).then(|| parent.index(index));
            graph.push(parent, label, *weight);
        }
        if let Ok(svg) = graph.to_svg() {
            check(&svg);
        }
    }
}
