//! The place of a crate in the index of a registry, which Cargo's copies of indexes keep.

/// Where an index has a crate, relative to its root; Cargo asks in lower case.
///
/// Source: <https://doc.rust-lang.org/cargo/reference/registry-index.html#index-files>.
pub(crate) fn index_path(name: &str) -> String {
    let name = name.to_lowercase();
    // Cut by characters: a name that somebody asks for need not be ASCII.
    let part = |from: usize, to: usize| -> String {
        let length = to - from;
        name.chars().skip(from).take(length).collect()
    };
    match name.chars().count() {
        1 | 2 => format!("{}/{name}", name.chars().count()),
        3 => format!("3/{}/{name}", part(0, 1)),
        _ => format!("{}/{}/{name}", part(0, 2), part(2, 4)),
    }
}

#[cfg(test)]
mod tests;
