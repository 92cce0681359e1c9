//! The format of DHAT's viewer, `dh_view.html` of Valgrind
//! (<https://valgrind.org/docs/manual/dh-manual.html>, file version 2).

use std::{collections::HashMap, io};

use serde::Serialize;

use crate::snapshot::{Snapshot, names::OTHER_STACKS};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct File {
    dhat_file_version: u32,
    mode: &'static str,
    verb: &'static str,
    /// Blocks have lifetimes.
    bklt: bool,
    /// Accesses to blocks are not counted.
    bkacc: bool,
    tu: &'static str,
    #[serde(rename = "Mtu")]
    mtu: &'static str,
    /// Below so many units of time a life is short.
    tuth: u64,
    cmd: String,
    pid: u32,
    tg: u64,
    te: u64,
    pps: Vec<Point>,
    ftbl: Vec<String>,
}

/// A stack. Its own peak is not recorded: that of the program, or the moment of the snapshot, stands for it, whichever is more.
#[derive(Serialize)]
struct Point {
    /// All bytes and blocks, and the sum of their lifetimes.
    tb: u64,
    tbk: u64,
    tl: u64,
    /// The most that lived,
    mb: u64,
    mbk: u64,
    /// what lived at the peak of the program,
    gb: u64,
    gbk: u64,
    /// and at the end.
    eb: u64,
    ebk: u64,
    /// Places in the table of frames, from the innermost outwards.
    fs: Vec<usize>,
}

pub(super) fn encode(snapshot: &Snapshot) -> io::Result<Vec<u8>> {
    let names = snapshot.names();
    let mut table = vec!["[root]".to_owned()];
    let mut places = HashMap::<String, usize>::new();
    let mut points = HashMap::<Vec<usize>, Point>::new();
    for stack in &snapshot.stacks {
        let site = names.site(&stack.calls);
        let frames = names
            .of(&stack.calls)
            .skip_while(|frame| Some(*frame) != site);
        let frames = frames.map(|frame| {
            let function = &names.functions[frame.function];
            format!("{} ({}:{})", function.name, function.file, frame.line)
        });
        let frames = match site {
            Some(_) => frames.collect(),
            None => vec![OTHER_STACKS.to_owned()],
        };
        let fs = frames.into_iter().map(|frame| {
            *places.entry(frame).or_insert_with_key(|frame| {
                table.push(frame.clone());
                table.len() - 1
            })
        });
        let fs = fs.collect::<Vec<_>>();
        let (allocated, live) = (&stack.sums.allocated, &stack.sums.live);
        let number = |value: f64| value.max(0.0).round() as u64;
        let (bytes, blocks) = (number(live.bytes), number(live.blocks));
        // Stacks that differ by their scope alone are one to the viewer.
        let point = points.entry(fs.clone()).or_insert(Point {
            tb: 0,
            tbk: 0,
            tl: 0,
            mb: 0,
            mbk: 0,
            gb: 0,
            gbk: 0,
            eb: 0,
            ebk: 0,
            fs,
        });
        point.tb += number(allocated.bytes);
        point.tbk += number(allocated.blocks);
        point.tl += number(stack.sums.lifetime_ns / 1000.0);
        let at_peak = &stack.sums.at_peak;
        let (peak_bytes, peak_blocks) = (number(at_peak.bytes), number(at_peak.blocks));
        point.mb += bytes.max(peak_bytes);
        point.mbk += blocks.max(peak_blocks);
        point.gb += peak_bytes;
        point.gbk += peak_blocks;
        point.eb += bytes;
        point.ebk += blocks;
    }
    let mut pps = points.into_values().collect::<Vec<_>>();
    pps.sort_by(|a, b| (b.tb, &a.fs).cmp(&(a.tb, &b.fs)));
    let end = snapshot.elapsed.as_micros() as u64;
    let file = File {
        dhat_file_version: 2,
        mode: "rust-heap",
        verb: "Allocated",
        bklt: true,
        bkacc: false,
        tu: "µs",
        mtu: "s",
        tuth: 500,
        cmd: snapshot.program.clone(),
        pid: std::process::id(),
        tg: snapshot.peak.after.as_micros() as u64,
        te: end,
        pps,
        ftbl: table,
    };
    let mut text = serde_json::to_vec(&file)?;
    text.push(b'\n');
    Ok(text)
}
