//! What a value takes with all that it owns.

use mem_dbg::{MemSize, SizeFlags};

/// How many bytes a value takes with all that it owns: itself, its fields, what they point to, and the capacity that is not used.
///
/// O(values in it). What an `Rc` or `Arc` points to counts once, however many point to it from within the value, and as if the value were its
/// only owner; what is merely borrowed does not count. For a type of yours, derive [`MemSize`](macro@mem_dbg::MemSize), for which the
/// crate `mem_dbg` must be among your own dependencies in the version that is [re-exported](crate::mem_dbg) here: the macro
/// names it. The macro cannot do types that contain themselves, such as trees; the second example has what it would write.
///
/// Of the standard collections the sizes are those that the allocator is asked for, `HashMap` included; a `BTreeMap` is estimated,
/// and may be said to take twice what it does. What the allocator adds, for each allocation, is not in it.
///
/// # Sources
/// A face of [`mem_dbg`](https://docs.rs/mem_dbg) with capacities counted and reference counts followed.
///
/// ```
/// use std::sync::Arc;
/// use tuneup_memory::deep_size;
///
/// assert_eq!(deep_size(&7_u32), 4);
/// assert_eq!(deep_size(&Vec::<u8>::with_capacity(1_000)), 24 + 1_000);
/// let shared = Arc::new("x".repeat(500));
/// let both = [Arc::clone(&shared), shared];
/// assert!(deep_size(&both) < 600);
/// ```
///
/// ```
/// use mem_dbg::{False, FlatType, HashMap, MemSize, SizeFlags};
/// use tuneup_memory::deep_size;
///
/// #[derive(MemSize)]
/// struct Document { title: String, words: Vec<String> }
///
/// let document = Document { title: "x".repeat(10), words: vec![] };
/// assert_eq!(deep_size(&document), 48 + 10);
///
/// struct Tree { name: String, children: Vec<Tree> }
///
/// impl FlatType for Tree {
///     type Flat = False;
/// }
///
/// impl MemSize for Tree {
///     fn mem_size_rec(&self, flags: SizeFlags, seen: &mut HashMap<usize, usize>) -> usize {
///         self.name.mem_size_rec(flags, seen) + self.children.mem_size_rec(flags, seen)
///     }
/// }
///
/// let leaf = Tree { name: String::new(), children: vec![] };
/// let tree = Tree { name: "x".repeat(10), children: vec![leaf] };
/// assert_eq!(deep_size(&tree), 48 + 10 + 48);
/// ```
#[doc(alias = "get_size")]
#[doc(alias = "heap_size")]
#[doc(alias = "getsizeof")]
#[must_use]
pub fn deep_size<T: MemSize + ?Sized>(value: &T) -> usize {
    value.mem_size(SizeFlags::CAPACITY | SizeFlags::FOLLOW_RCS)
}
