//! What a Debian package says about itself: the file `control`.

use std::path::PathBuf;

use semver::Version;

use crate::{About, Architecture, Error, Program, ProgramSystem, artefacts::contents::own_name};

/// What goes into the file.
pub(super) struct Control<'a> {
    pub(super) about: &'a About,
    pub(super) package: &'a str,
    pub(super) version: &'a str,
    pub(super) architecture: &'a str,
    pub(super) maintainer: &'a str,
    pub(super) section: &'a str,
    pub(super) description: Option<&'a str>,
    pub(super) programs: &'a [PathBuf],
    pub(super) depends: &'a [String],
    pub(super) installed_kib: u64,
}

impl Control<'_> {
    pub(super) fn text(&self) -> Result<String, Error> {
        let subject = || format!("the Debian package `{}`", self.package);
        if !self.maintainer.contains(" <") || !self.maintainer.ends_with('>') {
            let reason = format!(
                "the maintainer `{}` is no name with an address, as `Ada <ada@example.org>` is",
                self.maintainer
            );
            return Err(Error::unfit(subject(), reason));
        }
        let Some(summary) = self.about.summary_line() else {
            return Err(Error::unfit(
                subject(),
                "it needs a summary: `description` in the manifest",
            ));
        };
        let mut text = String::new();
        let mut field = |name: &str, value: &str| {
            if value.contains(['\n', '\r']) {
                let reason = format!("a line end in the field {name} would begin another field");
                return Err(Error::unfit(subject(), reason));
            }
            text += &format!("{name}: {value}\n");
            Ok(())
        };
        field("Package", self.package)?;
        field("Version", self.version)?;
        field("Architecture", self.architecture)?;
        field("Maintainer", self.maintainer)?;
        field("Installed-Size", &self.installed_kib.to_string())?;
        if !self.depends.is_empty() {
            field("Depends", &self.depends.join(", "))?;
        }
        field("Section", self.section)?;
        field("Priority", "optional")?;
        if let Some(page) = self
            .about
            .homepage
            .as_ref()
            .or(self.about.repository.as_ref())
        {
            field("Homepage", page)?;
        }
        let synopsis = synopsis(self.package, &summary);
        field("Description", &synopsis)?;
        let more = match self.description {
            Some(description) => description.to_owned(),
            None => self.described(&summary, &synopsis)?,
        };
        Ok(text + &described(&more))
    }

    /// What can be said without anybody's help: more of the summary, if it is longer than the synopsis, and the programs.
    fn described(&self, summary: &str, synopsis: &str) -> Result<String, Error> {
        let names = self.programs.iter().map(|path| own_name(path));
        let names = names.collect::<Result<Vec<_>, _>>()?;
        let programs = match &names[..] {
            [one] => format!("This package installs the program {one}."),
            _ => format!("This package installs the programs {}.", names.join(", ")),
        };
        if summary.trim_end_matches('.') == synopsis {
            Ok(programs)
        } else {
            Ok(format!("{summary}\n\n{programs}"))
        }
    }
}

/// The longest synopsis that Debian's tools take.
const LONGEST: usize = 79;

/// Words that something has to follow.
const SMALL: &[&str] = &[
    "a", "an", "and", "as", "at", "by", "for", "from", "in", "of", "on", "or", "that", "the", "to",
    "with",
];

/// The summary as a phrase: neither the name first nor a full stop last, and short enough.
fn synopsis(package: &str, summary: &str) -> String {
    let phrase = without_name(package, summary).trim_end_matches('.');
    let line = &wrap(phrase, LONGEST)[0];
    if line == phrase {
        return phrase.to_owned();
    }
    // Half a list of things reads worse than a shorter list, and so does a line that ends with a small word.
    if let Some(end) = line.rfind([',', ';', ':']).filter(|end| *end > LONGEST / 3) {
        return line[..end].to_owned();
    }
    let mut words: Vec<_> = line.split(' ').collect();
    while words.len() > 1 && words.last().is_some_and(|word| SMALL.contains(word)) {
        words.pop();
    }
    words.join(" ")
}

