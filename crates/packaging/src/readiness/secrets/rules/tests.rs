use super::*;

/// What looks random; each part is the same every time.
fn noise(alphabet: &str, length: usize) -> String {
    let alphabet: Vec<char> = alphabet.chars().collect();
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        alphabet[(state >> 33) as usize % alphabet.len()]
    };
    (0..length).map(|_| next()).collect()
}

const WORD: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const HEX: &str = "0123456789abcdef";

fn rules_of(text: &str) -> Vec<&'static str> {
    find(text.as_bytes())
        .iter()
        .map(|found| found.rule.id)
        .collect()
}

/// One text for each rule. They are put together here, so that this file has no secret in it.
fn planted() -> Vec<(&'static str, String)> {
    let word = |length| noise(WORD, length);
    vec![
        (
            "private-key",
            format!("-----BEGIN RSA PRIVATE{}\n{}\n", " KEY-----", word(64)),
        ),
        (
            "private-key",
            format!(
                "key = \"-----BEGIN PRIVATE{}\\n{}\\n",
                " KEY-----",
                word(64)
            ),
        ),
        (
            "private-key",
            format!(
                "-----BEGIN PGP PRIVATE{}\nVersion: 1\n\n{}\n",
                " KEY BLOCK-----",
                word(64)
            ),
        ),
        ("aws-access-key", format!("AKIA{}", noise(UPPER, 16))),
        (
            "aws-secret-key",
            format!("aws_secret_access{} = {}", "_key", word(40)),
        ),
        ("github-token", format!("ghp_{}", word(36))),
        ("github-token", format!("github_pat_{}", word(82))),
        ("gitlab-token", format!("glpat-{}", word(20))),
        (
            "slack-token",
            format!("xoxb-{}", noise("0123456789", 12) + "-" + &word(24)),
        ),
        (
            "slack-webhook",
            format!("https://hooks.slack{}/services/{}", ".com", word(44)),
        ),
        ("google-api-key", format!("AIza{}", word(35))),
        ("google-oauth-secret", format!("GOCSPX-{}", word(28))),
        ("npm-token", format!("npm_{}", word(36))),
        ("pypi-token", format!("pypi-AgEIcHlwaS5vcmc{}", word(80))),
        ("crates-io-token", format!("cio{}", word(32))),
        ("stripe-key", format!("sk_live_{}", word(24))),
        ("docker-token", format!("dckr_pat_{}", word(27))),
        ("sendgrid-key", format!("SG.{}.{}", word(22), word(43))),
        ("digitalocean-token", format!("dop_v1_{}", noise(HEX, 64))),
        ("vault-token", format!("hvs.{}", word(95))),
        (
            "azure-storage-key",
            format!("Account{}={}==", "Key", word(86)),
        ),
        (
            "json-web-token",
            format!("eyJ{}.eyJ{}.{}", word(30), word(60), word(43)),
        ),
        ("minisign-secret-key", format!("RWRTY0Iy{}", word(200))),
        (
            "age-secret-key",
            format!("AGE-SECRET{}-1{}", "-KEY", noise(UPPER, 58)),
        ),
        (
            "password-in-address",
            format!("postgres://admin:{}@db.internal/main", word(12)),
        ),
        (
            "password",
            format!("let password{} = \"{}\";", "", word(12)),
        ),
        ("password", format!("'db_passwd': '{}'", word(10) + "7a")),
        (
            "secret-setting",
            format!("{{\"client_secret\": \"{}\"}}", word(32)),
        ),
        (
            "secret-variable",
            format!("# settings\nexport DB_PASSWORD{}{}\n", "=", word(16)),
        ),
    ]
}

#[test]
fn each_rule_finds_what_it_is_for_and_shows_no_secret() {
    let planted = planted();
    for (rule, text) in &planted {
        let found = find(text.as_bytes());
        let found: Vec<&Match> = found
            .iter()
            .filter(|found| found.rule.id == *rule)
            .collect();
        assert_eq!(found.len(), 1, "{rule}: {text}");
        let secret = &text[found[0].secret.clone()];
        assert!(
            secret.len() - found[0].rule.public >= 10,
            "{rule}: {secret}"
        );
    }
    let tried: std::collections::BTreeSet<&str> = planted.iter().map(|(rule, _)| *rule).collect();
    let all: std::collections::BTreeSet<&str> = RULES.iter().map(|rule| rule.id).collect();
    assert_eq!(tried, all);
}

#[test]
fn no_keyword_keeps_a_rule_from_its_own_secrets() {
    // Found among all the others at once, too: no keyword hides behind another.
    let all: String = planted()
        .into_iter()
        .map(|(_, text)| text + "\n\n")
        .collect();
    let found: std::collections::BTreeSet<&str> = rules_of(&all).into_iter().collect();
    assert_eq!(found.len(), RULES.len());
}

#[test]
fn stand_ins_and_code_are_no_secrets() {
    let texts = [
        "AKIAIOSFODNN7EXAMPLE",
        "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
        "password = \"changeme123\"",
        "password: \"${DB_PASSWORD}\"",
        "DB_PASSWORD=$(pass show db1)",
        "API_TOKEN=<your-token-1>",
        "let token = \"my_crate::parser::next_token2\";",
        "token: \"a sentence with 7 words in it\"",
        "const TOKEN = \"cargo-registry-token\";",
        "https://user:password1@example.org",
        "http://localhost:8080/@scope/package",
        "let secret = std::env::var(\"SECRET_1\");",
        "checksum = \"1e4a94f65cb0ac4a6b5b6a4a7d3f6e0a1f0b0d6b1c9a4f6e2d3c4b5a69788796\"",
        "password = \"correct horse battery staple 1\"",
    ];
    for text in texts {
        assert_eq!(rules_of(text), [""; 0], "{text}");
    }
}

#[test]
fn patterns_do_not_find_themselves() {
    assert_eq!(rules_of(include_str!("../rules.rs")), [""; 0]);
    assert_eq!(rules_of(include_str!("tests.rs")), [""; 0]);
}

#[test]
fn entropy_is_that_of_shannon() {
    assert_eq!(entropy(b"aaaa"), 0.0);
    assert_eq!(entropy(b"abab"), 1.0);
    assert!((entropy(HEX.as_bytes()) - 4.0).abs() < 1e-12);
}
