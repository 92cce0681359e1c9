//! Publishing to a registry on loopback that is not always there.

use std::{
    cell::RefCell,
    io,
    path::PathBuf,
    process::{Command, Output},
    sync::Mutex,
};

use semver::Version;
use tuneup_packaging::{
    Arrival, CargoIndex, Error, Fault, Index, IndexedVersion, Publication, PublishReport, Registry,
    RehearsalOutcome, Runner, System, Traffic, Workspace,
};

use crate::{
    programs::{failed, output},
    publishing::loopback::{Home, publishable},
    toy::Toy,
};

mod interruptions;

use self::interruptions::Patience;

fn state(toy: &Toy) -> PathBuf {
    toy.path().join("state/publish.json")
}

/// Without the trial at the end, which has a test of its own.
fn publish(toy: &Toy, home: &Home) -> Result<PublishReport, Error> {
    let workspace = Workspace::load(toy.path(), home)?;
    let publication = Publication::of(&workspace, &state(toy))
        .registry("loopback")
        .verify(false)
        .try_out(false);
    publication.run(
        &CargoIndex::new(home).with_registry("loopback"),
        home,
        &System,
        &|_| {},
    )
}

fn arrivals(report: &PublishReport) -> Vec<(&str, Arrival)> {
    let packages = report.packages.iter();
    packages
        .map(|package| (&package.package[..], package.arrival))
        .collect()
}

#[test]
fn everything_is_published_once_and_used_from_there() {
    let registry = Registry::builder().start().unwrap();
    let (toy, home) = (publishable(), Home::of_publisher(&registry));
    let workspace = Workspace::load(toy.path(), &home).unwrap();
    let index = CargoIndex::new(&home).with_registry("loopback");
    let told = RefCell::new(Vec::new());
    let publication = || Publication::of(&workspace, &state(&toy)).registry("loopback");
    let report = publication()
        .run(&index, &home, &System, &|progress| {
            told.borrow_mut().push(format!("{progress:?}"));
        })
        .unwrap();
    assert_eq!(report.trial, RehearsalOutcome::Passed);
    use Arrival::{Uploaded, WasThere};
    assert_eq!(
        arrivals(&report),
        [
            ("toy-base", Uploaded),
            ("toy-left", Uploaded),
            ("toy-right", Uploaded),
            ("toy-top", Uploaded)
        ]
    );
    let first: Vec<String> = told
        .take()
        .into_iter()
        .filter(|told| !told.starts_with("Waiting"))
        .collect();
    assert_eq!(first[..2], ["Packaging", "Uploading(\"toy-base\")"]);
    assert_eq!(first.last().unwrap(), "TryingOut");
    for package in &report.packages {
        let there = registry
            .version(&package.package, &package.version)
            .unwrap()
            .unwrap();
        assert_eq!(there.checksum, package.checksum);
    }
    assert!(!state(&toy).exists());
    let report = publication()
        .try_out(false)
        .run(&index, &home, &System, &|_| {})
        .unwrap();
    assert!(
        report
            .packages
            .iter()
            .all(|package| package.arrival == WasThere)
    );
    assert_eq!(registry.requests(Traffic::Publish), 4);
}

#[test]
fn what_stops_in_the_middle_is_taken_up_again() {
    for fault in [Fault::Unavailable, Fault::Dropped] {
        let registry = Registry::builder()
            .fault(Traffic::Publish, 2, fault)
            .start()
            .unwrap();
        let (toy, home) = (publishable(), Home::of_publisher(&registry));
        let error = publish(&toy, &home).unwrap_err();
        let Error::PublishStopped {
            package,
            there,
            missing,
            ..
        } = &error
        else {
            panic!("{error}")
        };
        assert_eq!(
            (&package[..], &there[..]),
            ("toy-left", &["toy-base 0.1.0".to_owned()][..])
        );
        assert_eq!(missing.len(), 3);
        assert!(!format!("{error} {error:?}").contains(registry.token()));
        assert!(state(&toy).is_file());
        // Why it is not left to Cargo.
        let refused = failed(&mut home.cargo(
            toy.path(),
            &[
                "publish",
                "--workspace",
                "--registry",
                "loopback",
                "--no-verify",
            ],
        ));
        assert!(refused.contains("already"), "{refused}");
        let report = publish(&toy, &home).unwrap();
        use Arrival::{Uploaded, WasThere};
        assert_eq!(
            arrivals(&report),
            [
                ("toy-base", Uploaded),
                ("toy-left", Uploaded),
                ("toy-right", Uploaded),
                ("toy-top", Uploaded)
            ]
            .map(|(name, arrival)| {
                (
                    name,
                    if name == "toy-base" {
                        WasThere
                    } else {
                        arrival
                    },
                )
            })
        );
        assert!(!state(&toy).exists());
    }
}

