use proptest::prelude::*;

use super::*;

const TEXT: &str = "\
55d0c0a00000-55d0c0a04000 r--p 00000000 fe:00 1234                       /usr/bin/some program
55d0c0a04000-55d0c0a09000 r-xp 00004000 fe:00 1234                       /usr/bin/some program
55d0c1000000-55d0c1021000 rw-p 00000000 00:00 0                          [heap]
7f0000000000-7f0000001000 rwxp 00000000 00:00 0
7f0000100000-7f0000200000 r-xp 00028000 fe:00 99                         /usr/lib/libc.so.6
7f0000300000-7f0000301000 r-xp 00001000 fe:00 98                         /srv/user/old (deleted)
7f0000400000-7f0000401000 r-xs 00000000 00:01 97                         /memfd:jit (deleted)
7f0000500000-7f0000501000 r-xp 00000000 fe:00 96                         /tmp/new\\012line
7ffd00000000-7ffd00002000 r-xp 00000000 00:00 0                          [vdso]
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
";

#[test]
fn executable_memory_and_where_it_is_from() {
    let mappings = executable_mappings(TEXT);
    let origins = mappings
        .iter()
        .map(|mapping| mapping.origin.clone())
        .collect::<Vec<_>>();
    let file = |path: &str| Origin::File(path.to_owned());
    assert_eq!(
        origins,
        [
            file("/usr/bin/some program"),
            Origin::Unknown,
            file("/usr/lib/libc.so.6"),
            Origin::Deleted("/srv/user/old".to_owned()),
            Origin::Unknown,
            file("/tmp/new\nline"),
            Origin::Vdso,
            Origin::Unknown,
        ]
    );
    assert_eq!(mappings[0].addresses, 0x55d0_c0a0_4000..0x55d0_c0a0_9000);
    assert_eq!(mappings[0].file_offset, 0x4000);
    assert_eq!(mappings[7].addresses.start, 0xffff_ffff_ff60_0000);
}

#[test]
fn lines_that_are_cut_short_are_left_out() {
    let line = TEXT.lines().nth(4).unwrap();
    let whole = executable_mappings(line);
    assert_eq!(whole.len(), 1);
    for length in 0..line.find("99").unwrap() {
        assert_eq!(
            executable_mappings(&line[..length]),
            [],
            "{:?}",
            &line[..length]
        );
    }
}

#[test]
fn a_range_that_ends_before_it_begins_is_left_out() {
    assert_eq!(executable_mappings("2000-1000 r-xp 0 00:00 0 /x"), []);
    assert_eq!(executable_mappings("1000-1000 r-xp 0 00:00 0 /x"), []);
    assert_eq!(executable_mappings("1000-2000 r-xp 0 00:00 0 /x").len(), 1);
}

proptest! {
    #[test]
    fn any_text_is_read(text in "[0-9a-f]{0,4}-?[0-9a-f]{0,4} ?[rwxp-]{0,4} ?.{0,40}") {
        for mapping in executable_mappings(&text) {
            prop_assert!(!mapping.addresses.is_empty());
        }
    }
}