/// What a summary says after the name of the package, if it begins with that.
fn without_name<'a>(package: &str, summary: &'a str) -> &'a str {
    let spoken = package.replace('-', " ");
    let rest = [package, &spoken].into_iter().find_map(|name| {
        let begin = summary.get(..name.len())?;
        begin
            .eq_ignore_ascii_case(name)
            .then(|| &summary[name.len()..])
    });
    // `tool` is no beginning of `toolbox`.
    let Some(rest) = rest.filter(|rest| rest.starts_with([':', ' '])) else {
        return summary;
    };
    let rest = rest.trim_start_matches([':', ' ', '-']);
    let articles = ["is a ", "is an ", "is the "];
    let bare = articles
        .iter()
        .find_map(|article| rest.strip_prefix(article));
    match bare.unwrap_or(rest) {
        "" => summary,
        rest => rest,
    }
}

/// Lines of at most so many letters, where words allow it; one at least.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.len() - 1;
        if !lines[line].is_empty() && lines[line].chars().count() + 1 + word.chars().count() > width
        {
            lines.push(word.to_owned());
        } else {
            if !lines[line].is_empty() {
                lines[line].push(' ');
            }
            lines[line] += word;
        }
    }
    lines
}

/// A description: lines that are too long are broken, all others stay.
fn described(text: &str) -> String {
    let lines = text
        .trim()
        .lines()
        .map(|line| wrap(line, LONGEST).join("\n"));
    extended(&lines.collect::<Vec<_>>().join("\n"))
}

/// Lines that begin with a space; a lone dot stands for an empty one.
pub(super) fn extended(text: &str) -> String {
    let mut lines = String::new();
    for line in text.trim().lines() {
        match line.trim_end() {
            "" => lines += " .\n",
            // Debian keeps a dot at the beginning to itself, unless the line is to be shown as it is.
            line if line.starts_with('.') => lines += &format!("  {line}\n"),
            line => lines += &format!(" {line}\n"),
        }
    }
    lines
}

/// The name as Debian has it: small letters, digits, `+`, `-` and `.`.
pub(super) fn package_name(name: &str) -> Result<String, Error> {
    let package = name.to_lowercase().replace('_', "-");
    let is_known = |character: char| character.is_ascii_alphanumeric() || "+-.".contains(character);
    let begins_well = package.starts_with(|first: char| first.is_ascii_alphanumeric());
    if package.len() >= 2 && begins_well && package.chars().all(is_known) {
        return Ok(package);
    }
    let reason = "a Debian package's name is two or more letters, digits, `+`, `-` and `.`, and begins with a letter or digit";
    Err(Error::unfit(format!("the name `{name}`"), reason))
}

/// The version as Debian has it: a pre-release is less than what follows it by a `~`.
pub(super) fn debian_version(version: &Version, revision: &str) -> Result<String, Error> {
    let is_known = |character: char| character.is_ascii_alphanumeric() || "+.~".contains(character);
    if revision.is_empty() || !revision.chars().all(is_known) {
        let reason = "it is letters, digits, `+`, `.` and `~`";
        return Err(Error::unfit(
            format!("the Debian revision `{revision}`"),
            reason,
        ));
    }
    let mut text = format!("{}.{}.{}", version.major, version.minor, version.patch);
    // What is behind the last `-` is the revision.
    if !version.pre.is_empty() {
        text += &format!("~{}", version.pre.replace('-', "."));
    }
    if !version.build.is_empty() {
        text += &format!("+{}", version.build.replace('-', "."));
    }
    Ok(format!("{text}-{revision}"))
}

/// What Debian calls the processor of a program.
pub(super) fn architecture(program: &Program) -> Result<&'static str, String> {
    if program.system != ProgramSystem::Linux {
        return Err("it is no program of Linux".to_owned());
    }
    Ok(match program.architectures[0] {
        Architecture::X86_64 => "amd64",
        Architecture::X86 => "i386",
        Architecture::Aarch64 => "arm64",
        Architecture::Arm => "armhf",
        Architecture::PowerPc64Le => "ppc64el",
        Architecture::S390x => "s390x",
        Architecture::Riscv64 => "riscv64",
        Architecture::LoongArch64 => "loong64",
    })
}
