//! The counts against those of the machine's GNU `wc`.

use std::{error::Error, io::Write as _, path::Path, process::Command};

use tuneup_memory::{TextStats, text_stats};

type Outcome = Result<(), Box<dyn Error>>;

/// The first `wc` whose words are those of this crate, whatever is in them.
const SAME_WORDS: (u32, u32) = (9, 5);

/// The version of `wc`; says why there is none that can be asked.
fn version() -> Result<(u32, u32), String> {
    let output = Command::new("wc")
        .arg("--version")
        .output()
        .map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout);
    let number = text
        .strip_prefix("wc (GNU coreutils) ")
        .and_then(|rest| rest.lines().next())
        .ok_or("wc is not that of GNU coreutils")?;
    let (major, minor) = number.split_once('.').ok_or("a version without a dot")?;
    let minor: String = minor.chars().take_while(char::is_ascii_digit).collect();
    let version = (major.parse::<u32>(), minor.parse::<u32>());
    let (Ok(major), Ok(minor)) = version else {
        return Err(format!("the version {number} is no number"));
    };
    Ok((major, minor))
}

/// The version, or nothing after a line that says that `test` was skipped.
fn version_or_skip(test: &str) -> Option<(u32, u32)> {
    let version = version().and_then(|version| {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let counted = wc(folder.path(), &["é".as_bytes()]).map_err(|error| error.to_string())?;
        match counted[0].characters {
            1 => Ok(version),
            _ => Err("there is no locale C.utf8".to_owned()),
        }
    });
    version
        .inspect_err(|reason| {
            let _ = writeln!(std::io::stderr(), "skipped: {test}: {reason}");
        })
        .ok()
}

/// What `wc` says of each text. Texts are shorter than its buffer of 16 KiB, at whose ends old versions
/// forget what they know of an invalid sequence.
fn wc(folder: &Path, texts: &[&[u8]]) -> Result<Vec<TextStats>, Box<dyn Error>> {
    let mut command = Command::new("wc");
    command
        .arg("-lwmcL")
        .current_dir(folder)
        .env("LC_ALL", "C.utf8")
        .env_remove("POSIXLY_CORRECT");
    for (index, text) in texts.iter().enumerate() {
        std::fs::write(folder.join(index.to_string()), text)?;
        command.arg(index.to_string());
    }
    let output = command.output()?;
    let rows = std::str::from_utf8(&output.stdout)?
        .lines()
        .take(texts.len());
    rows.map(|row| {
        let mut numbers = row.split_ascii_whitespace().map(str::parse::<u64>);
        let mut number = || {
            numbers
                .next()
                .ok_or("a short row")?
                .map_err(Box::<dyn Error>::from)
        };
        let mut stats = TextStats::default();
        stats.lines = number()?;
        stats.words = number()?;
        stats.characters = number()?;
        stats.bytes = number()?;
        stats.longest_line = number()?;
        Ok(stats)
    })
    .collect()
}

/// Compares; `but` takes from the expected and the found what need not be equal.
#[track_caller]
fn compare(texts: &[&[u8]], but: impl Fn(&mut TextStats)) -> Outcome {
    let folder = tempfile::tempdir()?;
    let expected = wc(folder.path(), texts)?;
    assert_eq!(expected.len(), texts.len());
    for (index, (text, mut expected)) in texts.iter().zip(expected).enumerate() {
        let mut found = text_stats(folder.path().join(index.to_string()))?;
        assert_eq!(found, TextStats::of(text));
        but(&mut expected);
        but(&mut found);
        assert_eq!(
            found,
            expected,
            "{:?}",
            String::from_utf8_lossy(&text[..text.len().min(400)])
        );
    }
    Ok(())
}

fn without_columns(stats: &mut TextStats) {
    stats.longest_line = 0;
}

