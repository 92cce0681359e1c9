//! Reads the two machine-readable parts of ARCHITECTURE.md: the layer picture and the table of folders.
//!
//! The picture is the first fenced block with a line that begins with `L` and a digit:
//!
//! ```text
//!  L2   benchmarking  [profiling]      # feature crates
//!  L1   report
//! ```
//!
//! A name in brackets is planned: it has its place and no crate yet. What follows `#` is a remark. The table has the
//! columns folder, package and state, and after them what it likes.

use crate::workspace::Workspace;

use super::problem::Problem;

/// Where the single source of the layers is.
pub(crate) const PATH: &str = "ARCHITECTURE.md";

/// What ARCHITECTURE.md says about the crates.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Architecture {
    pub(crate) places: Vec<Place>,
    pub(crate) rows: Vec<Row>,
}

/// A name in the layer picture.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) name: String,
    pub(crate) layer: u8,
    pub(crate) planned: bool,
    pub(crate) line: usize,
}

/// A row of the table of folders.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) folder: String,
    /// Nothing where the folder is not a package.
    pub(crate) package: Option<String>,
    pub(crate) planned: bool,
    pub(crate) line: usize,
}

impl Architecture {
    /// Reads ARCHITECTURE.md, or says what keeps it from being read.
    pub(crate) fn of(workspace: &Workspace) -> Result<Self, Problem> {
        let text = workspace.file(PATH).ok_or_else(|| {
            Problem::error(
                PATH,
                "the file is missing",
                "write it: the layer picture and the table of folders",
            )
        })?;
        Self::parse(text)
    }

    fn parse(text: &str) -> Result<Self, Problem> {
        let places = places(text);
        if places.is_empty() {
            return Err(Problem::error(
                PATH,
                "there is no layer picture",
                "add a fenced block with lines such as ` L0   measure  [macros]`",
            ));
        }
        let rows = rows(text)?;
        if rows.is_empty() {
            return Err(Problem::error(
                PATH,
                "there is no table of folders",
                "add a table with the columns `folder`, `package` and `state`",
            ));
        }
        Ok(Self { places, rows })
    }

    pub(crate) fn place(&self, name: &str) -> Option<&Place> {
        self.places.iter().find(|place| place.name == name)
    }
}

impl Row {
    /// The folder's own name, which is the name in the picture.
    pub(crate) fn short_name(&self) -> &str {
        self.folder.rsplit('/').next().unwrap_or(&self.folder)
    }
}

fn places(text: &str) -> Vec<Place> {
    let mut found = Vec::new();
    let mut fenced = false;
    for (index, line) in text.lines().enumerate() {
        if line.starts_with("```") {
            if !found.is_empty() {
                break;
            }
            fenced = !fenced;
        } else if fenced && let Some((layer, names)) = layer(line) {
            found.extend(names.split_whitespace().map(|name| Place {
                name: name.trim_matches(['[', ']']).to_owned(),
                layer,
                planned: name.starts_with('['),
                line: index + 1,
            }));
        }
    }
    found
}

/// `L2   a  [b]   # remark` as 2 and `a  [b]`.
fn layer(line: &str) -> Option<(u8, &str)> {
    let rest = line.trim().strip_prefix('L')?;
    let (digits, names) = rest.split_once(' ')?;
    Some((
        digits.parse().ok()?,
        names.split('#').next().unwrap_or_default(),
    ))
}

fn rows(text: &str) -> Result<Vec<Row>, Problem> {
    let header = |line: &&str| {
        cells(line).is_some_and(|cells| cells.starts_with(&["folder", "package", "state"]))
    };
    let Some(start) = text.lines().position(|line| header(&line)) else {
        return Ok(Vec::new());
    };
    let body = text.lines().enumerate().skip(start + 2);
    body.map_while(|(index, line)| Some(row(index + 1, &cells(line)?)))
        .collect()
}

fn cells(line: &str) -> Option<Vec<&str>> {
    let inside = line.trim().strip_prefix('|')?.strip_suffix('|')?;
    Some(inside.split('|').map(str::trim).collect())
}

fn row(line: usize, cells: &[&str]) -> Result<Row, Problem> {
    let place = format!("{PATH}:{line}");
    let [folder, package, state, ..] = cells else {
        return Err(Problem::error(
            place,
            "the row has fewer than three cells",
            "give folder, package and state",
        ));
    };
    let planned = match *state {
        "here" => false,
        "planned" => true,
        other => {
            let what = format!("the state `{other}` is not known");
            return Err(Problem::error(place, what, "write `here` or `planned`"));
        }
    };
    Ok(Row {
        folder: folder.trim_matches('`').to_owned(),
        package: package
            .starts_with('`')
            .then(|| package.trim_matches('`').to_owned()),
        planned,
        line,
    })
}

#[cfg(test)]
mod tests;
