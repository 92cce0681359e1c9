use super::*;
use crate::linux::maps::Origin;

struct Segment {
    flags: u32,
    offset: u64,
    address: u64,
    bytes: u64,
}

const READ: u32 = 4;
const READ_EXECUTE: u32 = 5;

/// An ELF file of 64 bits that has a header and segments and nothing else.
fn elf(segments: &[Segment]) -> Vec<u8> {
    const HEADER_BYTES: u16 = 64;
    const SEGMENT_BYTES: u16 = 56;
    const X86_64: u16 = 62;
    let mut file = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
    for half in [3, X86_64] {
        file.extend(u16::to_le_bytes(half));
    }
    file.extend(1_u32.to_le_bytes());
    for word in [0, u64::from(HEADER_BYTES), 0] {
        file.extend(u64::to_le_bytes(word));
    }
    file.extend(0_u32.to_le_bytes());
    for half in [HEADER_BYTES, SEGMENT_BYTES, segments.len() as u16, 64, 0, 0] {
        file.extend(half.to_le_bytes());
    }
    for segment in segments {
        let load = 1;
        for word in [load, segment.flags] {
            file.extend(u32::to_le_bytes(word));
        }
        let (offset, address, bytes) = (segment.offset, segment.address, segment.bytes);
        for word in [offset, address, address, bytes, bytes, 0x1000] {
            file.extend(u64::to_le_bytes(word));
        }
    }
    file
}

fn bias_of(segments: &[Segment], start: u64, file_offset: u64) -> Option<u64> {
    let bytes = elf(segments);
    let file = object::File::parse(&*bytes).unwrap();
    let mapping = Mapping {
        addresses: start..start + 0x1000,
        file_offset,
        origin: Origin::Unknown,
    };
    bias(&file, &mapping)
}

#[test]
fn code_follows_data_in_one_page_of_the_file() {
    // The data ends within the page in which the code begins, which is mapped twice.
    let segments = [
        Segment {
            flags: READ,
            offset: 0,
            address: 0,
            bytes: 0x5030,
        },
        Segment {
            flags: READ_EXECUTE,
            offset: 0x5040,
            address: 0x6040,
            bytes: 0x2000,
        },
    ];
    assert_eq!(
        bias_of(&segments, 0x7f00_0000_6000, 0x5000),
        Some(0x7f00_0000_0000)
    );
}

#[test]
fn a_later_part_of_a_segment() {
    let segments = [Segment {
        flags: READ_EXECUTE,
        offset: 0x1000,
        address: 0x40_1000,
        bytes: 0x9000,
    }];
    // A program that lies where it wants to.
    assert_eq!(bias_of(&segments, 0x40_1000, 0x1000), Some(0));
    assert_eq!(bias_of(&segments, 0x40_3000, 0x3000), Some(0));
}

#[test]
fn a_mapping_that_is_no_segment() {
    let code = |flags| Segment {
        flags,
        offset: 0x1000,
        address: 0x1000,
        bytes: 0x1000,
    };
    assert_eq!(bias_of(&[code(READ_EXECUTE)], 0x1000, 0x9000), None);
    assert_eq!(bias_of(&[code(READ)], 0x1000, 0x1000), None);
    assert_eq!(bias_of(&[], 0x1000, 0x1000), None);
}
