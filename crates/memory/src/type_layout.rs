//! How a type lies in memory, and what would make it smaller.

use std::any::type_name;

mod display;
mod macros;
#[cfg(test)]
mod tests;

/// How a type lies in memory, from [`layout_of`] or [`layout!`](crate::layout).
///
/// Shown as text by [`Display`](std::fmt::Display). Sizes are of this build, target and compiler: Rust promises none of them, but for `repr(C)`.
///
/// ```
/// use tuneup_memory::layout;
///
/// #[repr(C)]
/// struct Reading { valid: bool, value: f64, channel: u16 }
///
/// let layout = layout!(Reading { valid, value, channel });
/// assert_eq!((layout.size_bytes, layout.padding_bytes), (24, Some(13)));
/// assert_eq!(layout.best_order, ["value", "channel", "valid"]);
/// assert_eq!(layout.best_size_bytes, Some(16));
/// ```
#[doc(alias = "print-type-sizes")]
#[doc(alias = "pahole")]
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TypeLayout {
    /// The path of the type, as [`type_name`] has it.
    pub name: &'static str,
    /// What a value takes, without what it owns elsewhere.
    pub size_bytes: usize,
    /// What its address is a multiple of.
    pub align_bytes: usize,
    /// What `Option` of it takes: no more than the type, if that has a niche, a pattern of bits that no value has.
    pub option_size_bytes: usize,
    /// The fields of a struct, by offset; none where they are not known.
    pub fields: Vec<FieldLayout>,
    /// The variants of an enum, as listed; none where they are not known.
    pub variants: Vec<VariantLayout>,
    /// Bytes between and behind the fields that hold nothing; `None` where the fields are not known.
    pub padding_bytes: Option<usize>,
    /// An order of the fields that takes the least, by descending alignment; the compiler finds one itself, but in a `repr(C)`.
    pub best_order: Vec<&'static str>,
    /// What the type would take in that order; `None` where the fields are not known.
    pub best_size_bytes: Option<usize>,
}

/// A field of a [`TypeLayout`].
///
/// ```
/// struct Pair(u8, u32);
///
/// let layout = tuneup_memory::layout!(Pair { 0, 1 });
/// let wide = layout.fields.iter().find(|field| field.name == "1").unwrap();
/// assert_eq!((wide.type_name, wide.size_bytes, wide.align_bytes), ("u32", 4, 4));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldLayout {
    /// Its name, or its number in a tuple struct.
    pub name: &'static str,
    /// The path of its type.
    pub type_name: &'static str,
    /// Where it begins.
    pub offset_bytes: usize,
    /// What it takes.
    pub size_bytes: usize,
    /// What its address is a multiple of.
    pub align_bytes: usize,
    /// Bytes between it and the next field, or the end, that hold nothing.
    pub padding_after_bytes: usize,
    /// How much smaller the struct in its best order would be with a `Box` in the field's place. What is in the box takes its
    /// size elsewhere, and an allocation.
    pub saved_if_boxed_bytes: usize,
}

/// A variant of a [`TypeLayout`].
///
/// ```
/// # #[allow(dead_code)]
/// enum Message { Ping, Text(String), Image([u8; 4096]) }
///
/// let layout = tuneup_memory::layout!(enum Message { Ping: (), Text: String, Image: [u8; 4096] });
/// let image = &layout.variants[2];
/// assert_eq!((image.name, image.size_bytes), ("Image", 4096));
/// assert!(image.saved_if_boxed_bytes >= 4_060);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct VariantLayout {
    /// Its name.
    pub name: &'static str,
    /// The path of the type that was given for what it carries.
    pub type_name: &'static str,
    /// What that takes.
    pub size_bytes: usize,
    /// What its address would be a multiple of.
    pub align_bytes: usize,
    /// How much smaller each value of the enum would be with a `Box` of it, at least: estimated with a discriminant of a byte, which the
    /// compiler may do without. What is in the box takes its size elsewhere, and an allocation.
    pub saved_if_boxed_bytes: usize,
}

/// How a type lies in memory: size, alignment, and whether `Option` of it takes more.
///
/// A function cannot see fields; [`layout!`](crate::layout) is told which there are. Computed by the compiler; allocates nothing.
///
/// ```
/// use tuneup_memory::layout_of;
///
/// assert!(layout_of::<&u8>().has_niche());
/// assert!(!layout_of::<u64>().has_niche());
/// assert_eq!(layout_of::<u64>().option_size_bytes, 16);
/// println!("{}", layout_of::<String>());
/// ```
#[doc(alias = "size_of")]
#[doc(alias = "align_of")]
#[must_use]
pub fn layout_of<T>() -> TypeLayout {
    TypeLayout {
        name: type_name::<T>(),
        size_bytes: size_of::<T>(),
        align_bytes: align_of::<T>(),
        option_size_bytes: size_of::<Option<T>>(),
        fields: Vec::new(),
        variants: Vec::new(),
        padding_bytes: None,
        best_order: Vec::new(),
        best_size_bytes: None,
    }
}

