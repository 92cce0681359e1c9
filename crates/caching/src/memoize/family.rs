//! Caches in a static or field that does not know their types: of generic functions, of methods, and of keys whose type
//! nobody can write.

use std::{
    any::{Any, TypeId},
    cell::OnceCell,
    sync::OnceLock,
};

use super::{Answers, Engine, Key, Memo, Settings, Value};
use crate::Cache;

/// A chain of caches of different types. It only grows, by one cache for each type that a program is compiled for, and is read
/// without a lock. Finding a cache is a comparison for each one before it.
#[derive(Default)]
pub struct Family {
    first: OnceLock<Box<Member>>,
}

struct Member {
    id: TypeId,
    memo: Box<dyn Erased>,
    next: OnceLock<Box<Self>>,
}

/// What can be done to a cache of any type.
pub(super) trait Erased: Any + Send + Sync {
    fn clear(&self);
}

impl Family {
    /// An empty chain.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            first: OnceLock::new(),
        }
    }

    /// The cache for these types, which is made if it is the first time. `_marker` and `_key` are never called: their
    /// types say which cache it is.
    #[inline]
    pub fn member<M, K, V, F>(&self, _marker: M, settings: Settings, _key: F) -> &Memo<Cache<K, V>>
    where
        M: 'static,
        K: Key + Send + Sync,
        V: Value + Send + Sync,
        F: FnOnce() -> K,
    {
        self.find::<M, _>(settings)
    }

    /// As [`member`](Self::member), of a function that keeps all answers.
    #[inline]
    pub fn unbounded_member<M, K, V, F>(
        &self,
        _marker: M,
        settings: Settings,
        _key: F,
    ) -> &Memo<Answers<K, V>>
    where
        M: 'static,
        K: Key + Send + Sync,
        V: Value + Send + Sync,
        F: FnOnce() -> K,
    {
        self.find::<M, _>(settings)
    }

    #[inline(always)]
    fn find<M: 'static, E: Engine>(&self, settings: Settings) -> &Memo<E> {
        let id = TypeId::of::<(M, Memo<E>)>();
        let mut link = &self.first;
        loop {
            let member = link.get_or_init(|| {
                Box::new(Member {
                    id,
                    memo: Box::new(Memo::<E>::new(settings)),
                    next: OnceLock::new(),
                })
            });
            if member.id == id
                && let Some(memo) = (&*member.memo as &dyn Any).downcast_ref()
            {
                return memo;
            }
            link = &member.next;
        }
    }

    /// Clears all caches.
    pub(super) fn clear(&self) {
        let mut link = &self.first;
        while let Some(member) = link.get() {
            member.memo.clear();
            link = &member.next;
        }
    }
}

/// A chain of whatever types, for one thread.
pub(super) struct LocalChain {
    first: OnceCell<Box<Local>>,
}

struct Local {
    id: TypeId,
    value: Box<dyn Any>,
    next: OnceCell<Box<Self>>,
}

impl LocalChain {
    pub(super) const fn new() -> Self {
        Self {
            first: OnceCell::new(),
        }
    }

    /// The value of this type and marker, which is made if it is the first time.
    #[inline]
    pub(super) fn find<M: 'static, T: 'static>(&self, make: impl Fn() -> T) -> &T {
        let id = TypeId::of::<(M, T)>();
        let mut link = &self.first;
        loop {
            let local = link.get_or_init(|| {
                Box::new(Local {
                    id,
                    value: Box::new(make()),
                    next: OnceCell::new(),
                })
            });
            if local.id == id
                && let Some(value) = local.value.downcast_ref()
            {
                return value;
            }
            link = &local.next;
        }
    }
}
