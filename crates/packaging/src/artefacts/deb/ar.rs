//! The outermost format of a Debian package, in its oldest form: names of at most 15 letters.

use crate::SourceDate;

/// Files one after the other, each behind a header of 60 bytes, and at an even place.
pub(super) fn archive(files: &[(&str, &[u8])], date: SourceDate) -> Vec<u8> {
    let mut bytes = b"!<arch>\n".to_vec();
    for (name, content) in files {
        // Name, date, owner, group, mode, length, and the mark of its end.
        let header = format!(
            "{name:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n",
            date.unix(),
            0,
            0,
            100_644,
            content.len()
        );
        bytes.extend(header.as_bytes());
        bytes.extend(*content);
        if content.len() % 2 == 1 {
            bytes.push(b'\n');
        }
    }
    bytes
}
