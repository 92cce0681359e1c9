use super::*;
use crate::linux::maps::Origin;

fn here() -> u64 {
    here as fn() -> u64 as usize as u64
}

#[test]
fn addresses_are_found_in_their_mapping() {
    let mut code = CodeMap::new();
    assert_eq!(code.containing(here()), None);
    let changes = code.look(&Process::current());
    assert!(changes.removed.is_empty());
    let place = code.containing(here()).unwrap();
    let addresses = code.mappings()[place].mapping.addresses.clone();
    assert!(
        changes
            .added
            .iter()
            .any(|module| module.addresses == addresses)
    );
    assert_eq!(code.containing(addresses.start), Some(place));
    assert_eq!(code.containing(addresses.end - 1), Some(place));
    assert_ne!(code.containing(addresses.end), Some(place));
    assert_ne!(code.containing(addresses.start - 1), Some(place));
    assert_eq!(code.containing(0), None);
}

#[test]
fn a_second_look_finds_nothing_new() {
    let mut code = CodeMap::new();
    code.look(&Process::current());
    let all = code.mappings().len();
    let changes = code.look(&Process::current());
    assert_eq!((changes.added.len(), changes.removed.len()), (0, 0));
    assert_eq!(code.mappings().len(), all);
}

#[test]
fn a_new_mapping_takes_the_place_of_what_it_overlaps() {
    let mapping = |start: u64, end: u64| Mapping {
        addresses: start..end,
        file_offset: 0,
        origin: Origin::Unknown,
    };
    let (mut code, mut changes) = (CodeMap::new(), Changes::default());
    for (start, end) in [(50, 60), (10, 20), (20, 30), (15, 25), (60, 70)] {
        code.add(&Process::current(), mapping(start, end), &mut changes);
    }
    let addresses = code
        .mappings()
        .iter()
        .map(|known| known.mapping.addresses.clone());
    assert_eq!(addresses.collect::<Vec<_>>(), [15..25, 50..60, 60..70]);
    assert_eq!(changes.removed, [10, 20]);
}