#[test]
fn nothing_is_uploaded_but_what_was_looked_at() {
    let registry = Registry::builder().start().unwrap();
    let (toy, home) = (publishable(), Home::of_publisher(&registry));
    let package = [
        "package",
        "--quiet",
        "--no-verify",
        "--registry",
        "loopback",
    ];
    home.run(toy.path(), &package);
    let folder = home.target().join("package");
    let file = folder.join("toy-left-0.1.0.crate");
    let workspace = Workspace::load(toy.path(), &home).unwrap();
    let index = CargoIndex::new(&home).with_registry("loopback");
    let publication = || {
        Publication::of(&workspace, &state(&toy))
            .registry("loopback")
            .verify(false)
            .try_out(false)
            .crate_files(&folder)
    };
    let run = || publication().run(&index, &home, &System, &|_| {});
    publication().check(&index, &home).unwrap();

    let before = std::fs::read(&file).unwrap();
    std::fs::write(&file, "something else").unwrap();
    for error in [
        publication().check(&index, &home).unwrap_err(),
        run().unwrap_err(),
    ] {
        assert!(
            matches!(&error, Error::PackagedAnew { package, .. } if package == "toy-left"),
            "{error}"
        );
    }
    assert_eq!(registry.requests(Traffic::Publish), 0);

    std::fs::write(&file, before).unwrap();
    assert_eq!(run().unwrap().packages.len(), 4);
    publication().check(&index, &home).unwrap();
}

#[test]
fn a_state_file_of_a_release_that_was_given_up_is_found_by_asking() {
    let registry = Registry::builder()
        .fault(Traffic::Publish, 2, Fault::Unavailable)
        .start()
        .unwrap();
    let (toy, home) = (publishable(), Home::of_publisher(&registry));
    publish(&toy, &home).unwrap_err();
    let workspace = Workspace::load(toy.path(), &home).unwrap();
    let index = CargoIndex::new(&home).with_registry("loopback");
    let publication = Publication::of(&workspace, &state(&toy))
        .registry("loopback")
        .verify(false);
    publication.check(&index, &home).unwrap();

    let before = std::fs::read_to_string(state(&toy)).unwrap();
    let other = before.replace("0.1.0", "0.0.9");
    std::fs::write(state(&toy), &other).unwrap();
    let error = publication.check(&index, &home).unwrap_err();
    assert!(matches!(&error, Error::StateFile { .. }), "{error}");
    assert_eq!(std::fs::read_to_string(state(&toy)).unwrap(), other);
}

#[test]
fn an_upload_whose_answer_is_lost_has_come_through() {
    let registry = Registry::builder()
        .fault(Traffic::Publish, 2, Fault::AnswerLost)
        .start()
        .unwrap();
    let (toy, home) = (publishable(), Home::of_publisher(&registry));
    publish(&toy, &home).unwrap();
    assert_eq!(registry.published().len(), 4);
}

#[test]
fn other_contents_stop_it_before_anything_is_sent() {
    let registry = Registry::builder()
        .fault(Traffic::Publish, 2, Fault::Unavailable)
        .start()
        .unwrap();
    let (toy, home) = (publishable(), Home::of_publisher(&registry));
    publish(&toy, &home).unwrap_err();
    let there = registry
        .version("toy-base", &Version::new(0, 1, 0))
        .unwrap()
        .unwrap()
        .checksum;
    toy.write("toy-base/src/lib.rs", "pub fn base() -> u32 { 2 }");
    toy.commit("Change");
    for place in [
        "publish.json`, where publishing has begun with it",
        "on the registry",
    ] {
        let error = publish(&toy, &home).unwrap_err();
        assert!(matches!(error, Error::OtherContents { .. }), "{error}");
        let error = error.to_string();
        assert!(
            error.contains("`toy-base` 0.1.0") && error.contains(&there) && error.contains(place),
            "{error}"
        );
        drop(std::fs::remove_file(state(&toy)));
    }
    assert_eq!(registry.requests(Traffic::Publish), 2);
}

#[test]
fn what_was_taken_back_is_not_passed_over() {
    let registry = Registry::builder().start().unwrap();
    let (toy, home) = (publishable(), Home::of_publisher(&registry));
    publish(&toy, &home).unwrap();
    output(&mut home.cargo(
        toy.path(),
        &["yank", "toy-top@0.1.0", "--registry", "loopback"],
    ));
    let error = publish(&toy, &home).unwrap_err();
    assert!(
        matches!(&error, Error::TakenBack { package, .. } if package == "toy-top"),
        "{error}"
    );
}

