//! The thread that listens to the news of other processes.

use std::{
    sync::{Arc, Weak},
    thread,
    time::Duration,
};

use redis::RedisError;

use super::{Inner, news};
use crate::{
    Error,
    store::{ChannelEvent, Subscription},
};

/// The pause after a failed attempt to connect begins here and doubles up to the heartbeat.
const FIRST_PAUSE: Duration = Duration::from_millis(20);

pub(super) fn start(
    inner: &Arc<Inner>,
    listener: Box<dyn Fn(ChannelEvent) + Send + Sync>,
) -> Result<Subscription, Error> {
    let (subscription, stopped) = Subscription::new();
    // Weak, so that a forgotten thread does not keep connections open.
    let inner = Arc::downgrade(inner);
    thread::Builder::new()
        .name("tuneup-invalidation".to_owned())
        .spawn(move || listen(&inner, &listener, &stopped))
        .map_err(|error| Error::Thread {
            what: "listens to other processes",
            source: error,
        })?;
    Ok(subscription)
}

fn listen(inner: &Weak<Inner>, listener: &dyn Fn(ChannelEvent), stopped: &dyn Fn() -> bool) {
    let mut pause = FIRST_PAUSE;
    while !stopped() {
        let Some(inner) = inner.upgrade() else {
            return;
        };
        let heartbeat = inner.heartbeat;
        let mut connected = false;
        let result = receive(inner, listener, stopped, &mut connected);
        if connected {
            pause = FIRST_PAUSE;
            if !stopped() {
                listener(ChannelEvent::Lost);
            }
        }
        if result.is_err() {
            thread::sleep(pause);
            pause = (pause * 2).min(heartbeat);
        }
    }
}

/// Listens until the connection is lost, or nobody is interested.
fn receive(
    inner: Arc<Inner>,
    listener: &dyn Fn(ChannelEvent),
    stopped: &dyn Fn() -> bool,
    connected: &mut bool,
) -> Result<(), RedisError> {
    let mut connection = inner.pool.connect()?;
    let (identity, channel, heartbeat) =
        (inner.identity, inner.commands.channel(), inner.heartbeat);
    drop(inner);
    let mut messages = connection.as_pubsub();
    messages.subscribe(channel)?;
    messages.set_read_timeout(Some(heartbeat))?;
    *connected = true;
    listener(ChannelEvent::Connected);
    while !stopped() {
        match messages.get_message() {
            Ok(message) => {
                if let Some(news) = news::decode(&identity, message.get_payload_bytes()) {
                    listener(ChannelEvent::Invalidate(news));
                }
            }
            // Silence: either there is no news, or nobody at the other end.
            Err(error) if error.is_timeout() => {
                messages.ping::<redis::Value>()?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
