//! A disk that is full.

use std::{
    path::PathBuf,
    process::{Command, Output},
};

use crate::{
    tools::leave_out,
    world::{Refusal, World, made},
};

/// A small file system, until it is dropped.
struct Disk(PathBuf);

impl Disk {
    /// Only the administrator may mount one: `None` for others.
    fn mount(folder: PathBuf, size: &str) -> Option<Self> {
        std::fs::create_dir(&folder).unwrap();
        let disk = Self(folder);
        disk.run("-t", "tmpfs", size).then_some(disk)
    }

    fn grow(&self, size: &str) {
        assert!(self.run("-o", "remount", size));
    }

    fn run(&self, flag: &str, value: &str, size: &str) -> bool {
        let mut mount = Command::new("mount");
        mount.args([flag, value, "-o", &format!("size={size}"), "tmpfs"]);
        let output = mount.arg(&self.0).output();
        output.is_ok_and(|output| output.status.success())
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg(&self.0).output());
    }
}

#[test]
fn a_full_disk_stops_a_release_that_goes_on_when_there_is_room() {
    let test = "a_full_disk_stops_a_release_that_goes_on_when_there_is_room";
    let world = World::new();
    let Some(disk) = Disk::mount(world.folder.path().join("disk"), "64k") else {
        leave_out(test, "only root may mount a small file system");
        return;
    };
    let release = |resumed: &[&str]| -> Output {
        let bare = [
            "--skip=wheel",
            "--skip=deb",
            "--skip=readiness",
            "--skip=rehearsal",
        ];
        let arguments = [&bare[..], resumed].concat();
        let mut release = world.command_in(&world.checkout(), &arguments);
        release.env("CARGO_TARGET_DIR", &disk.0).output().unwrap()
    };
    let before = world.traces();
    let full = ["No space left on device"];
    Refusal::of(&release(&[])).is_at("scratch", &full);
    disk.grow("1m");
    Refusal::of(&release(&["--resume"])).is_at("program", &full);
    disk.grow("512m");
    made(&release(&["--resume"]));
    assert_eq!(world.traces(), before);
}
