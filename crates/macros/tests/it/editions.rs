//! The tests of this program once more, in the edition in which temporaries at the end of a block outlive its variables.

use std::{
    env::{
        self,
        consts::{DLL_PREFIX, DLL_SUFFIX},
    },
    error::Error,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Cargo builds all tests of a package in one edition, so that the compiler is called here.
#[test]
fn all_tests_pass_in_edition_2021() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let scratch =
        option_env!("CARGO_TARGET_TMPDIR").ok_or("this is not the test that Cargo built")?;
    let program = Path::new(scratch).join(format!("edition_2021{}", env::consts::EXE_SUFFIX));
    let compiler = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let compiled = Command::new(compiler)
        .args(["--edition=2021", "--test", "--extern"])
        .arg({
            let mut library = std::ffi::OsString::from("tuneup_macros=");
            library.push(built_macros()?);
            library
        })
        .arg("-o")
        .arg(&program)
        .arg(folder.join("tests/it/main.rs"))
        .output()?;
    let messages = String::from_utf8_lossy(&compiled.stderr);
    assert!(compiled.status.success(), "{messages}");

    let run = Command::new(program)
        .args(["--skip", "editions"])
        .output()?;
    let messages = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{messages}");
    assert!(messages.contains("line_hits"), "{messages}");
    Ok(())
}

/// The macros that Cargo built for this program: it puts both into one folder, where older builds lie as well.
fn built_macros() -> Result<PathBuf, Box<dyn Error>> {
    let program = env::current_exe()?;
    let folder = program.parent().ok_or("a program is in a folder")?;
    let mut libraries = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with(&format!("{DLL_PREFIX}tuneup_macros-")) && name.ends_with(DLL_SUFFIX) {
            libraries.push((fs::metadata(&path)?.modified()?, path));
        }
    }
    let newest = libraries.into_iter().max();
    Ok(newest.ok_or("Cargo built no macros")?.1)
}
