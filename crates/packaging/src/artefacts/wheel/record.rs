//! The list of a wheel's files with their hashes: the file RECORD (PEP 376, PEP 627).

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::sha256::sha256;

/// Rows in the order in which they were added.
#[derive(Default)]
pub(super) struct Record {
    text: String,
}

impl Record {
    pub(super) fn add(&mut self, name: &str, bytes: &[u8]) {
        let hash = hash_text(&sha256(bytes));
        self.text += &format!("{},{hash},{}\n", quoted(name), bytes.len());
    }

    /// With its own row, which has neither hash nor length, at the end.
    pub(super) fn text(self, own_name: &str) -> String {
        format!("{}{},,\n", self.text, quoted(own_name))
    }
}

/// A hash as a row has it: without padding.
pub(super) fn hash_text(sum: &[u8; 32]) -> String {
    format!("sha256={}", URL_SAFE_NO_PAD.encode(sum))
}

fn quoted(name: &str) -> String {
    if name.contains([',', '"']) {
        format!("\"{}\"", name.replace('"', "\"\""))
    } else {
        name.to_owned()
    }
}

/// The hash and length of a row.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) hash: String,
    pub(super) length: String,
}

/// Reads rows by name, and what is wrong with them.
pub(super) fn parse(text: &str) -> (BTreeMap<String, Row>, Vec<String>) {
    let (mut rows, mut problems) = (BTreeMap::new(), Vec::new());
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        match <[String; 3]>::try_from(fields(line)) {
            Ok([name, hash, length]) => {
                if rows.insert(name.clone(), Row { hash, length }).is_some() {
                    problems.push(format!("RECORD has `{name}` twice"));
                }
            }
            Err(_) => problems.push(format!(
                "line {number} of RECORD is not a name, hash and length"
            )),
        }
    }
    (rows, problems)
}

/// The fields of a line of comma-separated values; inside of quotation marks, two are one.
fn fields(line: &str) -> Vec<String> {
    let (mut fields, mut field, mut is_quoted) = (Vec::new(), String::new(), false);
    let mut rest = line.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '"' if is_quoted && rest.peek() == Some(&'"') => {
                rest.next();
                field.push('"');
            }
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => fields.push(std::mem::take(&mut field)),
            other => field.push(other),
        }
    }
    fields.push(field);
    fields
}
