//! Evidence as an in-toto statement, field by field.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Evidence, EvidenceArtefact, EvidenceCheck};

const STATEMENT: &str = "https://in-toto.io/Statement/v1";
const PROVENANCE: &str = "https://slsa.dev/provenance/v1";
/// How the parameters are to be read.
const BUILD: &str = "urn:tuneup-packaging:evidence:v1";
/// Whoever has run it.
const BUILDER: &str = "urn:tuneup-packaging:local";

#[derive(Serialize, Deserialize)]
pub(super) struct Statement {
    #[serde(rename = "_type")]
    kind: String,
    subject: Vec<Resource>,
    #[serde(rename = "predicateType")]
    predicate_kind: String,
    predicate: Predicate,
}

#[derive(Serialize, Deserialize)]
struct Resource {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri: Option<String>,
    digest: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    annotations: BTreeMap<String, u64>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Predicate {
    build_definition: BuildDefinition,
    run_details: RunDetails,
    /// An extension: its name begins with that of who has made it up.
    #[serde(rename = "tuneup_checks", default)]
    checks: Vec<EvidenceCheck>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct BuildDefinition {
    build_type: String,
    external_parameters: ExternalParameters,
    internal_parameters: InternalParameters,
    resolved_dependencies: Vec<Resource>,
}

#[derive(Serialize, Deserialize)]
struct ExternalParameters {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tag: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct InternalParameters {
    date: String,
    host: String,
}

#[derive(Serialize, Deserialize)]
struct RunDetails {
    builder: Builder,
}

#[derive(Serialize, Deserialize)]
struct Builder {
    id: String,
    version: BTreeMap<String, String>,
}

const COMMIT: &str = "gitCommit";
const SHA256: &str = "sha256";
const BYTES: &str = "bytes";
const LOCK_FILE: &str = "Cargo.lock";

impl Statement {
    pub(super) fn of(evidence: &Evidence) -> Self {
        let subject = evidence.artefacts.iter().map(|(name, artefact)| Resource {
            name: Some(name.clone()),
            uri: None,
            digest: one(SHA256, artefact.sha256.clone()),
            annotations: one(BYTES, artefact.bytes),
        });
        let source = Resource {
            name: None,
            uri: evidence
                .repository
                .as_ref()
                .map(|address| format!("git+{address}")),
            digest: one(COMMIT, evidence.commit.clone()),
            annotations: BTreeMap::new(),
        };
        let lock = evidence.lock_file.as_ref().map(|sum| Resource {
            name: Some(LOCK_FILE.to_owned()),
            uri: None,
            digest: one(SHA256, sum.clone()),
            annotations: BTreeMap::new(),
        });
        Self {
            kind: STATEMENT.to_owned(),
            subject: subject.collect(),
            predicate_kind: PROVENANCE.to_owned(),
            predicate: Predicate {
                build_definition: BuildDefinition {
                    build_type: BUILD.to_owned(),
                    external_parameters: ExternalParameters {
                        tag: evidence.tag.clone(),
                    },
                    internal_parameters: InternalParameters {
                        date: evidence.date.clone(),
                        host: evidence.host.clone(),
                    },
                    resolved_dependencies: [source].into_iter().chain(lock).collect(),
                },
                run_details: RunDetails {
                    builder: Builder {
                        id: BUILDER.to_owned(),
                        version: evidence.builder.clone(),
                    },
                },
                checks: evidence.checks.clone(),
            },
        }
    }

    pub(super) fn text(&self) -> String {
        let text = serde_json::to_string_pretty(self);
        // Texts, numbers and lists of them can always be written.
        text.unwrap_or_default() + "\n"
    }

    pub(super) fn evidence(self) -> Result<Evidence, String> {
        let build = self.predicate.build_definition;
        if (
            &self.kind[..],
            &self.predicate_kind[..],
            &build.build_type[..],
        ) != (STATEMENT, PROVENANCE, BUILD)
        {
            return Err(format!(
                "it is an in-toto statement of another kind: {}, {}",
                self.predicate_kind, build.build_type
            ));
        }
        let mut artefacts = BTreeMap::new();
        for subject in self.subject {
            let name = subject.name.ok_or("a subject has no name")?;
            let mut digest = subject.digest;
            let artefact = EvidenceArtefact {
                sha256: digest
                    .remove(SHA256)
                    .ok_or_else(|| format!("`{name}` has no SHA-256"))?,
                bytes: *subject
                    .annotations
                    .get(BYTES)
                    .ok_or_else(|| format!("`{name}` has no length"))?,
            };
            if artefacts.insert(name.clone(), artefact).is_some() {
                return Err(format!("`{name}` is in it more than once"));
            }
        }
        let resources = &build.resolved_dependencies;
        let source = resources
            .iter()
            .find(|resource| resource.digest.contains_key(COMMIT));
        let source = source.ok_or("it names no commit")?;
        let lock = resources
            .iter()
            .find(|resource| resource.name.as_deref() == Some(LOCK_FILE));
        let repository = source.uri.as_ref().and_then(|uri| uri.strip_prefix("git+"));
        Ok(Evidence {
            commit: source.digest[COMMIT].clone(),
            repository: repository.map(str::to_owned),
            tag: build.external_parameters.tag,
            date: build.internal_parameters.date,
            builder: self.predicate.run_details.builder.version,
            host: build.internal_parameters.host,
            lock_file: lock.and_then(|lock| lock.digest.get(SHA256)).cloned(),
            artefacts,
            checks: self.predicate.checks,
        })
    }
}

fn one<T>(key: &str, value: T) -> BTreeMap<String, T> {
    BTreeMap::from([(key.to_owned(), value)])
}
