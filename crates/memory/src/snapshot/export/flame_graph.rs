//! Live bytes by stack, as a flame graph.

use std::collections::HashMap;

use tuneup_report::{FlameGraph, Svg, Unit};

use crate::snapshot::Snapshot;

pub(super) fn draw(snapshot: &Snapshot) -> Result<Svg, tuneup_report::Error> {
    // A frame is known by its caller and its name; what lives is of the innermost.
    let mut frames = HashMap::<(usize, &str), usize>::new();
    let mut own = vec![("all", None, 0.0)];
    for stack in &snapshot.stacks {
        let mut at = 0;
        for name in snapshot.path_of(stack) {
            at = *frames.entry((at, name)).or_insert_with(|| {
                own.push((name, Some(at), 0.0));
                own.len() - 1
            });
        }
        own[at].2 += stack.sums.live.bytes.max(0.0);
    }
    let title = format!("{}: live bytes by stack", snapshot.program);
    let mut graph = FlameGraph::new(title, Unit::Bytes);
    for (name, caller, bytes) in own {
        graph.push(caller, name, bytes);
    }
    graph.to_svg()
}
