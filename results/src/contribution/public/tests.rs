//! What comes out of a run with something private in every text that it can hold.

#![cfg(feature = "fixture")]

use super::*;
use crate::fixture;
use serde_json::Value;

const NAME: &str = "janes-box";
const HOME: &str = "/home/jane";
const ADDRESS: &str = "02:42:ac:11:00:02";
const ID: &str = "3f1a9c0e77b24d559c1e0a2b3c4d5e6f";

fn private() -> Private {
    let mut private = Private::default();
    private.add_name(NAME);
    private.add_name("jane");
    private.add_path(HOME);
    private.add_id(ADDRESS);
    private.add_id(ID);
    private
}

fn contribution() -> Contribution {
    Contribution { machine_id: "0123456789abcdef0123456789abcdef".to_owned(), contributor: Some("somebody".to_owned()) }
}

fn made(file: &ResultsFile) -> Public {
    let private = private();
    let (is_known_env, is_given) =
        (|info: &TargetInfo| info.env.is_empty(), |case: &CaseId| case.label.starts_with("cora-"));
    public(
        file,
        contribution(),
        &Rules { private: &private, suites: &["quick"], is_known_env: &is_known_env, is_given: &is_given },
    )
}

/// Every record of the fixture with everything that it leaves out.
fn full() -> (Run, Vec<Record>) {
    let mut run = fixture::run();
    run.machine.hypervisor = Some("KVM".to_owned());
    run.settings.cora = Some("cora".into());
    let mut records = fixture::records();
    records.push(Record::Worker(fixture::worker(9, fixture::CANDLE, 0)));
    for record in &mut records {
        match record {
            Record::Launch(launch) => {
                let joules = [("package-0".to_owned(), 1.5)].into();
                launch.energy = Some(crate::record::Energy { calls: 10, duration_ns: 1_000_000, joules });
                launch.reason = launch.reason.clone().or(Some("none".to_owned()));
            }
            Record::Check(check) => {
                check.reason = Some("none".to_owned());
                check.comparisons.iter_mut().for_each(|one| one.comparison.mismatch = Some("sums".to_owned()));
            }
            Record::Ceiling(ceiling) => ceiling.reason = Some("none".to_owned()),
            Record::Memory(memory) => memory.reason = Some("none".to_owned()),
            Record::Round(round) => round.void = Some("disturbed".to_owned()),
            Record::Run(_) | Record::Worker(_) | Record::End(_) => {}
        }
    }
    (run, records)
}

/// Every string within a JSON value, keys of maps of names among them, one at a time.
fn strings(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::String(_) => found.push(path.to_owned()),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, item)| strings(item, &format!("{path}/{at}"), found));
        }
        Value::Object(map) => map.iter().for_each(|(key, item)| strings(item, &format!("{path}/{key}"), found)),
        _ => {}
    }
}

/// Names of the system's that a host's name may happen to be.
const FACTS: [&str; 9] = [
    "/machine/chip_detected",
    "/machine/arch",
    "/machine/os",
    "/machine/os_version",
    "/machine/os_build",
    "/machine/hypervisor",
    "/machine/gpus/0/name",
    "/machine/gpus/0/driver",
    "/state/gpus/0/name",
];

#[test]
fn nothing_private_comes_out_of_any_text() {
    let (run, records) = full();
    let planted = format!("of {NAME}, jane: '{HOME}/My Files/x' {HOME} {ADDRESS} id={ID} -L{HOME}/lib");
    let (mut tried, mut kept_out) = (0, 0);
    for (at, record) in std::iter::once(Record::Run(Box::new(run.clone()))).chain(records).enumerate() {
        let good = serde_json::to_value(&record).unwrap();
        let mut found = Vec::new();
        strings(&good, "", &mut found);
        for path in found {
            let mut bad = good.clone();
            *bad.pointer_mut(&path).unwrap() = Value::String(planted.clone());
            tried += 1;
            // What has a form of its own, such as a case's id, is refused by the reader, and holds nothing else.
            let Ok(bad) = serde_json::from_value::<Record>(bad) else {
                kept_out += 1;
                continue;
            };
            let file = match bad {
                Record::Run(run) => fixture::file_of(*run, Vec::new()),
                other => fixture::file_of(run.clone(), vec![other]),
            };
            let text = made(&file).text().unwrap();
            let secrets = [HOME, ADDRESS, ID].into_iter();
            let names = [NAME, "jane", "Files"].into_iter().filter(|_| !FACTS.contains(&path.as_str()));
            for secret in secrets.chain(names) {
                assert!(!text.contains(secret), "record {at}, {path}: {secret} in {text}");
            }
        }
    }
    assert!(tried > 300 && tried - kept_out > 150, "{tried} {kept_out}");
}