#[test]
fn a_token_that_is_refused_is_not_told() {
    struct Guessing<'a>(&'a Home);

    impl Runner for Guessing<'_> {
        fn run(&self, command: &mut Command) -> io::Result<Output> {
            command.env("CARGO_REGISTRIES_LOOPBACK_TOKEN", "sesame-open");
            Runner::run(self.0, command)
        }
    }

    let registry = Registry::builder().start().unwrap();
    let (toy, home) = (publishable(), Home::of_publisher(&registry));
    let runner = Guessing(&home);
    let workspace = Workspace::load(toy.path(), &runner).unwrap();
    let publication = Publication::of(&workspace, &state(&toy))
        .registry("loopback")
        .verify(false);
    let error = publication
        .run(
            &CargoIndex::new(&runner).with_registry("loopback"),
            &runner,
            &System,
            &|_| {},
        )
        .unwrap_err();
    assert!(
        error.to_string().contains("not the one of this registry"),
        "{error}"
    );
    assert!(
        !format!("{error} {error:?}").contains("sesame"),
        "{error:?}"
    );
    assert!(
        !std::fs::read_to_string(state(&toy))
            .unwrap()
            .contains("sesame")
    );
}

/// A Cargo that says yes to everything, and remembers what it was asked.
struct Yes {
    target: PathBuf,
    asked: Mutex<Vec<Vec<String>>>,
}

impl Runner for Yes {
    fn run(&self, command: &mut Command) -> io::Result<Output> {
        let asked: Vec<String> = command
            .get_args()
            .map(|argument| argument.to_str().unwrap().to_owned())
            .collect();
        if asked[0] == "package" {
            let folder = self.target.join("package");
            std::fs::create_dir_all(&folder)?;
            for name in ["toy-base", "toy-left", "toy-right", "toy-top"] {
                std::fs::write(folder.join(format!("{name}-0.1.0.crate")), name)?;
            }
        }
        self.asked.lock().unwrap().push(asked);
        Command::new("true").output()
    }
}

/// An index in which is what Cargo was asked to publish.
struct Told<'a>(&'a Yes);

impl Index for Told<'_> {
    fn version(&self, package: &str, _: &Version) -> Result<Option<IndexedVersion>, Error> {
        let asked = self.0.asked.lock().unwrap();
        let is_there = asked
            .iter()
            .any(|words| words[0] == "publish" && words.last().unwrap() == package);
        let path = self.0.target.join(format!("package/{package}-0.1.0.crate"));
        let checksum = &output(Command::new("sha256sum").arg(path))[..64];
        Ok(is_there.then(|| IndexedVersion::new(checksum, false)))
    }
}

#[test]
fn the_public_registry_goes_without_a_name() {
    let registry = Registry::builder().start().unwrap();
    let (toy, home) = (publishable(), Home::of_publisher(&registry));
    let mut workspace = Workspace::load(toy.path(), &home).unwrap();
    workspace.target = toy.path().join("elsewhere");
    let yes = Yes {
        target: workspace.target.clone(),
        asked: Mutex::default(),
    };
    let publication = Publication::of(&workspace, &state(&toy)).try_out(false);
    let report = publication
        .run(&Told(&yes), &yes, &Patience::default(), &|_| {})
        .unwrap();
    assert_eq!(report.packages.len(), 4);
    let asked: Vec<String> = yes
        .asked
        .lock()
        .unwrap()
        .iter()
        .map(|words| words.join(" "))
        .collect();
    assert_eq!(
        asked,
        [
            "package --quiet --package toy-base --package toy-left --package toy-right --package toy-top",
            "publish --quiet --no-verify --package toy-base",
            "publish --quiet --no-verify --package toy-left",
            "publish --quiet --no-verify --package toy-right",
            "publish --quiet --no-verify --package toy-top",
        ]
    );
}

#[test]
fn a_cargo_that_is_not_there_is_named() {
    struct Nothing;

    impl Runner for Nothing {
        fn run(&self, _: &mut Command) -> io::Result<Output> {
            Err(io::ErrorKind::NotFound.into())
        }
    }

    let registry = Registry::builder().start().unwrap();
    let (toy, home) = (publishable(), Home::of_publisher(&registry));
    let workspace = Workspace::load(toy.path(), &home).unwrap();
    let publication = Publication::of(&workspace, &state(&toy));
    let error = publication
        .run(&registry, &Nothing, &System, &|_| {})
        .unwrap_err();
    assert!(
        matches!(&error, Error::CannotStart { command, .. } if command.starts_with("cargo package")),
        "{error}"
    );
    assert!(!state(&toy).exists());
}
