use std::sync::LazyLock;

use super::*;

/// As a container of version 2 sees it: it is mounted at the container's own group.
const MOUNTS: &str = "\
25 30 0:22 / /sys rw,nosuid - sysfs sysfs rw
30 25 0:26 /box /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate
";

/// As a host of version 1 with one controller a hierarchy sees it.
const MOUNTS_OF_ONE: &str = "\
27 25 0:24 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu
28 25 0:25 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
29 25 0:26 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids
30 25 0:27 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
";

struct System(tempfile::TempDir);

impl System {
    fn new(mounts: &str, membership: &str) -> Self {
        let system = Self(tempfile::tempdir().unwrap());
        system.write("proc/self/mountinfo", mounts);
        system.write("proc/7/cgroup", membership);
        system
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn groups(&self) -> ControlGroups {
        ControlGroups::new(self.0.path())
    }
}

/// What is said of each limit, in the order of their names.
fn limits(groups: &mut ControlGroups) -> Vec<(String, f64, f64)> {
    limits_at(groups, 0)
}

/// After so many seconds, in each of which the tree has used a quarter of a core.
fn limits_at(groups: &mut ControlGroups, seconds: u64) -> Vec<(String, f64, f64)> {
    static BEGUN: LazyLock<Instant> = LazyLock::new(Instant::now);
    groups.refresh(7);
    let limits = groups.limits(*BEGUN + Duration::from_secs(seconds), seconds * 250_000_000);
    let mut said: Vec<_> = limits
        .into_iter()
        .map(|limit| (limit.name, limit.limit, limit.used))
        .collect();
    said.sort_by(|left, right| left.0.cmp(&right.0));
    said
}

fn said(name: &str, limit: f64, used: f64) -> (String, f64, f64) {
    (name.to_owned(), limit, used)
}

#[test]
fn limits_of_version_2_are_found_up_to_the_container() {
    let system = System::new(MOUNTS, "0::/box/app/worker\n");
    system.write("sys/fs/cgroup/app/worker/memory.max", "max\n");
    system.write("sys/fs/cgroup/app/worker/pids.max", "100\n");
    system.write("sys/fs/cgroup/app/worker/pids.current", "7\n");
    system.write("sys/fs/cgroup/app/memory.max", "1000\n");
    system.write("sys/fs/cgroup/app/memory.high", "900\n");
    system.write("sys/fs/cgroup/app/memory.current", "800\n");
    system.write(
        "sys/fs/cgroup/app/memory.stat",
        "anon 500\ninactive_file 100\n",
    );
    system.write("sys/fs/cgroup/cpu.max", "150000 100000\n");
    let expected = [
        said("cpu.max of /box", 1.5, 0.25),
        said("memory.high of /box/app", 900.0, 700.0),
        said("memory.max of /box/app", 1000.0, 700.0),
        said("pids.max of /box/app/worker", 100.0, 7.0),
    ];
    let mut groups = system.groups();
    limits(&mut groups);
    assert_eq!(limits_at(&mut groups, 2), expected);
    let (name, _) = groups.innermost().unwrap();
    assert_eq!(name, "/box/app/worker");
}

#[test]
fn limits_of_devices_are_rates() {
    let system = System::new(MOUNTS, "0::/box\n");
    let line = "8:16 rbps=2000 wbps=max riops=max wiops=120\n8:1 wbps=77\n";
    system.write("sys/fs/cgroup/io.max", line);
    system.write(
        "sys/fs/cgroup/io.stat",
        "8:1 rbytes=1 wbytes=5\n8:16 rbytes=1000 wbytes=2\n",
    );
    system.write("sys/fs/cgroup/cpu.stat", "usage_usec 1000\n");
    let mut groups = system.groups();
    assert_eq!(limits(&mut groups), [], "one look is no rate");
    system.write(
        "sys/fs/cgroup/io.stat",
        "8:1 rbytes=1 wbytes=5\n8:16 rbytes=9000 wbytes=2\n",
    );
    let said = limits_at(&mut groups, 2);
    assert_eq!(said[0].0, "io.max of /box, device 8:1");
    assert_eq!((said[0].1, said[0].2), (77.0, 0.0));
    assert_eq!(said[1].0, "io.max of /box, device 8:16");
    assert_eq!((said[1].1, said[1].2), (2000.0, 4000.0));
}

#[test]
fn limits_of_version_1_are_found_in_their_hierarchies() {
    let membership = "8:pids:/a\n4:memory:/a/b\n1:cpu:/\n9:name=systemd:/\n0::/\n";
    let system = System::new(MOUNTS_OF_ONE, membership);
    let unlimited = "9223372036854771712\n";
    system.write("sys/fs/cgroup/memory/a/b/memory.limit_in_bytes", unlimited);
    system.write("sys/fs/cgroup/memory/a/memory.limit_in_bytes", "4000\n");
    system.write("sys/fs/cgroup/memory/a/memory.usage_in_bytes", "3000\n");
    system.write(
        "sys/fs/cgroup/memory/a/memory.stat",
        "inactive_file 7\ntotal_inactive_file 1000\n",
    );
    system.write("sys/fs/cgroup/pids/a/pids.max", "50\n");
    system.write("sys/fs/cgroup/pids/a/pids.current", "49\n");
    system.write("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "50000\n");
    system.write("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
    let expected = [
        said("cpu.cfs_quota_us of /", 0.5, 0.25),
        said("memory.limit_in_bytes of /a", 4000.0, 2000.0),
        said("pids.max of /a", 50.0, 49.0),
    ];
    let mut groups = system.groups();
    limits(&mut groups);
    assert_eq!(limits_at(&mut groups, 2), expected);
    assert!(groups.innermost().is_none(), "the group of all is nobody's");
    system.write("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
    let mut groups = system.groups();
    limits(&mut groups);
    assert_eq!(limits_at(&mut groups, 2).len(), 2, "no quota");
}

#[test]
fn what_goes_wrong_is_counted_from_the_first_look_on() {
    let system = System::new(MOUNTS, "0::/box\n");
    system.write("sys/fs/cgroup/cpu.max", "50000 100000\n");
    let stat = |periods, throttled, us| {
        let text = format!(
            "usage_usec 9\nnr_periods {periods}\nnr_throttled {throttled}\nthrottled_usec {us}\n"
        );
        system.write("sys/fs/cgroup/cpu.stat", &text);
    };
    stat(100, 5, 1_000);
    system.write(
        "sys/fs/cgroup/memory.events",
        "high 3\nmax 2\noom 1\noom_kill 1\n",
    );
    let mut groups = system.groups();
    limits(&mut groups);
    assert_eq!(groups.troubles(), []);
    stat(110, 9, 51_000);
    system.write(
        "sys/fs/cgroup/memory.events",
        "high 3\nmax 9\noom 2\noom_kill 2\n",
    );
    limits(&mut groups);
    let expected = Trouble {
        group: "/box".to_owned(),
        periods: 10,
        throttled_periods: 4,
        throttled: Duration::from_millis(50),
        above_high: 0,
        at_limit: 7,
        oom_kills: 1,
    };
    assert_eq!(groups.troubles(), std::slice::from_ref(&expected));
    // The process has ended, and its group is gone.
    fs::remove_file(system.0.path().join("proc/7/cgroup")).unwrap();
    fs::remove_dir_all(system.0.path().join("sys")).unwrap();
    limits(&mut groups);
    assert_eq!(groups.troubles(), [expected]);
}

#[test]
fn a_process_that_is_moved_has_the_limits_of_its_new_group() {
    let system = System::new(MOUNTS, "0::/box/a\n");
    system.write("sys/fs/cgroup/a/memory.max", "10\n");
    system.write("sys/fs/cgroup/a/memory.current", "1\n");
    system.write("sys/fs/cgroup/b/memory.max", "20\n");
    system.write("sys/fs/cgroup/b/memory.current", "2\n");
    let mut groups = system.groups();
    assert_eq!(
        limits(&mut groups),
        [said("memory.max of /box/a", 10.0, 1.0)]
    );
    system.write("proc/7/cgroup", "0::/box/b\n");
    assert_eq!(
        limits(&mut groups),
        [said("memory.max of /box/b", 20.0, 2.0)]
    );
}

#[test]
fn a_group_outside_of_what_is_mounted_has_no_limits() {
    for membership in ["0::/../other\n", "0::/boxer\n", "0::/\n", "", "x", "0::\n"] {
        let system = System::new(MOUNTS, membership);
        system.write("sys/fs/cgroup/memory.max", "10\n");
        system.write("sys/fs/cgroup/memory.current", "1\n");
        assert_eq!(limits(&mut system.groups()), [], "{membership:?}");
    }
}

proptest::proptest! {
    /// Whatever the files say, no limit is made of what is none.
    #[test]
    fn no_file_is_too_strange(text in "[ -~\\n]{0,80}") {
        let system = System::new(&text, &text);
        limits(&mut system.groups());
        let system = System::new(MOUNTS, "0::/box\n");
        for file in ["cpu.max", "io.max", "io.stat", "memory.max", "memory.current", "cpu.stat", "memory.events"] {
            system.write(&format!("sys/fs/cgroup/{file}"), &text);
        }
        for (_, limit, used) in limits(&mut system.groups()) {
            proptest::prop_assert!(limit.is_finite() && used.is_finite());
        }
    }
}
