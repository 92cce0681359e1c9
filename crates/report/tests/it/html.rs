//! Reports, read by a tokenizer that follows the HTML standard.

use std::collections::{BTreeMap, HashSet};

use html5gum::{Token, Tokenizer};
use sha2::{Digest, Sha256};
use tuneup_report::{Axis, Bar, BarPlot, Cell, HtmlReport, Series, Style, Table, Unit};

const HOSTILE: &str =
    "<script>alert(\"1\")</script>\"><img src=x onerror=alert(1)> & 'q' \u{0}\u{1b} -->";
/// Elements that have no end tag.
const VOID: [&str; 2] = ["meta", "br"];

/// What a page is made of.
#[derive(Debug, Default)]
struct Page {
    /// The start tags in order, with their attributes.
    tags: Vec<(String, BTreeMap<String, String>)>,
    /// The text by the element that it stands in.
    texts: Vec<(String, String)>,
}

impl Page {
    /// Reads a page; fails on any parse error of the standard and on tags that do not match.
    fn read(html: &str) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("the page is UTF-8");
        let mut page = Self::default();
        let mut open: Vec<String> = Vec::new();
        for Ok(token) in Tokenizer::new(html) {
            match token {
                Token::StartTag(tag) => {
                    let name = text(&tag.name);
                    let attributes = tag
                        .attributes
                        .iter()
                        .map(|(name, value)| (text(name), text(value)))
                        .collect();
                    if !tag.self_closing && !VOID.contains(&name.as_str()) {
                        open.push(name.clone());
                    }
                    page.tags.push((name, attributes));
                }
                Token::EndTag(tag) => assert_eq!(open.pop(), Some(text(&tag.name))),
                Token::String(content) => {
                    page.texts
                        .push((open.last().cloned().unwrap_or_default(), text(&content)));
                }
                Token::Doctype(doctype) => assert_eq!(text(&doctype.name), "html"),
                Token::Comment(comment) => panic!("unexpected comment {:?}", text(&comment)),
                Token::Error(error) => panic!("{error:?}"),
            }
        }
        assert_eq!(open, Vec::<String>::new());
        page
    }

    fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a BTreeMap<String, String>> {
        self.tags
            .iter()
            .filter(move |(tag, _)| tag == name)
            .map(|(_, attributes)| attributes)
    }

    /// The texts inside elements of this name, adjacent ones joined.
    fn texts_in(&self, name: &str) -> Vec<&str> {
        self.texts
            .iter()
            .filter(|(tag, _)| tag == name)
            .map(|(_, text)| text.as_str())
            .collect()
    }
}

fn report(name: &str) -> HtmlReport {
    let plot = BarPlot::new(name, Axis::linear(name, Unit::Nanoseconds))
        .bar(Bar::new(name, 1.0))
        .to_svg()
        .unwrap();
    let table = Table::new([name, "n"])
        .title(name)
        .group(name)
        .row([
            Cell::text(name),
            Cell::count(1_234).between(1_200.0, 1_300.0),
        ])
        .row([Cell::text(name).styled(Style::Bad), Cell::missing()])
        .row([name])
        .note(name);
    HtmlReport::new(name)
        .lead(name)
        .summary(name, name)
        .text("before the first section")
        .section(name)
        .text(name)
        .note(name)
        .warning(name)
        .section(name)
        .plot(&plot)
        .plot(&plot)
        .table(&table)
        .section("")
        .preformatted(name)
        .details(name, name)
        .details_table(name, &table)
}

#[test]
fn a_page_is_sound() {
    let page = Page::read(&report("a name").render());
    assert_eq!(page.named("h1").count(), 1);
    assert_eq!(page.named("svg").count(), 2);
    assert_eq!(page.named("table").count(), 2);
    assert_eq!(page.named("details").count(), 2);
    assert_eq!(page.named("html").next().unwrap()["lang"], "en");
}

#[test]
fn an_empty_report_is_a_sound_page() {
    let page = Page::read(&HtmlReport::new("").render());
    assert_eq!(page.named("section").count(), 0);
    let page = Page::read(
        &HtmlReport::new("T")
            .section("S")
            .table(&Table::default())
            .render(),
    );
    assert_eq!(page.texts_in("p"), ["(no rows)"]);
}

#[test]
fn hostile_names_stay_text() {
    let html = report(HOSTILE).render();
    let page = Page::read(&html);
    let expected = Page::read(&report("a name").render());
    // A long title of a plot takes several lines, so the same element may follow itself.
    let tags = |page: &Page| {
        let mut tags: Vec<_> = page.tags.iter().map(|(tag, _)| tag.clone()).collect();
        tags.dedup();
        tags
    };
    assert_eq!(tags(&page), tags(&expected));
    for (tag, attributes) in &page.tags {
        assert!(
            attributes.keys().all(|name| !name.starts_with("on")),
            "{tag} {attributes:?}"
        );
    }
    let visible = HOSTILE
        .replace('\u{0}', "\\u{0}")
        .replace('\u{1b}', "\\u{1b}");
    assert_eq!(page.texts_in("h1"), [visible.as_str()]);
}

#[test]
fn nothing_is_loaded() {
    let html = report("https://example.org/x.js").render();
    let page = Page::read(&html);
    for (tag, attributes) in &page.tags {
        assert!(
            ![
                "link", "img", "iframe", "object", "embed", "base", "form", "image", "use"
            ]
            .contains(&tag.as_str()),
            "{tag}"
        );
        assert!(!attributes.contains_key("src"), "{tag} {attributes:?}");
        assert!(
            attributes
                .get("href")
                .is_none_or(|target| target.starts_with('#')),
            "{tag} {attributes:?}"
        );
    }
    for style in page.texts_in("style") {
        assert!(
            !style.contains("url(") && !style.contains("@import"),
            "{style}"
        );
    }
}