const SCRIPTS: &[&str] = &[
    "The quick brown fox jumps over the lazy dog.\nAnd \u{201C}so on\u{201D} \u{2014} it\u{2019}s 5\u{A0}km.\n",
    "Falsches Üben von Xylophonmusik quält jeden größeren Zwerg.\n",
    "Portez ce vieux whisky au juge blond qui fume\u{202F}; «\u{A0}dès Noël\u{A0}» où un zéphyr haï.\n",
    "Съешь же ещё этих мягких французских булок,\nда выпей чаю.",
    "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία.\r\nΤέλος\r\n",
    "いろはにほへと　ちりぬるを\n色は匂へど、散りぬるを。\n",
    "我能吞下玻璃而不伤身体。\n天地玄黃，宇宙洪荒。",
    "다람쥐 헌 쳇바퀴에 타고파\n",
    "ऋषियों को सताने वाले दुष्ट राक्षसों के राजा रावण का\n",
    "আমি কাঁচ খেতে পারি, তাতে আমার কোনো ক্ষতি হয় না।\n",
    "நான் கண்ணாடி சாப்பிடுவேன், அதனால் எனக்கு ஒரு கேடும் வராது.\n",
    "എനിക്ക് ഗ്ലാസ് തിന്നാം. അതെന്നെ വേദനിപ്പിക്കില്ല.\n",
    "ನನಗೆ ಹಾನಿ ಆಗದೆ, ನಾನು ಗಾಜನ್ನು ತಿನಬಹುದು\n",
    "أنا قادر على أكل الزجاج و هذا لا يؤلمني.\n",
    "אני יכול לאכול זכוכית וזה לא מזיק לי.\n",
    "ฉันกินกระจกได้ แต่มันไม่ทำให้ฉันเจ็บ\n",
    "Մնում է միայն խօսել։\tვეპხის ტყაოსანი\tአማርኛ\n",
    "ខ្ញុំអាចញុំកញ្ចក់បាន ដោយគ្មានបញ្ហា\n",
    "emoji 😀 🚀 and 𝔘𝔫𝔦𝔠𝔬𝔡𝔢, e\u{301}, soft\u{AD}hyphen\n",
];

const EDGES: &[&[u8]] = &[
    b"",
    b"\n",
    b"a",
    b"a\n",
    b"a\n\n",
    b" ",
    b" a",
    b"\t",
    b"\ta\tbc\t",
    b"1234567\t1",
    b"12345678\t1",
    b"a\rbc\rd",
    b"ab\x0Cc\x0Cd\n",
    b"a\x0Bb\x0B\n",
    b"one\r\ntwo three\r\n",
    b"a\xC2\xA0b",
    b"\xC2\xA0",
    b"\xC2\xA0\xC2\xA0x",
    b"a\xE2\x80\x87b\xE2\x80\xAFc\xE2\x81\xA0d",
    b"a\xE3\x80\x80b",
    b"x\x00y",
    b"x\x1B[1my\x1B[0m z",
    b"x\xFFy",
    b"x\xE2\x82",
    b"x\xE2\x82 y",
    b"x\xF0\x9F\x98y\n",
    b"x\xED\xA0\x80y",
];

#[test]
fn scripts_and_edges_are_counted_as_by_wc() -> Outcome {
    if version_or_skip("scripts_and_edges_are_counted_as_by_wc").is_none() {
        return Ok(());
    }
    let mut texts: Vec<&[u8]> = SCRIPTS.iter().map(|text| text.as_bytes()).collect();
    texts.extend(EDGES);
    let all: Vec<u8> = texts.concat();
    texts.push(&all);
    compare(&texts, |_| ())
}

#[test]
fn every_code_point_separates_words_or_not_as_for_wc() -> Outcome {
    let Some(version) = version_or_skip("every_code_point_separates_words_or_not_as_for_wc") else {
        return Ok(());
    };
    let known =
        |character: &char| version >= SAME_WORDS || !matches!(character, '\u{2028}' | '\u{2029}');
    let characters: Vec<char> = ('\0'..=char::MAX).filter(known).collect();
    let texts: Vec<String> = characters
        .chunks(1024)
        .map(|chunk| {
            chunk
                .iter()
                .flat_map(|&character| ['a', character, 'b', '\n'])
                .collect()
        })
        .collect();
    let texts: Vec<&[u8]> = texts.iter().map(String::as_bytes).collect();
    compare(&texts, without_columns)
}

