//! Sampling another process, whose program is compiled with and without what helps a sampler.

use std::process::Command;

use tuneup_profiling::{Function, NativeSampler, NativeSamplerBuilder, Profile, SortKey};

use crate::{
    call_tree::{all, along, assert_share, cumulative},
    processor_time::user_time,
    program::{Program, Run},
    skip::start,
    turns,
};

const RATE_HZ: u32 = 1999;

const IN_MAIN_THREAD: &[&str] = &[
    "workload::main",
    "workload::work_in_main_thread",
    "workload::work_until",
    "workload::work",
];
const IN_NEW_THREAD: &[&str] = &[
    "workload::work_in_new_thread",
    "workload::work_until",
    "workload::work",
];

fn sampler() -> NativeSamplerBuilder {
    NativeSampler::builder().rate_hz(RATE_HZ)
}

/// The profile of a program from before its work to its end; `None` where the kernel does not allow it.
fn profile_of(test: &str, program: &Program, builder: NativeSamplerBuilder) -> Option<Profile> {
    let mut run = program.run();
    let used_before = user_time(run.pid());
    let sampler = start(test, builder.pid(run.pid()))?;
    run.work();
    let used = user_time(run.pid()) - used_before;
    let profile = sampler.finish();
    run.end();

    let expected = used.as_secs_f64() * f64::from(RATE_HZ);
    assert_share(all(&profile), expected as u64, 0.8..=1.2);
    assert_eq!(profile.sampling.unwrap().ticks, all(&profile));
    assert_eq!((profile.program.as_str(), profile.threads), ("workload", 2));
    Some(profile)
}

/// That all samples are where they belong, below all their callers.
#[track_caller]
fn assert_whole_stacks(profile: &Profile) {
    let (heavy, light) = (
        cumulative(profile, "workload::heavy"),
        cumulative(profile, "workload::light"),
    );
    assert_share(heavy + light, all(profile), 0.9..=1.0);
    assert_share(heavy, heavy + light, 0.68..=0.82);
    let below = |callers: &[&str], leaf| along(profile, &[callers, &[leaf]].concat());
    let below_both = |leaf| below(IN_MAIN_THREAD, leaf) + below(IN_NEW_THREAD, leaf);
    assert_share(below_both("workload::heavy"), heavy, 0.95..=1.0);
    assert_share(below_both("workload::light"), light, 0.95..=1.0);
    // Each thread has half of the work.
    assert_share(below(IN_MAIN_THREAD, "workload::heavy"), heavy, 0.4..=0.6);
    assert_eq!(along(profile, &["workload::heavy", "workload::work"]), 0);
}

#[test]
fn without_frame_pointers() {
    let _turn = turns::beside_others();
    const TEST: &str = "without_frame_pointers";
    let program = Program::compile(&["-Cforce-frame-pointers=no"]);
    let Some(profile) = profile_of(TEST, &program, sampler()) else {
        return;
    };
    assert_whole_stacks(&profile);

    // It is the unwind tables that find the callers.
    if cfg!(target_arch = "x86_64") {
        let Some(profile) = profile_of(TEST, &program, sampler().user_stack_bytes(0)) else {
            return;
        };
        let heavy = cumulative(&profile, "workload::heavy");
        assert_share(heavy, all(&profile), 0.6..=0.9);
        assert_share(along(&profile, IN_MAIN_THREAD), all(&profile), 0.0..=0.1);
    }
}

#[test]
fn with_frame_pointers() {
    let _turn = turns::beside_others();
    let program = Program::compile(&["-Cforce-frame-pointers=yes"]);
    // Nothing is copied; then less than the stack, so that frame pointers go on from where the copy ends.
    for bytes in [0, 64] {
        let builder = sampler().user_stack_bytes(bytes);
        if let Some(profile) = profile_of("with_frame_pointers", &program, builder) {
            assert_whole_stacks(&profile);
        }
    }
}

#[test]
fn the_innermost_frames_are_kept() {
    let _turn = turns::beside_others();
    let program = Program::compile(&[]);
    let builder = sampler().max_depth(2);
    let Some(profile) = profile_of("the_innermost_frames_are_kept", &program, builder) else {
        return;
    };
    let path = ["workload::work", "workload::heavy"];
    assert_share(along(&profile, &path), all(&profile), 0.6..=0.9);
    let path = ["workload::work_until", "workload::work", "workload::heavy"];
    assert_eq!(along(&profile, &path), 0);
}

