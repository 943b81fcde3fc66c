//! Which cases in which modes: a suite, narrowed and changed by the command line.

use crate::cli::Selection;
use anyhow::{Result, anyhow, bail};
use chipmark_core::{CaseId, DType, Mode, Tier};
use chipmark_results::record::PlannedCase;
use chipmark_workloads::gcn::cora;
use chipmark_workloads::registry::nearest;
use chipmark_workloads::suite::{Select, glob, is_glob};
use chipmark_workloads::{CaseInfo, Suite, catalogue, describe, parts, workloads};

/// The cases of a suite after the command line's choices, each once, in the suite's order.
pub(crate) fn select(suite: &Suite, choice: &Selection) -> Result<Vec<PlannedCase>> {
    let tier = choice.tier.unwrap_or(suite.tier);
    let mut selected = Selected::default();
    for select in &suite.select {
        for info in chosen(select, tier)? {
            let modes = select.modes.clone().unwrap_or_else(|| info.modes.to_vec());
            let dtypes = select.dtypes.clone().unwrap_or_else(|| vec![info.case.dtype]);
            selected.add(&info, &dtypes, &modes);
        }
    }
    if let Some(dir) = &choice.cora {
        for case in cora::cases(dir).map_err(|why| anyhow!("--cora: {why}"))? {
            let info = describe(&case)?;
            selected.add(&info, &[case.dtype], info.modes);
        }
    }
    if !choice.cases.is_empty() {
        selected = narrow(suite, &selected, choice, tier)?;
    }
    if !choice.dtypes.is_empty() {
        let mut changed = Selected::default();
        for case in &selected.0 {
            changed.add(&describe(&case.case)?, &choice.dtypes, &case.modes);
        }
        selected = changed;
    }
    if !choice.modes.is_empty() {
        // A mode that is asked for is measured wherever the case has it, in the suite or not.
        for case in &mut selected.0 {
            let has = describe(&case.case)?.modes;
            case.modes = choice.modes.iter().copied().filter(|mode| has.contains(mode)).collect();
        }
    }
    selected.0.retain(|case| !case.modes.is_empty());
    if selected.0.is_empty() {
        bail!("nothing is left to measure: no case of suite '{}' fits what was asked for", suite.name);
    }
    Ok(selected.0)
}

/// The cases of an earlier run that this program still knows, in the modes that they still have. What it knows no more is left
/// out: whoever compares finds it missing.
pub(crate) fn as_planned(then: &[PlannedCase]) -> Result<Vec<PlannedCase>> {
    let now = |planned: &PlannedCase| {
        let info = describe(&planned.case).ok()?;
        let modes: Vec<Mode> = planned.modes.iter().copied().filter(|mode| info.modes.contains(mode)).collect();
        (!modes.is_empty()).then(|| PlannedCase { case: planned.case.clone(), modes, cost: info.cost })
    };
    let cases: Vec<PlannedCase> = then.iter().filter_map(now).collect();
    if cases.is_empty() {
        bail!("this program knows none of the baseline's cases");
    }
    Ok(cases)
}

#[derive(Default)]
struct Selected(Vec<PlannedCase>);

impl Selected {
    /// Adds a case in each of the dtypes that it has, and joins its modes with those it has already.
    fn add(&mut self, info: &CaseInfo, dtypes: &[DType], modes: &[Mode]) {
        for &dtype in dtypes {
            let id = CaseId { dtype, ..info.case.clone() };
            // gcn_epoch, say, has no f16.
            let Ok(info) = describe(&id) else { continue };
            let has = modes.iter().copied().filter(|mode| info.modes.contains(mode));
            if let Some(planned) = self.0.iter_mut().find(|planned| planned.case == info.case) {
                for mode in has {
                    if !planned.modes.contains(&mode) {
                        planned.modes.push(mode);
                    }
                }
            } else {
                self.0.push(PlannedCase { case: info.case, modes: has.collect(), cost: info.cost });
            }
        }
    }
}

/// The cases that a suite spells out or that its patterns match, brought to a tier.
fn chosen(select: &Select, tier: Tier) -> Result<Vec<CaseInfo>> {
    let spelled_out = select.spelled_out().map_err(|(_, why)| anyhow!(why))?;
    let mut chosen = spelled_out.iter().map(|id| at(id, tier)).collect::<Result<Vec<_>>>()?;
    let catalogue = catalogue(select.from.as_ref().map(|from| from.get_ref().as_str()));
    for pattern in select.patterns() {
        chosen.extend(matching(pattern, &catalogue, tier)?);
    }
    Ok(chosen)
}

