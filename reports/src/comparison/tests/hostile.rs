//! Any text in any place leaves every form whole, and no form grows without bound.

use crate::comparison::fixture::{self, comparison, gate};
use crate::comparison::{GateView, Show, Waived, job_summary, json, junit, markdown, table};
use crate::terminal::{Colour, Look};
use crate::text::clean;
use chipmark_results::compare::{Comparison, Difference, Row, Verdict};
use chipmark_results::machine::{GpuState, MachineState};
use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// A comparison in which every text from outside is this one.
fn with_text(text: &str) -> (Comparison, GateView) {
    let (mut comparison, mut gate) = (comparison(), gate());
    let owned = || text.to_owned();
    for context in [&mut comparison.a, &mut comparison.b] {
        (context.name, context.suite, context.chip) = (owned(), owned(), owned());
        (context.harness, context.started_at, context.run_id) = (owned(), owned(), owned());
        for (_, version) in &mut context.frameworks {
            *version = owned();
        }
        context.notices = vec![owned()];
        context.state = MachineState {
            power_source: Some(owned()),
            thermal: Some(owned()),
            governor: Some(owned()),
            gpus: vec![GpuState { name: owned(), throttle: vec![owned()], ..GpuState::default() }],
            ..MachineState::default()
        };
        for wait in &mut context.bare_waits {
            wait.target.variant = Some(owned());
        }
    }
    let difference = Difference { what: owned(), a: owned(), b: owned() };
    comparison.machines = vec![difference.clone()];
    comparison.differences = vec![difference];
    for row in &mut comparison.rows {
        row.reason = Some(owned());
        row.cell.case.label = owned();
        row.cell.target.variant = Some(owned());
    }
    gate.waived = vec![Waived { cell: comparison.rows[3].cell.clone(), why: owned() }];
    gate.unused_waivers = vec![owned()];
    (comparison, gate)
}

/// What is read of a page of Markdown: the number of cells in each row, headers too, and each text of code.
fn read(page: &str) -> (Vec<usize>, Vec<String>) {
    let (mut cells, mut codes, mut code) = (Vec::new(), Vec::new(), None);
    for event in Parser::new_ext(page, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
        match event {
            Event::Start(Tag::TableHead | Tag::TableRow) => cells.push(0),
            Event::End(TagEnd::TableCell) => *cells.last_mut().unwrap() += 1,
            Event::Code(text) => codes.push(text.to_string()),
            Event::InlineHtml(tag) if &*tag == "<code>" => code = Some(String::new()),
            Event::InlineHtml(tag) if &*tag == "</code>" => codes.push(code.take().unwrap()),
            Event::Text(text) => match &mut code {
                Some(code) => code.push_str(&text),
                None => assert!(!text.contains('@'), "someone would be mentioned: {text}"),
            },
            Event::Html(html) => {
                let ours = ["<!-- chipmark -->", "<details><summary>", "</details>"];
                assert!(ours.iter().any(|own| html.starts_with(own)), "{html}");
            }
            Event::InlineHtml(tag) => panic!("a tag that is not ours: {tag}"),
            Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::CodeBlock(_) | Tag::Strikethrough) => {
                panic!("markup that is not ours: {event:?}")
            }
            _ => {}
        }
    }
    (cells, codes)
}

fn check(text: &str) {
    let (comparison, gate) = with_text(text);
    for show in [Show::Changes, Show::All] {
        let look = Look { width: Some(100), colour: Colour::Never };
        let table = table(&comparison, &look, show) + &crate::comparison::gate(&gate, &look);
        assert!(table.chars().all(|c| !c.is_control() || c == '\n'), "{table:?}");
    }

    let harmless = with_text("x");
    let (expected, _) = read(&markdown(&harmless.0, Some(&harmless.1)));
    let page = markdown(&comparison, Some(&gate));
    let (cells, codes) = read(&page);
    assert_eq!(cells, expected, "{page}");
    let shown = clean(text).trim().to_owned();
    assert!(codes.iter().filter(|code| **code == shown).count() >= 8, "{shown:?} is not what stands in {codes:?}");
    for line in page.lines().filter(|line| line.starts_with('|')) {
        assert!(!line.contains('\\'), "whether a pipe behind it counts depends on the reader: {line}");
    }

    let xml = junit(&comparison, Some(&gate)).unwrap();
    assert!(xml.chars().all(is_xml), "{xml}");
    let report = quick_junit::Report::deserialize_from_str(&xml).unwrap();
    assert_eq!((report.tests, report.failures, report.errors, report.skipped), (9, 1, 1, 4));
    let tests: usize = report.test_suites.iter().map(|suite| suite.test_cases.len()).sum();
    assert_eq!(tests, 9);

    let value: serde_json::Value = serde_json::from_str(&json(&comparison, Some(&gate)).unwrap()).unwrap();
    assert_eq!(value["rows"][0]["reason"], clean(text));
    assert_eq!(
        (&value["b"]["notices"][0], &value["b"]["state"]["thermal"]),
        (&clean(text).into(), &clean(text).into())
    );
}

