//! An adaptive policy: queues as in S3-FIFO, admission by reuse distance as in LIRS, and a share of the small queue that follows
//! the traffic.
//!
//! Time is counted in misses, as nobody is told of hits. What it is made of:
//!
//! - An entry that comes back has a *reuse distance*: the time since it had come in. It takes the place of the entry at the tail of the
//!   main queue if that was not used for longer than twice this distance: keeping the newcomer instead would then have been better. This is
//!   the rule of LIRS (Jiang and Zhang, SIGMETRICS 2002), with a clock in the place of its stack, as in CLOCK-Pro (Jiang, Chen and Zhang,
//!   USENIX ATC 2005). A loop over more than fits is never admitted by it, so most of what is there stays and is hit.
//! - A larger small queue (Yang et al., SOSP 2023) would have hit those that come back soon after they left it. Each makes its share grow,
//!   the more the sooner it came; it shrinks all the time by what a slot is worth elsewhere. Under loops and Zipfian traffic it ends at
//!   next to nothing, where recency counts at a tenth of the capacity and more. Such a balance is kept by ghosts in ARC (Megiddo and
//!   Modha, FAST 2003) and CLOCK-Pro too.
//! - Where nobody comes back for long, what is remembered may be too short for the traffic, and main full of what is no longer asked
//!   for: now and then an entry moves there untested.

mod departed;
#[cfg(test)]
mod tests;

use self::departed::Departed;
use super::{
    list::List,
    node::{Nodes, Queue},
    order::Order,
};

/// How many times its reuse distance an entry must be idle to make room for a newcomer.
const IDLE_FACTOR: u32 = 2;
/// So many entries at the tail of the main queue are looked at for one that comes back.
const LOOKS: usize = 5;
/// After so many newcomers in a row that are not remembered the main queue is renewed by one entry.
const STRANGERS: u32 = 32;

/// The share of the small queue at first.
const FIRST_SHARE: f64 = 0.01;
const LARGEST_SHARE: f64 = 0.9;
/// By so many entries the share grows for one that came back at once.
const STEP: f64 = 4.0;
/// What a slot of the small queue has to bring to be kept: hits in as many misses as there are entries.
const WORTH: f64 = 0.45;
/// What comes back is looked for in a window as large as the small queue, but in no less than this share of all.
const LEAST_WINDOW: f64 = 0.03;

/// A small queue for newcomers, a main queue in which hits give another round, and the fingerprints of what left the small
/// queue. Beside the nodes, 12 bytes an entry.
#[derive(Debug)]
pub(crate) struct Adaptive {
    small: List,
    main: List,
    departed: Departed,
    /// By slot: when the entry came in, or was last spared. Both queues are ordered by it.
    born: Vec<u32>,
    /// Counts misses, and wraps.
    now: u32,
    /// Of the weight, what the small queue may have.
    share: f64,
    newcomer: Newcomer,
    /// In a row.
    strangers: u32,
    len: usize,
    capacity: u64,
    has_evicted: bool,
}

/// What is known of the entry that is about to come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Newcomer {
    Stranger,
    /// It had come in so many misses ago, and was not yet held against the main queue.
    Returns(u32),
    Admitted,
    Refused,
}

impl Adaptive {
    /// Hits beyond are not counted: so many rounds of the main queue they are worth.
    pub(super) const MOST_HITS: u8 = 4;

    /// For entries that weigh `capacity` in all.
    pub(crate) fn new(capacity: u64) -> Self {
        Self {
            small: List::new(),
            main: List::new(),
            departed: Departed::new(),
            born: Vec::new(),
            now: 0,
            share: FIRST_SHARE,
            newcomer: Newcomer::Stranger,
            strangers: 0,
            len: 0,
            capacity,
            has_evicted: false,
        }
    }
}

