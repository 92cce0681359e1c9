//! Real programs that have one fault each, profiled without an edit; and one that has none.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    sync::{Mutex, OnceLock, PoisonError},
};

use serde_json::Value;
use tuneup_memory::{Trace, TraceOptions};

use super::{advised_of, folder, only, rules, share};

const PROGRAMS: &[(&str, &str)] = &[
    (
        "fib",
        "fn fib(n: u64) -> u64 { if n < 2 { n } else { fib(n - 1) + fib(n - 2) } }\nfn main() { println!(\"{}\", fib(27)); }\n",
    ),
    (
        "orders",
        "use std::{thread::sleep, time::Duration};\n\
         fn load_user(id: u64) -> String { sleep(Duration::from_millis(25)); format!(\"user {id}\") }\n\
         fn load_all(count: u64) -> Vec<String> { (0..count).map(load_user).collect() }\n\
         fn main() { println!(\"{}\", load_all(12).len()); }\n",
    ),
    (
        "pages",
        "use std::{thread::sleep, time::Duration};\n\
         fn fetch(n: u64) -> u64 { sleep(Duration::from_millis(40 + 10 * (n % 3))); n }\n\
         fn main() { println!(\"{}\", (0..8).map(fetch).sum::<u64>()); }\n",
    ),
    (
        "futures",
        "use std::{pin::{Pin, pin}, task::{Context, Poll, Waker}, thread::sleep, time::{Duration, Instant}};\n\
         struct Until(Instant);\n\
         impl Future for Until { type Output = (); fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> { if Instant::now() >= self.0 { Poll::Ready(()) } else { Poll::Pending } } }\n\
         async fn fetch(n: u64) -> u64 { Until(Instant::now() + Duration::from_millis(50)).await; n }\n\
         async fn all() -> u64 { let mut sum = 0; for n in 0..8 { sum += fetch(n).await; } sum }\n\
         fn block_on<F: Future>(future: F) -> F::Output {\n    let mut future = pin!(future);\n    loop {\n        match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {\n            Poll::Ready(output) => return output,\n            Poll::Pending => sleep(Duration::from_millis(10)),\n        }\n    }\n}\n\
         fn main() { println!(\"{}\", block_on(all())); }\n",
    ),
    (
        "unique",
        "fn contains(seen: &[u64], n: u64) -> bool { seen.contains(&n) }\n\
         fn unique(numbers: &[u64]) -> usize { let mut seen = Vec::new(); for n in numbers { if !contains(&seen, *n) { seen.push(*n); } } seen.len() }\n\
         fn main() { let count: u64 = std::env::args().nth(1).unwrap().parse().unwrap(); let numbers: Vec<u64> = (0..count).map(|n| n.wrapping_mul(0x9E37_79B9_7F4A_7C15)).collect(); println!(\"{}\", unique(&numbers)); }\n",
    ),
    (
        "shapes",
        "use std::collections::HashMap;\n\
         #[derive(Clone, Copy, Hash)] struct Point { x: i64, y: i64 }\nstruct Map(HashMap<i64, i64>);\n\
         impl Map { fn get(&self, n: i64) -> i64 { self.0[&n] } fn put(&mut self, n: i64) -> i64 { self.0.insert(n, n); n } }\n\
         impl Point { fn sum(&self, other: Point) -> i64 { self.x + self.y + other.x } }\n\
         fn float(f: f64, (a, mut b): (u8, u8)) -> f64 { b += 1; f * f64::from(a + b) }\nfn hashed<T: std::hash::Hash>(t: T) -> u64 { let _t = t; 1 }\nfn other<T>(t: T) -> u64 { let _t = t; 1 }\n\
         fn text(text: &str, list: &[String]) -> usize { list.iter().filter(|word| word.contains(text)).count() }\nfn closure(f: impl Fn(i64) -> i64) -> i64 { f(1) }\n\
         async fn later(r#type: i64) -> i64 { r#type + 1 }\nfn nothing(n: i64) { std::hint::black_box(n); }\n\
         fn ready<F: Future>(future: F) -> F::Output { match std::pin::pin!(future).poll(&mut std::task::Context::from_waker(std::task::Waker::noop())) { std::task::Poll::Ready(output) => output, std::task::Poll::Pending => unreachable!() } }\n\
         fn main() {\n    let (mut map, list) = (Map(HashMap::new()), vec![String::from(\"one\")]);\n    for n in 0..1_000 {\n        map.put(n); map.get(n); Point { x: n % 5, y: n % 3 }.sum(Point { x: n % 2, y: 0 }); float((n % 7) as f64, (1, (n % 2) as u8));\n        hashed(n); other(n); text(\"o\", &list); closure(|n| n); ready(later(n % 4)); nothing(n);\n    }\n}\n",
    ),
    (
        "clean",
        "use std::hint::black_box;\n\
         fn a(n: u64) -> u64 { (0..n).fold(0, |sum, n| black_box(sum ^ n)) }\nfn b(n: u64) -> u64 { (0..n).fold(0, |sum, n| black_box(sum ^ n)) }\n\
         fn c(n: u64) -> u64 { (0..n).fold(0, |sum, n| black_box(sum ^ n)) }\nfn d(n: u64) -> u64 { (0..n).fold(0, |sum, n| black_box(sum ^ n)) }\n\
         fn e(n: u64) -> u64 { (0..n).fold(0, |sum, n| black_box(sum ^ n)) }\n\
         fn main() { let mut sum = 0; for _ in 0..1_000 { for f in [a, b, c, d, e] { sum ^= f(50_000); } } println!(\"{sum}\"); }\n",
    ),
];

