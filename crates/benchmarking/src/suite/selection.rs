//! Which groups and cases a filter names.

use crate::Error;
use crate::protocol::GroupInfo;

#[cfg(test)]
mod tests;

/// The words of the command line: a case is selected when its `group/case` name contains one of them, case aside.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selection {
    filters: Vec<String>,
}

/// How many names an error proposes.
const PROPOSALS: usize = 3;

impl Selection {
    pub(crate) fn new(filters: &[String]) -> Self {
        Self {
            filters: filters.to_vec(),
        }
    }

    /// Whether the group has a selected case. A group is measured whole: its cases are one another's reference.
    pub(crate) fn selects(&self, group: &GroupInfo) -> bool {
        self.filters.is_empty()
            || names(group).any(|name| {
                let name = name.to_lowercase();
                self.filters
                    .iter()
                    .any(|filter| name.contains(&filter.to_lowercase()))
            })
    }

    /// Every filter must select something.
    pub(crate) fn check<'g>(
        &self,
        groups: impl Iterator<Item = &'g GroupInfo> + Clone,
    ) -> Result<(), Error> {
        for filter in &self.filters {
            let wanted = filter.to_lowercase();
            let all = groups.clone().flat_map(names);
            if all
                .clone()
                .any(|name| name.to_lowercase().contains(&wanted))
            {
                continue;
            }
            return Err(Error::UnknownFilter {
                filter: filter.clone(),
                nearest: nearest(&wanted, all),
            });
        }
        Ok(())
    }
}

fn names(group: &GroupInfo) -> impl Iterator<Item = String> + Clone + '_ {
    std::iter::once(group.name.clone()).chain(
        group
            .cases
            .iter()
            .map(|case| format!("{}/{}", group.name, case.name)),
    )
}

/// The names with the most similar part.
fn nearest(filter: &str, names: impl Iterator<Item = String>) -> Vec<String> {
    let mut scored: Vec<(f64, String)> = names
        .map(|name| (similarity(filter, &name.to_lowercase()), name))
        .collect();
    scored.sort_by(|a, b| {
        b.0.total_cmp(&a.0)
            .then_with(|| a.1.len().cmp(&b.1.len()))
            .then_with(|| a.1.cmp(&b.1))
    });
    // The heap benches list the same groups as the timed ones.
    scored.dedup();
    scored.truncate(PROPOSALS);
    scored.into_iter().map(|(_, name)| name).collect()
}

/// Of the whole name and of its best single part.
fn similarity(filter: &str, name: &str) -> f64 {
    name.split('/')
        .chain([name])
        .map(|part| strsim::jaro_winkler(filter, part))
        .fold(0.0, f64::max)
}
