//! The page: self-contained, complete, and proof against what a file may hold.

use super::*;
use chipmark_core::OpPath;
use chipmark_results::contribution::Contribution;
use chipmark_results::fixture;
use chipmark_results::record::Energy;
use chipmark_results::store::ResultsFile;

/// The page without our own script, which stands in it once and is the only one that its policy lets run.
fn of(file: ResultsFile) -> String {
    of_all(&[file])
}

fn of_all(files: &[ResultsFile]) -> String {
    let page = page(&Report::new(files)).unwrap();
    let script = format!("<script>{}</script>", Shell::of_one_page(String::new()).script());
    assert_eq!(page.matches(&script).count(), 1);
    page.replace(&script, "")
}

#[test]
fn it_asks_nothing_of_the_network_and_runs_nothing() {
    let page = of(fixture::file());
    for forbidden in
        ["http:", "https:", "//cdn", "<script", "<link rel=\"stylesheet\"", "@import", "url(", " on", "src="]
    {
        let found: Vec<_> = page.match_indices(forbidden).collect();
        // Words such as "…on each target" stand between spaces; a handler is followed by a name and an equals sign.
        let handler = |at: usize| page[at..].split_whitespace().next().is_some_and(|word| word.contains("=\""));
        assert!(found.iter().all(|&(at, _)| forbidden == " on" && !handler(at)), "{forbidden}: {found:?}");
    }
    assert!(page.contains("default-src &#39;none&#39;") && page.contains("script-src &#39;sha256-"));
    assert!(!page.contains("unsafe-eval") && !page.contains("script-src &#39;unsafe-inline"));
}

#[test]
fn it_has_the_machine_the_targets_the_remedy_the_command_and_every_word() {
    let page = of(fixture::file());
    for text in [
        "<h1 id=\"r0\"><bdi>Apple M3 Max</bdi></h1>",
        "10 of 14 cells timed",
        "3 launches a cell: an indication, no verdict",
        "16 (12 performance, 4 efficiency)",
        "MKL 2024.2",
        "f32 exact: TF32 off",
        "<code>scripts/setup mlx</code>",
        "bench run --suite quick --case &#39;*/f32&#39; --seed 7",
        "<span class=\"time fastest\">1.01 µs</span> <span class=\"minor\">±1.0%</span>",
        "<span class=\"outcome\">unsupported</span>",
        "<span class=\"tag\">composed</span> <span class=\"tag\">few-samples</span>",
        "<li id=\"r0-note-3\">wrong: element 17 of output 0 is 2 instead of 1</li>",
        "softmax: composed, exp over a sum",
        "1.0e-7 of 2.0e-6",
        "The stages were also timed alone; they need not add up.",
        "<h3>Its state at the start</h3>",
        "<div><dt>Thermal state</dt><dd><bdi>nominal</bdi></dd></div>",
        "Apple M3 Max GPU at 1398 of 1398 MHz, 45 °C, 2 of 60 W, held down by thermal",
        "<li>when it ended: the clocks of Apple M3 Max GPU are held down (thermal)</li>",
        "3 rounds · warm inputs · 8 threads",
        "Inputs were warm: every call has the same",
        "<li>Apple M3 Max, 40-core GPU: 400 GB/s <span class=\"minor\">Apple, MacBook Pro (14-inch, M3, M3 Pro or M3 Max",
    ] {
        assert!(page.contains(text), "not in the page: {text}");
    }
    for outcome in Outcome::ALL {
        assert!(page.contains(&format!("<dt>{outcome}</dt>")));
    }
    for flag in Flag::ALL {
        assert!(page.contains(&format!("<dt>{}</dt>", words::flag(flag))));
    }
}

#[test]
fn memory_energy_and_the_vendor_s_peak_stand_beside_the_times_where_they_are_known() {
    let mut file = fixture::file();
    let page_without = of(ResultsFile { memory: Vec::new(), ..file.clone() });
    for launch in &mut file.launches {
        let joules = std::iter::once(("package-0".to_owned(), 3.0)).collect();
        launch.energy = Some(Energy { calls: 1000, duration_ns: 200_000_000, joules });
    }
    let page = of(file);
    for text in [
        "<th scope=\"col\" class=\"n\">Memory: process, tensors</th>",
        "<td class=\"n\">3 MiB, –</td>",
        "<th scope=\"col\" class=\"n\">Energy of a call</th>",
        "<td class=\"n\">3.00 mJ at 15.0 W</td>",
        "% of peak</span>",
    ] {
        assert!(page.contains(text), "not in the page: {text}");
    }
    assert!(!page_without.contains("Memory: process") && !page_without.contains("Energy of a call"));
    // Each row of a table is as wide as its head.
    for table in page.split("<table class=\"figures\">").skip(1) {
        let table = table.split("</table>").next().unwrap();
        let columns = table.matches("<th scope=\"col\"").count();
        assert!(table.contains(&format!("colspan=\"{columns}\"")), "{columns} columns: {table}");
        let rows = table.matches("<th scope=\"row\">").count();
        assert_eq!(table.matches("<td").count(), rows * (columns - 1));
    }
}

