//! What news of other processes do to the memory tier.

use std::{
    hash::Hash,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Weak, atomic::Ordering},
};

use super::{counters::Counter, engine::Engine};
use crate::{ChannelEvent, Error, Invalidation, Subscription};

pub(super) fn subscribe<K, V>(
    engine: &Arc<Engine<K, V>>,
) -> Result<Option<Arc<Subscription>>, Error>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    let Some(channel) = &engine.channel else {
        return Ok(None);
    };
    // Weak: a listener must not keep the cache it empties.
    let listener: Weak<Engine<K, V>> = Arc::downgrade(engine);
    let subscription = channel.subscribe(Box::new(move |event| {
        if let Some(engine) = listener.upgrade() {
            engine.hear(event);
        }
    }))?;
    Ok(Some(Arc::new(subscription)))
}

impl<K, V> Engine<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    fn hear(&self, event: ChannelEvent) {
        match event {
            ChannelEvent::Connected => {
                // What was said before was not heard.
                outlive(|| self.forget_all());
                self.counters.listening.store(true, Ordering::Relaxed);
            }
            ChannelEvent::Lost => {
                self.counters.listening.store(false, Ordering::Relaxed);
                self.counters.count(Counter::ChannelLosses);
            }
            ChannelEvent::Invalidate(news) => {
                self.counters.count(Counter::Invalidations);
                outlive(|| self.invalidate(&news));
            }
        }
    }

    fn invalidate(&self, news: &Invalidation) {
        match news {
            Invalidation::Key(bytes) => match self.key_codec.decode(bytes) {
                Ok(key) => self.forget(&key),
                // A key of another version of the program: which one of ours it is, nobody knows.
                Err(_) => self.forget_all(),
            },
            Invalidation::Tag(tag) => {
                self.generations.invalidate_all();
                self.cache.invalidate_tag(tag);
            }
            Invalidation::All => self.forget_all(),
        }
    }
}

/// Listeners of the cache and drops of its values are the user's code. Where they panic, what was to go has gone; and a panic that got
/// out would end the thread of the channel, so that nothing was heard any more and nobody knew.
fn outlive(forget: impl FnOnce()) {
    let _ = catch_unwind(AssertUnwindSafe(forget));
}
