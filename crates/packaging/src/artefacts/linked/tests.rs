use super::*;

#[test]
fn each_package_has_its_first_path() {
    let text = "0\ttool v0.1.0 (/somewhere/tool)\n1\ta v1.0.0\n2\tb v2.0.0+x (proc-macro)\n1\tb v2.0.0+x (proc-macro) (*)\n\
                1\tc v0.1.0 (https://example.org/c?branch=main#0123abc)\n1\tc v0.1.0 (registry `other`)\n";
    let linked = parse_tree(text).unwrap();
    let shown: Vec<_> = linked
        .iter()
        .map(|linked| (linked.path.join(" > "), linked.origin.as_deref()))
        .collect();
    assert_eq!(
        shown,
        [
            ("tool 0.1.0".to_owned(), Some("/somewhere/tool")),
            ("tool 0.1.0 > a 1.0.0".to_owned(), None),
            ("tool 0.1.0 > a 1.0.0 > b 2.0.0+x".to_owned(), None),
            (
                "tool 0.1.0 > c 0.1.0".to_owned(),
                Some("https://example.org/c?branch=main#0123abc")
            ),
            ("tool 0.1.0 > c 0.1.0".to_owned(), Some("registry `other`")),
        ]
    );
}

#[test]
fn a_folder_may_have_brackets_in_its_name() {
    for (line, folder) in [
        ("(/my (old)/tool)", "/my (old)/tool"),
        ("(proc-macro) (/a) (b/tool) (*)", "/a) (b/tool"),
        ("(/(proc-macro)) (*)", "/(proc-macro)"),
    ] {
        let linked = parse_tree(&format!("0\ttool v0.1.0 {line}\n")).unwrap();
        assert_eq!(linked[0].origin.as_deref(), Some(folder));
    }
}

#[test]
fn what_is_no_tree_is_said() {
    for text in ["tool v0.1.0", "x\ttool v0.1.0", "0\ttool", "1\ttool v0.1.0"] {
        let problem = parse_tree(text).unwrap_err();
        assert!(problem.contains("no depth and package"), "{problem}");
    }
}
