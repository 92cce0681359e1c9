//! What a release takes out of its environment, so that none of the programs that it runs finds it there.

use std::env;

use tuneup_packaging::{Error, GIT_REDIRECTIONS, SigningKey};

/// The variables with the signing key and its passphrase.
const KEY: &str = "TUNEUP_SIGNING_KEY";
const PASSPHRASE: &str = "TUNEUP_SIGNING_PASSPHRASE";

/// The signing key, if there is one. After this it is in the environment no longer: a release runs programs of many others, from build scripts to commands of
/// READMEs. Neither is what leads git elsewhere.
///
/// To be called while this process has one thread.
pub(super) fn take_key() -> Result<Option<SigningKey>, Error> {
    let key = env::var_os(KEY)
        .map(|_| SigningKey::from_environment(KEY, PASSPHRASE))
        .transpose();
    for name in [KEY, PASSPHRASE].into_iter().chain(GIT_REDIRECTIONS) {
        // SAFETY: no other thread reads or writes the environment, for there is none: `release` calls this first, and nothing before it starts a thread.
        unsafe { env::remove_var(name) };
    }
    key
}
