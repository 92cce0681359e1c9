//! The picture and the table, well formed and not.

use super::{Architecture, Place, Row};

const TEXT: &str = "\
# Title

```sh
L9 is not a picture
```

```
 L1   report  [recorder]      # remark
 L0   measure
```

| folder | package | state | room |
|---|---|---|---|
| `crates/measure` | `tuneup-measure` | here | nouns |
| `docs` | – | planned | the book |

after
";

#[test]
fn reads_the_picture_and_the_table() {
    let read = Architecture::parse(&TEXT.replace("L9 is", "this is")).unwrap();
    let place = |name: &str, layer, planned, line| Place {
        name: name.to_owned(),
        layer,
        planned,
        line,
    };
    assert_eq!(
        read.places,
        [
            place("report", 1, false, 8),
            place("recorder", 1, true, 8),
            place("measure", 0, false, 9)
        ]
    );
    let row = |folder: &str, package: Option<&str>, planned, line| Row {
        folder: folder.to_owned(),
        package: package.map(str::to_owned),
        planned,
        line,
    };
    assert_eq!(
        read.rows,
        [
            row("crates/measure", Some("tuneup-measure"), false, 14),
            row("docs", None, true, 15)
        ]
    );
}

#[test]
fn a_missing_picture_is_a_problem() {
    let problem = Architecture::parse("| folder | package | state |").unwrap_err();
    assert_eq!(problem.what, "there is no layer picture");
}

#[test]
fn a_missing_table_is_a_problem() {
    let problem = Architecture::parse("```\n L0   measure\n```\n").unwrap_err();
    assert_eq!(problem.what, "there is no table of folders");
}

#[test]
fn an_unknown_state_is_a_problem_of_its_line() {
    let problem = Architecture::parse(&TEXT.replace("| here |", "| soon |")).unwrap_err();
    assert_eq!(
        (problem.place.as_str(), problem.what.as_str()),
        ("ARCHITECTURE.md:14", "the state `soon` is not known")
    );
}
