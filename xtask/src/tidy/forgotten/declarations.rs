//! Reads which files a source file brings into the build: `mod name;`, `#[path = "…"]` and `include!("…")`.
//!
//! Line by line: a declaration inside an inline module is not followed, and rustfmt keeps the others on one line.

use crate::workspace::resolve;

/// The files that `path` may declare. Both places of a module are listed; one of them exists.
pub(super) fn declared_files(path: &str, is_root: bool, text: &str) -> Vec<String> {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = name.trim_end_matches(".rs");
    let modules = if is_root || stem == "mod" {
        folder.to_owned()
    } else {
        format!("{folder}/{stem}")
    };
    let mut files = Vec::new();
    let mut given_path: Option<String> = None;
    for line in text.lines().map(str::trim) {
        if let Some(included) = quoted(line, "include!(\"") {
            files.push(resolve(path, &included));
        }
        if let Some(given) = quoted(line, "#[path = \"") {
            given_path = Some(given);
        }
        let item = without_attributes(line);
        if let Some(module) = declared_module(item) {
            match given_path.take() {
                Some(given) => files.push(resolve(path, &given)),
                None => files.extend([
                    format!("{modules}/{module}.rs"),
                    format!("{modules}/{module}/mod.rs"),
                ]),
            }
        } else if !item.is_empty() && !item.starts_with("//") {
            given_path = None;
        }
    }
    files
}

/// What stands between `start` and the next quotation mark.
fn quoted(line: &str, start: &str) -> Option<String> {
    if line.starts_with("//") {
        return None;
    }
    let rest = &line[line.find(start)? + start.len()..];
    Some(rest[..rest.find('"')?].to_owned())
}

/// The line after the `#[…]` that stand before its item.
fn without_attributes(mut line: &str) -> &str {
    while let Some(rest) = line.strip_prefix("#[") {
        let Some(end) = rest.find(']') else { return "" };
        line = rest[end + 1..].trim_start();
    }
    line
}

/// `name` of `mod name;`, with any visibility.
fn declared_module(item: &str) -> Option<&str> {
    let item = item.split("//").next().unwrap_or_default().trim();
    let visible = match item.strip_prefix("pub") {
        Some(rest) if rest.starts_with('(') => rest.split_once(')')?.1.trim_start(),
        Some(rest) => rest.trim_start(),
        None => item,
    };
    let name = visible.strip_prefix("mod ")?.strip_suffix(';')?.trim();
    Some(name.trim_start_matches("r#"))
}

#[cfg(test)]
mod tests;
