//! What secrets look like. Formats are those that their issuers have published; none of the patterns matches its own text.

use std::{ops::Range, sync::LazyLock};

use aho_corasick::AhoCorasick;
use regex::bytes::{Regex, RegexBuilder};

#[cfg(test)]
mod tests;

/// A kind of secret.
pub(super) struct Rule {
    /// Its name, with hyphens.
    pub(super) id: &'static str,
    /// What it is, for people.
    pub(super) about: &'static str,
    /// A text that holds none of these, in either case, holds no such secret.
    keywords: &'static [&'static str],
    /// Bytes; the secret is the first group.
    pattern: &'static str,
    /// So many bytes at its beginning are the same for all of its kind, and may be shown.
    pub(super) public: usize,
    /// Whether what matches is a secret and no example.
    is_real: fn(&[u8]) -> bool,
}

/// Where a secret is.
pub(super) struct Match {
    pub(super) rule: &'static Rule,
    /// Where the text that matches begins, with what stands before the secret.
    pub(super) begin: usize,
    pub(super) secret: Range<usize>,
}

const RULES: &[Rule] = &[
    Rule {
        id: "private-key",
        about: "a private key in PEM or PGP armour",
        keywords: &["private key"],
        pattern: r"(?s)-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----.{0,300}?([A-Za-z0-9+/]{40,}(?:[A-Za-z0-9+/=\s]|\\[rn])*)",
        public: 0,
        is_real: is_random,
    },
    Rule {
        id: "aws-access-key",
        about: "an access key of Amazon Web Services",
        keywords: &["akia", "asia", "abia", "acca"],
        pattern: r"\b((?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16})\b",
        public: 4,
        is_real: is_no_example,
    },
    Rule {
        id: "aws-secret-key",
        about: "a secret key of Amazon Web Services",
        keywords: &["aws"],
        pattern: r#"(?i)aws.{0,24}(?:secret|key).{0,24}?[=:"' ]([A-Za-z0-9/+]{40})(?:[^A-Za-z0-9/+=]|$)"#,
        public: 0,
        is_real: |secret| is_no_example(secret) && is_dense(secret),
    },
    Rule {
        id: "github-token",
        about: "a token of GitHub",
        keywords: &["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"],
        pattern: r"\b((?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{82}))\b",
        public: 4,
        is_real: is_random,
    },
    Rule {
        id: "gitlab-token",
        about: "a token of GitLab",
        keywords: &[
            "glpat-", "gldt-", "glrt-", "glptt-", "glagent-", "glsoat-", "glft-", "glcbt-",
            "glimt-",
        ],
        pattern: r"\b(gl(?:pat|dt|rt|ptt|agent|soat|ft|cbt|imt)-[A-Za-z0-9_.-]{20,100})",
        public: 5,
        is_real: is_random,
    },
    Rule {
        id: "slack-token",
        about: "a token of Slack",
        keywords: &[
            "xoxa-", "xoxb-", "xoxe-", "xoxe.", "xoxo-", "xoxp-", "xoxr-", "xoxs-", "xapp-",
        ],
        pattern: r"\b((?:xox[aboprs]-|xoxe[.-]|xapp-)[A-Za-z0-9.-]{16,250})",
        public: 4,
        is_real: is_random,
    },
    Rule {
        id: "slack-webhook",
        about: "an address that posts to Slack",
        keywords: &["hooks.slack.com"],
        pattern: r"(hooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9+/]{40,80})",
        public: 15,
        is_real: is_random,
    },
    Rule {
        id: "google-api-key",
        about: "an API key of Google",
        keywords: &["aiza"],
        pattern: r"\b(AIza[A-Za-z0-9_-]{35})(?:[^A-Za-z0-9_-]|$)",
        public: 4,
        is_real: is_random,
    },
    Rule {
        id: "google-oauth-secret",
        about: "a client secret of Google",
        keywords: &["gocspx-"],
        pattern: r"\b(GOCSPX-[A-Za-z0-9_-]{28})(?:[^A-Za-z0-9_-]|$)",
        public: 7,
        is_real: is_random,
    },
    Rule {
        id: "npm-token",
        about: "a token of npm",
        keywords: &["npm_"],
        pattern: r"\b(npm_[A-Za-z0-9]{36})\b",
        public: 4,
        is_real: is_random,
    },
    Rule {
        id: "pypi-token",
        about: "a token of PyPI",
        keywords: &["pypi-ag"],
        pattern: r"\b(pypi-Ag[A-Za-z0-9_-]{60,1000})",
        public: 5,
        is_real: is_random,
    },
    Rule {
        id: "crates-io-token",
        about: "a token of crates.io",
        keywords: &["cio"],
        pattern: r"\b(cio[A-Za-z0-9]{32})\b",
        public: 3,
        is_real: is_dense,
    },
    Rule {
        id: "stripe-key",
        about: "a secret key of Stripe",
        keywords: &[
            "sk_live_", "sk_test_", "sk_prod_", "rk_live_", "rk_test_", "rk_prod_",
        ],
        pattern: r"\b([sr]k_(?:live|test|prod)_[A-Za-z0-9]{16,247})\b",
        public: 8,
        is_real: is_random,
    },
    Rule {
        id: "docker-token",
        about: "a token of Docker",
        keywords: &["dckr_pat_"],
        pattern: r"\b(dckr_pat_[A-Za-z0-9_-]{27,64})",
        public: 9,
        is_real: is_random,
    },
    Rule {
        id: "sendgrid-key",
        about: "a key of SendGrid",
        keywords: &["sg."],
        pattern: r"\b(SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43})(?:[^A-Za-z0-9_-]|$)",
        public: 3,
        is_real: is_random,
    },
    Rule {
        id: "digitalocean-token",
        about: "a token of DigitalOcean",
        keywords: &["dop_v1_", "doo_v1_", "dor_v1_"],
        pattern: r"\b(do[opr]_v1_[a-f0-9]{64})\b",
        public: 7,
        is_real: is_random,
    },
    Rule {
        id: "vault-token",
        about: "a token of HashiCorp Vault",
        keywords: &["hvs.", "hvb."],
        pattern: r"\b(hv[sb]\.[A-Za-z0-9_-]{90,300})",
        public: 4,
        is_real: is_random,
    },
    Rule {
        id: "azure-storage-key",
        about: "a key of a storage account of Azure",
        keywords: &["accountkey"],
        pattern: r"(?i)AccountKey=([A-Za-z0-9+/]{86}==)",
        public: 0,
        is_real: is_random,
    },
    Rule {
        id: "json-web-token",
        about: "a JSON web token",
        keywords: &["eyj"],
        pattern: r"\b(eyJ[A-Za-z0-9_-]{14,4000}\.eyJ[A-Za-z0-9_-]{14,4000}\.[A-Za-z0-9_-]{20,1000})",
        public: 3,
        is_real: is_random,
    },
    Rule {
        id: "minisign-secret-key",
        about: "a secret key of minisign",
        // "Ed", then "Sc" or two zeros, then "B2", in base64.
        keywords: &["rwrty0iy", "rwqaaeiy"],
        pattern: r"\b(RW(?:RTY0|QAAE)Iy[A-Za-z0-9+/]{100,}={0,2})",
        public: 8,
        is_real: is_random,
    },
    Rule {
        id: "age-secret-key",
        about: "a secret key of age",
        keywords: &["age-secret-key-"],
        pattern: r"\b(AGE-SECRET-KEY-(?:PQ-)?1[A-Z0-9]{58})",
        public: 15,
        is_real: is_random,
    },
    Rule {
        id: "password-in-address",
        about: "a password in an address",
        keywords: &["://"],
        pattern: r#"[a-zA-Z][a-zA-Z0-9+.-]{1,20}://[^\s:/@'"<>{}$]{1,64}:([^\s:/@'"<>{}$]{8,128})@[A-Za-z0-9\[]"#,
        public: 0,
        is_real: is_password,
    },
    Rule {
        id: "password",
        about: "a password in a setting",
        keywords: &["passw", "pwd", "passphrase"],
        pattern: r#"(?i)(?:password|passwd|passphrase|pwd)[a-z0-9_]{0,20}["']?\s{0,4}(?::|=>?|:=)\s{0,4}(?:"([^"\s\\]{8,200})"|'([^'\s\\]{8,200})')"#,
        public: 0,
        is_real: is_password,
    },
    Rule {
        id: "secret-setting",
        about: "a secret, token or key in a setting",
        keywords: &[
            "secret",
            "token",
            "api_key",
            "api-key",
            "apikey",
            "access_key",
            "auth_key",
            "credential",
            "private_key",
        ],
        pattern: r#"(?i)(?:secret|token|api[_-]?key|access_key|auth_key|credentials?|private_key)[a-z0-9_]{0,20}["']?\s{0,4}(?::|=>?|:=)\s{0,4}(?:"([^"\s\\]{16,200})"|'([^'\s\\]{16,200})')"#,
        public: 0,
        is_real: |secret| is_password(secret) && is_dense(secret) && is_one_word(secret),
    },
    Rule {
        id: "secret-variable",
        about: "a secret in a file of variables",
        keywords: &[
            "password=",
            "passwd=",
            "secret=",
            "token=",
            "api_key=",
            "apikey=",
            "access_key=",
            "private_key=",
        ],
        pattern: r#"(?m)^[ \t]{0,8}(?:export )?[A-Z][A-Z0-9_]{0,60}(?:PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|ACCESS_KEY|PRIVATE_KEY)=([^\s"'$`(){}<>]{12,200})[ \t\r]{0,4}$"#,
        public: 0,
        is_real: |secret| is_password(secret) && is_one_word(secret),
    },
];