impl Order for Adaptive {
    /// Whether a key that is about to come in was here lately. Asked before room is made for it: that depends on the
    /// answer.
    fn recall(&mut self, fingerprint: u32) -> bool {
        self.now = self.now.wrapping_add(1);
        if self.has_evicted {
            let len = self.len.max(1) as f64;
            let cost = STEP * WORTH * self.window() / (len * len);
            self.share = (self.share - cost).max(0.0);
        }
        match self.departed.take(fingerprint, self.now) {
            Some(age) => {
                self.newcomer = Newcomer::Returns(age);
                self.strangers = 0;
                true
            }
            None => {
                self.newcomer = Newcomer::Stranger;
                self.strangers += 1;
                false
            }
        }
    }

    fn insert(&mut self, nodes: &impl Nodes, slot: u32, returns: bool) {
        let newcomer = std::mem::replace(&mut self.newcomer, Newcomer::Stranger);
        if self.born.len() <= slot as usize {
            self.born.resize(slot as usize + 1, 0);
        }
        self.len += 1;
        let fills_up = !self.has_evicted && self.small.weight() >= self.room_of(self.capacity);
        if fills_up || returns && newcomer != Newcomer::Refused {
            self.enter_main(nodes, slot);
        } else {
            self.enter_small(nodes, slot);
        }
    }

    #[cfg(any(test, feature = "simulate"))]
    fn hit(&mut self, nodes: &impl Nodes, slot: u32) {
        nodes.node(slot).count_up_to(Self::MOST_HITS);
    }

    fn evict(&mut self, nodes: &impl Nodes) -> Option<u32> {
        self.has_evicted = true;
        let small_room = self.room_of(self.small.weight() + self.main.weight());
        let slot = self
            .evict_for_newcomer(nodes, small_room)
            .or_else(|| self.evict_in_turn(nodes, small_room))?;
        nodes.node(slot).set_queue(Queue::Out);
        self.len -= 1;
        Some(slot)
    }
}

impl Adaptive {
    pub(crate) fn remove(&mut self, nodes: &impl Nodes, slot: u32) {
        let node = nodes.node(slot);
        match node.queue() {
            Queue::Small => self.small.remove(nodes, slot),
            Queue::Main => self.main.remove(nodes, slot),
            Queue::Out => return,
        }
        node.set_queue(Queue::Out);
        self.len -= 1;
    }

    pub(crate) fn reweigh(&mut self, nodes: &impl Nodes, slot: u32, from: u64, to: u64) {
        match nodes.node(slot).queue() {
            Queue::Small => self.small.reweigh(from, to),
            Queue::Main => self.main.reweigh(from, to),
            Queue::Out => {}
        }
    }

    /// The room of the small queue where all weigh so much; never nothing.
    fn room_of(&self, weight: u64) -> u64 {
        ((weight as f64 * self.share) as u64).max(1)
    }

    /// In misses, by how much longer entries would stay if the small queue were twice as large; or had the least share that is worth a try.
    fn window(&self) -> f64 {
        (self.share.max(LEAST_WINDOW) * self.len as f64).max(2.0)
    }

    fn idle(&self, slot: u32) -> u32 {
        self.now.wrapping_sub(self.born[slot as usize])
    }

    fn enter_small(&mut self, nodes: &impl Nodes, slot: u32) {
        self.born[slot as usize] = self.now;
        nodes.node(slot).set_frequency(0);
        nodes.node(slot).set_queue(Queue::Small);
        self.small.push(nodes, slot);
    }

    fn enter_main(&mut self, nodes: &impl Nodes, slot: u32) {
        self.born[slot as usize] = self.now;
        nodes.node(slot).set_frequency(0);
        nodes.node(slot).set_queue(Queue::Main);
        self.main.push(nodes, slot);
    }

    /// Whether the small queue has more than its share also without its tail, so that this may go instead of an entry of the main one.
    fn small_can_spare(&self, nodes: &impl Nodes, small_room: u64) -> bool {
        self.small
            .tail()
            .is_some_and(|tail| self.small.weight() - nodes.weight(tail) >= small_room)
    }

