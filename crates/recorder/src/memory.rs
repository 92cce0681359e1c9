//! Memory for what is recorded: from the system's allocator, so that a program's own allocator
//! neither sees it nor is entered again by it, and never given back, so that readers and stale
//! guards cannot meet freed memory.

use std::{
    alloc::{GlobalAlloc as _, Layout, System},
    ptr::NonNull,
};

/// A type for which all bits zero are a value, and whose values need no drop.
///
/// # Safety
/// Both must be true of the type.
pub(crate) unsafe trait Zeroed: Sized {
    /// The value of all bits zero, for where a value has to be made by its constructor.
    #[cfg(all(test, loom))]
    fn zeroed() -> Self;
}

/// `len` zeroed values that live as long as the process; `None` if the system has no memory left,
/// or if there is nothing to allocate.
///
/// Large arrays come as untouched pages, which cost nothing before they are written.
#[cfg(not(all(test, loom)))]
pub(crate) fn zeroed_array<T: Zeroed>(len: usize) -> Option<NonNull<T>> {
    let layout = Layout::array::<T>(len).ok()?;
    if layout.size() == 0 {
        return None;
    }
    // SAFETY: the layout's size is not zero.
    NonNull::new(unsafe { System.alloc_zeroed(layout) }.cast())
}

#[cfg(all(test, loom))]
pub(crate) fn zeroed_array<T: Zeroed>(len: usize) -> Option<NonNull<T>> {
    let values: Vec<T> = std::iter::repeat_with(T::zeroed).take(len).collect();
    NonNull::new(Box::leak(values.into_boxed_slice()).as_mut_ptr())
}

/// An element of an array.
///
/// # Safety
/// `array` came from [`zeroed_array`] with a length above `index`, and is not freed while the reference lives.
#[inline(always)]
pub(crate) unsafe fn element<'a, T>(array: NonNull<T>, index: usize) -> &'a T {
    // SAFETY: the caller promises that the element is within the array.
    let pointer = unsafe { array.add(index) };
    // SAFETY: zeroes are a value, and the caller promises that the array is there.
    unsafe { pointer.as_ref() }
}

/// A value that lives as long as the process; `None` if the system has no memory left.
pub(crate) fn leak<T>(value: T) -> Option<&'static T> {
    let layout = Layout::new::<T>();
    assert!(layout.size() > 0, "a type without a size needs no memory");
    // SAFETY: the layout's size is not zero.
    let pointer = NonNull::new(unsafe { System.alloc(layout) }.cast::<T>())?;
    // SAFETY: the memory is fresh and has the size and alignment of `T`.
    unsafe { pointer.write(value) };
    // SAFETY: it was just written, and is never freed.
    Some(unsafe { pointer.as_ref() })
}

/// Gives an array back that nobody but the caller has ever seen.
///
/// # Safety
/// It came from [`zeroed_array`] with the same length, and no pointer into it is used again.
#[cfg(not(all(test, loom)))]
pub(crate) unsafe fn free_array<T: Zeroed>(pointer: NonNull<T>, len: usize) {
    if let Ok(layout) = Layout::array::<T>(len) {
        // SAFETY: the caller promises that the array was allocated with this layout.
        unsafe { System.dealloc(pointer.as_ptr().cast(), layout) };
    }
}

#[cfg(all(test, loom))]
pub(crate) unsafe fn free_array<T: Zeroed>(_pointer: NonNull<T>, _len: usize) {}