fn package() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("advised");
        fs::create_dir_all(folder.join("src/bin")).unwrap();
        let manifest =
            "[package]\nname = \"advised\"\nversion = \"1.0.0\"\nedition = \"2024\"\n[workspace]\n";
        fs::write(folder.join("Cargo.toml"), manifest).unwrap();
        for (name, text) in PROGRAMS {
            fs::write(folder.join(format!("src/bin/{name}.rs")), text).unwrap();
        }
        folder
    })
}

/// Profiles a program, and gives the path of what was saved. One at a time: Cargo compiles anew when another choice comes in between.
fn profiled(folder: &tempfile::TempDir, name: &str, options: &[&str]) -> String {
    static ALONE: Mutex<()> = Mutex::new(());
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let number = fs::read_dir(folder.path()).unwrap().count();
    let path = folder.path().join(format!("{name}-{number}.json"));
    let output = Command::new(env!("CARGO_BIN_EXE_cargo-tuneup"))
        .args(["tuneup", "profile", "--bin", name, "-o"])
        .arg(&path)
        .args(options)
        .current_dir(package())
        .env_remove("CARGO_TARGET_DIR")
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    path.to_str().unwrap().to_owned()
}

fn advice_of(name: &str, options: &[&str]) -> Value {
    let folder = folder();
    let path = profiled(&folder, name, options);
    advised_of(&[path], &[])
}

#[test]
fn fibonacci_numbers_are_worth_remembering() {
    let advice = advice_of("fib", &["--arguments", "fib::fib"]);
    let finding = only(&advice, "repeats");
    assert_eq!(finding["evidence"]["distinct"], 28);
    assert_eq!(finding["evidence"]["calls"], 635_621);
    // Of the recorded time, in which a crowded machine does other things, too.
    assert!(share(finding) > 0.1, "{finding:#}");
    // Without a look at the arguments that is not known.
    assert!(!rules(&advice_of("fib", &[])).contains(&"repeats"));
}

#[test]
fn arguments_of_all_shapes_are_counted_where_they_have_a_hash() {
    let folder = folder();
    let path = profiled(&folder, "shapes", &["--arguments", "^shapes::"]);
    let profile: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let arguments = |name: &str| {
        let functions = profile["functions"].as_array().unwrap();
        let name = format!("shapes::{name}");
        functions
            .iter()
            .find(|function| function["name"] == *name)
            .unwrap()["arguments"]
            .clone()
    };
    for (name, distinct) in [("Point::sum", 30), ("float", 14), ("text", 1), ("later", 4)] {
        assert_eq!(
            (&arguments(name)["hashed"], &arguments(name)["distinct"]),
            (&1_000.into(), &distinct.into()),
            "{name}"
        );
    }
    let all_differ = arguments("hashed")["distinct"].as_u64().unwrap();
    assert!(all_differ.abs_diff(1_000) < 50, "{all_differ}");
    for name in ["Map::get", "other", "closure"] {
        assert_eq!(
            (
                &arguments(name)["hashed"],
                &arguments(name)["is_unhashable"]
            ),
            (&0.into(), &true.into()),
            "{name}"
        );
    }
    for name in ["Map::put", "nothing"] {
        assert!(arguments(name).is_null(), "{name}");
    }
}

#[test]
fn a_request_for_each_user_is_worth_a_batch() {
    let advice = advice_of("orders", &["--arguments", "load"]);
    let findings = advice["findings"].as_array().unwrap();
    let batch = findings
        .iter()
        .find(|finding| finding["rule"] == "batch")
        .unwrap();
    assert_eq!(batch["where"]["name"], "orders::load_user");
    assert_eq!(
        (
            &batch["evidence"]["calls"],
            &batch["evidence"]["repeated_share"]
        ),
        (&12.into(), &0.into())
    );
    assert!(share(batch) > 0.05, "{batch:#}");
}

