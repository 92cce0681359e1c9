//! What stacks come to, as a flame graph.

use std::collections::HashMap;

use tuneup_report::{FlameGraph, Svg, Unit};

use crate::snapshot::{Order, Snapshot};

pub(super) fn draw(snapshot: &Snapshot, by: Order) -> Result<Svg, tuneup_report::Error> {
    // A frame is known by its caller and its name; what was counted is of the innermost.
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
        own[at].2 += by.of_sums(&stack.sums).max(0.0);
    }
    let title = format!("{}: {} by stack", snapshot.program, by.title());
    let unit = match by.is_bytes() {
        true => Unit::Bytes,
        false => Unit::Count,
    };
    let mut graph = FlameGraph::new(title, unit);
    for (name, caller, bytes) in own {
        graph.push(caller, name, bytes);
    }
    graph.to_svg()
}
