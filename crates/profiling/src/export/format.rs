//! Which format a path asks for.

use std::path::Path;

use super::{flame_graph, folded, text};
use crate::{Error, Profile};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Json,
    Pprof,
    Speedscope,
    Folded,
    FlameGraph,
    ChromeTrace,
    Html,
    Text,
}

/// An extension that ends as another one does stands before it.
const EXTENSIONS: [(&str, Format); 8] = [
    (".speedscope.json", Format::Speedscope),
    (".trace.json", Format::ChromeTrace),
    (".json", Format::Json),
    (".pb.gz", Format::Pprof),
    (".folded", Format::Folded),
    (".svg", Format::FlameGraph),
    (".html", Format::Html),
    (".txt", Format::Text),
];

/// The extension of a name and its format. The extension alone is no name.
fn find(name: &str) -> Option<(&'static str, Format)> {
    let name = name.to_ascii_lowercase();
    let asks = |extension: &str| name.len() > extension.len() && name.ends_with(extension);
    EXTENSIONS
        .into_iter()
        .find(|(extension, _)| asks(extension))
}

/// What a name has before the extension of its format, and the extension with its dot.
pub(super) fn split_name(name: &str) -> (&str, &str) {
    let length = find(name).map_or(0, |(extension, _)| extension.len());
    name.split_at(name.len() - length)
}

impl Format {
    /// The format that the name at the end of `path` asks for.
    pub(super) fn of(path: &Path) -> Result<Self, Error> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        find(&name)
            .map(|(_, format)| format)
            .ok_or_else(|| Error::UnknownExtension {
                path: path.to_owned(),
            })
    }

    /// Whether this build can write the format.
    pub(super) fn check(self, path: &Path) -> Result<(), Error> {
        let (feature, is_enabled) = match self {
            Self::Json | Self::Speedscope | Self::ChromeTrace => ("json", cfg!(feature = "json")),
            Self::Pprof => ("pprof", cfg!(feature = "pprof")),
            Self::Html => ("html", cfg!(feature = "html")),
            Self::Folded | Self::FlameGraph | Self::Text => return Ok(()),
        };
        if is_enabled {
            Ok(())
        } else {
            Err(disabled(path, feature))
        }
    }

    /// The content of the file. `path` is only named in errors.
    pub(super) fn encode(self, profile: &Profile, path: &Path) -> Result<Vec<u8>, Error> {
        match self {
            #[cfg(feature = "json")]
            Self::Json => super::json::encode(profile, path),
            #[cfg(feature = "json")]
            Self::Speedscope => super::speedscope::encode(profile, path),
            #[cfg(feature = "json")]
            Self::ChromeTrace => super::chrome_trace::encode(profile, path),
            #[cfg(not(feature = "json"))]
            Self::Json | Self::Speedscope | Self::ChromeTrace => Err(disabled(path, "json")),
            #[cfg(feature = "pprof")]
            Self::Pprof => super::pprof::encode(profile, path),
            #[cfg(not(feature = "pprof"))]
            Self::Pprof => Err(disabled(path, "pprof")),
            #[cfg(feature = "html")]
            Self::Html => super::html::encode(profile),
            #[cfg(not(feature = "html"))]
            Self::Html => Err(disabled(path, "html")),
            Self::Folded => Ok(folded::encode(profile)),
            Self::FlameGraph => flame_graph::encode(profile),
            Self::Text => Ok(text::encode(profile)),
        }
    }
}

fn disabled(path: &Path, feature: &'static str) -> Error {
    Error::FormatDisabled {
        path: path.to_owned(),
        feature,
    }
}

/// A failure to build the content, in the words of the failure to write it.
#[cfg(any(feature = "json", feature = "pprof"))]
pub(super) fn refused(path: &Path, source: impl Into<std::io::Error>) -> Error {
    Error::Write {
        path: path.to_owned(),
        source: source.into(),
    }
}
