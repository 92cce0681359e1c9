//! The sources of a crate as they are compiled: those with recorded calls, and links to everything else that lies around them, so that whatever a source
//! names by a relative path is where it was.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Component, Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};

use super::{
    choice::Choice,
    instrument::{Function, Instrumented, LeftOut, Loss, Module, Source, instrument, name_runtime},
    macros::Macros,
    orders::{Orders, RUNTIME, WISH},
    wrapper::rewrite,
};

/// A crate that is to be compiled.
pub(super) struct Unit {
    pub(super) name: String,
    /// Of it among all that Cargo compiles: the name and what Cargo adds to it.
    pub(super) key: String,
    /// Its first source file.
    pub(super) input: PathBuf,
    pub(super) role: Role,
    pub(super) edition: String,
    /// In which the compiler runs.
    pub(super) folder: PathBuf,
}

/// What becomes of a crate. Of one name there may be one of each in a program's folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Library,
    Program,
    Tests,
}

impl Role {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Library => "library",
            Self::Program => "program",
            Self::Tests => "tests",
        }
    }
}

pub(super) struct Shadow {
    unit_folder: PathBuf,
    input: PathBuf,
    root: PathBuf,
    shadow_root: PathBuf,
    /// By the names that the compiler calls the files by.
    pub(super) files: BTreeMap<String, Instrumented>,
    /// Those of all files.
    pub(super) macros: Macros,
}

impl Shadow {
    /// Writes the shadow of a crate. Functions of its files do without what is left out.
    pub(super) fn cast(
        orders: &Orders,
        unit: &Unit,
        left_out: &BTreeMap<String, LeftOut>,
    ) -> Result<Self> {
        let mut crates = Crate {
            unit,
            choice: orders.wish.choice()?,
            left_out,
            sources: BTreeMap::new(),
            files: BTreeMap::new(),
            macros: Macros::default(),
        };
        crates.add(&unit.input, std::slice::from_ref(&unit.name), Place::Root)?;
        let Crate {
            mut sources,
            files,
            macros,
            ..
        } = crates;
        if unit.edition == "2015"
            && let Some(text) = sources.get_mut(&unit.input)
        {
            *text = name_runtime(text)?;
        }
        Ok(Self {
            macros,
            ..Self::lay_out(orders, unit, &sources, files)?
        })
    }

    /// Writes the shadow of a crate in which these files are others.
    pub(super) fn of_sources(
        orders: &Orders,
        unit: &Unit,
        mut sources: BTreeMap<PathBuf, String>,
    ) -> Result<Self> {
        if unit.edition == "2015" {
            let text = match sources.remove(&unit.input) {
                Some(text) => text,
                None => fs::read_to_string(&unit.input)?,
            };
            sources.insert(unit.input.clone(), name_runtime(&text)?);
        }
        Self::lay_out(orders, unit, &sources, BTreeMap::new())
    }

    fn lay_out(
        orders: &Orders,
        unit: &Unit,
        sources: &BTreeMap<PathBuf, String>,
        files: BTreeMap<String, Instrumented>,
    ) -> Result<Self> {
        let root = match unit.input.starts_with(&orders.root) {
            true => orders.root.clone(),
            false => unit.folder.clone(),
        };
        if !unit.input.starts_with(&root) {
            bail!("its sources lie outside of the workspace");
        }
        let shadow_root = orders.state.join("shadow").join(&unit.key);
        lay_out(&root, &shadow_root, sources)?;
        let within =
            |path: &Path| Ok::<_, anyhow::Error>(shadow_root.join(path.strip_prefix(&root)?));
        Ok(Self {
            unit_folder: within(&unit.folder).unwrap_or_else(|_| shadow_root.clone()),
            input: within(&unit.input)?,
            root,
            shadow_root,
            files,
            macros: Macros::default(),
        })
    }

    pub(super) fn input(&self) -> &Path {
        &self.input
    }

    /// What stands for the folder in which the compiler runs.
    pub(super) fn folder(&self) -> &Path {
        &self.unit_folder
    }

    /// The first line of the function that records and has this line, and what it has to do without next.
    pub(super) fn loss_at(&self, file: &str, line: usize) -> Option<(usize, Loss)> {
        let functions = &self.files.get(file)?.functions;
        let around = functions
            .iter()
            .filter(|function| function.lines.contains(&line));
        let innermost = around.max_by_key(|function| function.lines.start)?;
        Some((innermost.lines.start, next_loss(innermost)))
    }

    /// All functions that record lines, by file, as functions that do without.
    pub(super) fn without_lines(&self) -> BTreeMap<String, LeftOut> {
        let of_file = |file: &Instrumented| {
            let functions = file.functions.iter();
            let lined = functions.filter(|function| function.records.lines);
            lined
                .map(|function| (function.lines.start, next_loss(function)))
                .collect()
        };
        let files = self.files.iter();
        files
            .map(|(name, file)| (name.clone(), of_file(file)))
            .collect()
    }

    /// Tells Cargo of the sources that people write, so that it sees when they change, and of what is wished for.
    pub(super) fn own_up(&self, dependencies: &Option<PathBuf>, orders: &Orders) -> Result<()> {
        let Some(path) = dependencies else {
            return Ok(());
        };
        let folder = format!("{}/", self.unit_folder.display());
        let shadow = self.shadow_root.display().to_string();
        let root = self.root.display().to_string();
        rewrite(path, |text| {
            let text = text.replace(&folder, "").replace(&shadow, &root);
            // As the compiler writes it.
            let wish = orders.wish.text().replace('\\', "\\\\");
            let runtime = orders.runtime.display().to_string().replace('\\', "\\\\");
            format!("{text}\n# env-dep:{WISH}={wish}\n# env-dep:{RUNTIME}={runtime}\n")
        })
    }
}

