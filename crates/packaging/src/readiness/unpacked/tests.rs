use super::*;

fn dependency(json: &str) -> Dependency {
    let facts = format!(
        r#"{{"name":"sibling","source":null,"req":"*","kind":"dev","optional":false,"uses_default_features":false,"features":["extra"],"path":"/w/sibling",{json}}}"#
    );
    serde_json::from_str(&facts).unwrap()
}

#[test]
fn a_dependency_is_given_back_with_all_that_was_said_of_it() {
    let mut manifest: Table = "[dev-dependencies.other]\nversion = '1'\n".parse().unwrap();
    let renamed = dependency(r#""rename":"alias","target":"cfg(unix)""#);
    assert!(give_back(
        &mut manifest,
        &renamed,
        ("version", "=0.1.0".into())
    ));
    let added = &manifest["target"]["cfg(unix)"]["dev-dependencies"]["alias"];
    assert_eq!(added["package"].as_str(), Some("sibling"));
    assert_eq!(added["version"].as_str(), Some("=0.1.0"));
    assert_eq!(added["default-features"].as_bool(), Some(false));
    assert_eq!(added["features"][0].as_str(), Some("extra"));
}

#[test]
fn what_was_not_left_out_stays_as_it_is() {
    let text = "[dev-dependencies.sibling]\nversion = '0.1'\n";
    let mut manifest: Table = text.parse().unwrap();
    let before = manifest.clone();
    assert!(!give_back(
        &mut manifest,
        &dependency(r#""rename":null,"target":null"#),
        ("path", "x".into())
    ));
    assert_eq!(manifest, before);
}

#[test]
fn the_reason_is_the_failed_tests_or_what_the_compiler_says() {
    let stdout = "test a ... ok\ntest b ... FAILED\n";
    assert_eq!(reason(stdout, "error: test failed"), "test b ... FAILED");
    let told = format!("{stdout}thread 'b' (7) panicked at tests/b.rs:3:5:\n1 is not 2\n");
    assert_eq!(
        reason(&told, ""),
        "test b ... FAILED\n    tests/b.rs:3:5: 1 is not 2"
    );
    let stderr = "   Compiling x\nerror: couldn't read `src/data.txt`\n\n --> src/lib.rs:1:1\n";
    assert_eq!(
        reason("", stderr),
        "error: couldn't read `src/data.txt`\n --> src/lib.rs:1:1"
    );
    assert_eq!(reason("", "killed\n"), "killed");
}

#[test]
fn what_tests_say_that_they_left_out_is_listed_once() {
    let stderr =
        "   Compiling x\nskipped: b: no redis\nleft out: a: no tmux\nskipped: b: no redis\n";
    assert_eq!(
        skipped(stderr),
        ["left out: a: no tmux", "skipped: b: no redis"]
    );
}
