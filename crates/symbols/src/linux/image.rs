//! What an object file says of its code: where it wants to lie, how to unwind it.

use framehop::ExplicitModuleSectionInfo;
use object::{Object as _, ObjectSection as _, ObjectSegment, SegmentFlags};

use super::maps::Mapping;

/// What has to be added to an address in the file for the address in memory; wraps. `None` if the mapping
/// is no segment of the file.
pub(crate) fn bias(file: &object::File<'_>, mapping: &Mapping) -> Option<u64> {
    file.segments().filter(is_executable).find_map(|segment| {
        let (offset, bytes) = segment.file_range();
        // Mappings begin at a page, segments need not; a mapping may also be a later part of a segment.
        let ahead = offset.checked_sub(mapping.file_offset);
        let begins_in_page = ahead.is_some_and(|ahead| ahead < LARGEST_PAGE_BYTES);
        let inside = (offset..offset.saturating_add(bytes)).contains(&mapping.file_offset);
        let address = segment
            .address()
            .wrapping_add(mapping.file_offset.wrapping_sub(offset));
        (inside || begins_in_page && bytes > 0)
            .then(|| mapping.addresses.start.wrapping_sub(address))
    })
}

const LARGEST_PAGE_BYTES: u64 = 64 << 10;

fn is_executable<'data>(segment: &impl ObjectSegment<'data>) -> bool {
    match segment.flags() {
        SegmentFlags::Elf { p_flags, .. } => p_flags.0 & object::elf::PF_X.0 != 0,
        _ => false,
    }
}

/// The sections that unwinding needs, copied.
pub(crate) fn unwind_sections(file: &object::File<'_>) -> ExplicitModuleSectionInfo<Vec<u8>> {
    let bytes = |name| {
        let section = file.section_by_name(name)?;
        section.data().ok().map(<[u8]>::to_vec)
    };
    let addresses = |name| {
        let section = file.section_by_name(name)?;
        Some(section.address()..section.address().checked_add(section.size())?)
    };
    ExplicitModuleSectionInfo {
        text_svma: addresses(".text"),
        got_svma: addresses(".got"),
        eh_frame_svma: addresses(".eh_frame"),
        eh_frame: bytes(".eh_frame"),
        eh_frame_hdr_svma: addresses(".eh_frame_hdr"),
        eh_frame_hdr: bytes(".eh_frame_hdr"),
        ..ExplicitModuleSectionInfo::default()
    }
}

#[cfg(test)]
mod tests;