fn at(id: &CaseId, tier: Tier) -> Result<CaseInfo> {
    Ok(describe(describe(id)?.at(tier))?)
}

/// The cases that a pattern matches, at full size or at the tier's, brought to the tier.
fn matching(pattern: &str, catalogue: &[CaseInfo], tier: Tier) -> Result<Vec<CaseInfo>> {
    let matcher = glob(pattern).map_err(|e| anyhow!(e))?;
    let matches = |id: &CaseId| matcher.is_match(id.to_string());
    let found = catalogue.iter().filter(|info| matches(&info.case) || matches(info.at(tier)));
    found.map(|info| Ok(describe(info.at(tier))?)).collect()
}

/// The cases that `--case` names: those that a pattern matches, or as they stand those that parts make and that of an id. An id
/// that the suite measures at its tier names the suite's case.
fn wanted(text: &str, selected: &Selected, tier: Tier) -> Result<Vec<CaseInfo>> {
    if parts::has_parts(text) {
        let ids = parts::parse(text).map_err(|e| anyhow!("--case: {e}"))?;
        return ids.iter().map(|id| Ok(describe(id)?)).collect();
    }
    if is_glob(text) {
        return matching(text, &catalogue(None), tier);
    }
    let id = text.parse::<CaseId>().map_err(|e| anyhow!(e))?;
    let (info, at_tier) = (describe(&id)?, at(&id, tier)?);
    let in_suite = selected.0.iter().any(|planned| planned.case == at_tier.case);
    Ok(vec![if in_suite { at_tier } else { info }])
}

/// A suite of every case in every mode, at a tier.
pub(crate) fn everything(tier: Tier) -> Result<Suite> {
    let mut suite = Suite::find("main")?;
    suite.tier = tier;
    Ok(suite)
}

/// The suite's cases that `--case` matches, and those that it spells out beside them.
fn narrow(suite: &Suite, selected: &Selected, choice: &Selection, tier: Tier) -> Result<Selected> {
    let mut narrowed = Selected::default();
    for pattern in choice.cases.iter().flat_map(|text| split(text)).collect::<Vec<_>>().iter() {
        // At full size or at the tier's, as in a suite; one that the suite itself spells out, as it stands.
        let wanted = wanted(pattern, selected, tier)?;
        let is_pattern = is_glob(pattern) && !parts::has_parts(pattern);
        let matcher = is_pattern.then(|| glob(pattern)).transpose().map_err(|e| anyhow!(e))?;
        let is_wanted = |case: &CaseId| {
            wanted.iter().any(|info| info.case == *case)
                || matcher.as_ref().is_some_and(|m| m.is_match(case.to_string()))
        };
        let found: Vec<&PlannedCase> = selected.0.iter().filter(|case| is_wanted(&case.case)).collect();
        for case in &found {
            narrowed.add(&describe(&case.case)?, &[case.case.dtype], &case.modes);
        }
        // A product of parts may lie in the suite and beside it.
        if !found.is_empty() && is_pattern {
            continue;
        }
        if is_pattern {
            let hint = match wanted.len() {
                0 => match near(pattern) {
                    Some(near) => format!("nor any other case; did you mean '{near}'?"),
                    None => "nor any other case; `bench list cases` shows them".to_owned(),
                },
                1 => "though a case outside it: try --suite main".to_owned(),
                n => format!("though {n} cases outside it: try --suite main"),
            };
            bail!("--case '{pattern}' matches no case of suite '{}', {hint}", suite.name);
        }
        for info in wanted.iter().filter(|info| !found.iter().any(|case| case.case == info.case)) {
            narrowed.add(info, &[info.case.dtype], &[Mode::Latency]);
        }
    }
    Ok(narrowed)
}

/// A pattern with its workload's name set right, where it is one that there is not and another is near.
fn near(pattern: &str) -> Option<String> {
    let (workload, rest) = pattern.split_once('/')?;
    let names: Vec<&str> = workloads().into_iter().map(|known| known.id).collect();
    let near = nearest(workload, names.iter().copied()).filter(|_| !names.contains(&workload))?;
    Some(format!("{near}/{rest}"))
}