struct Compiled {
    keywords: AhoCorasick,
    /// The rule of each keyword.
    owners: Vec<usize>,
    patterns: Vec<Regex>,
}

static COMPILED: LazyLock<Compiled> = LazyLock::new(|| {
    let words = RULES.iter().enumerate().flat_map(|(index, rule)| {
        let words = rule.keywords.iter();
        words.map(move |word| (index, *word))
    });
    let (owners, words): (Vec<usize>, Vec<&str>) = words.unzip();
    let keywords = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .build(words);
    let pattern = |rule: &Rule| RegexBuilder::new(rule.pattern).unicode(false).build();
    let patterns = RULES
        .iter()
        .map(|rule| pattern(rule).expect("a pattern of this file"));
    Compiled {
        keywords: keywords.expect("the keywords are few"),
        owners,
        patterns: patterns.collect(),
    }
});

/// All secrets in a text, rule by rule. Linear in the text; most texts are read once, for the keywords.
pub(super) fn find(text: &[u8]) -> Vec<Match> {
    let compiled = &*COMPILED;
    let mut is_wanted = [false; RULES.len()];
    for hit in compiled.keywords.find_overlapping_iter(text) {
        is_wanted[compiled.owners[hit.pattern().as_usize()]] = true;
    }
    let mut found = Vec::new();
    let rules = RULES.iter().zip(&compiled.patterns).zip(is_wanted);
    for ((rule, pattern), _) in rules.filter(|(_, is_wanted)| *is_wanted) {
        for captures in pattern.captures_iter(text) {
            // The alternatives of a pattern have a group each, and one of them matches.
            let secret = captures.iter().skip(1).flatten().next();
            let Some((whole, secret)) = captures.get(0).zip(secret) else {
                continue;
            };
            if (rule.is_real)(secret.as_bytes()) {
                found.push(Match {
                    rule,
                    begin: whole.start(),
                    secret: secret.range(),
                });
            }
        }
    }
    found
}

