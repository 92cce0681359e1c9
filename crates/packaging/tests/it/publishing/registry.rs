//! The registry with Cargo as its client.

use std::fs;

use tuneup_packaging::{CargoIndex, DownloadCache, Fault, Index as _, Registry, Traffic, Upstream};

use crate::{
    programs::{failed, output},
    publishing::loopback::{Home, machine_with_third_party, manifest, publish},
    toy::Toy,
};

/// Two libraries, one of which renames the other and has features of both kinds, a macro, and a program.
fn toy() -> Toy {
    let base = manifest(
        "toy-base",
        "links = \"toy\"\nrust-version = \"1.60\"\nbuild = \"build.rs\"\n",
    );
    let facade = manifest(
        "toy-facade",
        "[dependencies]\nrenamed = { package = \"toy-base\", path = \"../base\", version = \"0.1\", optional = true }\n\
         toy_macros = { path = \"../macros\", version = \"0.1\" }\n\
         [features]\ndefault = []\nwith-base = [\"dep:renamed\"]\n",
    );
    let program = manifest(
        "toy-program",
        "[dependencies]\ntoy-facade = { path = \"../facade\", version = \"0.1\", features = [\"with-base\"] }\n",
    );
    let files: Vec<(&str, &str)> = vec![
        (
            "Cargo.toml",
            "[workspace]\nresolver = \"2\"\nmembers = [\"base\", \"facade\", \"macros\", \"program\", \"private\"]\n",
        ),
        ("base/Cargo.toml", &base),
        (
            "base/build.rs",
            "fn main() { println!(\"cargo:rustc-env=BUILT=yes\"); }",
        ),
        (
            "base/src/lib.rs",
            "pub fn answer() -> u32 { assert_eq!(env!(\"BUILT\"), \"yes\"); 42 }",
        ),
        ("facade/Cargo.toml", &facade),
        (
            "facade/src/lib.rs",
            "#[cfg(feature = \"with-base\")]\npub use renamed::answer;\npub use toy_macros::twice;\n",
        ),
        ("program/Cargo.toml", &program),
        (
            "program/src/main.rs",
            "fn main() { println!(\"{}\", toy_facade::twice!(toy_facade::answer())); }",
        ),
        (
            "private/Cargo.toml",
            "[package]\nname = \"private\"\nversion = \"0.0.0\"\npublish = false\n[dependencies]\ntoy-base = { path = \"../base\" }\n",
        ),
        ("private/src/lib.rs", ""),
    ];
    let toy = Toy::new(&files);
    toy.write(
        "macros/Cargo.toml",
        manifest("toy_macros", "[lib]\nproc-macro = true\n"),
    );
    toy.write(
        "macros/src/lib.rs",
        "use proc_macro::TokenStream;\n#[proc_macro]\npub fn twice(input: TokenStream) -> TokenStream { format!(\"2 * ({input})\").parse().unwrap() }",
    );
    toy
}

#[test]
fn cargo_publishes_adds_builds_installs_searches_and_informs() {
    let registry = Registry::builder().start().unwrap();
    let toy = toy();
    output(&mut publish(&registry, &Home::of(&registry), toy.path()));
    let names: Vec<String> = registry
        .published()
        .into_keys()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(
        names,
        ["toy-base", "toy-facade", "toy-program", "toy_macros"]
    );

    let home = Home::of(&registry);
    let consumer = Toy::new(&[
        (
            "Cargo.toml",
            "[package]\nname = \"consumer\"\nversion = \"0.0.0\"\nedition = \"2021\"\n",
        ),
        (
            "src/main.rs",
            "fn main() { assert_eq!(toy_facade::twice!(toy_facade::answer()), 84); }",
        ),
    ]);
    home.run(
        consumer.path(),
        &["add", "toy_facade", "--features", "with-base"],
    );
    home.run(consumer.path(), &["run"]);
    let install = home.path().join("installed");
    home.run(
        consumer.path(),
        &[
            "install",
            "toy-program",
            "--debug",
            "--root",
            install.to_str().unwrap(),
        ],
    );
    let ran = std::process::Command::new(install.join("bin/toy-program"))
        .output()
        .unwrap();
    assert_eq!(ran.stdout, b"84\n");

    let mut search = home.cargo(
        consumer.path(),
        &["search", "facade", "--registry", "loopback"],
    );
    registry.tell("loopback", &mut search);
    assert!(output(&mut search).contains("toy-facade = \"0.1.0\""));
    let mut info = home.cargo(
        consumer.path(),
        &["info", "toy-base", "--registry", "loopback"],
    );
    registry.tell("loopback", &mut info);
    let info = output(&mut info);
    assert!(
        info.contains("version: 0.1.0") && info.contains("rust-version: 1.60"),
        "{info}"
    );
}

