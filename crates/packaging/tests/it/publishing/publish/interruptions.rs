//! What keeps a publication from its end: a late index, a kill, a full disk, a registry that is away.

use std::{
    env, io,
    os::unix::process::CommandExt as _,
    path::PathBuf,
    process::{Command, Output},
    sync::Mutex,
    thread,
    time::{Duration, SystemTime},
};

use rustix::process::{Pid, Signal, kill_process_group};
use semver::Version;
use tuneup_packaging::{
    Arrival, CargoIndex, Clock, Error, Fault, Index, IndexedVersion, Publication, Registry, Runner,
    System, Traffic, Workspace,
};

use super::{arrivals, publish, state};
use crate::{
    programs::name_of,
    publishing::loopback::{Home, manifest, publishable, run_at},
    small_disk::SmallDisk,
    toy::Toy,
};

/// A clock that shows no time, and counts it.
#[derive(Default)]
pub(super) struct Patience {
    slept: Mutex<Vec<u64>>,
}

impl Clock for Patience {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH
    }

    fn sleep(&self, time: Duration) {
        self.slept.lock().unwrap().push(time.as_secs());
    }
}

/// An index that has a package so many questions late.
struct Late<'a> {
    registry: &'a Registry,
    questions: Mutex<usize>,
}

impl Index for Late<'_> {
    fn version(&self, package: &str, version: &Version) -> Result<Option<IndexedVersion>, Error> {
        let there = self.registry.version(package, version)?;
        let mut questions = self.questions.lock().unwrap();
        if package == "toy-left" && there.is_some() && *questions > 0 {
            *questions -= 1;
            return Ok(None);
        }
        Ok(there)
    }
}

#[test]
fn a_late_index_is_waited_for_with_growing_pauses_and_an_end() {
    let registry = Registry::builder().start().unwrap();
    let (toy, home) = (publishable(), Home::of_publisher(&registry));
    let workspace = Workspace::load(toy.path(), &home).unwrap();
    let late = |questions| Late {
        registry: &registry,
        questions: Mutex::new(questions),
    };
    let run = |index: &Late<'_>, clock: &Patience| {
        let publication = Publication::of(&workspace, &state(&toy))
            .registry("loopback")
            .verify(false)
            .try_out(false);
        publication
            .patience(Duration::from_secs(100))
            .run(index, &home, clock, &|_| {})
    };
    let clock = Patience::default();
    let error = run(&late(usize::MAX), &clock).unwrap_err();
    assert!(
        matches!(&error, Error::IndexIsLate { package, .. } if package == "toy-left"),
        "{error}"
    );
    assert_eq!(
        clock.slept.into_inner().unwrap(),
        [1, 2, 4, 8, 16, 30, 30, 9]
    );
    // It knows that this one was sent, and does not send it again.
    let clock = Patience::default();
    let report = run(&late(3), &clock).unwrap();
    assert_eq!(clock.slept.into_inner().unwrap(), [1, 2]);
    assert_eq!(
        (report.packages.len(), registry.requests(Traffic::Publish)),
        (4, 4)
    );
}

#[test]
fn a_publisher_that_is_killed_leaves_what_can_be_taken_up() {
    let registry = Registry::builder()
        .fault(
            Traffic::Publish,
            2,
            Fault::Delayed(Duration::from_secs(3600)),
        )
        .start()
        .unwrap();
    let (toy, home) = (publishable(), Home::of_publisher(&registry));
    let mut victim = Command::new(env::current_exe().unwrap())
        .args(["--exact", &name_of(module_path!(), "victim"), "--ignored"])
        .env("TOY", toy.path())
        .env("TOY_HOME", home.path())
        .process_group(0)
        .spawn()
        .unwrap();
    while registry.requests(Traffic::Publish) < 2 {
        assert!(
            victim.try_wait().unwrap().is_none(),
            "it has ended by itself"
        );
        thread::sleep(Duration::from_millis(10));
    }
    // With the Cargo that it has started.
    kill_process_group(Pid::from_child(&victim), Signal::KILL).unwrap();
    victim.wait().unwrap();
    assert_eq!(registry.published().len(), 1);
    let report = publish(&toy, &home).unwrap();
    assert_eq!(arrivals(&report)[0], ("toy-base", Arrival::WasThere));
    assert_eq!(registry.published().len(), 4);
}

#[test]
#[ignore = "is started, and killed, by a_publisher_that_is_killed_leaves_what_can_be_taken_up"]
fn victim() {
    /// Somebody else's home.
    struct At(PathBuf);

    impl Runner for At {
        fn run(&self, command: &mut Command) -> io::Result<Output> {
            run_at(&self.0, command)
        }
    }

    let toy = PathBuf::from(env::var_os("TOY").expect("started by another test"));
    let home = At(env::var_os("TOY_HOME").unwrap().into());
    let workspace = Workspace::load(&toy, &home).unwrap();
    let publication = Publication::of(&workspace, &toy.join("state/publish.json"))
        .registry("loopback")
        .verify(false);
    publication
        .run(
            &CargoIndex::new(&home).with_registry("loopback"),
            &home,
            &System,
            &|_| {},
        )
        .unwrap();
}

#[test]
fn a_full_disk_is_noticed_before_anything_is_sent() {
    let Some(disk) = SmallDisk::full("a_full_disk_is_noticed_before_anything_is_sent") else {
        return;
    };
    let registry = Registry::builder().start().unwrap();
    let (toy, home) = (publishable(), Home::of_publisher(&registry));
    let workspace = Workspace::load(toy.path(), &home).unwrap();
    let publication = Publication::of(&workspace, &disk.path().join("publish.json"))
        .registry("loopback")
        .verify(false);
    let error = publication
        .run(
            &CargoIndex::new(&home).with_registry("loopback"),
            &home,
            &System,
            &|_| {},
        )
        .unwrap_err();
    let Error::File {
        action: "write",
        path,
        source,
    } = &error
    else {
        panic!("{error:?}")
    };
    assert!(path.ends_with("publish.json"));
    assert_eq!(source.kind(), io::ErrorKind::StorageFull);
    assert_eq!(registry.requests(Traffic::Publish), 0);
}

/// What Cargo says of a failure names the package.
#[test]
fn a_name_is_not_taken_for_the_answer_that_a_version_is_there() {
    let registry = Registry::builder()
        .fault(Traffic::Publish, 1, Fault::Unavailable)
        .start()
        .unwrap();
    let toy = Toy::new(&[
        (".gitignore", "/target\n/state\n"),
        ("Cargo.toml", &manifest("toy-already", "")),
        ("src/lib.rs", ""),
    ]);
    toy.commit("Begin");
    let home = Home::of_publisher(&registry);
    let workspace = Workspace::load(toy.path(), &home).unwrap();
    let publish = || {
        let publication = Publication::of(&workspace, &state(&toy))
            .registry("loopback")
            .patience(Duration::ZERO)
            .verify(false)
            .try_out(false);
        let index = CargoIndex::new(&home).with_registry("loopback");
        publication.run(&index, &home, &System, &|_| {})
    };
    let error = publish().unwrap_err();
    assert!(matches!(error, Error::PublishStopped { .. }), "{error}");
    assert_eq!(
        arrivals(&publish().unwrap()),
        [("toy-already", Arrival::Uploaded)]
    );
}
