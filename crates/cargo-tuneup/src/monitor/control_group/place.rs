//! Where the files of a group are.

use std::{
    fs,
    path::{Path, PathBuf},
};

use procfs::process::MountInfo;

/// The version of a hierarchy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    One,
    Two,
}

/// One group: a folder of files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Level {
    /// Its path, as /proc has it.
    pub(super) name: String,
    pub(super) folder: PathBuf,
    pub(super) version: Version,
}

impl Level {
    pub(super) fn text(&self, file: &str) -> Option<String> {
        fs::read_to_string(self.folder.join(file)).ok()
    }

    /// A file that is one number; none if it says `max`.
    pub(super) fn number(&self, file: &str) -> Option<u64> {
        self.text(file)?.trim().parse().ok()
    }

    /// A file of lines with a name and a number.
    pub(super) fn field(&self, file: &str, name: &str) -> Option<u64> {
        let text = self.text(file)?;
        let value = text
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        value?.trim().parse().ok()
    }
}

/// The group itself, then those around it, for each hierarchy that is mounted. `membership` is the file `cgroup` of a process.
pub(super) fn levels(membership: &str, mounts: &[MountInfo], system: &Path) -> Vec<Level> {
    let mut levels = Vec::new();
    for line in membership.lines() {
        // `0::/path` in version 2, `4:memory:/path` in version 1.
        let mut parts = line.splitn(3, ':');
        let (Some(_), Some(controllers), Some(path)) = (parts.next(), parts.next(), parts.next())
        else {
            continue;
        };
        let version = match controllers {
            "" => Version::Two,
            _ => Version::One,
        };
        let mount = mounts
            .iter()
            .filter(|mount| is_of(mount, controllers))
            .find_map(|mount| Some((mount, below(path, &mount.root)?)));
        let Some((mount, inner)) = mount else {
            continue;
        };
        let top = system.join(
            mount
                .mount_point
                .strip_prefix("/")
                .unwrap_or(&mount.mount_point),
        );
        let outer = path.strip_suffix(inner).unwrap_or_default();
        let mut inner = PathBuf::from(inner.trim_start_matches('/'));
        loop {
            let name = format!("{outer}/{}", inner.display());
            levels.push(Level {
                name: match name.trim_end_matches('/') {
                    "" => "/".to_owned(),
                    name => name.to_owned(),
                },
                folder: top.join(&inner),
                version,
            });
            if !inner.pop() {
                break;
            }
        }
    }
    levels
}

fn is_of(mount: &MountInfo, controllers: &str) -> bool {
    match controllers {
        "" => mount.fs_type == "cgroup2",
        _ => {
            mount.fs_type == "cgroup"
                && controllers
                    .split(',')
                    .all(|controller| mount.super_options.contains_key(controller))
        }
    }
}

/// The part of a path below the group that is mounted: in a container, that may be the container's.
fn below<'a>(path: &'a str, root: &str) -> Option<&'a str> {
    let rest = path.strip_prefix(root.trim_end_matches('/'))?;
    let is_inside = rest.is_empty() || rest.starts_with('/');
    // `/..` is outside of what this process may see.
    (is_inside && !rest.split('/').any(|part| part == "..")).then_some(rest)
}