#[test]
fn every_code_point_is_a_word_or_not_as_for_wc() -> Outcome {
    let test = "every_code_point_is_a_word_or_not_as_for_wc";
    match version_or_skip(test) {
        Some(version) if version >= SAME_WORDS => {}
        Some(_) => return skip_old(test),
        None => return Ok(()),
    }
    let characters: Vec<char> = ('\0'..=char::MAX).collect();
    let texts: Vec<String> = characters
        .chunks(1024)
        .map(|chunk| {
            chunk
                .iter()
                .flat_map(|&character| [character, ' '])
                .collect()
        })
        .collect();
    let texts: Vec<&[u8]> = texts.iter().map(String::as_bytes).collect();
    compare(&texts, without_columns)
}

/// Not a line of `skipped`: other tests ask the old version for all that it counts alike.
fn skip_old(test: &str) -> Outcome {
    writeln!(
        std::io::stderr(),
        "{test}: wc is older than 9.5, whose words of control characters differ"
    )?;
    Ok(())
}

/// Bytes of a fixed sequence that looks random.
fn random_bytes(seed: u64) -> impl Iterator<Item = u8> {
    let mut state = seed;
    std::iter::repeat_with(move || {
        // SplitMix64.
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) & 0xFF) as u8
    })
}

/// Bytes below 0x80 seldom, so that sequences of several bytes come together.
fn random_text(seed: u64, length: usize) -> Vec<u8> {
    let mut bytes = random_bytes(seed);
    (0..length)
        .filter_map(|_| {
            let byte = bytes.next()?;
            Some(match (seed % 3, bytes.next()?) {
                (0, _) => byte,
                (_, 0..100) => 0x80 | (byte & 0x3F),
                (1, 100..200) => 0xE0 | (byte & 0x1F),
                (2, 100..200) => 0xC0 | (byte & 0x3F),
                _ => byte,
            })
        })
        .collect()
}

#[test]
fn random_bytes_are_counted_as_by_wc() -> Outcome {
    let Some(version) = version_or_skip("random_bytes_are_counted_as_by_wc") else {
        return Ok(());
    };
    let texts: Vec<Vec<u8>> = (0..300).map(|seed| random_text(seed, 8000)).collect();
    let texts: Vec<&[u8]> = texts.iter().map(Vec::as_slice).collect();
    compare(&texts, |stats| {
        without_columns(stats);
        if version < SAME_WORDS {
            stats.words = 0;
        }
    })
}

#[test]
fn words_with_a_letter_are_counted_as_by_every_wc() -> Outcome {
    if version_or_skip("words_with_a_letter_are_counted_as_by_every_wc").is_none() {
        return Ok(());
    }
    // Each word has the letter x: between any two pieces of at most one space.
    let pieces: &[&[u8]] = &[
        b" ",
        b"\n",
        b"\t",
        b"\r",
        b"\x0B",
        b"\x0C",
        b"\xC2\xA0",
        b"\xC2",
        b"\xE2",
        b"\xE2\x80",
        b"\xE2\x80\x80",
        b"\xE2\x80\x8A",
        b"\xE2\x80\x8B",
        b"\xE2\x80\xAF",
        b"\xE2\x81\x9F",
        b"\xE2\x81\xA0",
        b"\xE2\x81\xA1",
        b"\xE3\x80\x80",
        b"\xE3\x80",
        b"\xE1\x9A\x80",
        b"\xE1\x9A\x81",
        b"\x80",
        b"\xFF",
        b"\xA0",
        b"\x00",
        b"\x7F",
        b"\xC2\x85",
        b"\xF0\x9F\x98\x80",
        b"\xF0\x9F\x98",
        b"\xF4\x90\x80\x80",
        b"\xED\xA0\x80",
        b"\xC2\xC2\xA0\xA0",
        b"\xE2\xC2\xA0",
        b"\xE2\xE2\x80\x80\x80",
    ];
    let texts: Vec<Vec<u8>> = (0..200)
        .map(|seed| {
            let pieces = random_bytes(seed)
                .take(3000)
                .map(|byte| pieces[usize::from(byte) % pieces.len()]);
            pieces
                .flat_map(|piece| [b"x", piece])
                .chain([&b"x"[..]])
                .collect::<Vec<_>>()
                .concat()
        })
        .collect();
    let texts: Vec<&[u8]> = texts.iter().map(Vec::as_slice).collect();
    compare(&texts, without_columns)
}
