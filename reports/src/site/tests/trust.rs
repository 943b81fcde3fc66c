//! How far contributed runs are to be trusted stands on every page that shows them, as text that cannot be anything else.

use super::*;
use chipmark_results::contribution::{Contribution, Trust, Vouched, Withdrawal};
use chipmark_results::store;

/// A contributed run of six cases on two targets, with eight launches each: those of any two seeds agree.
fn contributed(machine: &str, seed: u64, contributor: Option<&str>) -> ResultsFile {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.jsonl");
    fixture::write_large(&path, 6, 8, seed, [1, 0]);
    let mut file = store::read(&path).unwrap();
    let contributor = contributor.map(str::to_owned);
    file.run.contribution = Some(Contribution { machine_id: machine.repeat(16), contributor });
    file
}

fn pages_of(report: &Report, published: &[ImportedTable], withdrawn: &[Withdrawal]) -> BTreeMap<String, String> {
    let folder = tempfile::tempdir().unwrap();
    let material = Material { report, raw: &[], published, history: None, withdrawn };
    write_site(&material, folder.path()).unwrap();
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    let list = read(".chipmark-site");
    list.lines()
        .filter(|name| name.ends_with(".html") || name.ends_with(".csv"))
        .map(|n| (n.to_owned(), read(n)))
        .collect()
}

fn starting<'p>(pages: &'p BTreeMap<String, String>, folder: &str) -> &'p str {
    pages.iter().find(|(name, _)| name.starts_with(folder)).map(|(_, page)| page).unwrap()
}

const REPRODUCED: &str = "<span class=\"trust reproduced\">reproduced</span>";

#[test]
fn two_contributors_that_agree_are_marked_so_on_every_page_and_in_the_csv() {
    let files = [contributed("0a", 1, Some("ada")), contributed("0b", 2, None)];
    let pages = pages_of(&Report::new(&files), &[table("Apple M1")], &[]);
    for folder in ["index.html", "chips/apple-m3", "ops/matmul", "runs.html", "runs/"] {
        let page = starting(&pages, folder);
        assert!(page.contains(REPRODUCED), "{folder}");
    }
    for folder in ["index.html", "chips/apple-m3", "ops/matmul", "runs.html"] {
        let page = starting(&pages, folder);
        assert!(page.contains("<select name=\"trust\">") && page.contains("data-trust=\"reproduced\""), "{folder}");
    }
    let runs = &pages["runs.html"];
    let says = "contributed by ada; reproduced by 1 file from 1 other machine, in 12 of 12 cells";
    assert!(runs.contains(says) && starting(&pages, "chips/apple-m3").contains(says), "{runs}");
    let start = &pages["index.html"];
    assert!(
        start.contains("data-trust=\"imported\"") && start.contains("<span class=\"trust imported\">imported</span>")
    );
    // A heading for each cell of a row.
    for page in pages.values() {
        for table in page.split("<table").skip(1).filter_map(|rest| rest.split("</table>").next()) {
            let heads = table.matches("<th scope=\"col\"").count();
            for row in table.split("<tbody>").skip(1).flat_map(|body| body.split("<tr").skip(1)) {
                let wide = row.split("colspan=\"").nth(1).and_then(|rest| rest.split('"').next()?.parse().ok());
                let cells = row.matches("<td").count() + row.matches("<th scope=\"row").count();
                assert_eq!(wide.map_or(cells, |wide: usize| wide), heads, "{row}");
            }
        }
    }
    let mut rows = pages["data/report.csv"].lines();
    assert!(rows.next().unwrap().ends_with(",trust"));
    assert!(rows.clone().count() == 24 && rows.all(|row| row.ends_with(",reproduced")));
    let how = &pages["how.html"];
    for trust in Trust::ALL {
        assert!(how.contains(&format!("<span class=\"trust {0}\">{0}</span>", trust.name())));
    }
}

