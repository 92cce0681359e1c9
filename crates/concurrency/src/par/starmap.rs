//! Functions of several arguments, called with tuples.

/// A function that a tuple is the arguments of, or a reference to one: what [`starmap`](super::starmap) calls.
///
/// Implemented for all functions of one to six arguments; nobody else can implement it.
///
/// # Examples
/// ```
/// use tuneup_concurrency::par::StarFn;
///
/// fn call<F: StarFn<(u32, u32)>>(f: F) -> F::Output {
///     f.call((2, 5))
/// }
/// assert_eq!(call(u32::pow), 32);
/// ```
pub trait StarFn<Arguments>: sealed::Sealed<Arguments> {
    /// What the function returns.
    type Output;

    /// Calls it with the parts of the tuple.
    fn call(&self, arguments: Arguments) -> Self::Output;
}

mod sealed {
    pub trait Sealed<Arguments> {}
}

macro_rules! star_fn {
    ($($T:ident $t:ident),+) => {
        impl<F, R, $($T),+> sealed::Sealed<($($T,)+)> for F where F: Fn($($T),+) -> R {}

        impl<F, R, $($T),+> StarFn<($($T,)+)> for F
        where
            F: Fn($($T),+) -> R,
        {
            type Output = R;

            #[inline]
            fn call(&self, ($($t,)+): ($($T,)+)) -> R {
                self($($t),+)
            }
        }

        impl<'a, F, R, $($T),+> sealed::Sealed<&'a ($($T,)+)> for F where F: Fn($(&'a $T),+) -> R {}

        impl<'a, F, R, $($T),+> StarFn<&'a ($($T,)+)> for F
        where
            F: Fn($(&'a $T),+) -> R,
        {
            type Output = R;

            #[inline]
            fn call(&self, ($($t,)+): &'a ($($T,)+)) -> R {
                self($($t),+)
            }
        }
    };
}

star_fn!(A a);
star_fn!(A a, B b);
star_fn!(A a, B b, C c);
star_fn!(A a, B b, C c, D d);
star_fn!(A a, B b, C c, D d, E e);
star_fn!(A a, B b, C c, D d, E e, G g);
