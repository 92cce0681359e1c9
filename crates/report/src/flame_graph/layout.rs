//! Where the boxes stand.

use crate::flame_graph::Frame;

/// Frames that take a smaller part of the whole are not drawn.
const LEAST_SHARE: f64 = 0.001;
/// Levels below this one are not drawn.
const MOST_LEVELS: usize = 100;

/// A frame that is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Place {
    /// The number of the frame.
    pub(super) frame: usize,
    /// From 0 at the top.
    pub(super) level: usize,
    /// Where it begins, as a part of the whole.
    pub(super) start: f64,
    /// How much of the whole it is.
    pub(super) share: f64,
    /// The weight of the frame and of everything below it.
    pub(super) total: f64,
}

/// The boxes of a flame graph, callers before what they call.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Layout {
    pub(super) places: Vec<Place>,
    /// How many levels are drawn.
    pub(super) levels: usize,
    /// The weight of the whole.
    pub(super) total: f64,
    /// Frames left out because they weigh too little.
    pub(super) narrow: usize,
    /// Levels left out because there are too many.
    pub(super) deeper: usize,
}

impl Layout {
    /// Every parent must stand before its children, and some weight be positive.
    pub(super) fn of(frames: &[Frame]) -> Self {
        let totals = totals(frames);
        let roots = frames.iter().zip(&totals);
        let total: f64 = roots
            .filter(|(frame, _)| frame.parent.is_none())
            .map(|(_, total)| total)
            .sum();
        let offsets = offsets(frames, &totals);
        let mut levels = vec![0; frames.len()];
        let mut starts = offsets;
        let mut layout = Self {
            places: Vec::new(),
            levels: 0,
            total,
            narrow: 0,
            deeper: 0,
        };
        for (index, frame) in frames.iter().enumerate() {
            if let Some(parent) = frame.parent {
                levels[index] = levels[parent] + 1;
                starts[index] += starts[parent];
            }
            let level = levels[index];
            let share = totals[index] / total;
            if share < LEAST_SHARE {
                layout.narrow += 1;
            } else if level >= MOST_LEVELS {
                layout.deeper = layout.deeper.max(level + 1 - MOST_LEVELS);
            } else {
                layout.levels = layout.levels.max(level + 1);
                layout.places.push(Place {
                    frame: index,
                    level,
                    start: starts[index] / total,
                    share,
                    total: totals[index],
                });
            }
        }
        layout
    }
}

/// The weight of each frame with everything below it.
fn totals(frames: &[Frame]) -> Vec<f64> {
    let mut totals: Vec<f64> = frames.iter().map(|frame| frame.weight).collect();
    // Children stand after their parents, so that each total is complete when it is added.
    for (index, frame) in frames.iter().enumerate().rev() {
        if let Some(parent) = frame.parent {
            totals[parent] += totals[index];
        }
    }
    totals
}

/// How far each frame begins from the beginning of its parent, the heaviest first.
fn offsets(frames: &[Frame], totals: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..frames.len()).collect();
    order.sort_by(|&a, &b| totals[b].total_cmp(&totals[a]));
    let mut offsets = vec![0.0; frames.len()];
    let mut used = vec![0.0; frames.len()];
    let mut used_by_roots = 0.0;
    for index in order {
        let used = match frames[index].parent {
            Some(parent) => &mut used[parent],
            None => &mut used_by_roots,
        };
        offsets[index] = *used;
        *used += totals[index];
    }
    offsets
}
