//! Heap snapshots, seen by the rules.

use tuneup_memory::Snapshot;

use super::finding::Place;

/// A saved snapshot.
pub(super) struct Saved {
    pub(super) input: String,
    pub(super) snapshot: Snapshot,
}

/// The place of an allocation, from the name of its site: `function file:line`.
pub(super) fn site(name: &str) -> Place {
    let place = || {
        let (function, at) = name.rsplit_once(' ')?;
        let (file, line) = at.rsplit_once(':')?;
        Some(Place {
            name: function.to_owned(),
            file: file.to_owned(),
            line: line.parse().ok()?,
        })
    };
    place().unwrap_or_else(|| Place::named(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_has_a_function_a_file_and_a_line() {
        let place = site("<app::Index as Add<u32>>::add src/main.rs:12");
        assert_eq!(
            (&*place.name, &*place.file, place.line),
            ("<app::Index as Add<u32>>::add", "src/main.rs", 12)
        );
        for name in ["(other stacks)", "app::index", "a b", "a b:c"] {
            assert_eq!(site(name), Place::named(name));
        }
    }
}
