//! Where multibyte characters begin and end, also in bytes that are no valid UTF-8.
//!
//! A byte that is no continuation always begins something, whatever came before: so parts of a file can be
//! cut there and counted by themselves.

/// The longest sequence: of the UTF-8 of RFC 2279, which glibc still decodes.
pub(super) const LONGEST: usize = 6;

/// Whether `byte` is the second or a later one of a sequence.
fn is_continuation(byte: u8) -> bool {
    byte & 0xC0 == 0x80
}

/// The length of the sequence that `lead` announces.
fn announced(lead: u8) -> usize {
    match lead {
        0xC0..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF7 => 4,
        0xF8..=0xFB => 5,
        0xFC..=0xFD => 6,
        _ => 1,
    }
}

/// How many bytes at the beginning of `bytes` can belong to a character that began before them.
pub(super) fn leading_continuations(bytes: &[u8]) -> usize {
    let most = bytes.iter().take(LONGEST - 1);
    most.take_while(|&&byte| is_continuation(byte)).count()
}

/// The end of the part of `bytes` that holds no beginning of an unfinished sequence: at most
/// `LONGEST - 1` bytes before their end.
pub(super) fn cut(bytes: &[u8]) -> usize {
    let reach = bytes.len().min(LONGEST - 1);
    let lead = (bytes.len() - reach..bytes.len())
        .rev()
        .find(|&at| !is_continuation(bytes[at]));
    match lead {
        Some(lead) if bytes.len() - lead < announced(bytes[lead]) => lead,
        _ => bytes.len(),
    }
}

/// Characters in bytes that are no valid UTF-8, as `mbrtowc` of glibc counts them.
///
/// It decodes the UTF-8 of RFC 2279: up to six bytes, 31 bits. Overlong forms and surrogates are refused;
/// after a refusal the next byte is tried.
pub(super) fn characters(bytes: &[u8]) -> u64 {
    let mut count = 0;
    let mut at = 0;
    while let Some(&lead) = bytes.get(at) {
        let length = announced(lead);
        let complete = match bytes.get(at..at + length) {
            Some([byte]) => byte.is_ascii(),
            Some(sequence) => is_character(sequence),
            None => false,
        };
        count += u64::from(complete);
        at += if complete { length } else { 1 };
    }
    count
}

/// Whether a sequence of the announced length, two or more, is a character.
fn is_character(sequence: &[u8]) -> bool {
    let second = match sequence[0] {
        0xC0 | 0xC1 => return false,
        0xE0 => 0xA0..=0xBF,
        0xED => 0x80..=0x9F,
        0xF0 => 0x90..=0xBF,
        0xF8 => 0x88..=0xBF,
        0xFC => 0x84..=0xBF,
        _ => 0x80..=0xBF,
    };
    second.contains(&sequence[1]) && sequence[2..].iter().all(|&byte| is_continuation(byte))
}
