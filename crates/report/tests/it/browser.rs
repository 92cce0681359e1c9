//! A report in a real browser: headless Chromium loads it, runs its script under its own policy, and draws it light and dark.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output};

use tuneup_report::{Axis, Bar, BarPlot, Cell, FlameGraph, HtmlReport, Svg, Table, Unit};

/// Would name itself in the title, if it ran.
const HOSTILE: &str =
    "<script>document.title = 'ran'</script><img src=x onerror=\"document.title = 'ran'\">";

fn report() -> HtmlReport {
    let plot = BarPlot::new(HOSTILE, Axis::linear("time", Unit::Nanoseconds))
        .bar(Bar::new(HOSTILE, 12.0))
        .bar(Bar::new("other", 34.0))
        .to_svg()
        .unwrap();
    let table = Table::new(["name", "time"])
        .row([Cell::text(HOSTILE), Cell::nanoseconds(12.0)])
        .row([Cell::text("other"), Cell::nanoseconds(34.0)]);
    HtmlReport::new("a report")
        .section(HOSTILE)
        .table(&table)
        .plot(&plot)
        .plot(&flames())
}

/// `left` takes 60 of 100, `right` 30, of which the inner one takes 2: too narrow for a name.
fn flames() -> Svg {
    FlameGraph::new(HOSTILE, Unit::Nanoseconds)
        .frame(None, "main", 10.0)
        .frame(Some(0), HOSTILE, 60.0)
        .frame(Some(0), "right", 28.0)
        .frame(Some(2), "an_inner_name", 2.0)
        .to_svg()
        .unwrap()
}

/// Runs Chromium on a page; `None`, after saying so, where there is none.
fn chromium(test: &str, page: &Path, arguments: &[&str]) -> Option<Output> {
    let profile = page.with_file_name("profile");
    let output = Command::new("chromium")
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
        ])
        .args([
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ])
        .args(["--enable-logging=stderr", "--window-size=900,1200"])
        .arg(format!("--user-data-dir={}", profile.display()))
        .args(arguments)
        .arg(format!("file://{}", page.display()))
        .output();
    match output {
        Ok(output) => Some(output),
        Err(_) => {
            let _ = writeln!(
                std::io::stderr(),
                "skipped: {test}: chromium is not installed"
            );
            None
        }
    }
}

fn page_in(folder: &Path) -> std::path::PathBuf {
    let page = folder.join("report.html");
    std::fs::write(&page, report().render()).unwrap();
    page
}

#[test]
fn chromium_runs_its_script_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let page = page_in(folder.path());
    let Some(output) = chromium(
        "chromium_runs_its_script_and_nothing_else",
        &page,
        &["--dump-dom"],
    ) else {
        return;
    };
    let dom = String::from_utf8(output.stdout).unwrap();
    assert!(
        dom.contains("<title>a report</title>"),
        "a name ran as a script: {dom}"
    );
    assert!(
        dom.contains("<button>name</button>"),
        "our script, which makes headers sort, did not run: {dom}"
    );
    let log = String::from_utf8_lossy(&output.stderr);
    let complaints: Vec<&str> = log
        .lines()
        .filter(|line| line.contains("CONSOLE"))
        .collect();
    assert!(complaints.is_empty(), "{complaints:?}");
}

#[test]
fn a_click_zooms_into_a_flame_graph_and_another_one_out() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("report.html");
    // What a reader's clicks do, by a script that only this test lets in.
    let clicks = "<script>
        const boxes = [...document.querySelectorAll('.flame-graph > svg')];
        const state = () => boxes.map((box) => {
            if (box.style.display === 'none') return 'hidden';
            const text = box.querySelector('text')?.textContent.slice(0, 13) ?? '';
            return Math.round(box.getAttribute('width')) + ' ' + text;
        }).join('|');
        const click = (box) => box.dispatchEvent(new MouseEvent('click', { bubbles: true }));
        const states = [state()];
        click(boxes[2]); states.push(state());
        click(boxes[2]); states.push(state());
        click(boxes[3]); states.push(state());
        document.title = states.join(' / ');
        </script>";
    let html = HtmlReport::new("a report").plot(&flames()).render();
    let start = html.find("script-src").unwrap();
    let end = start + html[start..].find(';').unwrap();
    let open = format!(
        "{}script-src 'unsafe-inline'{}",
        &html[..start],
        &html[end..]
    );
    std::fs::write(&page, open.replace("</body>", &format!("{clicks}</body>"))).unwrap();
    let test = "a_click_zooms_into_a_flame_graph_and_another_one_out";
    let Some(output) = chromium(test, &page, &["--dump-dom"]) else {
        return;
    };
    let dom = String::from_utf8(output.stdout).unwrap();
    let title = dom.split("<title>").nth(1).unwrap();
    let states: Vec<&str> = title
        .split("</title>")
        .next()
        .unwrap()
        .split(" / ")
        .collect();
    let name = "&lt;script&gt;docum";
    assert_eq!(
        states,
        [
            format!("9274 main|5562 {name}|2778 right|180 "),
            "9274 main|hidden|9274 right|613 an…name".to_owned(),
            format!("9274 main|5562 {name}|2778 right|180 "),
            "9274 main|hidden|9274 right|9274 an_inner_name".to_owned(),
        ],
    );
}

#[test]
fn chromium_draws_it_light_and_dark() {
    let folder = tempfile::tempdir().unwrap();
    let page = page_in(folder.path());
    let mut pictures = Vec::new();
    for scheme in ["0", "1"] {
        let file = folder.path().join(format!("{scheme}.png"));
        let arguments = [
            format!("--blink-settings=preferredColorScheme={scheme}"),
            format!("--screenshot={}", file.display()),
        ];
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        if chromium("chromium_draws_it_light_and_dark", &page, &arguments).is_none() {
            return;
        }
        pictures.push(std::fs::read(file).unwrap());
    }
    // The top left corner is background: its colour is in the first row of pixels.
    let [dark, light] = [&pictures[0], &pictures[1]].map(|picture| corner(picture));
    assert!(light.iter().all(|&part| part > 0xe0), "light: {light:?}");
    assert!(dark.iter().all(|&part| part < 0x40), "dark: {dark:?}");
}

/// Red, green and blue of the first pixel.
fn corner(png: &[u8]) -> [u8; 3] {
    let mut reader = png::Decoder::new(std::io::Cursor::new(png))
        .read_info()
        .unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut pixels).unwrap();
    [pixels[0], pixels[1], pixels[2]]
}
