//! The document, field by field, in the order in which it is written.

use std::collections::BTreeSet;

use cargo_metadata::Package;
use serde::Serialize;
use spdx::Expression;

use crate::sha256::{hex, sha256};

#[derive(Serialize)]
pub(super) struct Document {
    #[serde(rename = "$schema")]
    schema: &'static str,
    #[serde(rename = "bomFormat")]
    format: &'static str,
    #[serde(rename = "specVersion")]
    format_version: &'static str,
    #[serde(rename = "serialNumber", skip_serializing_if = "Option::is_none")]
    serial_number: Option<String>,
    version: u32,
    metadata: Metadata,
    components: Vec<Component>,
    dependencies: Vec<Dependency>,
}

impl Document {
    pub(super) fn new(
        metadata: Metadata,
        components: Vec<Component>,
        dependencies: Vec<Dependency>,
    ) -> Self {
        let mut document = Self {
            schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
            format: "CycloneDX",
            format_version: "1.6",
            serial_number: None,
            version: 1,
            metadata,
            components,
            dependencies,
        };
        let mut bytes = sha256(document.text().as_bytes());
        // A UUID of version 8 is one that somebody makes up by own rules (RFC 9562).
        bytes[6] = 0x80 | bytes[6] & 0x0f;
        bytes[8] = 0x80 | bytes[8] & 0x3f;
        let digits = hex(&bytes[..16]);
        let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| &digits[part]);
        document.serial_number = Some(format!("urn:uuid:{}", parts.join("-")));
        document
    }

    pub(super) fn text(&self) -> String {
        let text = serde_json::to_string_pretty(self);
        // Texts, numbers and lists of them can always be written.
        text.unwrap_or_default() + "\n"
    }
}

#[derive(Serialize)]
pub(super) struct Metadata {
    pub(super) timestamp: String,
    pub(super) tools: Tools,
    pub(super) component: Component,
}

#[derive(Serialize)]
pub(super) struct Tools {
    pub(super) components: [Tool; 1],
}

#[derive(Serialize)]
pub(super) struct Tool {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) name: &'static str,
    pub(super) version: &'static str,
}

#[derive(Serialize)]
pub(super) struct Component {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    #[serde(rename = "bom-ref")]
    pub(super) reference: String,
    pub(super) name: String,
    pub(super) version: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) scope: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) hashes: Vec<Hash>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) licenses: Vec<Licence>,
    pub(super) purl: String,
    #[serde(rename = "externalReferences", skip_serializing_if = "Vec::is_empty")]
    pub(super) references: Vec<Reference>,
}

#[derive(Serialize)]
pub(super) struct Hash {
    #[serde(rename = "alg")]
    pub(super) algorithm: &'static str,
    pub(super) content: String,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Licence {
    /// An SPDX expression.
    Expression(String),
    /// Anything else.
    License { name: String },
}

impl Licence {
    pub(super) fn of(package: &Package) -> Option<Self> {
        let Some(licence) = &package.license else {
            let file = package.license_file.as_ref()?;
            return Some(Self::License {
                name: format!("see the file {file} of the package"),
            });
        };
        // Old manifests have `MIT/Apache-2.0`.
        let canonical = Expression::canonicalize(licence).ok().flatten();
        let text = canonical.unwrap_or_else(|| licence.clone());
        Some(match Expression::parse(&text) {
            Ok(_) => Self::Expression(text),
            Err(_) => Self::License { name: text },
        })
    }
}

#[derive(Serialize)]
pub(super) struct Reference {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) url: String,
}

#[derive(Serialize)]
pub(super) struct Dependency {
    #[serde(rename = "ref")]
    pub(super) reference: String,
    #[serde(rename = "dependsOn", skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) needed: BTreeSet<String>,
}