    /// What goes on account of the newcomer; none, if it has no claim to a place in the main queue.
    fn evict_for_newcomer(&mut self, nodes: &impl Nodes, small_room: u64) -> Option<u32> {
        match self.newcomer {
            Newcomer::Returns(_) if self.small_can_spare(nodes, small_room) => {
                self.newcomer = Newcomer::Admitted;
                None
            }
            Newcomer::Returns(age) => {
                let victim = self.make_way(nodes, age);
                self.newcomer = match victim {
                    Some(_) => Newcomer::Admitted,
                    None => Newcomer::Refused,
                };
                if victim.is_some() {
                    let step = STEP * self.nearness(age) / self.len as f64;
                    self.share = (self.share + step).min(LARGEST_SHARE);
                }
                victim
            }
            Newcomer::Stranger if self.strangers >= STRANGERS => {
                self.strangers = 0;
                self.renew_main(nodes)
            }
            _ => None,
        }
    }

    /// 1 if an entry that came in so long ago would still be here if the small queue were a window larger, less the more windows it would
    /// take: a little more steeply than in proportion, or the many that come back late under Zipfian traffic would add up.
    fn nearness(&self, age: u32) -> f64 {
        let stay = self.small.tail().map_or(1, |tail| self.idle(tail));
        let missed_by = f64::from(age) - f64::from(stay);
        let nearness = self.window() / missed_by.max(self.window());
        nearness * nearness.sqrt().sqrt()
    }

    /// Takes out the tail of the main queue if it is idle for long enough to make way for an entry that is asked for at this distance. The
    /// tail is idle for longest, as far as is known: if it is in its right, so are all others.
    fn make_way(&mut self, nodes: &impl Nodes, distance: u32) -> Option<u32> {
        for _ in 0..LOOKS {
            let tail = self.main.tail()?;
            if !self.spare_if_hit(nodes, tail) {
                let is_stale = self.idle(tail) >= distance.saturating_mul(IDLE_FACTOR);
                return is_stale.then(|| self.take_from_main(nodes, tail));
            }
        }
        None
    }

    /// Takes out the tail of the main queue if it was not hit, and moves an entry there from the small one.
    fn renew_main(&mut self, nodes: &impl Nodes) -> Option<u32> {
        let tail = self.main.tail()?;
        if self.spare_if_hit(nodes, tail) {
            return None;
        }
        if let Some(slot) = self.small.pop(nodes) {
            self.enter_main(nodes, slot);
        }
        Some(self.take_from_main(nodes, tail))
    }

    /// What goes when nobody has a claim: of the small queue, unless that has less than its share.
    fn evict_in_turn(&mut self, nodes: &impl Nodes, small_room: u64) -> Option<u32> {
        loop {
            if self.small.weight() < small_room
                && let Some(slot) = self.evict_main(nodes)
            {
                return Some(slot);
            }
            let Some(slot) = self.small.pop(nodes) else {
                return self.evict_main(nodes);
            };
            if nodes.node(slot).frequency() == 0 {
                let born = self.born[slot as usize];
                self.departed
                    .add(nodes.fingerprint(slot), born, self.now, self.len);
                return Some(slot);
            }
            if self.small.weight() >= small_room {
                self.enter_main(nodes, slot);
            } else if let Some(victim) = self.make_way(nodes, self.idle(slot)) {
                self.enter_main(nodes, slot);
                return Some(victim);
            } else {
                // Its hits are spent, so this ends.
                self.enter_small(nodes, slot);
            }
        }
    }

    /// Ends: each round costs an entry one of its hits, of which few count.
    fn evict_main(&mut self, nodes: &impl Nodes) -> Option<u32> {
        while let Some(tail) = self.main.tail() {
            if !self.spare_if_hit(nodes, tail) {
                return Some(self.take_from_main(nodes, tail));
            }
        }
        None
    }

    /// Gives the tail of the main queue another round for one of its hits, if it has any.
    fn spare_if_hit(&mut self, nodes: &impl Nodes, tail: u32) -> bool {
        let node = nodes.node(tail);
        let hits = node.frequency();
        if hits == 0 {
            return false;
        }
        node.set_frequency(hits - 1);
        self.main.remove(nodes, tail);
        self.main.push(nodes, tail);
        self.born[tail as usize] = self.now;
        true
    }

    fn take_from_main(&mut self, nodes: &impl Nodes, slot: u32) -> u32 {
        self.main.remove(nodes, slot);
        slot
    }
}
