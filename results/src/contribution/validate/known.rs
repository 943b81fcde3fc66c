//! Whether what was measured is known: the version that measured, the suite, the cases and what they cost, the frameworks.

use super::finding::{Findings, Level, Tally};
use super::{Catalogue, Rule};
use crate::plain::quoted;
use crate::record::{Profile, Run};
use std::collections::HashSet;

/// The first version whose results are taken.
const FIRST: [u64; 3] = [0, 1, 0];

pub(super) fn check(run: &Run, catalogue: &dyn Catalogue, findings: &mut Findings) {
    harness(&run.harness_version, catalogue.harness_version(), findings);
    if run.settings.profile != Some(Profile::Publish) || run.stage.is_some() {
        let what = "not a run of profile publish that stands for itself; `bench run --publish` makes one";
        findings.error(Rule::Profile, Some(1), what);
    }
    cases(run, catalogue, findings);
    suite(run, catalogue, findings);
    targets(run, catalogue, findings);
}

fn harness(measured: &str, own: &str, findings: &mut Findings) {
    let known = version(measured).is_some_and(|version| (Some(version) <= self::version(own)) && version >= FIRST);
    if !known {
        let what = format!("bench {} is no version that this one, {own}, knows of", quoted(measured));
        findings.error(Rule::Harness, Some(1), &what);
    }
}

/// The three numbers of a released version.
fn version(text: &str) -> Option<[u64; 3]> {
    let number = |part: &str| {
        let plain = part.bytes().all(|byte| byte.is_ascii_digit()) && (part == "0" || !part.starts_with('0'));
        if plain { part.parse().ok() } else { None }
    };
    let mut parts = text.split('.').map(number);
    let version = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(version)
}

fn suite(run: &Run, catalogue: &dyn Catalogue, findings: &mut Findings) {
    let Some(of_suite) = catalogue.cases_of(&run.suite, run.settings.tier) else {
        let what = format!("the suite {} is none of the built-in ones", quoted(&run.suite));
        findings.error(Rule::Suite, Some(1), &what);
        return;
    };
    let cases: HashSet<_> = run.cases.iter().map(|planned| &planned.case).collect();
    let inside = cases.iter().filter(|case| of_suite.contains(**case)).count();
    let outside = cases.len() - inside;
    if inside < of_suite.len() || outside > 0 {
        let what = format!(
            "it has {inside} of the {} cases of suite {} at its tier, and {outside} of other suites",
            of_suite.len(),
            run.suite
        );
        findings.label(Rule::Coverage, &what);
    }
}

fn cases(run: &Run, catalogue: &dyn Catalogue, findings: &mut Findings) {
    let (mut unknown, mut cost) = (Tally::default(), Tally::default());
    for planned in &run.cases {
        let Some(facts) = catalogue.case(&planned.case).filter(|facts| facts.case == planned.case) else {
            unknown.add(Some(1), || format!("{} is no case of a workload", planned.case));
            continue;
        };
        if let Some(mode) = planned.modes.iter().find(|mode| !facts.modes.contains(mode)) {
            unknown.add(Some(1), || format!("{} has no mode {mode}", planned.case));
        }
        if facts.cost != planned.cost {
            let (said, counted) = (planned.cost, facts.cost);
            cost.add(Some(1), || {
                format!(
                    "{} costs {} FLOP, {} bytes and {} bytes of working set by counting, not {}, {} and {}",
                    planned.case,
                    counted.flop,
                    counted.bytes,
                    counted.working_set_bytes,
                    said.flop,
                    said.bytes,
                    said.working_set_bytes
                )
            });
        }
    }
    unknown.tell(findings, Level::Error, Rule::Case, "cases");
    cost.tell(findings, Level::Error, Rule::Cost, "cases");
}

fn targets(run: &Run, catalogue: &dyn Catalogue, findings: &mut Findings) {
    let (mut wrong, mut idle, mut foreign) = (Tally::default(), Tally::default(), Tally::default());
    for info in &run.targets {
        let target = &info.target;
        match catalogue.computes(&target.framework) {
            None => wrong.add(Some(1), || format!("{target}: a framework that this bench does not know")),
            Some(true) if !info.arithmetic => {
                wrong.add(Some(1), || format!("{target} computes, and is said not to, so that it was not checked"));
            }
            Some(false) => idle.add(Some(1), || format!("{target} computes nothing: its times are made up for tests")),
            Some(true) => {}
        }
        if !catalogue.is_built_in(info) {
            let names = info.env.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
            foreign.add(Some(1), || format!("{target} was given {names}, which no built-in suite gives it"));
        }
    }
    wrong.tell(findings, Level::Error, Rule::Framework, "targets");
    idle.tell(findings, Level::Warning, Rule::Framework, "targets");
    foreign.tell(findings, Level::Error, Rule::Environment, "targets");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_three_plain_numbers() {
        assert_eq!(version("0.1.0"), Some([0, 1, 0]));
        assert_eq!(version("1.20.300"), Some([1, 20, 300]));
        for bad in
            ["", "1", "1.2", "1.2.3.4", "1.2.x", "01.2.3", "1.2.3-beta", "+1.2.3", "1..3", "1.2.99999999999999999999"]
        {
            assert_eq!(version(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_version_is_known_from_the_first_to_this_one() {
        let known = |measured: &str| {
            let mut findings = Findings::default();
            harness(measured, "0.3.1", &mut findings);
            findings.into_sorted().is_empty()
        };
        assert!(["0.1.0", "0.2.9", "0.3.0", "0.3.1"].into_iter().all(known));
        assert!(!["0.0.9", "0.3.2", "0.10.0", "1.0.0", "0.3.1-dev"].into_iter().any(known));
    }
}
