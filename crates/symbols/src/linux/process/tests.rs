use super::*;

fn own() -> Process {
    Process::new(std::process::id())
}

#[test]
fn this_process() {
    let process = own();
    assert!(process.is_own());
    let executable = std::env::current_exe().unwrap();
    assert_eq!(
        process.program(),
        executable.file_name().unwrap().to_str().unwrap()
    );
    let threads = process.threads().unwrap();
    assert!(threads.contains(&process.id()));
    assert!(threads.is_sorted());
}

#[test]
fn no_process() {
    // Greater than any process id that Linux gives.
    let process = Process::new(1 << 30);
    assert!(!process.is_own());
    assert!(process.threads().is_err());
    assert!(process.mappings().is_err());
    assert_eq!(process.program(), "process 1073741824");
}

#[test]
fn a_program_whose_file_was_deleted_is_still_read() {
    let executable = std::env::current_exe().unwrap();
    let path = executable.to_str().unwrap().to_owned();
    let whole = own().object(&Origin::File(path.clone())).unwrap();
    assert!(whole.starts_with(b"\x7fELF"));
    let deleted = own().object(&Origin::Deleted(path.clone())).unwrap();
    assert_eq!(deleted.len(), whole.len());
    assert!(own().object(&Origin::Deleted(path + ".old")).is_none());
}

#[test]
fn what_cannot_be_read() {
    assert!(own().object(&Origin::Unknown).is_none());
    assert!(
        own()
            .object(&Origin::File("/nowhere/at/all".to_owned()))
            .is_none()
    );
    // A folder.
    assert!(own().object(&Origin::File("/".to_owned())).is_none());
}

#[test]
fn the_functions_of_the_kernel() {
    let bytes = own().object(&Origin::Vdso).unwrap();
    assert!(bytes.starts_with(b"\x7fELF"));
    assert_eq!(bytes.len() % 4096, 0);
}
