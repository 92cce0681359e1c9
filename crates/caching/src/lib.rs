#![doc = include_str!("../README.md")]

mod error;

mod concurrent;
mod hasher;
mod policy;
mod single_flight;
mod statistics;
mod timeline;

mod cache;
mod lru_cache;

#[cfg(feature = "memoize")]
mod attribute;
#[cfg(feature = "memoize")]
mod memoize;

#[cfg(feature = "store")]
mod circuit_breaker;
#[cfg(feature = "store")]
mod generations;
#[cfg(feature = "store")]
mod pattern;
#[cfg(feature = "store")]
mod store;
#[cfg(feature = "store")]
mod tiered;

#[cfg(feature = "http")]
mod http_caching;

#[cfg(feature = "simulate")]
mod advice;
#[cfg(feature = "simulate")]
mod miss_ratio;
#[cfg(feature = "simulate")]
mod simulate;
#[cfg(feature = "simulate")]
mod trace;

pub use equivalent::Equivalent;

#[cfg(feature = "http")]
pub use crate::http_caching::{
    CacheControl, CacheKind, Conditional, EntityTag, Freshness, InvalidEntityTag, Reason,
    StoredResponse, Vary, condition, evaluate,
};
#[cfg(feature = "simulate")]
pub use crate::{
    advice::{Advice, Advisor, AdvisorBuilder, Candidate, RunnerUp, Traffic, advice},
    miss_ratio::{CurvePoint, MissRatioCurve, MissRatioSampler},
    simulate::{
        Outcome, Replacement, Simulation, SimulationBuilder, SimulationProgress, SimulationReport,
        simulate,
    },
    trace::{Trace, TraceFormat, TraceReader},
};
#[cfg(feature = "memoize")]
pub use crate::{attribute::memoize, memoize::MethodCache};
pub use crate::{
    cache::{Cache, CacheBuilder, Entry, EvictionCause, LoadError},
    error::Error,
    hasher::DefaultHasher,
    lru_cache::{LruCache, LruIter},
    policy::Policy,
    statistics::{Info, Recent},
};

#[cfg(feature = "file-store")]
pub use crate::store::{FileStore, FileStoreBuilder};
#[cfg(feature = "redis")]
pub use crate::store::{RedisStore, RedisStoreBuilder};
#[cfg(feature = "store")]
pub use crate::{
    circuit_breaker::{
        CircuitBreaker, CircuitBreakerBuilder, CircuitInfo, CircuitPermit, CircuitState,
    },
    pattern::{
        CacheAside, Change, ChangeError, FlushTimedOut, ReadThrough, ReadThroughBuilder,
        ReadThroughInfo, Refused, Sink, Source, Tier, Unwritten, WriteBehind, WriteBehindBuilder,
        WriteBehindInfo, WriteThrough,
    },
    store::{
        AsyncStore, ChannelEvent, Codec, Executor, Invalidation, InvalidationChannel, MemoryStore,
        OffloadedStore, PostcardCodec, Store, StoreFuture, Subscription,
    },
    tiered::{Tiered, TieredBuilder, TieredInfo},
};

/// What the expansions of macros call: no part of the API.
#[cfg(feature = "memoize")]
#[doc(hidden)]
pub mod __private {
    pub use std::borrow::ToOwned;

    pub use crate::{
        cache::Cache,
        memoize::{
            Answers, Argument, Arguments, ByThread, CannotFail, Family, Key, Kind, Lookup, Memo,
            Outcome, Settings, ThreadFamily, ThreadMemo, Unsuited, Value, argument, family_of,
            never, value,
        },
        policy::Policy,
        statistics::Info,
    };
}
