use std::hint::black_box;

use super::*;

const MIB: u64 = 1 << 20;

#[test]
fn resident_memory_follows_what_is_written() {
    let before = ProcessMemory::read().unwrap();
    let block = black_box(vec![1_u8; 64 << 20]);
    let during = ProcessMemory::read().unwrap();
    assert!(
        during.resident_bytes >= before.resident_bytes + 60 * MIB,
        "{before:?} {during:?}"
    );
    assert!(during.peak_resident_bytes >= before.resident_bytes + 60 * MIB);
    assert!(during.virtual_bytes >= during.resident_bytes);
    // 64 MiB in pages of 4 KiB, or in huge ones.
    assert!(during.minor_page_faults >= before.minor_page_faults + 32);
    drop(block);
}

#[cfg(target_env = "gnu")]
#[test]
fn small_blocks_are_given_back() {
    // Blocks that stay keep the heap from shrinking by itself.
    let mut blocks = (0..40_000).map(|_| vec![1_u8; 1000]).collect::<Vec<_>>();
    let mut place = 0;
    blocks.retain(|_| {
        place += 1;
        place % 100 == 0
    });
    let released = release_unused().unwrap();
    assert!(released.bytes >= 20 * MIB, "{released:?}");
    assert!(black_box(blocks).iter().all(|block| block[999] == 1));
}

#[test]
fn the_strictest_group_counts() {
    let files = [
        ("/sys/fs/cgroup/a/b/memory.max", "max\n"),
        ("/sys/fs/cgroup/a/memory.max", "1000\n"),
        ("/sys/fs/cgroup/memory.max", "2000\n"),
        (
            "/sys/fs/cgroup/memory/c/memory.limit_in_bytes",
            "9223372036854771712\n",
        ),
        ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "500\n"),
    ];
    let read = |path: &PathBuf| {
        let file = files.iter().find(|(name, _)| path.to_str() == Some(name));
        let text = file.map(|(_, text)| (*text).to_owned());
        text.ok_or_else(|| io::ErrorKind::NotFound.into())
    };
    assert_eq!(limit_of("0::/a/b\n", read), Some(1000));
    assert_eq!(limit_of("3:cpu:/x\n9:memory:/c\n", read), Some(500));
    assert_eq!(limit_of("0::/\n", read), Some(2000));
    assert_eq!(limit_of("1:cpu:/x\nnonsense\n", read), None);
}

#[test]
fn fields_are_found_by_their_whole_name() {
    let status = "Name:\tVmRSS\nVmRSSX:\t1 kB\nVmRSS:\t  1234 kB\n";
    assert_eq!(field(status, "VmRSS"), Some(1234));
    assert_eq!(field(status, "VmHWM"), None);
}
