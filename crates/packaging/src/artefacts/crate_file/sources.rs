//! Which files the sources of a package name.
//!
//! Sources are read as tokens: comments and texts do not deceive it, and nothing is expanded. A path that only a macro or the build makes up
//! is not seen, and is for the build from the packaged file to find.

use std::{
    collections::BTreeSet,
    path::{Component, Path, PathBuf},
};

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::LitStr;

use crate::{Error, Member, whole_file::read_text};

/// What sources name and the package has not.
pub(super) fn problems(
    member: &Member,
    list: &BTreeSet<String>,
    is_skipped: impl Fn(&str) -> bool,
) -> Result<Vec<String>, Error> {
    let package = Package {
        folder: member.folder(),
        list,
    };
    let build_script = build_script(member)?;
    let mut problems = BTreeSet::new();
    let sources = list
        .iter()
        .filter(|name| name.ends_with(".rs") && !is_skipped(name));
    for name in sources {
        let path = package.folder.join(name);
        // Cargo packages what a link leads to, and a file that is made by nobody but Cargo is not here.
        let Ok(text) = read_text(&path) else { continue };
        // What is no Rust, a template perhaps, is not compiled either.
        let Ok(tokens) = text.parse::<TokenStream>() else {
            continue;
        };
        let mut found = Vec::new();
        walk(&tokens, &Place::of(name), &mut found);
        problems.extend(
            found
                .iter()
                .filter_map(|named| package.problem_of(name, named)),
        );
        if build_script.as_deref() == Some(name) {
            let mut texts = Vec::new();
            literals(&tokens, &mut texts);
            problems.extend(
                texts
                    .iter()
                    .filter_map(|text| package.problem_of_build(name, text)),
            );
        }
    }
    Ok(problems.into_iter().collect())
}

/// The build script of a package, as its manifest names it.
fn build_script(member: &Member) -> Result<Option<String>, Error> {
    let text = read_text(&member.manifest)?;
    let manifest: toml::Table =
        toml::from_str(&text).map_err(|error| Error::faulty(&member.manifest, error.message()))?;
    let build = manifest
        .get("package")
        .and_then(|package| package.get("build"));
    Ok(match build {
        None => Some("build.rs".to_owned()),
        Some(build) => build
            .as_str()
            .map(|path| path.trim_start_matches("./").to_owned()),
    })
}

struct Package<'a> {
    folder: &'a Path,
    list: &'a BTreeSet<String>,
}

impl Package<'_> {
    fn problem_of(&self, source: &str, named: &Named) -> Option<String> {
        let Named { by, path } = named;
        let shown = path.display();
        let Some(name) = inside(path) else {
            return Some(format!(
                "`{source}` names `{shown}` by {by}, which is outside of the package; move it in, or read it when the program runs"
            ));
        };
        if self.list.contains(&name) {
            None
        } else if self.folder.join(&name).exists() {
            Some(format!(
                "`{source}` names `{name}` by {by}, which is not packaged; see `include` and `exclude` in the manifest"
            ))
        } else {
            Some(format!(
                "`{source}` names `{name}` by {by}, which is not there"
            ))
        }
    }

    /// A text of a build script may be anything: what counts is whether there is such a file.
    fn problem_of_build(&self, source: &str, text: &str) -> Option<String> {
        let watched = ["cargo:rerun-if-changed=", "cargo::rerun-if-changed="];
        let watched = watched.iter().find_map(|mark| text.strip_prefix(mark));
        let path = Path::new(watched.unwrap_or(text));
        // The state of the repository is nothing that a package could have; whoever asks for it has to do without.
        let is_of_git = path.components().any(|part| part.as_os_str() == ".git");
        if path.as_os_str().is_empty() || path.is_absolute() || is_of_git {
            return None;
        }
        let place = self.folder.join(path);
        let is_wanted = place.is_file() || (watched.is_some() && place.is_dir());
        if !is_wanted {
            return None;
        }
        let shown = path.display();
        let Some(name) = inside(&normal(path)) else {
            return Some(format!(
                "the build script `{source}` names `{shown}`, which is outside of the package; move it in"
            ));
        };
        let below = if name.is_empty() {
            String::new()
        } else {
            format!("{name}/")
        };
        let is_packaged = self
            .list
            .iter()
            .any(|file| *file == name || file.starts_with(&below));
        (!is_packaged).then(|| format!("the build script `{source}` names `{shown}`, which is not packaged; see `include` and `exclude` in the manifest"))
    }
}

/// A file that a source names: by what, and its path from the folder of the package.
struct Named {
    by: &'static str,
    path: PathBuf,
}

/// Where in a package tokens are.
#[derive(Clone)]
struct Place {
    /// The folder of the file.
    folder: PathBuf,
    /// The folder that `path` attributes are relative to inside of an inline module.
    modules: PathBuf,
    is_inline: bool,
}

impl Place {
    fn of(name: &str) -> Self {
        let path = Path::new(name);
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        let stem = path.file_stem().unwrap_or_default();
        let is_root = ["mod.rs", "lib.rs", "main.rs", "build.rs"]
            .iter()
            .any(|root| path.ends_with(root))
            || ["src/bin", "tests", "examples", "benches"]
                .iter()
                .any(|root| folder == Path::new(root));
        let modules = if is_root {
            folder.clone()
        } else {
            folder.join(stem)
        };
        Self {
            folder,
            modules,
            is_inline: false,
        }
    }

    fn inside_of(&self, module: &str) -> Self {
        Self {
            modules: self.modules.join(module),
            is_inline: true,
            ..self.clone()
        }
    }

    /// What a `path` attribute is relative to.
    fn of_path(&self) -> &Path {
        if self.is_inline {
            &self.modules
        } else {
            &self.folder
        }
    }
}

