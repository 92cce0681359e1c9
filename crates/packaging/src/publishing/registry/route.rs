//! Which request is which, and what is answered.

use percent_encoding::percent_decode_str;
use semver::Version;
use serde_json::json;

use super::{
    ALIASES, Shared, Traffic,
    catalogue::Refused,
    http::{Body, Request, Response},
    upload::Upload,
};
use crate::index_path::index_path;

/// What somebody wants.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Route {
    Config,
    /// A file of the index, by the name of its crate.
    Entry(String),
    Download {
        package: String,
        version: Version,
    },
    Publish,
    Yank {
        package: String,
        version: Version,
        is_yanked: bool,
    },
    Search {
        words: String,
        limit: usize,
    },
    /// A place that exists, asked for by a method that it does not have.
    WrongMethod,
    Unknown,
}

/// The public registry gives no more at a time either.
const MAX_FOUND: usize = 100;

impl Route {
    pub(super) fn of(request: &Request) -> Self {
        let (path, query) = match request.target.split_once('?') {
            Some((path, query)) => (path, query),
            None => (&request.target[..], ""),
        };
        let Ok(path) = percent_decode_str(path).decode_utf8() else {
            return Self::Unknown;
        };
        let path = without_alias(&path);
        let parts: Vec<&str> = path.split('/').skip(1).collect();
        let route = match parts[..] {
            ["index", "config.json"] => Some(("GET", Self::Config)),
            ["index", .., name] if index_path(name) == path["/index/".len()..] => {
                Some(("GET", Self::Entry(name.to_owned())))
            }
            ["dl", package, version] => version_of(version).map(|version| {
                let package = package.to_owned();
                ("GET", Self::Download { package, version })
            }),
            ["api", "v1", "crates", "new"] => Some(("PUT", Self::Publish)),
            ["api", "v1", "crates"] => Some(("GET", search(query))),
            [
                "api",
                "v1",
                "crates",
                package,
                version,
                verb @ ("yank" | "unyank"),
            ] => version_of(version).map(|version| {
                let is_yanked = verb == "yank";
                let route = Self::Yank {
                    package: package.to_owned(),
                    version,
                    is_yanked,
                };
                (if is_yanked { "DELETE" } else { "PUT" }, route)
            }),
            _ => None,
        };
        match route {
            Some((method, route)) if method == request.method => route,
            Some(_) => Self::WrongMethod,
            None => Self::Unknown,
        }
    }

    pub(super) fn traffic(&self) -> Traffic {
        match self {
            Self::Entry(_) => Traffic::Index,
            Self::Download { .. } => Traffic::Download,
            Self::Publish => Traffic::Publish,
            Self::Yank { .. } => Traffic::Yank,
            Self::Config | Self::Search { .. } | Self::WrongMethod | Self::Unknown => {
                Traffic::Other
            }
        }
    }

    fn needs_token(&self) -> bool {
        matches!(self, Self::Publish | Self::Yank { .. })
    }
}

/// The path behind the name of an alias, if it begins with one.
fn without_alias(path: &str) -> &str {
    let alias = path
        .strip_prefix(ALIASES)
        .and_then(|path| path.find('/').map(|end| &path[end..]));
    alias.unwrap_or(path)
}

fn version_of(text: &str) -> Option<Version> {
    Version::parse(text).ok()
}

fn search(query: &str) -> Route {
    let mut words = String::new();
    let mut limit = 10;
    for (key, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
        let value = value.replace('+', " ");
        let value = percent_decode_str(&value).decode_utf8_lossy();
        match key {
            "q" => words = value.into_owned(),
            "per_page" => limit = value.parse().unwrap_or(limit),
            _ => {}
        }
    }
    Route::Search {
        words,
        limit: limit.min(MAX_FOUND),
    }
}

/// Does what a request asks for.
pub(super) fn answer(route: &Route, request: &Request, shared: &Shared) -> Response {
    if let Some(refusal) = check_token(route, request, shared) {
        return refusal;
    }
    match route {
        Route::Config => config(shared),
        Route::Entry(name) => entry(name, shared),
        Route::Download { package, version } => download(package, version, shared),
        Route::Publish => publish(&request.body, shared),
        Route::Yank {
            package,
            version,
            is_yanked,
        } => done(
            shared
                .catalogue()
                .set_yanked(package, version, *is_yanked)
                .map(|()| json!({ "ok": true })),
        ),
        Route::Search { words, limit } => Response::json(&shared.catalogue().search(words, *limit)),
        Route::WrongMethod => Response::refusal(405, "this place has no such method"),
        Route::Unknown => Response::refusal(404, "there is nothing here"),
    }
}

fn check_token(route: &Route, request: &Request, shared: &Shared) -> Option<Response> {
    let is_open = !route.needs_token() && !shared.is_private;
    match &request.authorization {
        _ if is_open => None,
        Some(token) if *token == shared.token => None,
        Some(_) => Some(Response::refusal(
            403,
            "this token is not the one of this registry",
        )),
        // Cargo asks for a private index again, with its token, after this status.
        None => Some(Response::refusal(401, "this registry wants its token")),
    }
}

fn config(shared: &Shared) -> Response {
    let root = format!("http://{}", shared.address);
    Response::json(&json!({
        "dl": format!("{root}/dl/{{crate}}/{{version}}"),
        "api": root,
        "auth-required": shared.is_private,
    }))
}

fn entry(name: &str, shared: &Shared) -> Response {
    let own = shared.catalogue().index_lines(name);
    let mut lines = own.unwrap_or_default();
    if lines.is_empty()
        && let Some(upstream) = shared.third_party.upstream_of(name)
    {
        let index = upstream.index.trim_end_matches('/');
        return Response::redirect(format!("{index}/{}", index_path(name)));
    }
    // A version of one's own hides one of the same number elsewhere.
    for line in shared.third_party.offered(name) {
        if lines.iter().all(|(version, _)| *version != line.version) {
            lines.push((line.version, line.json));
        }
    }
    if lines.is_empty() {
        return Response::refusal(404, "no such crate");
    }
    let text: String = lines.into_iter().map(|(_, json)| json + "\n").collect();
    Response::body(Body::Text(text.into_bytes()))
}

fn download(package: &str, version: &Version, shared: &Shared) -> Response {
    if let Some(bytes) = shared.catalogue().crate_file(package, version) {
        return Response::body(Body::Crate(bytes));
    }
    if let Some(bytes) = shared.third_party.crate_file(package, version) {
        return Response::body(Body::Crate(bytes.into()));
    }
    match &shared.third_party.upstream {
        Some(upstream) => {
            let download = upstream.download.replace("{crate}", package);
            Response::redirect(download.replace("{version}", &version.to_string()))
        }
        None => Response::refusal(404, "no such crate, or it has never been downloaded"),
    }
}

fn publish(body: &[u8], shared: &Shared) -> Response {
    let published = Upload::parse(body, shared.max_crate_bytes).and_then(|upload| {
        let similar = shared.third_party.similar(&upload.metadata.name);
        shared.catalogue().publish(upload, similar.as_deref())
    });
    done(published.map(
        |()| json!({ "warnings": { "invalid_categories": [], "invalid_badges": [], "other": [] } }),
    ))
}

fn done(result: Result<serde_json::Value, Refused>) -> Response {
    match result {
        Ok(value) => Response::json(&value),
        Err(refused) => Response::refusal(refused.status, refused.reason),
    }
}

#[cfg(test)]
mod tests;
