use std::{fs, time::Duration};

use super::*;
use crate::snapshot::Names;

/// Two stacks: `main` calls `load` (site 1) and `parse` (site 2). At the peak, `parse` had ten times as much.
fn snapshot() -> Snapshot {
    let sites = [(1, 3000.0), (2, 1000.0)];
    let mut snapshot = Snapshot::of_sites(Duration::from_secs(2), sites.into_iter());
    let mut names = Names::default();
    for (address, name) in [(1, "shop::load"), (2, "shop::parse"), (9, "shop::main")] {
        names.insert(address, name);
    }
    for (stack, at_peak) in snapshot.stacks.iter_mut().zip([3000.0, 10_000.0]) {
        stack.calls.push(9);
        stack.sums.at_peak.bytes = at_peak;
        stack.sums.at_peak.blocks = 10.0;
    }
    snapshot.peak.bytes = 13_000;
    snapshot.counted.allocated_blocks = 63;
    snapshot.timeline.most_bytes = vec![1, 13_000, 4000];
    snapshot.names = names.into();
    snapshot
}

#[test]
fn folded_stacks_are_read_by_inferno() {
    let folded = snapshot().folded(Order::LiveBytes);
    assert!(
        snapshot()
            .folded(Order::PeakBytes)
            .contains("shop::parse 10000\n")
    );
    // What a number is not there of has no line.
    assert_eq!(snapshot().folded(Order::TemporaryBlocks), "");
    let mut lines = folded.lines().collect::<Vec<_>>();
    lines.sort_unstable();
    assert_eq!(
        lines,
        ["shop::main;shop::load 3000", "shop::main;shop::parse 1000"]
    );
    let mut svg = Vec::new();
    let mut options = inferno::flamegraph::Options::default();
    inferno::flamegraph::from_lines(&mut options, folded.lines(), &mut svg).unwrap();
    assert!(
        String::from_utf8(svg)
            .unwrap()
            .contains("shop::load (3,000 samples, 75.00%)")
    );
}

#[test]
fn the_flame_graph_is_xml_with_all_functions() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("heap.svg");
    snapshot().save(&path).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    let document = roxmltree::Document::parse(&text).unwrap();
    for name in ["shop::main", "shop::load", "shop::parse", "all"] {
        let has =
            |node: roxmltree::Node<'_, '_>| node.text().is_some_and(|text| text.contains(name));
        assert!(document.descendants().any(has), "{name}");
    }
}

