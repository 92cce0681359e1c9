//! How many results are to come of what is pulled ahead of its consumer.

/// The size hint of results: of what is left of their source, and of what is in flight.
#[inline]
pub(crate) fn with_in_flight(
    (least, most): (usize, Option<usize>),
    in_flight: usize,
) -> (usize, Option<usize>) {
    (
        least.saturating_add(in_flight),
        most.and_then(|most| most.checked_add(in_flight)),
    )
}
