//! Records a few calls without any macro, and prints the tree that they made.
//!
//! `cargo run --release -p tuneup-recorder --example call_tree`

use tuneup_recorder::{Options, Session, Site, SiteKind, enter};

fn main() {
    let Some(session) = Session::start(Options::default()) else {
        return eprintln!("another session is recording");
    };
    outer();
    let recording = session.read();
    for thread in &recording.threads {
        for node in thread.nodes.iter().filter(|node| node.site.is_some()) {
            let depth = depth(&thread.nodes, node.parent);
            let name = node.site.map_or("", Site::name);
            let time = recording.scale.duration(node.ticks);
            println!("{:>6} calls {time:>12.1?}  {:depth$}{name}", node.calls, "");
        }
    }
}

fn outer() {
    static SITE: Site = Site::new(|| "outer", SiteKind::Function, file!(), line!());
    let _frame = enter(&SITE);
    for n in 0..1000 {
        std::hint::black_box(inner(n));
    }
}

fn inner(n: u64) -> u64 {
    static SITE: Site = Site::new(|| "inner", SiteKind::Function, file!(), line!());
    let _frame = enter(&SITE);
    n * n
}

/// Two columns for each caller.
fn depth(nodes: &[tuneup_recorder::NodeRecording], mut at: usize) -> usize {
    let mut depth = 0;
    while nodes[at].site.is_some() {
        depth += 2;
        at = nodes[at].parent;
    }
    depth
}
