//! Signatures by [minisign](https://jedisct1.github.io/minisign/) keys.

use std::{
    env, fmt,
    fs::File,
    path::{Path, PathBuf},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use minisign::{PublicKey, PublicKeyBox, SecretKey, SecretKeyBox, SignatureBox};
use serde::Serialize;

use crate::{
    Error, SourceDate,
    artefacts::contents::own_name,
    sha256::sha256_of,
    whole_file::{read_text, write_whole},
};

/// A secret key. It is shown by its number alone.
///
/// Keys are made by `minisign -G`; the files of keys and signatures are those of minisign.
///
/// ```
/// use tuneup_packaging::{SigningKey, SourceDate, verify_signature};
///
/// # let folder = tempfile::tempdir()?;
/// # let artefact = folder.path().join("tool.zip");
/// # std::fs::write(&artefact, "x")?;
/// # let pair = minisign::KeyPair::generate_unencrypted_keypair()?;
/// # let secret = pair.sk.to_box(None)?.into_string();
/// let key = SigningKey::from_text(&secret, None)?;
/// key.sign(&artefact, SourceDate::from_unix(1_700_000_000)?)?;
/// verify_signature(&artefact, &key.public_key())?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct SigningKey {
    key: SecretKey,
    public: PublicKey,
}

/// A signature beside its artefact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Signature {
    /// Where it is: the path of the artefact, with `.minisig`.
    pub path: PathBuf,
    /// The number of the key, in 16 hexadecimal digits.
    pub key: String,
    /// What was signed besides the artefact: its name, date and SHA-256.
    pub trusted_comment: String,
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", number(self.public.keynum()))
    }
}

impl SigningKey {
    /// A key as the text of its file. With a passphrase it takes about a second and up to 1 GiB to open it, as its maker wanted.
    ///
    /// # Errors
    ///
    /// It is no key, or the passphrase is wrong, missing or one too many. Neither is in the error.
    pub fn from_text(text: &str, passphrase: Option<&str>) -> Result<Self, Error> {
        Self::open(text, passphrase, "the signing key")
    }

    /// A key in a file.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or as of [`from_text`](Self::from_text).
    ///
    /// ```
    /// use tuneup_packaging::SigningKey;
    ///
    /// let error = SigningKey::from_file("no.key".as_ref(), None).unwrap_err();
    /// assert_eq!(error.to_string(), "cannot read `no.key`");
    /// ```
    pub fn from_file(path: &Path, passphrase: Option<&str>) -> Result<Self, Error> {
        let subject = format!("the signing key `{}`", path.display());
        Self::open(&read_text(path)?, passphrase, &subject)
    }

    /// A key in a variable of the environment, with its passphrase in another one, if that is set. Of secrets on CI.
    ///
    /// # Errors
    ///
    /// The variable is not set, or as of [`from_text`](Self::from_text).
    ///
    /// ```
    /// use tuneup_packaging::SigningKey;
    ///
    /// let error = SigningKey::from_environment("NO_SUCH_KEY", "NO_SUCH_PASSPHRASE").unwrap_err();
    /// assert!(error.to_string().contains("set the variable"));
    /// ```
    pub fn from_environment(variable: &str, passphrase_variable: &str) -> Result<Self, Error> {
        let subject = format!("the signing key in {variable}");
        let text = env::var(variable).map_err(|_| {
            Error::unfit(&subject, "set the variable to the text of the key's file")
        })?;
        let passphrase = env::var(passphrase_variable).ok();
        Self::open(&text, passphrase.as_deref(), &subject)
    }

    fn open(text: &str, passphrase: Option<&str>, subject: &str) -> Result<Self, Error> {
        let unfit = |reason: &str| Error::unfit(subject, reason);
        let parsed =
            SecretKeyBox::from_string(text).map_err(|_| unfit("it is no key of minisign"))?;
        // The library would ask on the terminal if it got no passphrase for a key that has one.
        let key = match (passphrase, unchecked(text)) {
            (None, Some(key)) => Ok(key),
            (None, None) => parsed.into_unencrypted_secret_key(),
            (Some(passphrase), _) => parsed.into_secret_key(Some(passphrase.to_owned())),
        };
        let key = key.map_err(|error| unfit(explained(&error.to_string())))?;
        let public =
            PublicKey::from_secret_key(&key).map_err(|_| unfit("it is no key of minisign"))?;
        Ok(Self { key, public })
    }

    /// The public key, as people put it into a README: 56 letters.
    #[must_use]
    pub fn public_key(&self) -> String {
        self.public.to_base64()
    }