impl TypeLayout {
    /// Whether `Option` of the type is as large as the type.
    ///
    /// ```
    /// assert!(tuneup_memory::layout_of::<Box<u8>>().has_niche());
    /// ```
    #[must_use]
    pub fn has_niche(&self) -> bool {
        self.option_size_bytes == self.size_bytes
    }
}

/// Size and alignment, of which a struct or an enum is put together.
type Part = (usize, usize);

const BOX: Part = (size_of::<Box<u8>>(), align_of::<Box<u8>>());

/// What parts take in the best order. By descending alignment there is padding at the end alone, because sizes are multiples of
/// alignments.
fn best_size(parts: impl Iterator<Item = Part>) -> usize {
    let sum = |(size, align): Part, part: Part| (size + part.0, align.max(part.1));
    let (size, align) = parts.fold((0, 1), sum);
    size.next_multiple_of(align)
}

/// What an enum takes whose discriminant is a byte beside the largest part.
fn tagged_size(parts: impl Iterator<Item = Part>) -> usize {
    let largest = |(size, align): Part, part: Part| (size.max(part.0), align.max(part.1));
    let (size, align) = parts.fold((0, 1), largest);
    (size + 1).next_multiple_of(align)
}

/// The parts, with a box in the place of one.
fn boxed(parts: &[Part], at: usize) -> impl Iterator<Item = Part> {
    let part = move |(index, part): (usize, &Part)| if index == at { BOX } else { *part };
    parts.iter().enumerate().map(part)
}

/// For [`layout!`](crate::layout): no part of the API.
#[doc(hidden)]
#[must_use]
pub fn field_of<T, F>(
    name: &'static str,
    offset_bytes: usize,
    _: impl Fn(&T) -> &F,
) -> FieldLayout {
    FieldLayout {
        name,
        type_name: type_name::<F>(),
        offset_bytes,
        size_bytes: size_of::<F>(),
        align_bytes: align_of::<F>(),
        padding_after_bytes: 0,
        saved_if_boxed_bytes: 0,
    }
}

/// For [`layout!`](crate::layout): no part of the API.
#[doc(hidden)]
#[must_use]
pub fn variant_of<P>(name: &'static str) -> VariantLayout {
    VariantLayout {
        name,
        type_name: type_name::<P>(),
        size_bytes: size_of::<P>(),
        align_bytes: align_of::<P>(),
        saved_if_boxed_bytes: 0,
    }
}

/// For [`layout!`](crate::layout): no part of the API. All fields, in any order.
#[doc(hidden)]
#[must_use]
pub fn struct_of<T>(mut fields: Vec<FieldLayout>) -> TypeLayout {
    let size_bytes = size_of::<T>();
    // One without a size may lie where the next one begins.
    fields.sort_by_key(|field| (field.offset_bytes, field.size_bytes));
    let parts: Vec<Part> = fields
        .iter()
        .map(|field| (field.size_bytes, field.align_bytes))
        .collect();
    // A larger alignment that was asked for by an attribute stays.
    let asked = (0, align_of::<T>());
    let best_size_bytes = best_size(parts.iter().copied().chain([asked])).min(size_bytes);
    let mut end = size_bytes;
    for (index, field) in fields.iter_mut().enumerate().rev() {
        field.padding_after_bytes = end.saturating_sub(field.offset_bytes + field.size_bytes);
        let boxed = best_size(boxed(&parts, index).chain([asked]));
        field.saved_if_boxed_bytes = best_size_bytes.saturating_sub(boxed);
        end = field.offset_bytes;
    }
    let held: usize = parts.iter().map(|part| part.0).sum();
    let mut by_align: Vec<&FieldLayout> = fields.iter().collect();
    by_align.sort_by_key(|field| std::cmp::Reverse(field.align_bytes));
    TypeLayout {
        padding_bytes: Some(size_bytes - held),
        best_order: by_align.iter().map(|field| field.name).collect(),
        best_size_bytes: Some(best_size_bytes),
        fields,
        ..layout_of::<T>()
    }
}

/// For [`layout!`](crate::layout): no part of the API. All variants.
#[doc(hidden)]
#[must_use]
pub fn enum_of<T>(mut variants: Vec<VariantLayout>) -> TypeLayout {
    let parts: Vec<Part> = variants
        .iter()
        .map(|variant| (variant.size_bytes, variant.align_bytes))
        .collect();
    for (index, variant) in variants.iter_mut().enumerate() {
        let size_bytes = tagged_size(boxed(&parts, index));
        variant.saved_if_boxed_bytes = size_of::<T>().saturating_sub(size_bytes);
    }
    TypeLayout {
        variants,
        ..layout_of::<T>()
    }
}
