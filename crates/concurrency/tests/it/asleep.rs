//! Threads that have nothing to do, and use no processor.

use std::{
    fs,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

/// Whether a thread sleeps, and how often it was given a processor.
fn look(thread: &Path) -> (bool, u64) {
    let read = |file| fs::read_to_string(thread.join(file)).unwrap();
    let sleeps = read("stat").rsplit_once(") ").unwrap().1.starts_with('S');
    let slices = read("schedstat").split(' ').nth(2).unwrap().trim().parse();
    (sleeps, slices.unwrap())
}

/// Waits until there are some of these threads, by their folders in `/proc`, and all of them sleep undisturbed.
pub(crate) fn wait_until_asleep(threads: impl Fn() -> Vec<PathBuf>) {
    let looks = || threads().iter().map(|it| look(it)).collect::<Vec<_>>();
    // Who spins never sleeps, and who looks now and then is given a processor in between.
    let mut before = looks();
    loop {
        thread::sleep(Duration::from_millis(200));
        let now = looks();
        if !now.is_empty() && now == before && now.iter().all(|(sleeps, _)| *sleeps) {
            return;
        }
        before = now;
    }
}