#[test]
fn void_rounds_cold_inputs_and_a_chip_that_is_not_known_are_told() {
    let mut file = fixture::file();
    file.run.settings.inputs = chipmark_core::Inputs::Cold;
    file.rounds = vec![fixture::calm(0)];
    file.rounds[0].void = Some("the canary copy took longer".to_owned());
    (file.run.machine.chip, file.run.machine.chip_detected) = ("none".to_owned(), None);
    file.run.machine.gpus.clear();
    let page = of(file);
    for text in [
        "<li>1 round was disturbed and counts for nothing: the canary copy took longer</li>",
        "3 rounds · cold inputs · 8 threads",
        "Inputs were cold: so many equal sets take turns",
        "this chip is not among those that are known",
    ] {
        assert!(page.contains(text), "not in the page: {text}");
    }
}

#[test]
fn a_cell_without_a_time_shows_no_number() {
    let mut file = fixture::file();
    file.launches.clear();
    let page = of(file);
    assert!(!page.contains("class=\"time\"") && !page.contains("0.00 ns"));
    assert!(!page.contains("<figure"), "a chart without a time is left out");
}

/// Each start tag has its end tag, in order, and no attribute value is left open.
fn is_well_formed(page: &str) -> Result<(), String> {
    let void = ["meta", "link", "br", "input", "!doctype"];
    let mut open: Vec<&str> = Vec::new();
    let mut rest = page;
    while let Some((_, tag)) = rest.split_once('<') {
        if open.last() == Some(&"style") && !tag.starts_with("/style") {
            rest = tag;
            continue;
        }
        let (tag, after) = tag.split_once('>').ok_or("a tag is not closed")?;
        if tag.matches('"').count() % 2 == 1 {
            return Err(format!("an odd quote in <{tag}>"));
        }
        let name = tag.trim_start_matches('/').split([' ', '\n', '/']).next().unwrap_or_default();
        if tag.starts_with('/') {
            let last = open.pop();
            if last != Some(name) {
                return Err(format!("</{name}> closes {last:?}"));
            }
        } else if !void.contains(&name) && !tag.ends_with('/') {
            open.push(name);
        }
        rest = after;
    }
    if open.is_empty() { Ok(()) } else { Err(format!("left open: {open:?}")) }
}

#[test]
fn its_tags_match_and_its_ids_are_unique() {
    let page = of_all(&[fixture::file(), fixture::file()]);
    assert_eq!(is_well_formed(&page), Ok(()));
    let ids: Vec<&str> = page.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let distinct: std::collections::HashSet<&str> = ids.iter().copied().collect();
    assert_eq!(ids.len(), distinct.len(), "{ids:?}");
    for target in page.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(distinct.contains(target), "nothing has the id {target}");
    }
    assert_eq!(is_well_formed(&of_all(&[])), Ok(()));
}

#[test]
fn hostile_text_stays_text() {
    let attacks = [
        "<script>alert(1)</script>".to_owned(),
        "\"><img src=x onerror=alert(1)>".to_owned(),
        "' onmouseover='alert(1)".to_owned(),
        "</style></svg><b>".to_owned(),
        "{{ 7*7 }}{% include %}".to_owned(),
        "../../etc/passwd".to_owned(),
        "\u{202e}gpj.exe".to_owned(),
        "x".repeat(10_000),
        String::new(),
    ];
    let tags = |page: &str| page.matches('<').count();
    let plain = of(with_text("plain"));
    for attack in attacks {
        let page = of(with_text(&attack));
        assert_eq!(is_well_formed(&page), Ok(()), "{attack}");
        assert!(!page.contains("<script") && !page.contains("<img") && !page.contains("<b>x"), "{attack}");
        assert!(!page.contains('\u{202e}'));
        assert!(!page.contains(&"x".repeat(400)));
        // An empty text leaves a fact out; nothing else changes what elements there are.
        assert!(tags(&page) == tags(&plain) || attack.is_empty(), "{attack}: {} {}", tags(&page), tags(&plain));
    }
}

