use super::*;

const HIGH: Option<i32> = Some(3);
const USUAL: Option<i32> = Some(2);

/// Request, error number, setting, and words that what and mend must have.
type Case = (
    Request,
    i32,
    Option<i32>,
    &'static [&'static str],
    &'static [&'static str],
);

const CASES: &[Case] = &[
    (
        Request::OwnEvent,
        libc::EACCES,
        HIGH,
        &["/proc/sys/kernel/perf_event_paranoid is 3"],
        &["sysctl kernel.perf_event_paranoid=1", "cap_perfmon"],
    ),
    (
        Request::ForeignEvent,
        libc::EACCES,
        HIGH,
        &["/proc/sys/kernel/perf_event_paranoid is 3"],
        &["sysctl kernel.perf_event_paranoid=1"],
    ),
    (
        Request::OwnEvent,
        libc::EACCES,
        USUAL,
        &["seccomp", "perf_event_paranoid is 2"],
        &["--cap-add PERFMON", "seccomp=FILE"],
    ),
    (
        Request::OwnEvent,
        libc::EPERM,
        USUAL,
        &["seccomp", "perf_event_paranoid is 2"],
        &["--cap-add PERFMON", "at most 2"],
    ),
    (
        Request::OwnEvent,
        libc::EPERM,
        None,
        &["seccomp", "perf_event_paranoid cannot be read"],
        &["--cap-add PERFMON"],
    ),
    (
        Request::OwnEvent,
        libc::EPERM,
        HIGH,
        &["seccomp", "perf_event_paranoid is 3"],
        &["--cap-add PERFMON", "at most 2"],
    ),
    (
        Request::ForeignEvent,
        libc::EACCES,
        USUAL,
        &["belongs to somebody else", "perf_event_paranoid is 2"],
        &["as the user of the process", "CAP_SYS_PTRACE"],
    ),
    (
        Request::ForeignEvent,
        libc::EPERM,
        USUAL,
        &["belongs to somebody else", "container"],
        &["--cap-add PERFMON --cap-add SYS_PTRACE"],
    ),
    (
        Request::OwnEvent,
        libc::ENOSYS,
        USUAL,
        &["no perf events"],
        &["instrumented functions"],
    ),
    (
        Request::OwnEvent,
        libc::ENOENT,
        USUAL,
        &["CONFIG_PERF_EVENTS"],
        &["instrumented functions"],
    ),
    (
        Request::OwnEvent,
        libc::EMFILE,
        USUAL,
        &["open file", "processor"],
        &["ulimit -n"],
    ),
    (
        Request::OwnEvent,
        libc::ENFILE,
        USUAL,
        &["open file"],
        &["ulimit -n"],
    ),
    (
        Request::OwnEvent,
        libc::EINVAL,
        USUAL,
        &["rate"],
        &["perf_event_max_sample_rate"],
    ),
    (
        Request::ForeignEvent,
        libc::ESRCH,
        USUAL,
        &["no such process"],
        &["id of a process"],
    ),
    (
        Request::OwnEvent,
        libc::ENOMEM,
        USUAL,
        &["memory"],
        &["free some memory"],
    ),
    (
        Request::OwnEvent,
        libc::E2BIG,
        USUAL,
        &["does not open"],
        &["perf_event_open(2)"],
    ),
    (
        Request::Ring,
        libc::EPERM,
        USUAL,
        &["perf_event_mlock_kb"],
        &["ulimit -l", "CAP_IPC_LOCK"],
    ),
    (
        Request::Ring,
        libc::EPERM,
        HIGH,
        &["perf_event_mlock_kb"],
        &["perf_event_mlock_kb=2048"],
    ),
    (
        Request::Ring,
        libc::ENOMEM,
        USUAL,
        &["no memory"],
        &["user_stack_bytes"],
    ),
    (
        Request::Ring,
        libc::EINVAL,
        USUAL,
        &["does not share"],
        &["perf_event_open(2)"],
    ),
];

#[test]
fn each_refusal_names_its_setting() {
    for (request, errno, paranoid, whats, mends) in CASES {
        let (what, mend) = explain(*request, *errno, *paranoid);
        for word in *whats {
            assert!(
                what.contains(word),
                "{request:?} {errno} {paranoid:?}: {word:?} is not in {what:?}"
            );
        }
        for word in *mends {
            assert!(
                mend.contains(word),
                "{request:?} {errno} {paranoid:?}: {word:?} is not in {mend:?}"
            );
        }
    }
}

#[test]
fn texts_are_in_the_style_of_errors() {
    for (request, errno, paranoid, _, _) in CASES {
        let (what, mend) = explain(*request, *errno, *paranoid);
        for text in [what, mend] {
            assert!(
                text.starts_with(|c: char| c.is_lowercase() || c == '`'),
                "{text:?}"
            );
            assert!(
                !text.ends_with('.') && !text.contains("  ") && !text.contains('\n'),
                "{text:?}"
            );
        }
    }
}

#[test]
fn the_error_keeps_what_the_system_said() {
    let error = refused(Request::Ring, io::Error::from_raw_os_error(libc::EPERM));
    match &error {
        Error::Sampler { source, .. } => assert_eq!(source.raw_os_error(), Some(libc::EPERM)),
        other => panic!("{other:?}"),
    }
    assert!(
        error
            .to_string()
            .starts_with("cannot start the sampler: the memory for samples")
    );
}