#[cfg(feature = "pprof")]
#[test]
fn pprof_files_are_read_by_the_messages_of_another_profiler() {
    use std::io::Read as _;

    use libdd_profiling_protobuf::prost_impls;
    use prost::Message as _;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("heap.pb.gz");
    snapshot().save(&path).unwrap();
    let mut message = Vec::new();
    flate2::read::GzDecoder::new(&*fs::read(&path).unwrap())
        .read_to_end(&mut message)
        .unwrap();
    let profile = prost_impls::Profile::decode(&*message).unwrap();
    let text = |index: i64| profile.string_table[index as usize].as_str();
    let values = profile.sample_types.iter().map(|value| text(value.r#type));
    assert_eq!(
        values.collect::<Vec<_>>(),
        [
            "alloc_objects",
            "alloc_space",
            "inuse_objects",
            "inuse_space",
            "peak_objects",
            "peak_space"
        ]
    );
    let name = |place: &u64| {
        let place = &profile.locations[*place as usize - 1];
        let function = &profile.functions[place.lines[0].function_id as usize - 1];
        text(function.name).to_owned()
    };
    let stacks = profile.samples.iter().map(|sample| {
        let names = sample.location_ids.iter().map(name).collect::<Vec<_>>();
        (names.join(" < "), sample.values[3])
    });
    assert_eq!(
        stacks.collect::<Vec<_>>(),
        [
            ("shop::load < shop::main".to_owned(), 3000),
            ("shop::parse < shop::main".to_owned(), 1000),
        ]
    );
}

#[cfg(feature = "json")]
#[test]
fn a_saved_snapshot_loads_back() {
    use crate::snapshot::GroupBy;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("heap.json");
    let saved = snapshot();
    saved.save(&path).unwrap();
    assert!(Snapshot::is_saved(&path) && !Snapshot::is_saved(folder.path().join("none")));
    let loaded = Snapshot::load(&path).unwrap();
    assert_eq!(loaded.by(GroupBy::Site), saved.by(GroupBy::Site));
    assert_eq!(loaded.by(GroupBy::Stack), saved.by(GroupBy::Stack));
    assert_eq!(
        (&loaded.program, loaded.elapsed),
        (&saved.program, saved.elapsed)
    );
    assert_eq!(
        (loaded.peak, &loaded.timeline, loaded.counted),
        (saved.peak, &saved.timeline, saved.counted)
    );
    assert_eq!(loaded.by(GroupBy::Site).total.at_peak.bytes, 13_000.0);

    // One that was saved before peaks were recorded.
    let mut older: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    older.as_object_mut().unwrap().remove("peak");
    older.as_object_mut().unwrap().remove("timeline");
    for stack in older["stacks"].as_array_mut().unwrap() {
        stack.as_object_mut().unwrap().remove("at_peak");
    }
    let older_path = folder.path().join("older.json");
    fs::write(&older_path, older.to_string()).unwrap();
    let loaded = Snapshot::load(&older_path).unwrap();
    assert_eq!(loaded.total().allocated, saved.total().allocated);
    assert_eq!((loaded.peak.bytes, loaded.total().at_peak.bytes), (0, 0.0));

    // Whatever is cut short or changed is an error with a name, or a snapshot.
    let text = fs::read(&path).unwrap();
    for len in 0..text.len() - 1 {
        fs::write(&path, &text[..len]).unwrap();
        assert!(
            matches!(Snapshot::load(&path), Err(Error::Damaged { .. })),
            "{len}"
        );
    }
    for place in 0..text.len() {
        let mut changed = text.clone();
        changed[place] ^= 1;
        fs::write(&path, &changed).unwrap();
        if let Ok(snapshot) = Snapshot::load(&path) {
            let _ = snapshot.by(GroupBy::Stack);
        }
    }
    let other = String::from_utf8(text)
        .unwrap()
        .replace("\"version\":1", "\"version\":7");
    fs::write(&path, other).unwrap();
    assert!(matches!(
        Snapshot::load(&path),
        Err(Error::OtherVersion { found: 7, .. })
    ));
}

#[test]
fn other_names_are_refused() {
    assert!(matches!(
        snapshot().save("heap.doc"),
        Err(Error::UnknownExtension { .. })
    ));
    assert!(matches!(
        snapshot().save(".json"),
        Err(Error::UnknownExtension { .. })
    ));
    let missing = snapshot().save("/nowhere/at/all/heap.folded");
    assert!(matches!(missing, Err(Error::Write { .. })));
}

/// The viewer itself, as Valgrind brings it, reads the file in a browser.
#[cfg(feature = "json")]
#[test]
fn the_viewer_of_dhat_shows_the_stacks() {
    use std::{io::Write as _, process::Command};

    const TEST: &str = "the_viewer_of_dhat_shows_the_stacks";
    let skip = |reason: &str| {
        let _ = writeln!(std::io::stderr(), "skipped: {TEST}: {reason}");
    };
    let Ok(viewer) = fs::read_to_string("/usr/libexec/valgrind/dh_view.js") else {
        return skip("valgrind is not installed");
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("heap.dhat.json");
    snapshot().save(&path).unwrap();
    let data = fs::read_to_string(&path).unwrap();
    let page = folder.path().join("view.html");
    let html = format!(
        "<meta charset=utf-8><body></body><script>{viewer}</script><script>onLoad(); \
         gFilename = 'heap'; gData = {data}; buildTree(); displayTree(0, 0, 0);</script>"
    );
    fs::write(&page, html).unwrap();
    let output = Command::new("chromium")
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-sync",
        ])
        .args([
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-quic",
        ])
        .args(["--enable-logging=stderr", "--dump-dom"])
        .arg(format!(
            "--user-data-dir={}",
            folder.path().join("user").display()
        ))
        .arg(format!("file://{}", page.display()))
        .output();
    let Ok(output) = output else {
        return skip("chromium is not installed");
    };
    let shown = String::from_utf8(output.stdout).unwrap();
    // What it has made of the file, behind its own script.
    let shown = &shown[shown.find("displayTree(0, 0, 0)").unwrap()..];
    let before = String::from_utf8_lossy(&output.stderr);
    assert!(!before.contains("Uncaught"), "{before}");
    for text in [
        "shop::load (:0)",
        "shop::parse (:0)",
        "4,000 bytes",
        "13,000 bytes",
        "At t-gmax",
        "At t-end",
    ] {
        assert!(shown.contains(text), "{text} is not in\n{shown}");
    }
}
