use super::*;

#[test]
fn lists_of_processors() {
    assert_eq!(processor_list("0-3,8\n"), [0, 1, 2, 3, 8]);
    assert_eq!(processor_list("0\n"), [0]);
    assert_eq!(processor_list("0,x,2-,4-5"), [0, 4, 5]);
    assert!(processor_list("\n").is_empty());
    assert_eq!(processor_list("0-4294967295").len(), 1 << 16);
}

#[test]
fn this_machine_has_a_processor() {
    assert!(!online_processors().is_empty());
}

#[test]
fn rings_are_powers_of_two_within_their_bounds() {
    for rate_hz in [1, 99, 999, 10_000] {
        for user_stack_bytes in [0, 8 << 10, 61_440] {
            for processors in [1, 2, 3, 31, 32, 33, 100, 1024, 5000] {
                let options = EventOptions {
                    rate_hz,
                    user_stack_bytes,
                };
                let bytes = options.ring_bytes(processors);
                assert!(bytes.is_power_of_two(), "{bytes}");
                assert!(
                    (SMALLEST_RING_BYTES..=LARGEST_RING_BYTES).contains(&bytes),
                    "{bytes}"
                );
                if bytes > SMALLEST_RING_BYTES {
                    assert!(
                        bytes * processors <= ALL_RINGS_BYTES,
                        "{bytes} * {processors}"
                    );
                }
            }
        }
    }
}

#[test]
fn faster_sampling_has_larger_rings() {
    let ring = |rate_hz| {
        let options = EventOptions {
            rate_hz,
            user_stack_bytes: 16 << 10,
        };
        options.ring_bytes(2)
    };
    assert!(ring(9) < ring(99) && ring(99) < ring(999));
}