#[test]
fn the_policy_forbids_all_but_the_one_script() {
    let page = Page::read(&report("a name").render());
    let policy = page
        .named("meta")
        .find_map(|meta| meta.get("http-equiv").and_then(|_| meta.get("content")));
    let script = page.texts_in("script").concat();
    assert_eq!(page.named("script").count(), 1);
    assert_eq!(
        policy.unwrap(),
        &format!(
            "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
            base64(&Sha256::digest(script))
        )
    );
}

#[test]
fn anchors_are_unique_and_links_lead_to_them() {
    let html = HtmlReport::new("T")
        .section("Word count: 1.2 MiB")
        .section("word-count 1 2 mib")
        .section("!?")
        .section("Über")
        .render();
    let page = Page::read(&html);
    let ids: Vec<&str> = page
        .tags
        .iter()
        .filter_map(|(_, attributes)| attributes.get("id"))
        .map(String::as_str)
        .collect();
    assert_eq!(
        ids,
        [
            "word-count-1-2-mib",
            "word-count-1-2-mib-2",
            "section",
            "über"
        ]
    );
    let targets: HashSet<&str> = page
        .named("a")
        .map(|link| link["href"].trim_start_matches('#'))
        .collect();
    assert_eq!(targets, ids.into_iter().collect());
}

#[test]
fn many_sections_are_listed_on_demand() {
    let of = |count: usize| {
        let report = (0..count).fold(HtmlReport::new("T"), |report, index| {
            report.section(format!("s{index}"))
        });
        let page = Page::read(&report.render());
        (
            page.named("nav").count(),
            page.named("details").count(),
            page.named("li").count(),
        )
    };
    assert_eq!(of(2), (0, 0, 0));
    assert_eq!(of(3), (1, 0, 3));
    assert_eq!(of(12), (1, 0, 12));
    assert_eq!(of(13), (1, 1, 13));
}

#[test]
fn cells_carry_what_they_are_sorted_by() {
    let table = Table::new(["case", "time"])
        .row([
            Cell::text("a"),
            Cell::nanoseconds(1_234_000.0)
                .between(1_230_000.0, 1_240_000.0)
                .styled(Style::Good),
        ])
        .row([Cell::text("b"), Cell::missing()]);
    let page = Page::read(&HtmlReport::new("T").table(&table).render());
    let cells: Vec<_> = page
        .named("td")
        .map(|cell| {
            (
                cell.get("class").map(String::as_str),
                cell.get("data-value").map(String::as_str),
            )
        })
        .collect();
    assert_eq!(
        cells,
        [
            (None, None),
            (Some("right good"), Some("1234000")),
            (None, None),
            (Some("right"), Some(""))
        ]
    );
    assert_eq!(page.texts_in("td"), ["a", "1.234 ms", "b", "–"]);
    assert_eq!(page.texts_in("span"), [" ±0.5 %"]);
}

#[test]
fn what_names_the_rows_comes_first() {
    let rows = |table: Table| {
        let html = HtmlReport::new("T")
            .table(&table.row(["1", "a", "2"]))
            .render();
        let page = Page::read(&html);
        let class = page.named("table").next().unwrap().get("class").cloned();
        let texts = |tag: &str| -> Vec<String> {
            page.texts_in(tag).iter().map(ToString::to_string).collect()
        };
        (class, texts("th").concat(), texts("td").concat())
    };
    let table = || Table::new(["x", "name", "y"]);
    assert_eq!(rows(table()), (None, "xnamey".into(), "1a2".into()));
    assert_eq!(
        rows(table().named_by(1)),
        (Some("named".into()), "namexy".into(), "a12".into())
    );
    assert_eq!(
        rows(table().named_by(9)),
        (None, "xnamey".into(), "1a2".into())
    );
}

#[test]
fn groups_are_bodies_of_their_own() {
    let table = Table::new(["a"])
        .row(["0"])
        .group("one")
        .row(["1"])
        .group("two")
        .row(["2"])
        .row(["3"]);
    let html = HtmlReport::new("T").table(&table).render();
    assert_eq!(html.matches("<tbody>").count(), 3);
    assert!(
        html.contains(
            "<tbody><tr class=\"group\"><th colspan=\"1\" scope=\"rowgroup\">two</th></tr>"
        )
    );
}

#[test]
fn several_plots_share_one_style() {
    let plot = |name: &str| {
        let series = Series::new(name, [(1.0, 1.0), (2.0, 2.0)]);
        let axis = Axis::linear("", Unit::Plain);
        tuneup_report::LinePlot::new(name, axis.clone(), axis)
            .series(series)
            .to_svg()
            .unwrap()
    };
    let html = HtmlReport::new("T")
        .plot(&plot("a"))
        .plot(&plot("b"))
        .render();
    assert_eq!(Page::read(&html).named("style").count(), 1);
    assert_eq!(html.matches(".tuneup-plot [fill=\"#FFFFFF\"]").count(), 1);
}

/// As RFC 4648 has it, with padding.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk
            .iter()
            .fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte))
            << (8 * (3 - chunk.len()));
        for index in 0..4 {
            let letter = char::from(LETTERS[(bits >> (18 - 6 * index)) as usize & 63]);
            text.push(if index <= chunk.len() { letter } else { '=' });
        }
    }
    text
}
