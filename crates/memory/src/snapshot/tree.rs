//! Which calls lead to what was allocated, as an indented table.

use std::collections::HashMap;

use tuneup_measure::{Bytes, Percent};
use tuneup_report::{Align, Cell, Shorten, Style, Table};

use super::{Order, Snapshot, Stack, names::OTHER_STACKS};

/// Calls that are shown below each other at most: names stand to the right of their callers'.
const DEEPEST: usize = 32;
/// A call with less of the whole has no line of its own.
const LEAST_SHARE: f64 = 0.01;

/// Spaces do not break, so that a page or a document keeps them.
const BELOW_LAST: &str = "\u{a0}\u{a0}";
const BELOW: &str = "│\u{a0}";

/// A function as called along one path.
struct Call {
    name: String,
    /// What it has allocated itself.
    own: f64,
    /// With what it has called.
    all: f64,
    callees: Vec<usize>,
}

/// The root, which stands for the program, is the first.
struct Tree {
    calls: Vec<Call>,
    places: HashMap<(usize, String), usize>,
}

impl Snapshot {
    /// The calls that lead to what was allocated, callees below their caller, those with most first: what each comes to with all that it called,
    /// its part of the whole, and what it comes to itself. Calls of the standard library have no lines, nor have calls with less than 1 %.
    ///
    /// Looks names up, if that has not been done; O(frames).
    ///
    /// ```
    /// use tuneup_memory::{Order, Trace, TraceOptions, TrackingAllocator};
    ///
    /// #[global_allocator]
    /// static ALLOCATOR: TrackingAllocator = TrackingAllocator::system();
    ///
    /// let trace = Trace::start(TraceOptions::exact())?;
    /// let kept = vec![0_u8; 1 << 20];
    /// println!("{}", trace.snapshot().tree(Order::LiveBytes));
    /// # drop(kept);
    /// # Ok::<(), tuneup_memory::Error>(())
    /// ```
    #[must_use]
    pub fn tree(&self, by: Order) -> Table {
        let tree = Tree::of(self, by);
        let whole = tree.calls[0].all;
        let mut table = Table::new([by.title(), "%", "itself", "function"])
            .title(self.summary())
            .align(0, Align::Right)
            .align(1, Align::Right)
            .align(2, Align::Right)
            .shorten(3, Shorten::Start)
            .named_by(3);
        for line in tree.lines() {
            let share = match whole > 0.0 {
                true => Cell::percent(line.all / whole),
                false => Cell::missing(),
            };
            let row = vec![
                amount(by, line.all),
                share,
                amount(by, line.own),
                Cell::text(line.text),
            ];
            table.push(match line.is_call {
                true => row,
                false => row
                    .into_iter()
                    .map(|cell| cell.styled(Style::Dim))
                    .collect(),
            });
        }
        table
    }

    /// Functions from the outermost that is somebody's to the site.
    fn callers(&self, stack: &Stack) -> Vec<String> {
        let mut names = self.names().stack_names(&stack.calls);
        names.reverse();
        // What the system calls before it comes to a function of Rust.
        let outside = names.iter().take_while(|name| !name.contains("::")).count();
        if outside < names.len() {
            names.drain(..outside);
        }
        match names.is_empty() {
            true => vec![OTHER_STACKS.to_owned()],
            false => names,
        }
    }
}

fn amount(by: Order, value: f64) -> Cell {
    let value = value.max(0.0).round() as u64;
    match by.is_bytes() {
        true => Cell::text(Bytes(value).to_string()),
        false => Cell::count(value),
    }
}

/// One line of the table.
struct Line {
    text: String,
    all: f64,
    own: f64,
    /// Or several calls together.
    is_call: bool,
}

/// A line that is still to come.
struct Ahead {
    call: usize,
    depth: usize,
    /// What is drawn before its name, and before the lines of its callees.
    lead: String,
    indent: String,
    /// It and all behind it are too small for lines of their own.
    folded: Vec<usize>,
}

impl Tree {
    fn of(snapshot: &Snapshot, by: Order) -> Self {
        let root = Call {
            name: String::new(),
            own: 0.0,
            all: 0.0,
            callees: Vec::new(),
        };
        let mut tree = Self {
            calls: vec![root],
            places: HashMap::new(),
        };
        for stack in &snapshot.stacks {
            let value = by.of_sums(&stack.sums);
            if value > 0.0 {
                tree.add(snapshot.callers(stack), value);
            }
        }
        tree
    }

    fn add(&mut self, path: Vec<String>, value: f64) {
        let mut at = 0;
        self.calls[at].all += value;
        for name in path {
            let calls = &mut self.calls;
            let callee = *self
                .places
                .entry((at, name))
                .or_insert_with_key(|(_, name)| {
                    let place = calls.len();
                    calls.push(Call {
                        name: name.clone(),
                        own: 0.0,
                        all: 0.0,
                        callees: Vec::new(),
                    });
                    calls[at].callees.push(place);
                    place
                });
            at = callee;
            self.calls[at].all += value;
        }
        self.calls[at].own += value;
    }