/// The characters of XML 1.0 (W3C, fifth edition, production 2).
fn is_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

#[test]
fn what_has_a_meaning_somewhere_has_none_here() {
    for text in [
        "",
        " ",
        "|",
        "\\|",
        "a\\",
        "`",
        "```",
        "a`|`b",
        "``a``",
        "@someone",
        "a/@some-one #12 GH-1 :tada:",
        "https://example.org www.example.org <https://example.org>",
        "[x](javascript:y) ![](z) *a* __b__ ~~c~~ $d$",
        "<script>alert(1)</script>",
        "</details></code>-->",
        "&lt;&#124;&amp;",
        "]]> <![CDATA[ \" '",
        "two\nlines\r\n| a | b |\n|---|---|",
        "\u{1b}[31mred\u{9b}0m\u{0}\u{8}\u{b}",
        "\u{fffe}\u{ffff}\u{feff}\u{202e}",
        "- [ ] a",
        "# a",
        "| a |",
    ] {
        check(text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn any_text_leaves_every_form_whole(text in any::<String>()) {
        check(&text);
    }

    #[test]
    fn any_markup_leaves_every_form_whole(text in "[`|\\\\<>&#;@*_~$:!a1 \\[\\]()\\-]{0,24}") {
        check(&text);
    }
}

fn many(rows: usize, text: &str) -> Comparison {
    let mut comparison = comparison();
    comparison.rows = (0..rows)
        .map(|at| {
            let verdict = Verdict::ALL[at % Verdict::ALL.len()];
            let case = format!("matmul/{at}x100@100x100/f32");
            Row { reason: Some(text.to_owned()), ..fixture::row(&case, fixture::TCH, verdict, 1.2, 0.01) }
        })
        .collect();
    comparison
}

#[test]
fn ten_thousand_rows_fit_and_the_rest_is_counted() {
    let comparison = many(10_000, "why");
    let page = markdown(&comparison, None);
    assert!(page.len() <= 60_000, "{}", page.len());
    assert!(page.ends_with("Cut to fit: the JSON output has every row.\n"));
    assert_eq!(page.matches("<details>").count(), page.matches("</details>").count());
    // 10,000 rows are 1,429 of each of the first four verdicts; twenty of the first are in the table.
    assert!(page.contains("\n5696 more: 1409 regressed, 1429 failed, 1429 improved, 1429 inconclusive.\n"), "{page}");
    let widths = read(&page).0;
    assert_eq!(widths.iter().filter(|cells| **cells == 8).count(), 1 + 20);
    assert!(widths.iter().all(|cells| [8, 4, 3].contains(cells)), "no row is cut within");

    let summary = job_summary(&comparison, None);
    assert!(summary.len() > 60_000 && summary.len() <= 1_000_000, "{}", summary.len());
    assert!(junit(&comparison, None).unwrap().contains("<testsuites name=\"chipmark\" tests=\"10000\""));
}

#[test]
fn rows_too_long_for_the_table_are_counted_too() {
    // Each sign becomes a reference of six.
    let mut comparison = many(70, &"|".repeat(5_000));
    for (at, row) in comparison.rows.iter_mut().enumerate() {
        row.cell.case.label = format!("{at}{}", "|".repeat(5_000));
        row.cell.target.variant = Some("|".repeat(5_000));
    }
    let page = markdown(&comparison, None);
    assert!(page.len() <= 60_000, "{}", page.len());
    let shown = read(&page).0.iter().filter(|cells| **cells == 8).count() - 1;
    assert!((1..20).contains(&shown), "{shown}");
    assert!(page.contains(&format!("{} more: ", 40 - shown)), "{page}");
    assert!(page.contains("Cut to fit"));
}

#[test]
fn many_notices_leave_room_for_the_rows_and_are_counted() {
    let mut comparison = many(30, "why");
    comparison.a.notices = (0..20).map(|at| format!("{at}{}", "|".repeat(5_000))).collect();
    comparison.b.notices = comparison.a.notices.iter().map(|notice| format!("b{notice}")).collect();
    let page = markdown(&comparison, None);
    assert!(page.len() <= 60_000, "{}", page.len());
    assert!(page.contains("- 30 more in the JSON output\n"), "{page}");
    assert_eq!(read(&page).0.iter().filter(|cells| **cells == 8).count() - 1, 18, "every row to act on is there");
    let xml = junit(&comparison, None).unwrap();
    assert!(quick_junit::Report::deserialize_from_str(&xml).is_ok());
}