/// The fixture with one text in every place that takes any.
fn with_text(text: &str) -> ResultsFile {
    let mut file = fixture::file();
    let some = || Some(text.to_owned());
    file.path = format!("dir/{text}").into();
    let run = &mut file.run;
    run.run_id = text.to_owned();
    run.started_at = text.to_owned();
    run.harness_version = text.to_owned();
    run.suite = text.to_owned();
    run.contribution = Some(Contribution { machine_id: text.to_owned(), contributor: some() });
    run.command = vec![text.to_owned()];
    run.machine.chip = text.to_owned();
    run.machine.chip_detected = None;
    run.machine.gpus[0].name = text.to_owned();
    run.machine.gpus[0].driver = some();
    run.machine.os = text.to_owned();
    run.machine.os_version = some();
    run.machine.kernel = some();
    run.machine.hypervisor = some();
    run.state.power_source = some();
    run.state.thermal = some();
    run.state.governor = some();
    run.state.heavy_processes[0].name = text.to_owned();
    run.state.gpus[0].name = text.to_owned();
    run.state.gpus[0].throttle = vec![text.to_owned()];
    file.rounds = vec![fixture::calm(0), fixture::calm(1)];
    file.rounds[0].void = some();
    file.rounds[1].state.thermal = some();
    for info in run.targets.iter_mut().map(|target| &mut target.info) {
        info.framework = text.to_owned();
        info.version = text.to_owned();
        info.binding = text.to_owned();
        info.device_name = some();
        info.blas = some();
        info.precision = text.to_owned();
    }
    run.missing[0].name = text.to_owned();
    run.missing[0].why = text.to_owned();
    run.missing[0].remedy = some();
    for check in &mut file.checks {
        check.reason = check.reason.as_ref().and_then(|_| some());
        check.paths = vec![OpPath::Composed { op: text.to_owned(), how: text.to_owned() }];
    }
    for launch in &mut file.launches {
        launch.reason = launch.reason.as_ref().and_then(|_| some());
    }
    file.ends[0].reason = some();
    file
}

#[test]
fn a_page_of_the_classic_suite_is_below_two_megabytes_and_its_frame_below_two_hundred_kilobytes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("classic.jsonl");
    // As many cases and workloads, and on a third target.
    fixture::write_large(&path, 91, 12, 1, [28, 0]);
    let mut file = chipmark_results::store::read(&path).unwrap();
    let mut third = file.run.targets[0].clone();
    third.target = "mlx:gpu".parse().unwrap();
    let is_first = |target: &Target| target.to_string() == fixture::CANDLE;
    let mut launches: Vec<_> = file.launches.iter().filter(|launch| is_first(&launch.cell.target)).cloned().collect();
    launches.iter_mut().for_each(|launch| launch.cell.target = third.target.clone());
    let mut checks: Vec<_> = file.checks.iter().filter(|check| is_first(&check.target)).cloned().collect();
    checks.iter_mut().for_each(|check| check.target = third.target.clone());
    file.run.targets.push(third);
    file.launches.extend(launches);
    file.checks.extend(checks);
    let report = Report::new(&[file]);
    assert_eq!((report.runs[0].planned, report.runs[0].timed), (91 * 3, 91 * 3));
    let size_bytes = page(&report).unwrap().len();
    assert!(size_bytes < 2_000_000, "{size_bytes}");
    let frame_bytes = page(&Report::new(&[])).unwrap().len();
    assert!(frame_bytes < 200_000, "{frame_bytes}");
}

#[test]
fn a_page_of_a_hundred_cells_is_small() {
    let mut file = fixture::file();
    let first = file.run.cases[0].clone();
    let launches = file.launches.clone();
    for n in 0..12 {
        let mut planned = first.clone();
        planned.case.label = format!("copy-{n}");
        for launch in launches.iter().filter(|launch| launch.cell.case == first.case) {
            let mut launch = launch.clone();
            launch.cell.case = planned.case.clone();
            file.launches.push(launch);
        }
        file.run.cases.push(planned);
    }
    let report = Report::new(&[file]);
    assert_eq!(report.runs[0].planned, 14 + 12 * 8);
    let size_bytes = page(&report).unwrap().len();
    assert!(size_bytes < 500_000, "{size_bytes}");
}