    /// Signs an artefact, and writes the signature beside it, whole or not at all. The signature was verified before.
    ///
    /// Each signature has random numbers in it, which protect the key: two of the same artefact are both right, and not the same bytes.
    ///
    /// # Errors
    ///
    /// The artefact cannot be read, its name has a line end, or the signature cannot be written.
    pub fn sign(&self, artefact: &Path, date: SourceDate) -> Result<Signature, Error> {
        let name = own_name(artefact)?;
        if name.chars().any(char::is_control) {
            return Err(Error::unfit(
                format!("`{name}`"),
                "a name with control characters cannot be signed",
            ));
        }
        let comment = format!(
            "timestamp:{}\tfile:{name}\thashed\tsha256:{}",
            date.unix(),
            sha256_of(artefact)?
        );
        let file = File::open(artefact).map_err(Error::file("read", artefact))?;
        let untrusted = format!("signature of {name}");
        let signed = minisign::sign(
            Some(&self.public),
            &self.key,
            file,
            Some(&comment),
            Some(&untrusted),
        )
        .map_err(|error| Error::faulty(artefact, error))?;
        let path = beside(artefact);
        let signature = check(artefact, &path, &signed, &self.public)?;
        write_whole(&path, signed.into_string().as_bytes())?;
        Ok(signature)
    }
}

/// A key without passphrase as minisign up to 0.11 writes it: it has no check sum, which the library wants. A damaged one makes no signature that
/// is verified.
fn unchecked(text: &str) -> Option<SecretKey> {
    let bytes = STANDARD.decode(text.lines().nth(1)?.trim()).ok()?;
    let (algorithm, sum) = (bytes.get(2..4)?, bytes.get(126..)?);
    let is_so = algorithm.iter().chain(sum).all(|byte| *byte == 0);
    is_so.then(|| SecretKey::from_bytes(&bytes).ok())?
}

/// The words of the library for what is likely, in ours.
fn explained(problem: &str) -> &'static str {
    if problem.contains("might be encrypted") {
        "it is protected by a passphrase; give that too"
    } else if problem.contains("not encrypted") {
        "it is not protected by a passphrase; give none"
    } else if problem.contains("Wrong password") {
        "the passphrase is wrong"
    } else {
        "it is no key of minisign, or it is damaged"
    }
}

/// Verifies the signature beside an artefact, `<artefact>.minisig`, by whomever it was made. The public key is the 56 letters, or the text of its file.
///
/// If the signed comment names a file or a SHA-256, as those of [`SigningKey::sign`] do, they have to be those of the artefact. Signatures of the old kind,
/// without hashing, are refused.
///
/// # Errors
///
/// One of the two cannot be read, the key is none, or [`Error::Faulty`] says what is wrong with the signature.
///
/// ```
/// use tuneup_packaging::verify_signature;
///
/// let error = verify_signature("tool.zip".as_ref(), "not a key").unwrap_err();
/// assert!(error.to_string().contains("no public key of minisign"));
/// ```
pub fn verify_signature(artefact: &Path, public_key: &str) -> Result<Signature, Error> {
    let key = public_key.trim();
    let key = match key.lines().count() {
        0 | 1 => PublicKey::from_base64(key),
        _ => PublicKeyBox::from_string(key).and_then(PublicKey::from_box),
    };
    let key = key.map_err(|_| {
        Error::unfit(
            "the public key",
            "it is no public key of minisign: 56 letters, or the text of its file",
        )
    })?;
    let path = beside(artefact);
    let text = read_text(&path)?;
    if !is_whole(&text) {
        return Err(Error::faulty(path, "it is no whole signature of minisign"));
    }
    let signed = SignatureBox::from_string(&text).map_err(|error| Error::faulty(&path, error))?;
    check(artefact, &path, &signed, &key)
}

/// Whether both signatures of the file, of the artefact and of the comment, have their length, which the library takes for granted.
fn is_whole(text: &str) -> bool {
    let lengths = [(1, 74), (3, 64)];
    lengths.iter().all(|(line, length)| {
        let line = text.lines().nth(*line).unwrap_or_default();
        STANDARD
            .decode(line.trim())
            .is_ok_and(|bytes| bytes.len() == *length)
    })
}

fn beside(artefact: &Path) -> PathBuf {
    let mut path = artefact.as_os_str().to_owned();
    path.push(".minisig");
    path.into()
}

fn check(
    artefact: &Path,
    path: &Path,
    signed: &SignatureBox,
    key: &PublicKey,
) -> Result<Signature, Error> {
    let file = File::open(artefact).map_err(Error::file("read", artefact))?;
    // Neither words nor a copy on the streams of the process, and no signature of the old kind.
    minisign::verify(key, signed, file, true, false, false)
        .map_err(|error| Error::faulty(path, error))?;
    let comment = signed
        .trusted_comment()
        .map_err(|error| Error::faulty(path, error))?;
    let mut problems = Vec::new();
    for field in comment.split('\t') {
        match field.split_once(':') {
            Some(("file", name)) if name != own_name(artefact)? => {
                problems.push(format!("it is the signature of a file named `{name}`"));
            }
            Some(("sha256", sum)) if sum != sha256_of(artefact)? => {
                problems.push(format!(
                    "it names the SHA-256 {sum}, which is not that of the file"
                ));
            }
            _ => {}
        }
    }
    Error::unless_empty(path, problems)?;
    Ok(Signature {
        path: path.to_owned(),
        key: number(signed.keynum()),
        trusted_comment: comment,
    })
}

/// The number of a key as minisign shows it: the last byte first.
fn number(bytes: &[u8]) -> String {
    bytes
        .iter()
        .rev()
        .map(|byte| format!("{byte:02X}"))
        .collect()
}

#[cfg(test)]
mod tests;
