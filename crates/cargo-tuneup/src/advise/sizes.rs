//! Which input each of several profiles is of.

use anyhow::{Result, bail};
use clap::Args;

use super::{
    growth::{LEAST_RATIO, Sized},
    recorded::Recorded,
};

/// How large the inputs were.
#[derive(Args)]
pub(super) struct Sizes {
    /// The sizes of the inputs of the profiles, in their order
    #[arg(long, value_name = "N", value_delimiter = ',', value_parser = size, conflicts_with = "size_by")]
    sizes: Vec<f64>,
    /// The calls of this function are the size of the input
    #[arg(long, value_name = "FUNCTION")]
    size_by: Option<String>,
}

fn size(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(size) if size.is_finite() && size > 0.0 => Ok(size),
        _ => Err("a size is a number above 0".to_owned()),
    }
}

impl Sizes {
    pub(super) fn are_given(&self) -> bool {
        !self.sizes.is_empty() || self.size_by.is_some()
    }

    /// The profiles by their sizes, the smallest first; none if no sizes were given.
    pub(super) fn of<'a>(&self, profiles: &'a [Recorded]) -> Result<Option<Vec<Sized<'a>>>> {
        if !self.are_given() {
            return Ok(None);
        }
        if profiles.len() < 2 {
            bail!(
                "to see what grows, give profiles of two sizes or more; there is {} here",
                profiles.len()
            );
        }
        let mut sized = match &self.size_by {
            Some(function) => by_calls(function, profiles)?,
            None => self.in_order(profiles)?,
        };
        sized.sort_by(|a, b| a.size.total_cmp(&b.size));
        let programs = |sized: &Sized<'_>| sized.recorded.profile.program.clone();
        if let [first, rest @ ..] = &sized[..]
            && let Some(other) = rest.iter().find(|other| programs(other) != programs(first))
        {
            bail!(
                "the profiles are of `{}` and of `{}`; to see what grows, give profiles of one program",
                programs(first),
                programs(other)
            );
        }
        if let (Some(small), Some(large)) = (sized.first(), sized.last())
            && large.size < small.size * LEAST_RATIO
        {
            bail!(
                "the sizes {} and {} are too near to each other to tell a square from a line; take twice as much, or better ten times",
                small.size,
                large.size
            );
        }
        Ok(Some(sized))
    }

    fn in_order<'a>(&self, profiles: &'a [Recorded]) -> Result<Vec<Sized<'a>>> {
        if self.sizes.len() != profiles.len() {
            bail!(
                "there are {} sizes and {} profiles; give one for each",
                self.sizes.len(),
                profiles.len()
            );
        }
        let pairs = self.sizes.iter().zip(profiles);
        Ok(pairs
            .map(|(size, recorded)| Sized {
                size: *size,
                recorded,
            })
            .collect())
    }
}

fn by_calls<'a>(function: &str, profiles: &'a [Recorded]) -> Result<Vec<Sized<'a>>> {
    let sized = |recorded: &'a Recorded| match recorded.profile.function(function) {
        Some(found) if found.calls > 0 => Ok(Sized {
            size: found.calls as f64,
            recorded,
        }),
        _ => bail!(
            "{}: no function `{function}` was called there; write more of its path, or give `--sizes`",
            recorded.input
        ),
    };
    profiles.iter().map(sized).collect()
}
