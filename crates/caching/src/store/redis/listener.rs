//! The thread that listens to the news of other processes.

use std::{
    sync::{Arc, Weak},
    thread,
    time::Duration,
};

use redis::{ErrorKind, RedisError, Value, cmd};

use super::{Inner, connection::Deadline, news};
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
    let subscribed = connection.ask(cmd("SUBSCRIBE").arg(channel), Deadline::after(heartbeat))?;
    if !begins_with(&subscribed, b"subscribe") {
        return Err(RedisError::from((
            ErrorKind::TypeError,
            "the answer is none that a subscription can have",
        )));
    }
    *connected = true;
    listener(ChannelEvent::Connected);
    let mut has_asked = false;
    while !stopped() {
        match connection.receive(Deadline::after(heartbeat)) {
            Ok(message) => {
                has_asked = false;
                let news = payload(&message).and_then(|news| news::decode(&identity, news));
                if let Some(news) = news {
                    listener(ChannelEvent::Invalidate(news));
                }
            }
            // Silence: either there is no news, or nobody at the other end.
            Err(error) if error.is_timeout() && !has_asked => {
                connection.send(&cmd("PING"), Deadline::after(heartbeat))?;
                has_asked = true;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// What somebody has published; none, if the server speaks for itself, as in the answer to a `PING`.
fn payload(message: &Value) -> Option<&[u8]> {
    match message {
        Value::Array(parts) if begins_with(message, b"message") => match parts.get(2)? {
            Value::BulkString(payload) => Some(payload),
            _ => None,
        },
        _ => None,
    }
}

fn begins_with(message: &Value, word: &[u8]) -> bool {
    let Value::Array(parts) = message else {
        return false;
    };
    matches!(parts.first(), Some(Value::BulkString(first)) if first == word)
}
