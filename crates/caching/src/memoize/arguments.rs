//! What is looked up, and what is kept of it.

use std::hash::{Hash, Hasher};

use equivalent::Equivalent;

/// What an argument is, once it is no reference: it can be looked up as it is, and owned for the cache.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an argument that `#[memoize]` looks up",
    label = "needs `Hash`, `Eq` and `Clone` (or `ToOwned`)",
    note = "derive them, or say when two calls are the same: `#[memoize(key = \"…\")]`"
)]
pub trait Argument: ToOwned<Owned: Hash + Eq + Clone + 'static> + Hash + Eq {}

#[diagnostic::do_not_recommend]
impl<A> Argument for A where A: ToOwned<Owned: Hash + Eq + Clone + 'static> + Hash + Eq + ?Sized {}

/// What an expression for a key may return.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the key of `#[memoize]`",
    label = "needs `Hash`, `Eq` and `Clone`, and to own what it has",
    note = "make a key of what tells calls apart, such as a number, a `String`, or a tuple of them"
)]
pub trait Key: Hash + Eq + Clone + 'static {}

#[diagnostic::do_not_recommend]
impl<K: Hash + Eq + Clone + 'static> Key for K {}

/// What a memoized function may return.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be kept by `#[memoize]`",
    label = "needs `Clone`",
    note = "every hit returns a clone; `Arc<{Self}>` has one that is cheap"
)]
pub trait Value: Clone + 'static {}

#[diagnostic::do_not_recommend]
impl<V: Clone + 'static> Value for V {}

/// A tuple of references to arguments, which finds the tuple of what they own.
#[derive(Clone, Copy, Debug)]
pub struct Arguments<T>(pub T);

/// As the tuple of owned values does: by the contract of `Borrow`, each hashes as what it is borrowed as.
impl<T: Hash> Hash for Arguments<T> {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

/// What finds a key, and can become one.
pub trait Lookup: Hash + Equivalent<Self::Key> {
    /// The key.
    type Key;

    /// Owns the arguments, by clones.
    fn to_key(&self) -> Self::Key;
}

macro_rules! tuples {
    ($($name:ident $argument:ident $place:tt,)*) => {
        impl<$($argument: Argument + ?Sized),*> Equivalent<($($argument::Owned,)*)>
            for Arguments<($(&$argument,)*)>
        {
            #[inline]
            fn equivalent(&self, key: &($($argument::Owned,)*)) -> bool {
                let ($($name,)*) = key;
                true $(&& *self.0.$place == *<$argument::Owned as std::borrow::Borrow<$argument>>::borrow($name))*
            }
        }

        impl<$($argument: Argument + ?Sized),*> Lookup for Arguments<($(&$argument,)*)> {
            type Key = ($($argument::Owned,)*);

            #[allow(clippy::unused_unit)]
            fn to_key(&self) -> Self::Key {
                ($(self.0.$place.to_owned(),)*)
            }
        }
    };
}

tuples!();
tuples!(a A 0,);
tuples!(a A 0, b B 1,);
tuples!(a A 0, b B 1, c C 2,);
tuples!(a A 0, b B 1, c C 2, d D 3,);
tuples!(a A 0, b B 1, c C 2, d D 3, e E 4,);
tuples!(a A 0, b B 1, c C 2, d D 3, e E 4, f F 5,);
tuples!(a A 0, b B 1, c C 2, d D 3, e E 4, f F 5, g G 6,);
tuples!(a A 0, b B 1, c C 2, d D 3, e E 4, f F 5, g G 6, h H 7,);
tuples!(a A 0, b B 1, c C 2, d D 3, e E 4, f F 5, g G 6, h H 7, i I 8,);
tuples!(a A 0, b B 1, c C 2, d D 3, e E 4, f F 5, g G 6, h H 7, i I 8, j J 9,);
tuples!(a A 0, b B 1, c C 2, d D 3, e E 4, f F 5, g G 6, h H 7, i I 8, j J 9, k K 10,);
tuples!(a A 0, b B 1, c C 2, d D 3, e E 4, f F 5, g G 6, h H 7, i I 8, j J 9, k K 10, l L 11,);

/// Stands for a value where only the type is asked for.
///
/// # Panics
/// Always: nothing calls it.
#[must_use]
pub fn never<T>() -> T {
    unreachable!("a function that only names a type was called")
}

#[cfg(test)]
mod tests;
