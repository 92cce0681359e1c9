//! Miss-ratio curves: what an LRU cache of any size would hit.

mod curve;
mod sampler;
mod shards;
mod stack_distances;
#[cfg(test)]
mod tests;

pub(crate) use self::shards::{ALL_PLACES, spread_id};
pub(crate) use self::stack_distances::StackDistances;
pub use self::{
    curve::{CurvePoint, MissRatioCurve},
    sampler::MissRatioSampler,
};
