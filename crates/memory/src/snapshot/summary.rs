//! What a heap comes to, in a sentence and in a table of what lived at its peak.

use tuneup_measure::{Bytes, Percent, format_duration};
use tuneup_report::{Align, Cell, Shorten, Table, sparkline};

use super::{
    Entry, GroupBy, Groups, Order, Snapshot,
    table::{bytes, bytes_of, count},
};

/// Characters of the line that shows live bytes over time.
const COURSE_WIDTH: usize = 60;

impl Snapshot {
    /// The peak and when it was, what was allocated and which part of that was freed at once, and what lives: one line.
    ///
    /// ```
    /// use tuneup_memory::{Trace, TraceOptions, TrackingAllocator};
    ///
    /// #[global_allocator]
    /// static ALLOCATOR: TrackingAllocator = TrackingAllocator::system();
    ///
    /// let trace = Trace::start(TraceOptions::exact())?;
    /// drop(vec![0_u8; 1 << 20]);
    /// assert!(trace.snapshot().summary().contains("1 MiB allocated"));
    /// # Ok::<(), tuneup_memory::Error>(())
    /// ```
    #[must_use]
    pub fn summary(&self) -> String {
        let total = self.total();
        // Counters know what samples estimate, and blocks that found no room in the trace.
        let (allocated, freed) = (self.counted.allocated_bytes, self.counted.freed_bytes);
        let blocks = self.counted.allocated_blocks;
        let live_blocks = blocks.saturating_sub(self.counted.freed_blocks);
        let mut summary = format!(
            "{}: peak {} after {} of {}, {} allocated in {} blocks ({} temporary), {} in {} blocks live at the end",
            self.program,
            Bytes(self.peak.bytes),
            format_duration(self.peak.after),
            format_duration(self.elapsed),
            Bytes(allocated),
            Cell::count(blocks),
            Percent(total.temporary_share),
            Bytes(allocated.saturating_sub(freed)),
            Cell::count(live_blocks),
        );
        if self.missed > 0 {
            summary += &format!(
                "; {} blocks found no room in the trace",
                Cell::count(self.missed)
            );
        }
        summary
    }

    /// The live bytes over time, as a line of block characters; empty if nothing is known of that.
    #[must_use]
    pub fn course(&self) -> String {
        let most = self.timeline.most_bytes.iter().map(|most| *most as f64);
        sparkline(&most.collect::<Vec<_>>(), COURSE_WIDTH)
    }

    /// The groups of [`by`](Self::by) as a table for a program that has ended: what lived at the peak and its part of that, what was allocated, the
    /// part that was freed at once, and what lives. Sorted by `order`; at most `top` groups.
    ///
    /// ```
    /// use tuneup_memory::{GroupBy, Order, Trace, TraceOptions, TrackingAllocator};
    ///
    /// #[global_allocator]
    /// static ALLOCATOR: TrackingAllocator = TrackingAllocator::system();
    ///
    /// let trace = Trace::start(TraceOptions::exact())?;
    /// drop(vec![0_u8; 1 << 20]);
    /// println!("{}", trace.snapshot().peak_table(GroupBy::Site, Order::PeakBytes, 20));
    /// # Ok::<(), tuneup_memory::Error>(())
    /// ```
    #[must_use]
    pub fn peak_table(&self, by: GroupBy, order: Order, top: usize) -> Table {
        let Groups {
            entries,
            total,
            hidden,
            is_exact,
            ..
        } = self.by(by).sort_by(order).top(top);
        let header = [
            "at peak",
            "%",
            "blocks",
            "allocated",
            "blocks",
            "temporary",
            "at end",
            "blocks",
        ];
        let last = header.len();
        let mut table = Table::new(header.into_iter().chain([by.title()]))
            .title(self.summary())
            .shorten(last, Shorten::Start)
            .named_by(last);
        for column in 0..last {
            table = table.align(column, Align::Right);
        }
        for entry in &entries {
            table.push(row(entry, &total));
        }
        let course = self.course();
        if !course.is_empty() {
            table = table.note(format!("live bytes over time: {course}"));
        }
        if hidden > 0 {
            table = table.note(format!("{} more are not shown", Cell::count(hidden as u64)));
        }
        match is_exact {
            true => table,
            false => table.note("± is one standard error: blocks were sampled"),
        }
    }
}

fn row(entry: &Entry, total: &Entry) -> Vec<Cell> {
    let share = match total.at_peak.bytes > 0.0 {
        true => Cell::percent(entry.at_peak.bytes / total.at_peak.bytes),
        false => Cell::missing(),
    };
    vec![
        bytes_of(&entry.at_peak),
        share,
        Cell::text(count(entry.at_peak.blocks)),
        Cell::text(bytes(entry.allocated.bytes)),
        Cell::text(count(entry.allocated.blocks)),
        Cell::percent(entry.temporary_share),
        Cell::text(bytes(entry.live.bytes)),
        Cell::text(count(entry.live.blocks)),
        Cell::text(&entry.name),
    ]
}
