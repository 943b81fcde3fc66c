//! Cases written by named parts: `matmul[m=1|16,k=4096,n=4096,dtype=bf16]` on the command line, a table of parts in a suite.
//! Where a part has several values, the cases are their product.

use crate::registry::{describe, nearest, workload};
use chipmark_core::{CaseId, DType};
use std::collections::BTreeMap;

/// The values of each part, by its name. `dtype` is a part of every workload; left out, it is f32.
pub type Parts = BTreeMap<String, Vec<String>>;

/// The name of the part that is no part of the label.
const DTYPE: &str = "dtype";

/// The most cases that one product may have.
const MOST_CASES: usize = 10_000;

/// Whether a selection is written by named parts: `NAME[…=…]`. No pattern has an equals sign.
#[must_use]
pub fn has_parts(text: &str) -> bool {
    text.split_once('[').is_some_and(|(_, rest)| rest.contains('=') || rest == "]")
}

/// Reads `WORKLOAD[name=value|value,…]`.
///
/// # Errors
/// One line saying what does not fit.
pub fn parse(text: &str) -> Result<Vec<CaseId>, String> {
    let bad = || format!("'{text}' is not a case: write it like matmul[a=64x128,b=128x32,dtype=bf16]");
    let (name, rest) = text.split_once('[').ok_or_else(bad)?;
    let inside = rest.strip_suffix(']').ok_or_else(bad)?;
    let mut parts = Parts::new();
    for pair in inside.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
        let (part, values) = pair.split_once('=').ok_or_else(bad)?;
        let values = values.split('|').map(|value| value.trim().to_owned()).collect();
        if parts.insert(part.trim().to_owned(), values).is_some() {
            return Err(format!("'{text}' gives {} twice", part.trim()));
        }
    }
    expand(name, &parts)
}

/// The names of a form's parts, in its order.
fn names(form: &'static str) -> impl Iterator<Item = &'static str> {
    let mut names: Vec<&str> = Vec::new();
    for piece in form.split('{').skip(1) {
        let name = piece.split('}').next().unwrap_or_default();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.into_iter()
}

/// Every case of the product of the parts' values, the last part varying fastest.
///
/// # Errors
/// One line saying what does not fit: the workload, the names of the parts, or the shapes of one of the cases.
pub fn expand(name: &str, parts: &Parts) -> Result<Vec<CaseId>, String> {
    let info = workload(name).map_err(|error| error.to_string())?;
    let given: Vec<&str> = parts.keys().map(String::as_str).filter(|part| *part != DTYPE).collect();
    let fits = |form: &&&'static str| {
        let mut wanted: Vec<&str> = names(form).collect();
        wanted.sort_unstable();
        wanted == given
    };
    let Some(form) = info.forms.iter().find(fits) else {
        let forms: Vec<String> = info.forms.iter().map(|form| names(form).collect::<Vec<_>>().join(", ")).collect();
        let known: Vec<&str> = info.forms.iter().flat_map(|form| names(form)).collect();
        let odd = given.iter().find(|part| !known.contains(*part));
        let near =
            odd.and_then(|odd| nearest(odd, known.iter().copied())).map(|near| format!("; did you mean '{near}'?"));
        let given = if given.is_empty() { "nothing".to_owned() } else { given.join(", ") };
        let near = near.unwrap_or_default();
        return Err(format!("{name} is written by {}; given are {given}{near}", forms.join(", or by ")));
    };
    let f32_alone = [DType::F32.name().to_owned()];
    let dtypes = parts.get(DTYPE).map_or(f32_alone.as_slice(), Vec::as_slice);
    let empty = parts.iter().find(|(_, values)| values.iter().all(String::is_empty));
    if let Some((part, _)) = empty {
        return Err(format!("{name}: {part} has no value"));
    }
    let count = parts.values().try_fold(1usize, |count, values| count.checked_mul(values.len()));
    if count.is_none_or(|count| count > MOST_CASES) {
        return Err(format!("{name}: that is a product of more than {MOST_CASES} cases"));
    }
    let mut labels = vec![(*form).to_owned()];
    for part in names(form) {
        let slot = format!("{{{part}}}");
        let values = parts.get(part).map(Vec::as_slice).unwrap_or_default();
        labels = labels.iter().flat_map(|label| values.iter().map(|value| label.replace(&slot, value))).collect();
    }
    let mut cases = Vec::new();
    for label in labels {
        for dtype in dtypes {
            let id: CaseId = format!("{name}/{label}/{dtype}").parse()?;
            let case = describe(&id).map_err(|error| error.to_string())?.case;
            if !cases.contains(&case) {
                cases.push(case);
            }
        }
    }
    Ok(cases)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(text: &str) -> Vec<String> {
        parse(text).unwrap().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn parts_make_a_label_and_their_values_a_product() {
        assert_eq!(ids("matmul[a=4x5,b=5x6,dtype=bf16]"), ["matmul/4x5@5x6/bf16"]);
        assert_eq!(
            ids("matmul[m=1|2,k=8,n=3|4]"),
            ["matmul/1x8@8x3/f32", "matmul/1x8@8x4/f32", "matmul/2x8@8x3/f32", "matmul/2x8@8x4/f32"]
        );
        assert_eq!(ids("softmax[x=4x5, axis=0, dtype=f32|f16]"), ["softmax/4x5-axis0/f32", "softmax/4x5-axis0/f16"]);
    }

    #[test]
    fn what_does_not_fit_is_one_clear_line() {
        let error = |text| parse(text).unwrap_err();
        assert!(error("matmul[a=4x5,b=6x7]").contains("differ"));
        assert_eq!(
            error("matmul[m=4,k=5,z=6]"),
            "matmul is written by a, b, or by m, k, n, or by batch, m, k, n; given are k, m, z"
        );
        assert!(error("softmax[x=4x4,axes=1]").ends_with("did you mean 'axis'?"));
        assert!(error("matmull[a=4x5]").contains("did you mean 'matmul'"));
        assert!(error("matmul[]").contains("given are nothing"));
        assert!(error("matmul[a=4x5,a=5x6]").contains("gives a twice"));
        assert!(error("matmul[a=,b=5x6]").contains("a has no value"));
        assert!(error("matmul[a=4x5,b=5x6,dtype=f8]").contains("unknown dtype 'f8'"));
        assert!(error("matmul[a=4x5,b=5x6").contains("write it like"));
        let many = (1..200).map(|n| n.to_string()).collect::<Vec<_>>().join("|");
        assert!(error(&format!("matmul[m={many},k={many},n=1]")).contains("more than 10000 cases"));
    }

    #[test]
    fn a_pattern_has_no_parts() {
        assert!(has_parts("matmul[a=1x2,b=2x3]") && has_parts("matmul[]"));
        assert!(!has_parts("matmul/[0-9]*") && !has_parts("matmul/*") && !has_parts("matmul/1x2@2x3/f32"));
    }
}
