//! The macro that is told the fields or variants of a type.

/// How a struct or an enum lies in memory, with its fields or variants: a [`TypeLayout`](crate::TypeLayout).
///
/// `layout!(Type { field, field })` for a struct, with numbers for the fields of a tuple struct. All fields must be named, in any order, and
/// be visible where the macro is: one that is missing is a compile error. `layout!(enum Type { Variant: Payload })` for an enum; the payload
/// is the type that the variant carries, `()` if none and a tuple if several. Missing variants are a compile error too; a wrong payload is
/// not noticed.
///
/// The type is a concrete one, without parameters of a function around it. The fields of a `repr(packed)` cannot be borrowed, and so not
/// be looked at.
///
/// ```
/// use tuneup_memory::layout;
///
/// struct Entry<V> { key: u32, value: V, live: bool }
///
/// let layout = layout!(Entry<u64> { key, value, live });
/// // The compiler has put the fields into a good order itself.
/// assert_eq!((layout.size_bytes, layout.best_size_bytes), (16, Some(16)));
/// println!("{layout}");
/// ```
///
/// A field that is missing:
///
/// ```compile_fail,E0027
/// struct Entry { key: u32, live: bool }
/// tuneup_memory::layout!(Entry { key });
/// ```
///
/// A variant that is missing:
///
/// ```compile_fail,E0004
/// enum Message { Ping, Text(String) }
/// tuneup_memory::layout!(enum Message { Text: String });
/// ```
#[macro_export]
macro_rules! layout {
    (enum $type:ty { $($variant:ident : $payload:ty),* $(,)? }) => {{
        type Inspected = $type;
        #[allow(unreachable_code, clippy::diverging_sub_expression)]
        let _all_variants = |value: &Inspected| match value {
            $(Inspected::$variant { .. } => (),)*
        };
        $crate::__private::enum_of::<Inspected>(::std::vec![
            $($crate::__private::variant_of::<$payload>(::std::stringify!($variant))),*
        ])
    }};
    ($type:ty { $($field:tt),* $(,)? }) => {{
        type Inspected = $type;
        let _all_fields = |value: &Inspected| {
            let Inspected { $($field: _),* } = value;
        };
        $crate::__private::struct_of::<Inspected>(::std::vec![
            $($crate::__private::field_of(
                ::std::stringify!($field),
                ::std::mem::offset_of!(Inspected, $field),
                |value: &Inspected| &value.$field,
            )),*
        ])
    }};
}
