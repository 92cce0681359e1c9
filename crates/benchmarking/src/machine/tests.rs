use super::{Machine, model_name};

fn machine() -> Machine {
    Machine::new("Example CPU", 2, "linux", "x86_64")
}

#[test]
fn machine_ids_are_stable_and_tell_fields_apart() {
    // Fixed for ever: another id would cut every series in two.
    assert_eq!(machine().id(), "49fb0c9b0b21d89f");
    let ids: std::collections::BTreeSet<String> = [
        machine(),
        Machine::new("Example CPU", 3, "linux", "x86_64"),
        Machine::new("Example CPU2", 2, "linux", "x86_64"),
        Machine::new("Example CP", 2, "Ulinux", "x86_64"),
        Machine::new("Example CPU", 2, "linuxx", "86_64"),
        machine().with_name("a"),
        machine().with_name("b"),
    ]
    .iter()
    .map(Machine::id)
    .collect();
    assert_eq!(ids.len(), 7);
}

#[test]
fn processor_names_are_found_on_both_architectures() {
    let x86 = "processor\t: 0\nvendor_id\t: GenuineIntel\nmodel name\t: Example(R) CPU @ 2.10GHz\nflags\t: fpu\n";
    assert_eq!(model_name(x86), Some("Example(R) CPU @ 2.10GHz"));
    let arm =
        "processor\t: 0\nCPU part\t: 0xd08\n\nHardware\t: BCM2835\nModel\t\t: Example Board 4\n";
    assert_eq!(model_name(arm), Some("Example Board 4"));
    assert_eq!(model_name("model name\t:\nHardware : Board"), Some("Board"));
    assert_eq!(model_name(""), None);
}

#[test]
fn a_machine_is_one_line() {
    assert_eq!(machine().to_string(), "Example CPU, 2 cores, linux x86_64");
    assert_eq!(
        machine().with_name("lab-3").to_string(),
        "Example CPU, 2 cores, linux x86_64 (lab-3)"
    );
}
