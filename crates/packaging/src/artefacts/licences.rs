//! The licences of what a program is built of: whether they are allowed, and their texts in one file.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use cargo_metadata::{Package, PackageId};
use serde::Serialize;

use crate::{
    Error, Runner, Selection, Workspace, artefacts::linked::Linked, whole_file::write_whole,
};

mod policy;
mod texts;

pub use policy::LicencePolicy;

use self::texts::Text;

/// The licences of the packages that become part of a program.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Licences {
    /// The package of the program.
    pub package: String,
    /// Its version.
    pub version: String,
    /// Of others, by name and version; members of the workspace are not among them.
    pub packages: Vec<LicensedPackage>,
    /// All that is not as the policy wants it: licences that are not allowed, texts that are missing.
    pub problems: Vec<String>,
    /// Exceptions of the policy that nothing needs any more.
    pub unused_exceptions: Vec<String>,
    #[serde(skip)]
    texts: Vec<Text>,
}

/// A package and its licence.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct LicensedPackage {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What its manifest says, mostly an SPDX expression.
    pub licence: Option<String>,
    /// Why it is there: from the program on, `name version` each.
    pub path: Vec<String>,
    /// The files that its texts are from, by their paths in it.
    pub files: Vec<String>,
    /// Why it is accepted, if the policy makes an exception.
    pub exception: Option<String>,
}

/// Finds the licences of all packages that become part of a program, and compares them with a policy.
///
/// Counted is what Cargo links into the program for the target and the features of the selection, with build dependencies, which put code into it too;
/// dev-dependencies are not. Of members of the workspace, which are the user's own, the licence is compared if they name one, and no text is taken.
///
/// Asks Cargo three times, which takes tenths of a second, and reads the texts. Cargo downloads sources that it does not have, but for
/// [`Selection::offline`].
///
/// # Errors
///
/// There is no such package or no lock file, a licence of the policy is none of SPDX, or a file cannot be read. That something is not allowed is no error of this function
/// but of [`Licences::check`].
///
/// ```no_run
/// use std::path::Path;
/// use tuneup_packaging::{LicencePolicy, Selection, System, Workspace, gather_licences};
///
/// let workspace = Workspace::load(Path::new("."), &System)?;
/// let policy = LicencePolicy::new(["MIT", "Apache-2.0", "Unicode-3.0"])
///     .except("webpki-roots", "CDLA-Permissive-2.0", "data of certificates, not code");
/// let licences = gather_licences(&workspace, &Selection::new("tool"), &policy, &System)?;
/// licences.write(Path::new("dist/THIRD-PARTY.txt"))?;
/// # Ok::<(), tuneup_packaging::Error>(())
/// ```
pub fn gather_licences(
    workspace: &Workspace,
    selection: &Selection,
    policy: &LicencePolicy,
    runner: &dyn Runner,
) -> Result<Licences, Error> {
    let compiled = policy.compile()?;
    let member = selection.member(workspace)?;
    let metadata = selection.packages(member, runner)?;
    let members: BTreeSet<&PackageId> = metadata.workspace_members.iter().collect();
    let mut licences = Licences {
        package: member.name.clone(),
        version: member.version.to_string(),
        packages: Vec::new(),
        problems: Vec::new(),
        unused_exceptions: Vec::new(),
        texts: Vec::new(),
    };
    let mut linked = selection.linked(member, runner)?;
    linked.sort_by(|one, other| (&one.name, &one.version).cmp(&(&other.name, &other.version)));
    for linked in linked {
        let Some(package) = metadata.packages.iter().find(|package| linked.is(package)) else {
            let problem = format!(
                "Cargo does not say where `{} {}` is",
                linked.name, linked.version
            );
            licences.problems.push(problem);
            continue;
        };
        // A member that names no licence is the user's own; one that does may have been copied in from elsewhere.
        let is_member = members.contains(&package.id);
        let exception = if is_member && package.license.is_none() {
            None
        } else {
            licences.judge(package, &linked, &compiled)
        };
        if !is_member {
            licences.add(package, &linked, exception, &compiled)?;
        }
    }
    licences.unused_exceptions = policy.unused(&licences.packages);
    Ok(licences)
}