#[test]
fn keys_of_maps_are_texts_too() {
    let (mut run, _) = full();
    run.targets[0].info.build =
        [(format!("{HOME}/x"), "1".to_owned()), ("env.PATH".to_owned(), HOME.to_owned())].into();
    let made = made(&fixture::file_of(run, Vec::new()));
    let kept: Vec<_> = made.run.targets[0].info.build.iter().collect();
    assert_eq!(kept, [(&"…".to_owned(), &"1".to_owned())]);
    assert!(made.left_out.contains(&"1 variables of the environment that frameworks noted".to_owned()), "{made:?}");
}

#[test]
fn what_is_measured_stays_as_it_was() {
    let (run, records) = full();
    let file = fixture::file_of(run, records);
    let made = made(&file);
    let back = made.file("run.jsonl".into());
    assert_eq!(back.launches, file.launches);
    assert_eq!((&back.checks, &back.ceilings, &back.memory), (&file.checks, &file.ceilings, &file.memory));
    assert_eq!((&back.workers, back.rounds.len()), (&file.workers, file.rounds.len()));
    let expected = Run {
        contribution: Some(contribution()),
        command: ["run", "--suite", "quick"].map(str::to_owned).to_vec(),
        settings: crate::record::Settings { cora: None, ..file.run.settings.clone() },
        missing: vec![crate::record::MissingTarget { remedy: None, ..file.run.missing[0].clone() }],
        ..file.run.clone()
    };
    let heavy = |mut run: Run| {
        run.state.heavy_processes.clear();
        run
    };
    assert_eq!(heavy(back.run), heavy(expected));
    assert!(made.run.state.heavy_processes.iter().all(|process| process.name == "process"));
    assert_eq!(made.hidden, 0, "{made:#?}");
    assert_eq!(made.left_out, ["2 arguments of the command line", "the names of 5 processes"]);
}

#[test]
fn what_it_writes_is_a_results_file() {
    let (run, _) = full();
    let made = made(&fixture::file_of(run, fixture::records()));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("public.jsonl");
    std::fs::write(&path, made.text().unwrap()).unwrap();
    let read = crate::store::read(&path).unwrap();
    assert_eq!(read, made.file(path));
}

#[test]
fn targets_and_cases_that_cannot_be_public_go_with_their_records() {
    let (mut run, records) = full();
    run.targets[1].arithmetic = false;
    let given: CaseId = "gcn_epoch/cora-dense-2708n-10556e-1433f-7c/f32".parse().unwrap();
    run.cases[1].case = given.clone();
    let records = records.into_iter().map(|record| match record {
        Record::Launch(mut launch) if launch.cell.case.to_string() == fixture::SOFTMAX => {
            launch.cell.case = given.clone();
            Record::Launch(launch)
        }
        other => other,
    });
    let mut file = fixture::file_of(run, records.collect());
    let first = made(&file);
    let text = first.text().unwrap();
    assert!(!text.contains(fixture::TCH) && !text.contains("cora"), "{text}");
    assert_eq!(first.run.targets.len(), 1);
    assert!(first.records.iter().any(|record| matches!(record, Record::Launch(_))));
    assert!(first.left_out[0].starts_with("the target tch:cpu: it does not compute"), "{:?}", first.left_out);
    assert!(first.left_out[1].contains("data that nobody else has"), "{:?}", first.left_out);

    file.run.targets[0].env = [("LD_PRELOAD".to_owned(), format!("{HOME}/x.so"))].into();
    let none = made(&file);
    assert!(none.run.targets.is_empty() && !none.text().unwrap().contains(HOME));
    assert!(none.left_out[0].contains("its variables (LD_PRELOAD) are of no built-in suite"), "{:?}", none.left_out);
}

#[test]
fn a_chip_that_somebody_named_is_a_text_unless_it_is_known() {
    let of = |given: &str| {
        let mut run = fixture::run();
        run.machine.chip = given.to_owned();
        made(&fixture::file_of(run, Vec::new())).run.machine.chip
    };
    assert_eq!(of("the box of jane"), "the box of …");
    assert_eq!(of("Apple M3 Max"), "Apple M3 Max");
}
