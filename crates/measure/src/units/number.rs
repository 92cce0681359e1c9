//! The numbers in front of the units.

/// `value` with `digits` significant digits, but at most `digits - 1` decimals; no exponent, and no
/// minus sign before a zero.
pub(super) fn significant(value: f64, digits: usize) -> String {
    let decimals = digits.saturating_sub(whole_digits(value, digits));
    let text = format!("{value:.decimals$}");
    match text.strip_prefix('-') {
        Some(zero) if !zero.contains(|c: char| c.is_ascii_digit() && c != '0') => zero.to_owned(),
        _ => text,
    }
}

/// [`significant`] without zeros at the end of the decimals.
pub(super) fn trimmed(value: f64, digits: usize) -> String {
    let mut text = significant(value, digits);
    if text.contains('.') {
        text.truncate(text.trim_end_matches('0').trim_end_matches('.').len());
    }
    text
}

/// The digits before the point once `value` is rounded to `digits` significant ones: two for 9.996
/// and three digits.
fn whole_digits(value: f64, digits: usize) -> usize {
    (1..digits)
        .find(|&whole| rounded(value.abs(), digits - whole) < 10_f64.powi(whole as i32))
        .unwrap_or(digits)
}

fn rounded(value: f64, decimals: usize) -> f64 {
    let scale = 10_f64.powi(decimals as i32);
    (value * scale).round() / scale
}

/// `value` in the largest unit of which it is at least one once rounded to `digits` digits, and
/// that unit's name; in the first one if there is no such unit. `steps` are (worth, name) in
/// ascending order.
pub(super) fn choose<'a>(value: f64, digits: usize, steps: &[(f64, &'a str)]) -> (f64, &'a str) {
    let fits = |&&(worth, _): &&(f64, &str)| rounded(value.abs() / worth, digits) >= 1.0;
    steps
        .iter()
        .rev()
        .find(fits)
        .filter(|_| value.is_finite())
        .or(steps.first())
        .map_or((value, ""), |&(worth, name)| (value / worth, name))
}

/// A decimal number as written: digits before and after the point.
#[derive(Debug, Clone, Copy)]
pub(super) struct Decimal<'a> {
    pub(super) text: &'a str,
    whole: &'a str,
    fraction: &'a str,
}

impl<'a> Decimal<'a> {
    /// Splits a number off the start of `text`; `None` if there is none there.
    pub(super) fn split(text: &'a str) -> Option<(Self, &'a str)> {
        let whole = leading_digits(text);
        let after_whole = &text[whole.len()..];
        let fraction = after_whole.strip_prefix('.').map_or("", leading_digits);
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let len = whole.len()
            + if fraction.is_empty() {
                0
            } else {
                1 + fraction.len()
            };
        Some((
            Self {
                text: &text[..len],
                whole,
                fraction,
            },
            &text[len..],
        ))
    }

    pub(super) fn to_f64(self) -> f64 {
        // Digits and at most one point: always a number.
        self.text.parse().unwrap_or(f64::NAN)
    }

    /// The number times `worth`, rounded to the nearest whole number, half up; `None` if that is
    /// above `u128`.
    pub(super) fn times(self, worth: u128) -> Option<u128> {
        let whole = if self.whole.is_empty() {
            0
        } else {
            self.whole.parse::<u128>().ok()?
        };
        let mut product = whole.checked_mul(worth)?;
        // Digits that cannot change a rounded product of a 64-bit unit are left out.
        const MOST_DECIMALS: usize = 18;
        let fraction = &self.fraction[..self.fraction.len().min(MOST_DECIMALS)];
        if !fraction.is_empty() {
            let scale = 10_u128.pow(fraction.len() as u32);
            let scaled = fraction.parse::<u128>().ok()?.checked_mul(worth)?;
            product = product.checked_add((scaled + scale / 2) / scale)?;
        }
        Some(product)
    }
}

fn leading_digits(text: &str) -> &str {
    &text[..text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len()]
}

/// The unit at the start of `text`: everything up to a digit, a point or a space.
pub(super) fn leading_unit(text: &str) -> &str {
    let end = text.find(|c: char| c.is_ascii_digit() || c == '.' || c.is_whitespace());
    &text[..end.unwrap_or(text.len())]
}