/// Collects what tokens name, in the groups of them too.
fn walk(tokens: &TokenStream, place: &Place, found: &mut Vec<Named>) {
    let tokens: Vec<_> = tokens.clone().into_iter().collect();
    let mut at = 0;
    while at < tokens.len() {
        let rest = &tokens[at..];
        at += 1;
        match rest {
            // What a macro names is relative to where it is called.
            [
                TokenTree::Ident(name),
                TokenTree::Punct(_),
                TokenTree::Ident(_),
                TokenTree::Group(_),
                ..,
            ] if name == "macro_rules" => at += 3,
            [
                TokenTree::Ident(word),
                TokenTree::Ident(name),
                TokenTree::Group(body),
                ..,
            ] if word == "mod" && body.delimiter() == Delimiter::Brace => {
                walk(&body.stream(), &place.inside_of(&name.to_string()), found);
                at += 2;
            }
            [
                TokenTree::Ident(name),
                TokenTree::Punct(mark),
                TokenTree::Group(arguments),
                ..,
            ] if mark.as_char() == '!' => {
                if let Some(by) = included(&name.to_string())
                    && let Some(path) = included_path(&arguments.stream(), place)
                {
                    found.push(Named { by, path });
                }
            }
            [
                TokenTree::Punct(mark),
                TokenTree::Group(attribute),
                after @ ..,
            ] if mark.as_char() == '#' => {
                if is_of_module(after)
                    && let Some(path) = path_attribute(&attribute.stream())
                {
                    found.push(Named {
                        by: "a `path` attribute",
                        path: normal(&place.of_path().join(path)),
                    });
                }
            }
            [TokenTree::Group(group), ..] => walk(&group.stream(), place, found),
            _ => {}
        }
    }
}

fn included(name: &str) -> Option<&'static str> {
    match name {
        "include_str" => Some("`include_str!`"),
        "include_bytes" => Some("`include_bytes!`"),
        "include" => Some("`include!`"),
        _ => None,
    }
}

/// The path that such a macro is given, if it is a plain one.
fn included_path(arguments: &TokenStream, place: &Place) -> Option<PathBuf> {
    let tokens: Vec<_> = arguments.clone().into_iter().collect();
    match &tokens[..] {
        [TokenTree::Literal(_)] | [TokenTree::Literal(_), TokenTree::Punct(_)] => {
            Some(normal(&place.folder.join(text_of(&tokens[0])?)))
        }
        [
            TokenTree::Ident(name),
            TokenTree::Punct(_),
            TokenTree::Group(parts),
            ..,
        ] if name == "concat" => {
            let mut text = String::new();
            let parts: Vec<_> = parts.stream().into_iter().collect();
            let [
                TokenTree::Ident(env),
                TokenTree::Punct(_),
                TokenTree::Group(variable),
                rest @ ..,
            ] = &parts[..]
            else {
                return None;
            };
            let variable = variable.stream().into_iter().next()?;
            if env != "env" || text_of(&variable)? != "CARGO_MANIFEST_DIR" {
                return None;
            }
            for part in rest
                .iter()
                .filter(|part| !matches!(part, TokenTree::Punct(_)))
            {
                text += &text_of(part)?;
            }
            Some(normal(Path::new(text.strip_prefix('/')?)))
        }
        _ => None,
    }
}

/// Whether these tokens, behind an attribute, are a module.
fn is_of_module(mut tokens: &[TokenTree]) -> bool {
    loop {
        tokens = match tokens {
            [TokenTree::Punct(mark), TokenTree::Group(_), rest @ ..] if mark.as_char() == '#' => {
                rest
            }
            [TokenTree::Ident(word), TokenTree::Group(_), rest @ ..] if word == "pub" => rest,
            [TokenTree::Ident(word), rest @ ..] if word == "pub" => rest,
            [TokenTree::Ident(word), ..] => return word == "mod",
            _ => return false,
        };
    }
}

/// `path = "…"`, by itself or under a condition.
fn path_attribute(attribute: &TokenStream) -> Option<String> {
    let tokens: Vec<_> = attribute.clone().into_iter().collect();
    if let [TokenTree::Ident(name), TokenTree::Group(inside)] = &tokens[..]
        && name == "cfg_attr"
    {
        let inside: Vec<_> = inside.stream().into_iter().collect();
        return inside.windows(3).find_map(path_value);
    }
    tokens
        .first_chunk::<3>()
        .and_then(|tokens| path_value(tokens))
}

fn path_value(tokens: &[TokenTree]) -> Option<String> {
    match tokens {
        [TokenTree::Ident(name), TokenTree::Punct(mark), value]
            if name == "path" && mark.as_char() == '=' =>
        {
            text_of(value)
        }
        _ => None,
    }
}

/// Collects all texts.
fn literals(tokens: &TokenStream, found: &mut Vec<String>) {
    for token in tokens.clone() {
        match &token {
            TokenTree::Group(group) => literals(&group.stream(), found),
            token => found.extend(text_of(token)),
        }
    }
}

fn text_of(token: &TokenTree) -> Option<String> {
    let literal = TokenStream::from(token.clone());
    syn::parse2::<LitStr>(literal).ok().map(|text| text.value())
}

/// Without `.`, and without `..` but at the beginning.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir
                if matches!(normal.components().next_back(), Some(Component::Normal(_))) =>
            {
                normal.pop();
            }
            part => normal.push(part),
        }
    }
    normal
}

/// The name in the package of a path in its normal form.
fn inside(path: &Path) -> Option<String> {
    let parts = path.components().map(|part| match part {
        Component::Normal(part) => part.to_str(),
        _ => None,
    });
    Some(parts.collect::<Option<Vec<_>>>()?.join("/"))
}

#[cfg(test)]
mod tests;
