use super::Frame;
use super::layout::Layout;

fn frame(parent: Option<usize>, weight: f64) -> Frame {
    Frame {
        parent,
        label: String::new(),
        weight,
    }
}

#[test]
fn a_frame_is_as_wide_as_all_below_it_and_the_heaviest_stands_first() {
    let frames = [
        frame(None, 10.0),
        frame(Some(0), 20.0),
        frame(Some(0), 30.0),
        frame(Some(1), 40.0),
    ];
    let layout = Layout::of(&frames);
    assert_eq!((layout.total, layout.levels), (100.0, 3));
    let places: Vec<_> = layout
        .places
        .iter()
        .map(|place| (place.frame, place.level, place.start, place.share))
        .collect();
    assert_eq!(
        places,
        [
            (0, 0, 0.0, 1.0),
            (1, 1, 0.0, 0.6),
            (2, 1, 0.6, 0.3),
            (3, 2, 0.0, 0.4)
        ]
    );
}

#[test]
fn several_roots_share_the_width() {
    let layout = Layout::of(&[frame(None, 1.0), frame(None, 3.0)]);
    let starts: Vec<_> = layout
        .places
        .iter()
        .map(|place| (place.start, place.share))
        .collect();
    assert_eq!(starts, [(0.75, 0.25), (0.0, 0.75)]);
}

#[test]
fn what_cannot_be_seen_is_left_out_and_counted() {
    let mut frames = vec![frame(None, 999.5), frame(Some(0), 0.5), frame(Some(1), 0.0)];
    let layout = Layout::of(&frames);
    assert_eq!((layout.places.len(), layout.narrow), (1, 2));
    frames[0].weight = 99.5;
    let layout = Layout::of(&frames);
    assert_eq!((layout.places.len(), layout.narrow), (2, 1));
}

#[test]
fn levels_are_bounded_and_those_left_out_are_counted() {
    let chain = |length: usize| -> Vec<Frame> {
        (0..length)
            .map(|index| {
                frame(
                    index.checked_sub(1),
                    if index + 1 == length { 1.0 } else { 0.0 },
                )
            })
            .collect()
    };
    let layout = Layout::of(&chain(100));
    assert_eq!(
        (layout.levels, layout.deeper, layout.places.len()),
        (100, 0, 100)
    );
    let layout = Layout::of(&chain(100_000));
    assert_eq!(
        (layout.levels, layout.deeper, layout.places.len()),
        (100, 99_900, 100)
    );
}