#[test]
fn a_stripped_program() {
    let _turn = turns::beside_others();
    let program = Program::compile(&["-Cstrip=symbols"]);
    let Some(profile) = profile_of("a_stripped_program", &program, sampler()) else {
        return;
    };
    let samples = |function: &Function| function.samples.unwrap().self_cpu;
    let mut functions = profile.functions.iter().collect::<Vec<_>>();
    functions.sort_by_key(|function| std::cmp::Reverse(samples(function)));
    let [heavy, light, ..] = functions[..] else {
        panic!("{functions:?}")
    };
    for function in [heavy, light] {
        let address = function.name.strip_prefix("workload+0x").unwrap();
        assert!(u64::from_str_radix(address, 16).is_ok(), "{address}");
        assert_eq!((function.file.as_str(), function.line), ("", 0));
    }
    let both = samples(heavy) + samples(light);
    assert_share(both, all(&profile), 0.9..=1.0);
    assert_share(samples(heavy), both, 0.68..=0.82);
}

/// The line in the workload that has `text`.
fn line_of(text: &str) -> u32 {
    let place = include_str!("workload.rs")
        .lines()
        .position(|line| line.contains(text));
    place.unwrap() as u32 + 1
}

#[track_caller]
fn function<'a>(profile: &'a Profile, name: &str) -> &'a Function {
    let function = profile
        .functions
        .iter()
        .find(|function| function.name == name);
    function.unwrap_or_else(|| panic!("{name} was not seen"))
}

#[test]
fn inlined_functions_and_lines() {
    let _turn = turns::beside_others();
    const TEST: &str = "inlined_functions_and_lines";
    // Line tables know an inlined function by its bare name, and not its line.
    let step_in = line_of("fn step(");
    let cases = [
        ("2", "workload::step", step_in),
        ("line-tables-only", "step", 0),
    ];
    for (level, step, step_line) in cases {
        let program = Program::compile(&[&format!("-Cdebuginfo={level}")]);
        let Some(profile) = profile_of(TEST, &program, sampler()) else {
            return;
        };
        assert_whole_stacks(&profile);
        let heavy = function(&profile, "workload::heavy");
        assert!(
            heavy.file.ends_with("tests/native/workload.rs"),
            "{heavy:?}"
        );
        assert_eq!(heavy.line, line_of("fn heavy("));
        let inlined = function(&profile, step);
        assert!(
            inlined.file.ends_with("tests/native/workload.rs"),
            "{inlined:?}"
        );
        assert_eq!(inlined.line, step_line, "{inlined:?}");
        let below = along(&profile, &["workload::heavy", step])
            + along(&profile, &["workload::light", step]);
        assert_eq!(below, cumulative(&profile, step));
        assert_share(below, all(&profile), 0.5..=1.0);
    }
}

#[test]
fn a_process_that_ends_before_the_sampler() {
    let _turn = turns::beside_others();
    let program = Program::compile(&[]);
    let mut run = program.run();
    let builder = sampler().pid(run.pid());
    let Some(sampler) = start("a_process_that_ends_before_the_sampler", builder) else {
        return;
    };
    run.work();
    run.end();
    let first = sampler.snapshot();
    let profile = sampler.finish();
    assert_eq!(all(&profile), all(&first));
    assert_whole_stacks(&profile);
    let hottest = profile.sort_by(SortKey::Samples).top(2);
    let names = hottest.iter().map(|function| function.name.as_str());
    assert_eq!(
        names.collect::<Vec<_>>(),
        ["workload::heavy", "workload::light"]
    );
}

#[test]
fn processes_that_it_starts_are_not_sampled() {
    let _turn = turns::beside_others();
    let program = Program::compile(&[]);
    let mut shell = Command::new("sh");
    let script = r#"echo ready; read go; "$0" </dev/null >/dev/null; echo done; read end; true"#;
    shell.args(["-c", script]).arg(program.path());
    let mut run = Run::new(shell);
    let builder = sampler().pid(run.pid());
    let Some(sampler) = start("processes_that_it_starts_are_not_sampled", builder) else {
        return;
    };
    run.work();
    let profile = sampler.finish();
    run.end();
    assert_eq!(cumulative(&profile, "workload::heavy"), 0);
    assert!(
        all(&profile) < 100,
        "{} samples of a shell that waits",
        all(&profile)
    );
}
