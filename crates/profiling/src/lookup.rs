//! From a name to the function that is meant.

use crate::{error::Error, profile::Profile};

/// How many names an error lists.
const LISTED: usize = 5;

/// What a name leads to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Match {
    /// The position of one thing.
    One(usize),
    /// The positions of several whose paths end in the name.
    Several(Vec<usize>),
    /// Nothing.
    None,
}

/// The position of the path that is `name`, or that alone ends in the segments of `name`. Of equal paths the first that
/// `weight` is largest for.
pub(crate) fn find<'a>(
    paths: impl Iterator<Item = &'a str> + Clone,
    name: &str,
    weight: impl Fn(usize) -> u64,
) -> Match {
    let exact = paths.clone().enumerate().filter(|&(_, path)| path == name);
    let heaviest =
        exact
            .map(|(index, _)| index)
            .reduce(|best, index| match weight(index) > weight(best) {
                true => index,
                false => best,
            });
    if let Some(index) = heaviest {
        return Match::One(index);
    }
    let ending: Vec<usize> = paths
        .enumerate()
        .filter(|(_, path)| ends_in(path, name))
        .map(|(index, _)| index)
        .collect();
    match ending[..] {
        [] => Match::None,
        [index] => Match::One(index),
        _ => Match::Several(ending),
    }
}

/// Whether the last segments of `path` are `name`.
fn ends_in(path: &str, name: &str) -> bool {
    !name.is_empty()
        && path
            .strip_suffix(name)
            .is_some_and(|before| before.ends_with("::"))
}

impl Profile {
    /// The position of the function that `name` means.
    pub(crate) fn position(&self, name: &str) -> Match {
        let paths = self.functions.iter().map(|function| function.name.as_str());
        find(paths, name, |index| self.functions[index].calls)
    }

    /// The position of the function that `name` means, or an error that says what could be meant.
    pub(crate) fn position_of(&self, name: &str) -> Result<usize, Error> {
        match self.position(name) {
            Match::One(index) => Ok(index),
            Match::Several(indices) => Err(Error::AmbiguousFunction {
                name: name.to_owned(),
                candidates: indices
                    .into_iter()
                    .take(LISTED)
                    .map(|index| format!("`{}`", self.functions[index].name))
                    .collect(),
            }),
            Match::None => Err(Error::UnknownFunction {
                name: name.to_owned(),
                hint: self.hint(name),
            }),
        }
    }

    /// What `name` may have been meant for: paths that hold its last segment in any case, or the other way round.
    fn hint(&self, name: &str) -> String {
        let last = |path: &str| path.rsplit("::").next().unwrap_or(path).to_lowercase();
        let wanted = last(name);
        let near = |path: &str| {
            let found = last(path);
            !wanted.is_empty()
                && !found.is_empty()
                && (path.to_lowercase().contains(&wanted) || wanted.contains(&found))
        };
        let mut names: Vec<String> = self
            .recorded()
            .filter(|function| near(&function.name))
            .map(|function| format!("`{}`", function.name))
            .collect();
        names.truncate(LISTED);
        match (names.is_empty(), self.recorded().count()) {
            (false, _) => format!("did you mean {}?", names.join(" or ")),
            (true, 0) => "nothing was recorded".to_owned(),
            (true, _) => "`table()` lists what there is".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests;