/// What a function that does not compile does without: its lines, if then something is left.
fn next_loss(function: &Function) -> Loss {
    match function.records.calls && function.records.lines {
        true => Loss::Lines,
        false => Loss::All,
    }
}

/// Where a source file stands, which decides where its modules are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// The first one, a `mod.rs`, or one that a `path` attribute names: its modules are beside it.
    Root,
    /// Its modules are in a folder of its name.
    Beside,
}

struct Crate<'a> {
    unit: &'a Unit,
    choice: Choice,
    left_out: &'a BTreeMap<String, LeftOut>,
    /// The instrumented texts.
    sources: BTreeMap<PathBuf, String>,
    files: BTreeMap<String, Instrumented>,
    macros: Macros,
}

impl Crate<'_> {
    fn add(&mut self, path: &Path, module: &[String], place: Place) -> Result<()> {
        if self.sources.contains_key(path) {
            return Ok(());
        }
        let text = fs::read_to_string(path)
            .with_context(|| format!("cannot read `{}`", path.display()))?;
        let file = path
            .strip_prefix(&self.unit.folder)
            .unwrap_or(path)
            .display()
            .to_string();
        let nothing = LeftOut::default();
        let source = Source {
            text: &text,
            file: &file,
            module,
            left_out: self.left_out.get(&file).unwrap_or(&nothing),
        };
        let mut instrumented = match instrument(&source, &self.choice) {
            Ok(instrumented) => instrumented,
            // The compiler knows more; what it does not either, it says better.
            Err(_) if place == Place::Beside => return Ok(()),
            Err(error) => return Err(error).context(file),
        };
        if is_without_std(&text) && self.unit.role != Role::Library && module.len() == 1 {
            bail!("the program has no standard library");
        }
        self.sources
            .insert(path.to_owned(), std::mem::take(&mut instrumented.text));
        let modules = std::mem::take(&mut instrumented.modules);
        self.macros.extend(std::mem::take(&mut instrumented.macros));
        self.files.insert(file, instrumented);
        for child in modules {
            let mut inner = module.to_vec();
            inner.extend(child.inside.iter().cloned());
            inner.push(child.name.clone());
            // One that is not there belongs to another platform.
            if let Some((path, place)) = find(path, place, &child) {
                self.add(&path, &inner, place)?;
            }
        }
        Ok(())
    }
}

fn is_without_std(text: &str) -> bool {
    syn::parse_file(text).is_ok_and(|file| {
        file.attrs
            .iter()
            .any(|attribute| attribute.path().is_ident("no_std"))
    })
}

/// The file of a module.
fn find(parent: &Path, place: Place, module: &Module) -> Option<(PathBuf, Place)> {
    let folder = parent.parent()?;
    let mut inner = match place {
        Place::Root => folder.to_owned(),
        Place::Beside => folder.join(parent.file_stem()?),
    };
    if let Some(path) = &module.path {
        // Relative to the file, unless there is a module around it.
        let base = if module.inside.is_empty() {
            folder.to_owned()
        } else {
            inner.join(module.inside.join("/"))
        };
        let path = normal(&base.join(path));
        return path.is_file().then_some((path, Place::Root));
    }
    inner.extend(&module.inside);
    let candidates = [
        (inner.join(format!("{}.rs", module.name)), Place::Beside),
        (inner.join(&module.name).join("mod.rs"), Place::Root),
    ];
    candidates.into_iter().find(|(path, _)| path.is_file())
}

/// Without `..`, of which a shadow knows nothing.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => {
                normal.pop();
            }
            Component::CurDir => {}
            other => normal.push(other),
        }
    }
    normal
}

/// Writes the sources, and links to whatever else is in their folders and in those around, up to the root.
fn lay_out(root: &Path, shadow_root: &Path, sources: &BTreeMap<PathBuf, String>) -> Result<()> {
    let cannot = || format!("cannot write to `{}`", shadow_root.display());
    match fs::remove_dir_all(shadow_root) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(error).with_context(cannot);
        }
        _ => {}
    }
    let mut folders = BTreeSet::new();
    for path in sources.keys() {
        let around = path
            .ancestors()
            .skip(1)
            .take_while(|folder| folder.starts_with(root));
        folders.extend(around.map(Path::to_owned));
    }
    for folder in &folders {
        let shadow = shadow_root.join(folder.strip_prefix(root)?);
        fs::create_dir_all(&shadow).with_context(cannot)?;
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if folders.contains(&path) || sources.contains_key(&path) {
                continue;
            }
            let Some(name) = path.file_name() else {
                continue;
            };
            link(&path, &shadow.join(name)).with_context(cannot)?;
        }
    }
    for (path, text) in sources {
        fs::write(shadow_root.join(path.strip_prefix(root)?), text).with_context(cannot)?;
    }
    Ok(())
}

#[cfg(unix)]
fn link(path: &Path, to: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(path, to)
}

#[cfg(not(unix))]
fn link(path: &Path, to: &Path) -> io::Result<()> {
    match path.is_dir() {
        true => std::os::windows::fs::symlink_dir(path, to),
        false => std::os::windows::fs::symlink_file(path, to),
    }
}