#[test]
fn a_run_that_is_vouched_for_stands_before_a_later_one_of_its_machine() {
    let mut later = contributed("0b", 2, None);
    "2026-04-01T12:00:00Z".clone_into(&mut later.run.started_at);
    later.launches.iter_mut().filter_map(|launch| launch.samples.as_mut()).for_each(|samples| {
        samples.block_ns.iter_mut().for_each(|ns| *ns *= 2);
    });
    let mut report = Report::new(&[later, contributed("0a", 1, None)]);
    let dates = |report: &Report| {
        let pages = pages_of(report, &[], &[]);
        let table = starting(&pages, "chips/").split("id=\"figures-of-chip\"").nth(1).unwrap().to_owned();
        ["2026-03-01", "2026-04-01"].map(|date| table.contains(&format!("<bdi>{date}</bdi>")))
    };
    assert_eq!(dates(&report), [false, true], "the later of two that say different things");
    let vouched = Vouched {
        file: "apple-m3/16-cpu/2026-03-01-x-0123456789ab.jsonl".to_owned(),
        date: "2026-03-02".to_owned(),
        who: "ada".to_owned(),
        why: "in her own hands".to_owned(),
    };
    report.judge(&[None, Some(vouched)]);
    assert_eq!(dates(&report), [true, false]);
}

#[test]
fn what_a_standing_rests_on_is_told() {
    let mut slow = contributed("0c", 3, None);
    for samples in slow.launches.iter_mut().filter_map(|launch| launch.samples.as_mut()) {
        samples.block_ns.iter_mut().for_each(|ns| *ns = *ns * 5 / 4);
    }
    let mut report = Report::new(&[contributed("0a", 1, None), contributed("0b", 2, Some("bob")), slow]);
    let said = |report: &Report, run: usize| crate::words::trust(&report.runs[run]);
    assert_eq!(
        said(&report, 0),
        Some((
            Trust::Reproduced,
            "contributed; reproduced by 1 file from 1 other machine, in 12 of 12 cells; 1 other file says something else".to_owned()
        ))
    );
    assert_eq!(said(&report, 2), Some((Trust::Community, "contributed; 2 other files say something else".to_owned())));
    let vouched = |who: &str| Vouched {
        file: "x.jsonl".to_owned(),
        date: "2026-03-02".to_owned(),
        who: who.to_owned(),
        why: "measured at hand".to_owned(),
    };
    report.judge(&[None, None, Some(vouched("the team\u{1b}"))]);
    let (trust, says) = said(&report, 2).unwrap();
    assert_eq!(trust, Trust::Reference);
    assert!(says.ends_with("; vouched for since 2026-03-02 by the team : measured at hand"), "{says}");
    let json: serde_json::Value = serde_json::from_str(&crate::json::json(&report).unwrap()).unwrap();
    let [ada, slow] = [&json["runs"][0]["trust"], &json["runs"][2]["trust"]];
    assert_eq!(
        (&ada["level"], &ada["agreeing"], &ada["confirmed"]),
        (&"reproduced".into(), &vec![1].into(), &12.into())
    );
    assert_eq!((&slow["level"], &slow["reference"]["why"]), (&"reference".into(), &"measured at hand".into()));
}

#[test]
fn a_site_of_the_user_s_own_runs_says_nothing_of_trust_but_what_the_words_mean() {
    let pages = pages_of(&Report::new(&[fixture::file()]), &[table("Apple M1")], &[]);
    for (name, page) in pages.iter().filter(|(name, _)| name.ends_with(".html") && *name != "how.html") {
        assert!(!page.contains("class=\"trust") && !page.contains("name=\"trust\""), "{name}");
    }
    assert!(pages["data/report.csv"].lines().skip(1).all(|row| row.ends_with(',')));
}

#[test]
fn what_was_withdrawn_is_listed_with_its_reason_as_text() {
    let attack = "</td><script>alert(1)</script>\u{202e}";
    let withdrawn = Withdrawal {
        file: "chip/<b>/x.jsonl".to_owned(),
        date: "2026-03-02".to_owned(),
        reason: format!("{attack}{}", "x".repeat(10_000)),
    };
    let hostile = contributed("0a", 1, Some(attack));
    let pages = pages_of(&Report::new(&[hostile]), &[], &[withdrawn]);
    let runs = &pages["runs.html"];
    assert!(runs.contains("Withdrawn on") && runs.contains("&#60;script&#62;alert(1)") && runs.contains("2026-03-02"));
    for (name, page) in &pages {
        assert!(!page.contains("<script>alert") && !page.contains("<b>/x") && !page.contains('\u{202e}'), "{name}");
        assert!(!page.contains(&"x".repeat(400)), "{name}");
    }
    assert!(starting(&pages, "chips/").contains("contributed by &#60;/td&#62;&#60;script&#62;alert(1)"));
}
