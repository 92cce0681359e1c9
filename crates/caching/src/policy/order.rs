//! What a policy decides, for one who has it exclusively.

use super::node::Nodes;

/// In which order entries go.
pub(crate) trait Order {
    /// Notes a hit. Nobody else reads, so it may change the order at once.
    #[cfg(any(test, feature = "simulate"))]
    fn hit(&mut self, nodes: &impl Nodes, slot: u32);

    /// Whether a key that is about to come in went lately. Asked before room is made for it.
    fn recall(&mut self, _fingerprint: u32) -> bool {
        false
    }

    /// Takes in an entry; `recalled` is what [`recall`](Self::recall) said of it.
    fn insert(&mut self, nodes: &impl Nodes, slot: u32, recalled: bool);

    /// Takes out the entry that goes next.
    fn evict(&mut self, nodes: &impl Nodes) -> Option<u32>;
}