#[test]
fn what_is_yanked_is_not_chosen_until_it_is_brought_back() {
    let registry = Registry::builder().start().unwrap();
    let toy = Toy::new(&[
        ("Cargo.toml", &manifest("toy-base", "")),
        ("src/lib.rs", ""),
    ]);
    let home = Home::of(&registry);
    output(&mut publish(&registry, &home, toy.path()));
    let consumer = Toy::new(&[
        (
            "Cargo.toml",
            "[package]\nname = \"consumer\"\nversion = \"0.0.0\"\n[dependencies]\ntoy-base = \"0.1\"\n",
        ),
        ("src/lib.rs", ""),
    ]);
    let index = CargoIndex::new(&home);
    let version = "0.1.0".parse().unwrap();
    let (_, published) = registry.published().pop_first().unwrap();
    assert_eq!(
        index.version("toy-base", &version).unwrap(),
        Some(published)
    );
    assert_eq!(
        index
            .version("toy-base", &"0.2.0".parse().unwrap())
            .unwrap(),
        None
    );
    assert_eq!(index.version("toy-other", &version).unwrap(), None);

    let yank = |more: &[&str]| {
        let arguments = [&["yank", "toy-base@0.1.0", "--registry", "loopback"], more].concat();
        let mut command = home.cargo(toy.path(), &arguments);
        registry.tell("loopback", &mut command);
        output(&mut command);
    };
    yank(&[]);
    let said = failed(&mut home.cargo(consumer.path(), &["generate-lockfile"]));
    assert!(said.contains("0.1.0 is yanked"), "{said}");
    assert!(
        index
            .version("toy-base", &version)
            .unwrap()
            .unwrap()
            .is_yanked
    );
    yank(&["--undo"]);
    home.run(consumer.path(), &["generate-lockfile"]);
    assert_eq!(registry.requests(Traffic::Yank), 2);
}

#[test]
fn cargo_is_told_why_it_may_not() {
    let registry = Registry::builder().start().unwrap();
    let home = Home::of(&registry);
    let nameless = Toy::new(&[
        (
            "Cargo.toml",
            "[package]\nname = \"toy-bare\"\nversion = \"0.1.0\"\n",
        ),
        ("src/lib.rs", ""),
    ]);
    let said = failed(&mut publish(&registry, &home, nameless.path()));
    assert!(said.contains("no `description`"), "{said}");
    let toy = Toy::new(&[
        ("Cargo.toml", &manifest("toy-base", "")),
        ("src/lib.rs", ""),
    ]);
    let mut stranger = publish(&registry, &home, toy.path());
    let said = failed(stranger.env("CARGO_REGISTRIES_LOOPBACK_TOKEN", "guess"));
    assert!(said.contains("not the one of this registry"), "{said}");
    assert!(!said.contains(registry.token()));
    output(&mut publish(&registry, &home, toy.path()));
    toy.write("Cargo.toml", manifest("toy_base", ""));
    let said = failed(&mut publish(&registry, &home, toy.path()));
    assert!(said.contains("differs from `toy-base`"), "{said}");
}

#[test]
fn a_private_registry_lets_cargo_in_by_its_token() {
    let registry = Registry::builder().private(true).start().unwrap();
    let toy = Toy::new(&[
        ("Cargo.toml", &manifest("toy-base", "")),
        ("src/lib.rs", ""),
    ]);
    let home = Home::of(&Registry::builder().start().unwrap());
    let mut command = home.cargo(
        toy.path(),
        &["publish", "--registry", "loopback", "--allow-dirty"],
    );
    registry.tell("loopback", &mut command);
    output(&mut command);
    assert_eq!(registry.published().len(), 1);
}

#[test]
fn what_cargo_has_downloaded_is_served_without_a_network() {
    let (machine, user) = machine_with_third_party(false);
    let cache = DownloadCache::open(&machine.path()).unwrap();
    assert_eq!(cache.len(), 1);
    let registry = Registry::builder().third_party(cache).start().unwrap();
    let home = Home::of(&registry);
    output(&mut publish(&registry, &home, user.path()));
    let consumer = Toy::new(&[
        (
            "Cargo.toml",
            "[package]\nname = \"consumer\"\nversion = \"0.0.0\"\nedition = \"2021\"\n[dependencies]\ntoy-user = \"0.1\"\n",
        ),
        ("src/lib.rs", "pub use toy_user::use_it;"),
    ]);
    home.run(consumer.path(), &["check"]);
    let lock = fs::read_to_string(consumer.path().join("Cargo.lock")).unwrap();
    assert!(lock.contains("toy-third"), "{lock}");
}

#[test]
fn who_allows_the_network_is_sent_to_it() {
    let elsewhere = Registry::builder().start().unwrap();
    let third_party = Toy::new(&[
        ("Cargo.toml", &manifest("toy-third", "")),
        ("src/lib.rs", ""),
    ]);
    output(&mut publish(
        &elsewhere,
        &Home::of(&elsewhere),
        third_party.path(),
    ));
    let index = elsewhere.index_url().replace("sparse+", "");
    let upstream = Upstream {
        download: index.replace("index/", "dl/{crate}/{version}"),
        index,
    };
    let registry = Registry::builder().upstream(upstream).start().unwrap();
    let consumer = Toy::new(&[
        (
            "Cargo.toml",
            "[package]\nname = \"consumer\"\nversion = \"0.0.0\"\n[dependencies]\ntoy-third = \"0.1\"\n",
        ),
        ("src/lib.rs", ""),
    ]);
    Home::of(&registry).run(consumer.path(), &["check"]);
    assert_eq!(elsewhere.requests(Traffic::Download), 1);
}

#[test]
fn a_changed_byte_is_noticed_by_cargo() {
    let registry = Registry::builder()
        .fault(Traffic::Download, 1, Fault::Corrupted)
        .start()
        .unwrap();
    let toy = Toy::new(&[
        ("Cargo.toml", &manifest("toy-base", "")),
        ("src/lib.rs", ""),
    ]);
    output(&mut publish(&registry, &Home::of(&registry), toy.path()));
    let consumer = Toy::new(&[
        (
            "Cargo.toml",
            "[package]\nname = \"consumer\"\nversion = \"0.0.0\"\n[dependencies]\ntoy-base = \"0.1\"\n",
        ),
        ("src/lib.rs", ""),
    ]);
    let home = Home::of(&registry);
    let said = failed(&mut home.cargo(consumer.path(), &["check"]));
    assert!(said.contains("checksum"), "{said}");
    home.run(consumer.path(), &["check"]);
}
