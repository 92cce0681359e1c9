//! Packs the sources of the runtime, so that the command carries them wherever it is installed.

use std::{
    env,
    error::Error,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

fn main() -> Result<(), Box<dyn Error>> {
    let own = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    // What the recorder says of itself was true when its build script ran, which may have been in another checkout that builds to the same folder: what lies beside this package comes first.
    let told = PathBuf::from(env::var("DEP_TUNEUP_RECORDER_ROOT")?);
    let places = [own.parent().unwrap_or(&own), told.parent().unwrap_or(&told)];
    let mut sources = String::from("&[\n");
    for name in ["measure", "recorder"] {
        let folder = find(name, &places)?;
        pack(&mut sources, name, &folder.join("README.md"), "README.md")?;
        pack_folder(&mut sources, name, &folder.join("src"), "src")?;
    }
    for path in ["runtime/lib.rs", "runtime/allocator.rs", "runtime/heap.rs"] {
        pack(
            &mut sources,
            "runtime",
            &own.join(path),
            &path.replacen("runtime", "src", 1),
        )?;
    }
    sources.push_str("]\n");
    fs::write(
        Path::new(&env::var("OUT_DIR")?).join("runtime_sources.rs"),
        sources,
    )?;
    Ok(())
}

/// Where a crate of this workspace lies: in a checkout by its folder's name, and as Cargo unpacks and vendors crates by its name, with or without its version.
fn find(name: &str, places: &[&Path]) -> Result<PathBuf, String> {
    let version = env::var("CARGO_PKG_VERSION").unwrap_or_default();
    let names = [
        name.to_owned(),
        format!("tuneup-{name}-{version}"),
        format!("tuneup-{name}"),
    ];
    let candidates: Vec<PathBuf> = places
        .iter()
        .flat_map(|place| names.iter().map(|name| place.join(name)))
        .collect();
    let found = candidates
        .iter()
        .find(|path| path.join("src/lib.rs").is_file());
    found
        .cloned()
        .ok_or_else(|| format!("the sources of tuneup-{name} are in none of {candidates:?}"))
}

fn pack_folder(
    sources: &mut String,
    name: &str,
    folder: &Path,
    inner: &str,
) -> Result<(), Box<dyn Error>> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<std::io::Result<_>>()?;
    paths.sort();
    for path in paths {
        let Some(file) = path.file_name().and_then(|file| file.to_str()) else {
            continue;
        };
        let inner = format!("{inner}/{file}");
        if path.is_dir() {
            pack_folder(sources, name, &path, &inner)?;
        } else if file.ends_with(".rs") && !matches!(file, "tests.rs" | "model.rs") {
            pack(sources, name, &path, &inner)?;
        }
    }
    Ok(())
}

fn pack(sources: &mut String, name: &str, path: &Path, inner: &str) -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={}", path.display());
    let path = path.to_str().ok_or("a path is no Unicode")?;
    writeln!(sources, "    (\"{name}/{inner}\", include_str!({path:?})),")?;
    Ok(())
}
