//! What HTTP says of caching: whether a stored response may be used, and how to ask whether it still holds.

mod cache_control;
mod conditional;
mod entity_tag;
mod freshness;
#[cfg(test)]
mod tests;
mod update;
mod vary;

pub use self::{
    cache_control::CacheControl,
    conditional::{Conditional, condition, evaluate},
    entity_tag::{EntityTag, InvalidEntityTag},
    freshness::{CacheKind, Freshness, Reason, StoredResponse},
    vary::Vary,
};