    fn lines(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        let mut ahead = self.callees(0, 0, "");
        ahead.reverse();
        while let Some(next) = ahead.pop() {
            lines.push(self.line(&next));
            if next.folded.is_empty() {
                let callees = self.callees(next.call, next.depth + 1, &next.indent);
                ahead.extend(callees.into_iter().rev());
            }
        }
        lines
    }

    fn line(&self, next: &Ahead) -> Line {
        let call = &self.calls[next.call];
        if next.folded.is_empty() {
            return Line {
                text: format!("{}{}", next.lead, call.name),
                all: call.all,
                own: call.own,
                is_call: true,
            };
        }
        let count = next.folded.len();
        let why = match next.depth >= DEEPEST {
            true => format!("({count} deeper)"),
            false => format!("({count} below {})", Percent(LEAST_SHARE)),
        };
        let sum =
            |of: fn(&Call) -> f64| next.folded.iter().map(|call| of(&self.calls[*call])).sum();
        Line {
            text: format!("{}{why}", next.lead),
            all: sum(|call| call.all),
            own: sum(|call| call.own),
            is_call: false,
        }
    }

    /// The lines below a call, in their order.
    fn callees(&self, call: usize, depth: usize, indent: &str) -> Vec<Ahead> {
        let mut callees = self.calls[call].callees.clone();
        let key = |call: &usize| &self.calls[*call];
        callees.sort_by(|a, b| {
            let order = key(b).all.total_cmp(&key(a).all);
            order.then_with(|| key(a).name.cmp(&key(b).name))
        });
        let least = match depth >= DEEPEST {
            true => f64::INFINITY,
            false => LEAST_SHARE * self.calls[0].all,
        };
        let shown = callees.partition_point(|callee| key(callee).all >= least);
        let folded = callees.split_off(shown);
        let lines = callees.len() + usize::from(!folded.is_empty());
        let groups = callees.into_iter().map(|callee| (callee, Vec::new()));
        let rest = folded.first().copied().map(|first| (first, folded));
        let ahead = groups.chain(rest).enumerate();
        let ahead = ahead.map(|(place, (call, folded))| {
            let (branch, below) = match (depth, place + 1 == lines) {
                (0, _) => ("", ""),
                (_, true) => ("└ ", BELOW_LAST),
                (_, false) => ("├ ", BELOW),
            };
            Ahead {
                call,
                depth,
                lead: format!("{indent}{branch}"),
                indent: format!("{indent}{below}"),
                folded,
            }
        });
        ahead.collect()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::snapshot::Names;

    fn snapshot(stacks: &[(&[u64], f64)]) -> Snapshot {
        let sites = stacks.iter().map(|(calls, bytes)| (calls[0], *bytes));
        let mut snapshot = Snapshot::of_sites(Duration::from_secs(1), sites);
        for (stack, (calls, _)) in snapshot.stacks.iter_mut().zip(stacks) {
            stack.calls = calls.to_vec();
        }
        let mut names = Names::default();
        for (address, name) in [
            (1, "shop::load"),
            (2, "shop::parse"),
            (3, "alloc::vec::Vec::push"),
            (8, "shop::main"),
            (9, "main"),
        ] {
            names.insert(address, name);
        }
        for address in 100..300 {
            names.insert(address, &format!("shop::deep_{address}"));
        }
        snapshot.names = names.into();
        snapshot
    }

    /// What stands in the last column.
    fn names(table: &Table) -> Vec<String> {
        let text = table.to_string();
        let rows = text.lines().skip_while(|line| !line.starts_with('─'));
        let names = rows
            .skip(1)
            .filter_map(|row| row.trim_end().rsplit("  ").next());
        names.map(str::to_owned).collect()
    }

    #[test]
    fn callees_stand_below_their_callers_and_small_ones_together() {
        let table = snapshot(&[
            (&[1, 8, 9], 600.0),
            (&[3, 2, 1, 8, 9], 300.0),
            (&[2, 8, 9], 95.0),
            (&[100, 8, 9], 3.0),
            (&[101, 8, 9], 2.0),
        ])
        .tree(Order::LiveBytes);
        assert_eq!(
            names(&table),
            [
                "shop::main",
                "├ shop::load",
                "│\u{a0}└ shop::parse",
                "├ shop::parse",
                "└ (2 below 1 %)",
            ],
            "{table}"
        );
    }

    #[test]
    fn what_is_too_deep_is_one_line() {
        let deep: Vec<u64> = (100..300).collect();
        let table = snapshot(&[(&deep, 10.0)]).tree(Order::LiveBytes);
        assert_eq!(table.len(), DEEPEST + 1);
        assert!(names(&table).last().unwrap().ends_with("(1 deeper)"));
    }

    #[test]
    fn nothing_is_an_empty_table() {
        assert!(snapshot(&[]).tree(Order::PeakBytes).is_empty());
    }
}