#[test]
fn pages_that_are_waited_for_are_worth_waiting_for_together() {
    let advice = advice_of("pages", &[]);
    let finding = only(&advice, "waiting");
    assert_eq!(
        (&finding["where"]["name"], &finding["call"]),
        (&"pages::fetch".into(), &"ThreadExecutor".into())
    );
    assert!(share(finding) > 0.5, "{finding:#}");
}

#[test]
fn futures_that_are_awaited_one_by_one_are_worth_a_gather() {
    let advice = advice_of("futures", &[]);
    let findings = advice["findings"].as_array().unwrap();
    let waiting: Vec<&Value> = findings
        .iter()
        .filter(|finding| finding["rule"] == "waiting")
        .collect();
    let fetch = waiting
        .iter()
        .find(|finding| finding["where"]["name"] == "futures::fetch");
    assert_eq!(fetch.unwrap()["call"], "gather");
    assert!(
        waiting
            .iter()
            .all(|finding| finding["where"]["name"] != "futures::all"),
        "{advice:#}"
    );
}

#[test]
fn a_search_in_a_loop_is_found_by_two_sizes() {
    let folder = folder();
    let paths = ["2000", "20000"].map(|count| profiled(&folder, "unique", &["--", count]));
    let advice = advised_of(&paths, &["--sizes", "2000,20000"]);
    let finding = &advice["findings"][0];
    assert_eq!(
        (&finding["rule"], &finding["where"]["name"]),
        (&"growth".into(), &"unique::contains".into())
    );
    let exponent = finding["evidence"]["exponent"].as_f64().unwrap();
    assert!(exponent > 1.5, "{exponent}");
}

#[test]
fn a_program_without_a_fault_is_left_alone() {
    let advice = advice_of("clean", &[]);
    assert!(rules(&advice).is_empty(), "{advice:#}");
}

/// Where the child of the test below is told to save what it traces.
const SNAPSHOTS: &str = "TUNEUP_TEST_SNAPSHOTS";

#[test]
fn a_list_that_never_shrinks_is_a_leak_and_texts_that_go_at_once_are_temporary() {
    if let Some(folder) = env::var_os(SNAPSHOTS) {
        return leak(Path::new(&folder));
    }
    // In a process of its own: other tests allocate, too.
    let folder = folder();
    let test =
        path_of("a_list_that_never_shrinks_is_a_leak_and_texts_that_go_at_once_are_temporary");
    let child = Command::new(env::current_exe().unwrap())
        .args(["--exact", &test, "--test-threads", "1"])
        .env(SNAPSHOTS, folder.path())
        .output()
        .unwrap();
    assert!(
        child.status.success(),
        "{}",
        String::from_utf8_lossy(&child.stdout)
    );
    let paths: Vec<String> = (0..10)
        .map(|number| {
            folder
                .path()
                .join(format!("{number}.json"))
                .to_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    let advice = advised_of(&paths, &["--at-least", "20%"]);
    let mut found = rules(&advice);
    found.sort_unstable();
    assert_eq!(found, ["leak", "temporary-allocations"], "{advice:#}");
    for finding in advice["findings"].as_array().unwrap() {
        let expected = if finding["rule"] == "leak" {
            "programs::keep"
        } else {
            "length_of"
        };
        assert!(
            finding["where"]["name"]
                .as_str()
                .unwrap()
                .contains(expected),
            "{finding:#}"
        );
    }
}

/// A test of this module, as the harness knows it.
fn path_of(test: &str) -> String {
    let module = module_path!()
        .split_once("::")
        .map_or("", |(_, module)| module);
    format!("{module}::{test}")
}

fn leak(folder: &Path) {
    let trace = Trace::start(TraceOptions::exact()).unwrap();
    let mut kept: Vec<Vec<u8>> = Vec::new();
    let mut snapshots = Vec::new();
    for _ in 0..10 {
        keep(&mut kept);
        let length: usize = (0..20_000_u64).map(length_of).sum();
        assert!(length > 0);
        snapshots.push(trace.snapshot());
    }
    for (number, snapshot) in snapshots.iter().enumerate() {
        snapshot
            .save(folder.join(format!("{number}.json")))
            .unwrap();
    }
    assert_eq!(kept.len(), 1_000);
}

#[inline(never)]
fn keep(kept: &mut Vec<Vec<u8>>) {
    kept.extend((0..100).map(|_| vec![1; 10_000]));
}

#[inline(never)]
fn length_of(number: u64) -> usize {
    let text = number.to_string();
    std::hint::black_box(&text).len()
}