/// Splits a list of `--case` at its commas, but not at those between brackets or braces.
pub(crate) fn split(text: &str) -> Vec<String> {
    let mut depth = 0usize;
    let pieces = text.split(|c: char| {
        match c {
            '[' | '{' => depth += 1,
            ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    });
    pieces.map(|piece| piece.trim().to_owned()).filter(|piece| !piece.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(cases: &[&str]) -> Selection {
        let cases = cases.iter().map(|c| (*c).to_owned()).collect();
        Selection { cases, modes: Vec::new(), dtypes: Vec::new(), tier: None, cora: None }
    }

    fn ids(planned: &[PlannedCase]) -> Vec<String> {
        planned.iter().map(|p| p.case.to_string()).collect()
    }

    fn quick() -> Suite {
        Suite::find("quick").unwrap()
    }

    #[test]
    fn every_case_of_a_suite_comes_once_with_all_its_modes() {
        let planned = select(&quick(), &choice(&[])).unwrap();
        let mut unique = ids(&planned);
        unique.sort();
        unique.dedup();
        assert_eq!(unique.len(), planned.len());
        let sparse = planned.iter().find(|p| p.case.to_string().starts_with("gcn_epoch/dense")).unwrap();
        assert_eq!(sparse.modes, [Mode::Latency, Mode::Transfer, Mode::FirstCall]);
    }

    #[test]
    fn patterns_narrow_and_ids_may_stand_outside() {
        let softmax = select(&quick(), &choice(&["softmax/*"])).unwrap();
        assert!(softmax.len() >= 2 && softmax.iter().all(|p| p.case.workload == "softmax"));
        let full_size = select(&quick(), &choice(&["conv2d/100x28x28x3*"])).unwrap();
        assert!(!full_size.is_empty() && full_size.iter().all(|p| p.case.workload == "conv2d"));
        let own = select(&quick(), &choice(&["matmul/1024x1024@1024x1024/f32"])).unwrap();
        assert_eq!(ids(&own), ["matmul/1024x1024@1024x1024/f32"]);
        assert_eq!(own[0].modes, [Mode::Latency]);
    }

    #[test]
    fn dtypes_replace_and_a_case_without_them_falls_out() {
        let f16 = Selection { dtypes: vec![DType::F16], ..choice(&[]) };
        let planned = select(&quick(), &f16).unwrap();
        assert!(planned.iter().all(|p| p.case.dtype == DType::F16 && p.case.workload != "gcn_epoch"));
        let none = Selection { dtypes: vec![DType::F16], ..choice(&["gcn_epoch/*"]) };
        assert!(select(&quick(), &none).unwrap_err().to_string().starts_with("nothing is left to measure"));
    }

    #[test]
    fn a_tier_changes_the_shapes() {
        let full = Selection { tier: Some(Tier::Full), ..choice(&["conv2d/*"]) };
        assert!(ids(&select(&quick(), &full).unwrap()).contains(&"conv2d/10x256x256x12@8x3x3x12/f32".to_owned()));
    }

    #[test]
    fn parts_stand_as_they_are_and_keep_their_commas() {
        let text = "matmul[m=1|2,k=8,n=4,dtype=bf16],softmax[x=5x6,axis=0]";
        assert_eq!(split(text), ["matmul[m=1|2,k=8,n=4,dtype=bf16]", "softmax[x=5x6,axis=0]"]);
        let planned = select(&quick(), &choice(&[text])).unwrap();
        assert_eq!(ids(&planned), ["matmul/1x8@8x4/bf16", "matmul/2x8@8x4/bf16", "softmax/5x6-axis0/f32"]);
        assert!(planned.iter().all(|p| p.modes == [Mode::Latency]));
    }

    #[test]
    fn what_matches_nothing_says_so() {
        let message = |pattern| select(&quick(), &choice(&[pattern])).unwrap_err().to_string();
        assert!(message("sofmax/*").contains("matches no case of suite 'quick', nor any other"));
        assert!(message("host_to_device/4KiB/*").contains("though a case outside"));
        assert!(message("sofmax/64x64/f32").contains("did you mean 'softmax'"));
        assert!(message("softmax/64y64/f32").contains("is not a shape"));
        assert!(message("softmax/64x64/f33").contains("unknown dtype 'f33'"));
    }
}