impl Licences {
    /// The exception that a package needs; a problem if the policy has none.
    fn judge(
        &mut self,
        package: &Package,
        linked: &Linked,
        policy: &policy::Compiled<'_>,
    ) -> Option<String> {
        match policy.judge(package) {
            Ok(exception) => exception,
            Err(reason) => {
                self.problems.push(format!(
                    "`{} {}` {reason}; it is there by {}",
                    linked.name,
                    linked.version,
                    linked.path.join(" → ")
                ));
                None
            }
        }
    }

    fn add(
        &mut self,
        package: &Package,
        linked: &Linked,
        exception: Option<String>,
        policy: &policy::Compiled<'_>,
    ) -> Result<(), Error> {
        let found = match policy.own_texts(&linked.name)? {
            Some(found) => found,
            None => texts::of_package(package)?,
        };
        let shown = format!("{} {}", linked.name, linked.version);
        let mut files: Vec<_> = found.iter().map(|(file, _)| file.clone()).collect();
        for (_, text) in &found {
            texts::collect(&mut self.texts, text, &shown);
        }
        if !found.iter().any(|(file, _)| texts::is_licence(file)) {
            let standard = policy.standard_texts(package);
            if standard.is_empty() {
                let licence = package.license.as_deref().unwrap_or("no licence named");
                self.problems.push(format!(
                    "`{shown}` ({licence}) comes without the text of its licence; give one by `text_of`, or take that of SPDX by `with_standard_texts`"
                ));
            }
            for (name, text) in standard {
                texts::collect(&mut self.texts, &text, &shown);
                files.push(format!("{name}, the text of SPDX"));
            }
        }
        self.packages.push(LicensedPackage {
            name: linked.name.clone(),
            version: linked.version.clone(),
            licence: package.license.clone(),
            path: linked.path.clone(),
            files,
            exception,
        });
        Ok(())
    }

    /// Whether everything is as the policy wants it.
    ///
    /// # Errors
    ///
    /// [`Error::Unfit`] names all that is not.
    pub fn check(&self) -> Result<(), Error> {
        if self.problems.is_empty() {
            return Ok(());
        }
        Err(Error::unfit(
            format!("the licences of `{}`", self.package),
            self.problems.join("; "),
        ))
    }

    /// All texts in one: first who is there by which licence, then each text once, with those that it is of.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!(
            "{} {} contains software of others, by the licences below.\n\n",
            self.package, self.version
        );
        for package in &self.packages {
            let licence = package.licence.as_deref().unwrap_or("see its text");
            text += &format!("  {} {}: {licence}\n", package.name, package.version);
        }
        for part in &self.texts {
            text += &format!(
                "\n{}\n{}\n\n{}\n",
                "=".repeat(80),
                wrapped(&part.packages),
                part.text.trim_end()
            );
        }
        text
    }

    /// Writes all texts into a file, whole or not at all.
    ///
    /// # Errors
    ///
    /// As of [`check`](Self::check), or the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        self.check()?;
        write_whole(path, self.text().as_bytes())
    }
}

/// Names with commas between them, in lines of at most 80 letters where that is possible.
fn wrapped(names: &[String]) -> String {
    let (mut text, mut width) = (String::new(), 0);
    for (index, name) in names.iter().enumerate() {
        let name = if index + 1 == names.len() {
            name.clone()
        } else {
            format!("{name},")
        };
        if width > 0 && width + 1 + name.len() > 80 {
            text.push('\n');
            width = 0;
        } else if width > 0 {
            text.push(' ');
            width += 1;
        }
        width += name.len();
        text += &name;
    }
    text
}

/// The texts that a policy gives for packages that come without.
type OwnTexts = BTreeMap<String, Vec<PathBuf>>;

#[cfg(test)]
mod tests;
