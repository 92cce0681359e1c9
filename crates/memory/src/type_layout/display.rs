//! A layout as text.

use std::fmt;

use super::TypeLayout;

/// What it is, a line for each field or variant, and what would save memory.
impl fmt::Display for TypeLayout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (size, align) = (self.size_bytes, self.align_bytes);
        write!(f, "{}: {size} bytes, alignment {align}, ", self.name)?;
        match self.has_niche() {
            true => write!(f, "an Option of it takes no more")?,
            false => write!(f, "an Option of it takes {}", self.option_size_bytes)?,
        }
        self.write_fields(f)?;
        self.write_variants(f)
    }
}

impl TypeLayout {
    fn write_fields(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((padding, best)) = self.padding_bytes.zip(self.best_size_bytes) else {
            return Ok(());
        };
        write!(f, "\n  offset    size   align  field")?;
        for field in &self.fields {
            let (offset, size, align) = (field.offset_bytes, field.size_bytes, field.align_bytes);
            let (name, type_name) = (field.name, field.type_name);
            write!(f, "\n{offset:8}{size:8}{align:8}  {name}: {type_name}")?;
            let (end, hole) = (offset + size, field.padding_after_bytes);
            if hole != 0 {
                write!(f, "\n{end:8}{hole:8}          (padding)")?;
            }
        }
        write!(f, "\npadding: {padding} of {} bytes", self.size_bytes)?;
        if best < self.size_bytes {
            let order = self.best_order.join(", ");
            let saved = self.size_bytes - best;
            write!(f, "\nin the order {order}: {best} bytes, saves {saved}")?;
        }
        let fields = self.fields.iter();
        write_boxes(
            f,
            fields.map(|field| (field.name, field.saved_if_boxed_bytes)),
        )
    }

    fn write_variants(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.variants.is_empty() {
            return Ok(());
        }
        write!(f, "\n    size   align  variant")?;
        for variant in &self.variants {
            let (size, align) = (variant.size_bytes, variant.align_bytes);
            let (name, type_name) = (variant.name, variant.type_name);
            write!(f, "\n{size:8}{align:8}  {name}: {type_name}")?;
        }
        let variants = self.variants.iter();
        write_boxes(
            f,
            variants.map(|variant| (variant.name, variant.saved_if_boxed_bytes)),
        )
    }
}

fn write_boxes(
    f: &mut fmt::Formatter<'_>,
    mut parts: impl Iterator<Item = (&'static str, usize)>,
) -> fmt::Result {
    parts.try_for_each(|(name, saved)| match saved {
        0 => Ok(()),
        _ => write!(
            f,
            "\n{name} in a Box: saves {saved} bytes, and costs an allocation"
        ),
    })
}
