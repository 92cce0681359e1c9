//! What looks like a secret and is none, with the reason.

use std::{collections::BTreeMap, fs, path::Path};

use serde::Deserialize;

use crate::Error;

/// Fingerprints of texts that look like secrets and may stay, each with a reason.
///
/// As a file:
///
/// ```toml
/// [[allowed]]
/// fingerprint = "aws-access-key:0123456789abcdef"
/// reason = "revoked in 2020; the history cannot be changed any more"
/// ```
///
/// A fingerprint is the rule and the beginning of the text's SHA-256: it stands for the text wherever it is. Who has the list can try
/// out guesses, so it is no place for a weak password that is in use.
///
/// ```
/// use tuneup_packaging::AllowedSecrets;
///
/// let allowed = AllowedSecrets::parse("[[allowed]]\nfingerprint = 'npm-token:0123456789abcdef'\nreason = 'made up'")?;
/// assert_eq!(allowed.len(), 1);
/// let error = AllowedSecrets::parse("[[allowed]]\nfingerprint = 'npm-token:0123456789abcdef'\nreason = ''").unwrap_err();
/// assert_eq!(error, "`npm-token:0123456789abcdef` is allowed without a reason; say why");
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowedSecrets {
    pub(super) reasons: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    allowed: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    fingerprint: String,
    reason: String,
}

impl AllowedSecrets {
    /// Reads a list.
    ///
    /// # Errors
    ///
    /// The file cannot be read; it is no such list; an entry has no reason or stands there twice.
    ///
    /// ```
    /// use tuneup_packaging::AllowedSecrets;
    ///
    /// let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("allowed-secrets.toml");
    /// std::fs::write(&path, "[[allowed]]\nfingerprint = 'npm-token:0123456789abcdef'\nreason = 'made up'\n")?;
    /// assert_eq!(AllowedSecrets::read(&path)?.len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = fs::read_to_string(path).map_err(Error::file("read", path))?;
        Self::parse(&text).map_err(|reason| Error::faulty(path, reason))
    }

    /// Reads the text of a list.
    ///
    /// # Errors
    ///
    /// What is wrong, and how to go on.
    ///
    /// ```
    /// use tuneup_packaging::AllowedSecrets;
    ///
    /// assert!(AllowedSecrets::parse("").unwrap().is_empty());
    /// assert!(AllowedSecrets::parse("fingerprints = []").unwrap_err().contains("unknown field"));
    /// ```
    pub fn parse(text: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
        let mut reasons = BTreeMap::new();
        for Entry {
            fingerprint,
            reason,
        } in file.allowed
        {
            if reason.trim().is_empty() {
                return Err(format!(
                    "`{fingerprint}` is allowed without a reason; say why"
                ));
            }
            if reasons.contains_key(&fingerprint) {
                return Err(format!(
                    "`{fingerprint}` is allowed twice; remove one of the entries"
                ));
            }
            reasons.insert(fingerprint, reason);
        }
        Ok(Self { reasons })
    }

    /// How many entries there are.
    ///
    /// ```
    /// assert_eq!(tuneup_packaging::AllowedSecrets::default().len(), 0);
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.reasons.len()
    }

    /// Whether nothing is allowed.
    ///
    /// ```
    /// assert!(tuneup_packaging::AllowedSecrets::default().is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.reasons.is_empty()
    }
}
