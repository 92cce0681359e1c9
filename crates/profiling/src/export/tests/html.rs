use std::io::Write as _;
use std::process::Command;

use html5gum::{Token, Tokenizer};

use super::{HOSTILE, empty, encoded, full, sample};
use crate::Profile;

fn html(profile: &Profile) -> String {
    String::from_utf8(encoded(profile, "p.html")).unwrap()
}

/// The tags of a page in which the standard has nothing to complain of, and its text.
fn read(html: &str) -> (Vec<String>, String) {
    let mut tags = Vec::new();
    let mut content = String::new();
    for Ok(token) in Tokenizer::new(html) {
        match token {
            Token::StartTag(tag) => {
                let attributes = tag.attributes.keys();
                let handlers = attributes.filter(|name| name.starts_with(b"on"));
                assert_eq!(handlers.count(), 0, "{tag:?}");
                tags.push(String::from_utf8(tag.name.to_vec()).unwrap());
            }
            Token::String(text) => content.push_str(std::str::from_utf8(&text).unwrap()),
            Token::Error(error) => panic!("{error:?}"),
            _ => {}
        }
    }
    (tags, content)
}

fn count(tags: &[String], name: &str) -> usize {
    tags.iter().filter(|tag| *tag == name).count()
}

#[test]
fn a_page_has_everything() {
    let (tags, text) = read(&html(&full()));
    assert_eq!(count(&tags, "table"), 1);
    assert_eq!(count(&tags, "figure"), 1);
    // The call tree and one function with lines.
    assert_eq!(count(&tags, "pre"), 2);
    for part in [
        "Profile of shop",
        "recorded for",
        "5.000 ms",
        "overhead per call",
        "10.03 ns",
        "looks of the sampler",
        "4,995",
        "6 calls not recorded",
        "Flame graph",
        "shop: time by call path",
        "Functions",
        "Call tree",
        "Lines",
        "while let Some(token) = parser.next() {",
    ] {
        assert!(text.contains(part), "{part}");
    }
}

#[test]
fn the_call_tree_is_indented() {
    let (_, text) = read(&html(&sample()));
    assert!(text.contains("shop::load\n"), "{text}");
    let tree = text.split("Call tree").last().unwrap();
    let indent = |name: &str| {
        let line = tree
            .lines()
            .find(|line| line.trim_end().ends_with(name))
            .unwrap();
        line.find(name).unwrap()
    };
    assert!(indent("shop::load") < indent("shop::parse"), "{tree}");
    assert!(indent("shop::parse") < indent("next"), "{tree}");
}

#[test]
fn an_empty_profile_is_a_page() {
    let (tags, text) = read(&html(&empty()));
    assert_eq!(count(&tags, "figure"), 0);
    assert!(text.contains("Nothing was spent in any function of the profile."));
}

fn hostile() -> Profile {
    let mut profile = full();
    profile.program = HOSTILE.to_owned();
    for function in &mut profile.functions {
        function.name = HOSTILE.to_owned();
        function.file = HOSTILE.to_owned();
    }
    profile.line_tables[0].function = HOSTILE.to_owned();
    profile.line_tables[0].lines[0].source = Some(HOSTILE.to_owned());
    profile
}

#[test]
fn names_stay_text() {
    let (tags, text) = read(&html(&hostile()));
    let (expected, _) = read(&html(&full()));
    assert_eq!(count(&tags, "script"), 1);
    assert_eq!(count(&tags, "img"), 0);
    assert_eq!(count(&tags, "table"), count(&expected, "table"));
    assert!(text.contains("<script>document.title='ran'</script>"));
}

/// Chromium runs what runs in the page, and it is only what belongs there.
#[test]
fn chromium_runs_no_name() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("p.html");
    hostile().save(&page).unwrap();
    let output = Command::new("chromium")
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-sync",
        ])
        .args([
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-quic",
        ])
        .args(["--enable-logging=stderr", "--dump-dom"])
        .arg(format!(
            "--user-data-dir={}",
            folder.path().join("user").display()
        ))
        .arg(format!("file://{}", page.display()))
        .output();
    let Ok(output) = output else {
        let _ = writeln!(
            std::io::stderr(),
            "skipped: chromium_runs_no_name: chromium is not installed"
        );
        return;
    };
    let dom = String::from_utf8(output.stdout).unwrap();
    assert!(dom.contains("<title>Profile of &lt;script&gt;"), "{dom}");
    assert!(
        dom.contains("zooms in on it"),
        "the script of the page did not run: {dom}"
    );
    let log = String::from_utf8_lossy(&output.stderr);
    let complaints: Vec<&str> = log
        .lines()
        .filter(|line| line.contains("CONSOLE"))
        .collect();
    assert!(complaints.is_empty(), "{complaints:?}");
}