/// Bits for each byte, after Shannon: 0 for one byte again and again, 6 for base64 of noise that is long enough.
fn entropy(text: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    text.iter().for_each(|byte| counts[usize::from(*byte)] += 1);
    let length = text.len() as f64;
    let shares = counts.iter().filter(|count| **count > 0);
    shares
        .map(|count| f64::from(*count) / length)
        .map(|share| -share * share.log2())
        .sum()
}

/// More than a row of the same letters.
fn is_random(secret: &[u8]) -> bool {
    entropy(secret) >= 3.0
}

/// What was drawn from many characters, not words of a language.
fn is_dense(secret: &[u8]) -> bool {
    entropy(secret) >= 3.5 && secret.iter().any(u8::is_ascii_digit) && has_letters(secret)
}

fn has_letters(secret: &[u8]) -> bool {
    secret.iter().any(u8::is_ascii_alphabetic)
}

/// The examples of Amazon's documentation end in this word.
fn is_no_example(secret: &[u8]) -> bool {
    !contains(secret, b"EXAMPLE") && is_random(secret)
}

/// What stands in texts in the place of a secret.
const STAND_INS: &[&str] = &[
    "${",
    "$(",
    "{{",
    "%(",
    "<",
    "...",
    "***",
    "xxxx",
    "1234567",
    "abcdef",
    "changeme",
    "dummy",
    "example",
    "fake",
    "foobar",
    "hunter2",
    "insert",
    "password",
    "passwd",
    "placeholder",
    "redacted",
    "replace",
    "sample",
    "test",
    "your",
];

fn is_password(secret: &[u8]) -> bool {
    let lower = secret.to_ascii_lowercase();
    let is_stand_in = STAND_INS
        .iter()
        .any(|word| contains(&lower, word.as_bytes()));
    !is_stand_in
        && entropy(secret) >= 2.8
        && secret.iter().any(u8::is_ascii_digit)
        && has_letters(secret)
}

/// No path, no call and no sentence: what secrets are written with.
fn is_one_word(secret: &[u8]) -> bool {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=_-.~!@#%^&*".contains(byte);
    secret.iter().all(is_part) && !contains(secret, b"::")
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}
