//! `bench validate`: an honest file is taken, and each of a corpus of bad ones refused with one clear line. Every bad file is made from
//! the honest one by one change, and lies where its content then belongs, so that nothing else is wrong with it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use chipmark_core::{CaseId, Mode, Tier};
use chipmark_results::contribution::Place;
use chipmark_results::fixture::{ContributedCase, contributed};
use chipmark_results::record::{PlannedCase, Record, Run};
use chipmark_workloads::describe;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use support::{Done, Scene};

const MATMUL: &str = "matmul/1000000x64@64x1024/f32";
const SOFTMAX: &str = "softmax/1000000x64/f32";
const RELU: &str = "relu/64x128x1024/f32";

/// The cases of the honest file.
fn cases() -> Vec<ContributedCase> {
    let case = |id: &str, modes: &[Mode]| {
        let info = describe(&id.parse().unwrap()).unwrap();
        let reduced = info.at(Tier::Tiny).clone();
        let bound = |case: &CaseId| {
            let bounds = describe(case).unwrap().tolerances.into_iter().map(|tolerance| tolerance.bound);
            bounds.fold(0.0, f64::max)
        };
        let bounds = [bound(&reduced), bound(&info.case)];
        let planned = PlannedCase { case: info.case, modes: modes.to_vec(), cost: info.cost };
        ContributedCase { planned, reduced, bounds }
    };
    vec![
        case(MATMUL, &[Mode::Latency, Mode::Throughput]),
        case(SOFTMAX, &[Mode::Latency, Mode::Transfer]),
        case(RELU, &[Mode::Latency, Mode::FirstCall]),
    ]
}

/// The records of an honest file. Other seeds make other samples.
fn honest(seed: u64) -> Vec<Value> {
    contributed(&cases(), 12, seed).iter().map(|record| serde_json::to_value(record).unwrap()).collect()
}

fn text_of(records: &[Value]) -> Vec<u8> {
    records.iter().flat_map(|record| (record.to_string() + "\n").into_bytes()).collect()
}

/// Where a file with this content belongs; where its header cannot be read, where the honest one does.
fn place(content: &[u8]) -> PathBuf {
    let first = content.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let header = |line: &[u8]| match serde_json::from_slice::<Record>(line) {
        Ok(Record::Run(run)) => Some(*run),
        _ => None,
    };
    let run: Run = header(first).unwrap_or_else(|| header(honest(1)[0].to_string().as_bytes()).unwrap());
    Place::of(&run, content).unwrap().path()
}

/// Writes a file at a path of the scene's tree.
fn put_at(scene: &Scene, path: &Path, content: &[u8]) -> PathBuf {
    let path = scene.path("data").join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, content).unwrap();
    path
}

/// Writes a file where it belongs.
fn put(scene: &Scene, content: &[u8]) -> PathBuf {
    put_at(scene, &place(content), content)
}

fn validate(scene: &Scene, paths: &[&Path], more: &[&str]) -> Done {
    let data: &[&str] = if more.contains(&"--data") { &[] } else { &["--data", "data"] };
    Done::by(scene.command(&["validate"]).args(data).args(paths).args(more))
}

/// What makes an honest file a bad one.
enum Change {
    /// Its records.
    Records(fn(&mut Vec<Value>)),
    /// Its bytes.
    Bytes(fn(&mut Vec<u8>)),
    /// Where it lies, given where it belongs.
    Place(fn(&Path) -> PathBuf),
    /// Its records, where the honest file lies in the tree too.
    Beside(fn(&mut Vec<Value>)),
    /// The file that lies there already; gives what is validated.
    File(fn(&Path) -> PathBuf),
}
use Change::{Beside, Bytes, File, Place as Lies, Records};

/// The records of a kind.
fn of<'a>(records: &'a mut [Value], kind: &'static str) -> impl Iterator<Item = &'a mut Value> {
    records.iter_mut().filter(move |record| record["record"] == kind)
}

/// The launches of a cell.
fn launches<'a>(
    records: &'a mut [Value],
    [case, target, mode]: [&'static str; 3],
) -> impl Iterator<Item = &'a mut Value> {
    let is_cell =
        move |launch: &&mut Value| launch["case"] == case && launch["target"] == target && launch["mode"] == mode;
    of(records, "launch").filter(is_cell)
}

/// The first launch, which is of [`MATMUL`] on candle.
fn launch(records: &mut [Value]) -> &mut Value {
    of(records, "launch").next().unwrap()
}

fn check(records: &mut [Value]) -> &mut Value {
    of(records, "check").next().unwrap()
}

fn index(records: &[Value], kind: &str) -> usize {
    records.iter().position(|record| record["record"] == kind).unwrap()
}

fn replace(bytes: &mut Vec<u8>, from: &str, to: &[u8]) {
    let at = bytes.windows(from.len()).position(|window| window == from.as_bytes()).unwrap();
    bytes.splice(at..at + from.len(), to.iter().copied());
}

/// Makes a call of a cell so many times shorter, in every launch.
fn faster(records: &mut [Value], cell: [&'static str; 3], times: u64) {
    for launch in launches(records, cell) {
        launch["samples"]["calls"] = (launch["samples"]["calls"].as_u64().unwrap() * times).into();
    }
}

fn renamed(path: &Path, from: &str, to: &str) -> PathBuf {
    path.to_str().unwrap().replacen(from, to, 1).into()
}

/// What is bad, by which rule, and how it came about.
const CORPUS: &[(&str, &str, Change)] = &[
    // What a file is.
    (
        "a link",
        "file-kind",
        File(|path| {
            let link = path.with_file_name("link.jsonl");
            std::os::unix::fs::symlink(path, &link).unwrap();
            link
        }),
    ),
    (
        "a folder that is a link",
        "file-kind",
        File(|path| {
            let config = path.parent().unwrap();
            let moved = config.with_file_name("elsewhere");
            fs::rename(config, &moved).unwrap();
            std::os::unix::fs::symlink(&moved, config).unwrap();
            path.to_owned()
        }),
    ),
    (
        "a chip's folder that is a link",
        "file-kind",
        File(|path| {
            let chip = path.parent().unwrap().parent().unwrap();
            let moved = chip.with_file_name("elsewhere");
            fs::rename(chip, &moved).unwrap();
            std::os::unix::fs::symlink(&moved, chip).unwrap();
            path.to_owned()
        }),
    ),
    (
        "a folder called like a file",
        "file-kind",
        File(|path| {
            let folder = path.with_file_name("folder.jsonl");
            fs::create_dir(&folder).unwrap();
            folder
        }),
    ),
    ("another ending", "file-kind", Lies(|path| path.with_extension("json"))),
    (
        "an unasked file beside results",
        "file-kind",
        File(|path| {
            let folder = path.parent().unwrap();
            fs::write(folder.join("run.sh"), "rm -rf ~").unwrap();
            folder.to_owned()
        }),
    ),
    // How large it is.
    (
        "a gigabyte of nothing",
        "limits",
        File(|path| {
            fs::OpenOptions::new().write(true).open(path).unwrap().set_len(1 << 30).unwrap();
            path.to_owned()
        }),
    ),
    (
        "a line of sixty megabytes",
        "limits",
        File(|path| {
            fs::OpenOptions::new().write(true).open(path).unwrap().set_len(60 << 20).unwrap();
            path.to_owned()
        }),
    ),
    (
        "nested a hundred deep",
        "limits",
        Bytes(|bytes| {
            let deep = format!("\"x\":{}{},\"suite\"", "[".repeat(100), "]".repeat(100));
            replace(bytes, "\"suite\"", deep.as_bytes());
        }),
    ),
    (
        "nested a million deep and never closed",
        "limits",
        Bytes(|bytes| {
            replace(bytes, "\"suite\"", format!("\"x\":{}", "[{\"a\":".repeat(500_000)).as_bytes());
        }),
    ),
    ("a text of a megabyte", "limits", Records(|all| all[0]["machine"]["kernel"] = "x".repeat(1 << 20).into())),
    (
        "folders far too deep",
        "limits",
        File(|path| {
            let folder = path.parent().unwrap().to_owned();
            fs::create_dir_all(folder.join("a/b/c/d/e/f/g/h")).unwrap();
            folder
        }),
    ),
    // Whether it is text.
    ("bytes that are no UTF-8", "text", Bytes(|bytes| replace(bytes, "\"mlx-benchmark\"", b"\"mlx-\xff\xfe\""))),
    ("zero bytes", "text", Bytes(|bytes| bytes.extend([0; 512]))),
    ("a byte-order mark", "text", Bytes(|bytes| drop(bytes.splice(0..0, *b"\xef\xbb\xbf")))),
    (
        "lines as on Windows",
        "text",
        Bytes(|bytes| {
            *bytes = String::from_utf8(bytes.clone()).unwrap().replace('\n', "\r\n").into_bytes();
        }),
    ),
    ("a text that turns around", "text", Records(|all| all[0]["machine"]["os_version"] = "15\u{202e}3".into())),
    ("a text that colours the terminal", "text", Records(|all| check(all)["x"] = "\u{1b}[31m".into())),
    // Whether it is of this schema.
    ("schema 0", "schema", Records(|all| all[0]["schema"] = 0.into())),
    ("a schema of the future", "schema", Records(|all| all[0]["schema"] = 99.into())),
    ("a schema in words", "schema", Records(|all| all[0]["schema"] = "one".into())),
    // Whether its lines are records.
    ("nothing", "record", Bytes(Vec::clear)),
    ("an empty line", "record", Bytes(|bytes| bytes.push(b'\n'))),
    ("no JSON", "record", Bytes(|bytes| bytes.extend(b"{record: launch}\n"))),
    ("a list", "record", Bytes(|bytes| bytes.extend(b"[\"launch\"]\n"))),
    ("no header", "record", Records(|all| drop(all.remove(0)))),
    ("a header twice", "record", Records(|all| all.insert(1, all[0].clone()))),
    ("two files in one", "record", Records(|all| all.extend(honest(2)))),
    (
        "an unknown kind of record",
        "record",
        Records(|all| all.insert(1, json!({"record": "ranking", "first": "mine"}))),
    ),
    ("a key twice", "record", Bytes(|bytes| replace(bytes, "\"calls\":", b"\"calls\":1,\"calls\":"))),
    ("a launch of an unknown case", "record", Records(|all| launch(all)["case"] = "matmul/1x1@1x1/f32".into())),
    ("a launch of an unknown target", "record", Records(|all| launch(all)["target"] = "tch:mps".into())),
    ("a launch in an unknown mode", "record", Records(|all| launch(all)["mode"] = "first-call".into())),
    ("a target twice", "record", Records(|all| all[0]["targets"][1] = all[0]["targets"][0].clone())),
    ("a negative time", "record", Records(|all| launch(all)["samples"]["block_ns"][0] = (-5).into())),
    ("a time that is no number", "record", Records(|all| launch(all)["samples"]["block_ns"][0] = "nan".into())),
    ("a time of NaN", "record", Bytes(|bytes| replace(bytes, "\"block_ns\":[", b"\"block_ns\":[NaN,"))),
    ("a time without end", "record", Bytes(|bytes| replace(bytes, "\"block_ns\":[", b"\"block_ns\":[1e999,"))),
    (
        "a time beyond 64 bits",
        "record",
        Bytes(|bytes| {
            replace(bytes, "\"block_ns\":[", b"\"block_ns\":[18446744073709551616,");
        }),
    ),
    ("a time of centuries", "record", Records(|all| launch(all)["samples"]["block_ns"][0] = u64::MAX.into())),
    ("a time of nothing", "record", Records(|all| launch(all)["samples"]["block_ns"][0] = 0.into())),
    ("no samples", "record", Records(|all| launch(all)["samples"]["block_ns"] = json!([]))),
    ("blocks of no calls", "record", Records(|all| launch(all)["samples"]["calls"] = 0.into())),
    (
        "blocks of ten million million calls",
        "record",
        Records(|all| {
            launch(all)["samples"]["calls"] = 10_000_000_000_000u64.into();
        }),
    ),
    (
        "a thousand million samples asked for",
        "record",
        Records(|all| {
            all[0]["settings"]["sampling"]["max_samples"] = 1_000_000_000.into();
        }),
    ),
    ("samples of a crash", "record", Records(|all| launch(all)["outcome"] = "crashed".into())),
    ("a machine id that is none", "record", Records(|all| all[0]["contribution"]["machine_id"] = "my-laptop".into())),
    (
        "a contributor with markup",
        "record",
        Records(|all| {
            all[0]["contribution"]["contributor"] = "<img src=x onerror=alert(1)>".into();
        }),
    ),
    // Whether it is whole.
    ("cut off within a line", "complete", Bytes(|bytes| bytes.truncate(bytes.len() - 40))),
    ("cut off after a line", "complete", Records(|all| drop(all.pop()))),
    ("a header alone", "complete", Records(|all| all.truncate(1))),
    (
        "records behind the end",
        "complete",
        Records(|all| {
            let at = index(all, "check");
            all.push(all[at].clone());
        }),
    ),
    (
        "interrupted, without a budget",
        "complete",
        Records(|all| of(all, "end").for_each(|end| end["complete"] = false.into())),
    ),
    // Who and where.
    ("no contribution", "contribution", Records(|all| drop(all[0].as_object_mut().unwrap().remove("contribution")))),
    ("a path in the command", "private", Records(|all| all[0]["command"][3] = "../secret/plans".into())),
    ("a path of Windows in the command", "private", Records(|all| all[0]["command"][3] = "C:\\plans".into())),
    ("a graph's folder", "private", Records(|all| all[0]["settings"]["cora"] = "cora".into())),
    (
        "a program's name at the start",
        "private",
        Records(|all| {
            all[0]["state"]["heavy_processes"] = json!([{"name": "secret-game", "cpu_percent": 12.0}]);
        }),
    ),
    (
        "a program's name after a round",
        "private",
        Records(|all| {
            let last = of(all, "round").last().unwrap();
            last["state"]["heavy_processes"] = json!([{"name": "secret-game", "cpu_percent": 12.0}]);
        }),
    ),
    (
        "a home in a reason",
        "private",
        Records(|all| {
            all[0]["missing"] = json!([{"name": "tch", "why": "cannot open /home/ann/libtorch.so", "remedy": null}]);
        }),
    ),
    ("a home under a key that nobody knows", "private", Records(|all| check(all)["debug"] = "/Users/ann/x".into())),
    ("another chip's folder", "place", Lies(|path| renamed(path, "apple-m2-max", "apple-m1-max"))),
    ("another configuration's folder", "place", Lies(|path| renamed(path, "64-gib", "96-gib"))),
    ("another day", "place", Lies(|path| renamed(path, "2026-03-01", "2026-03-02"))),
    ("another suite in its name", "place", Lies(|path| renamed(path, "-mlx-benchmark-", "-main-"))),
    ("another hash", "place", Lies(|path| path.with_file_name("2026-03-01-mlx-benchmark-0123456789ab.jsonl"))),
    ("a folder too deep", "place", Lies(|path| Path::new("more").join(path))),
    ("the tree's own folder", "place", Lies(|path| path.file_name().unwrap().into())),
    // What was measured.
    ("a version of the future", "harness", Records(|all| all[0]["harness_version"] = "9.9.9".into())),
    ("a version before the first", "harness", Records(|all| all[0]["harness_version"] = "0.0.1".into())),
    ("a version that is none", "harness", Records(|all| all[0]["harness_version"] = "latest".into())),
    ("profile quick", "profile", Records(|all| all[0]["settings"]["profile"] = "quick".into())),
    ("no profile", "profile", Records(|all| drop(all[0]["settings"].as_object_mut().unwrap().remove("profile")))),
    ("the second stage of a decision", "profile", Records(|all| all[0]["stage"] = "decision".into())),
    ("an unknown suite", "suite", Records(|all| all[0]["suite"] = "mine".into())),
    ("a suite that leads out of the tree", "suite", Records(|all| all[0]["suite"] = "../../mlx-benchmark".into())),
    (
        "a workload that there is not",
        "case",
        Records(|all| {
            let case = json!({"case": "nothing/1x1/f32", "modes": ["latency"], "cost": all[0]["cases"][0]["cost"]});
            all[0]["cases"].as_array_mut().unwrap().push(case);
        }),
    ),
    (
        "shapes that do not fit",
        "case",
        Records(|all| {
            let case = json!({"case": "matmul/2x3@4x5/f32", "modes": ["latency"], "cost": all[0]["cases"][0]["cost"]});
            all[0]["cases"].as_array_mut().unwrap().push(case);
        }),
    ),
    ("another cost", "cost", Records(|all| all[0]["cases"][1]["cost"]["flop"] = 7.into())),
    ("an unknown framework", "framework", Records(|records| rename_mlx_to_mine(records))),
    (
        "a framework that is said not to compute",
        "framework",
        Records(|all| {
            all[0]["targets"][1]["arithmetic"] = false.into();
        }),
    ),
    (
        "variables that no suite sets",
        "environment",
        Records(|all| {
            all[0]["targets"][0]["env"] = json!({"LD_PRELOAD": "mine.so"});
        }),
    ),
    // On what.
    ("another chip's name", "identity", Records(|all| all[0]["machine"]["chip"] = "Apple M1 Max".into())),
    ("Apple's chip as x86_64", "identity", Records(|all| all[0]["machine"]["arch"] = "x86_64".into())),
    (
        "cores that the chip is not sold with",
        "identity",
        Records(|all| all[0]["machine"]["gpus"][0]["cores"] = 40.into()),
    ),
    ("no graphics processor", "identity", Records(|all| all[0]["machine"]["gpus"] = json!([]))),
    ("translated instructions", "identity", Records(|all| all[0]["machine"]["translated"] = true.into())),
    ("an exabyte of memory", "identity", Records(|all| all[0]["machine"]["memory_bytes"] = (1u64 << 60).into())),
    // How often.
    (
        "three launches of a cell",
        "launches",
        Records(|all| {
            all.retain(|record| {
                let is_cell = record["case"] == RELU && record["target"] == "mlx:gpu" && record["mode"] == "latency";
                !is_cell || record["round"].as_u64().unwrap() < 3
            });
        }),
    ),
    ("no launch at all", "launches", Records(|all| all.retain(|record| record["record"] != "launch"))),
    (
        "four samples in a launch",
        "samples",
        Records(|all| {
            launch(all)["samples"]["block_ns"].as_array_mut().unwrap().truncate(4);
        }),
    ),
    (
        "two samples in a launch that says so",
        "samples",
        Records(|all| {
            launch(all)["samples"]["block_ns"].as_array_mut().unwrap().truncate(2);
            launch(all)["samples"]["flags"] = json!(["few-samples"]);
        }),
    ),
    (
        "samples all the same",
        "samples",
        Records(|all| {
            let same = launch(all)["samples"]["block_ns"][0].clone();
            launch(all)["samples"]["block_ns"].as_array_mut().unwrap().fill(same);
        }),
    ),
    (
        "a launch twice",
        "samples",
        Records(|all| {
            let cell = [SOFTMAX, "mlx:gpu", "latency"];
            let first = launches(all, cell).next().unwrap()["samples"].clone();
            launches(all, cell).nth(5).unwrap()["samples"] = first;
        }),
    ),
    (
        "times in whole microseconds",
        "quantised",
        Records(|all| {
            for launch in of(all, "launch") {
                for list in ["block_ns", "block4_ns"] {
                    let times = launch.pointer_mut(&format!("/samples/{list}"));
                    for ns in times.and_then(Value::as_array_mut).into_iter().flatten() {
                        *ns = (ns.as_u64().unwrap() / 1000 * 1000).into();
                    }
                }
            }
        }),
    ),
    // In which course.
    ("a place of a round twice", "course", Records(|all| of(all, "launch").nth(1).unwrap()["order"] = 0.into())),
    ("a worker that was never started", "course", Records(|all| launch(all)["worker"] = 4000.into())),
    ("no worker", "course", Records(|all| launch(all)["worker"] = Value::Null)),
    (
        "a worker of another target",
        "course",
        Records(|all| of(all, "worker").next().unwrap()["target"] = "mlx:gpu".into()),
    ),
    (
        "a worker that was started later",
        "course",
        Records(|all| {
            let at = index(all, "worker");
            let worker = all.remove(at);
            let end = all.len() - 1;
            all.insert(end, worker);
        }),
    ),
    (
        "two first calls of one worker",
        "course",
        Records(|all| {
            let cell = [RELU, "mlx:gpu", "first-call"];
            let of_round = launches(all, cell).next().unwrap()["worker"].clone();
            let second = launches(all, [RELU, "mlx:gpu", "first-call"]).nth(1).unwrap();
            second["worker"] = of_round;
        }),
    ),
    (
        "a round too many",
        "course",
        Records(|all| {
            let last = of(all, "launch").filter(|launch| launch["round"] == 11).last().unwrap();
            last["round"] = 4_000_000_000u32.into();
        }),
    ),
    ("a day of the future", "clock", Records(|all| all[0]["started_at"] = "2999-03-01T12:00:00Z".into())),
    ("an hour that there is not", "clock", Records(|all| launch(all)["at"] = "2026-03-01T25:00:00Z".into())),
    (
        "launches in the wrong order",
        "clock",
        Records(|all| {
            let first = launch(all)["at"].clone();
            of(all, "launch").nth(40).unwrap()["at"] = first;
        }),
    ),
    (
        "samples that take longer than there was",
        "clock",
        Records(|all| launch(all)["samples"]["warm_up_ns"] = 60_000_000_000u64.into()),
    ),
    (
        "an end before the last launch",
        "clock",
        Records(|all| of(all, "end").for_each(|end| end["at"] = "2026-03-01T12:00:10Z".into())),
    ),
    // Of whom.
    ("a copy under another name", "copied", Beside(|all| all[0]["contribution"]["machine_id"] = "f".repeat(32).into())),
    (
        "a copy with one digit changed",
        "copied",
        Beside(|all| {
            launch(all)["samples"]["block_ns"][2] =
                (launch(all)["samples"]["block_ns"][2].as_u64().unwrap() + 1).into();
        }),
    ),
    (
        "a copy with a digit changed in each launch",
        "copied",
        Beside(|all| {
            for ns in of(all, "launch").filter_map(|launch| launch["samples"]["block_ns"].get_mut(2)) {
                *ns = (ns.as_u64().unwrap() + 1).into();
            }
        }),
    ),
    (
        "one launch of somebody else's",
        "copied",
        Beside(|all| {
            let mut others = honest(2);
            let cell = [SOFTMAX, "mlx:gpu", "latency"];
            let theirs = launches(all, cell).next().unwrap()["samples"].clone();
            launches(&mut others, cell).next().unwrap()["samples"] = theirs;
            *all = others;
        }),
    ),
    // Whether it is right.
    (
        "no check",
        "check",
        Records(|all| {
            let at = index(all, "check");
            all.remove(at);
        }),
    ),
    ("timed though it was wrong", "check", Records(|all| check(all)["outcome"] = "wrong".into())),
    (
        "off by more than is allowed",
        "check",
        Records(|all| {
            check(all)["comparisons"][1]["comparison"]["error"] = 0.5.into();
        }),
    ),
    ("off by NaN", "check", Records(|all| check(all)["comparisons"][1]["comparison"]["error"] = "nan".into())),
    (
        "a mismatch",
        "check",
        Records(|all| check(all)["comparisons"][1]["comparison"]["mismatch"] = "another shape".into()),
    ),
    ("nothing compared", "check", Records(|all| check(all)["comparisons"] = json!([]))),
    (
        "another case compared",
        "check",
        Records(|all| check(all)["comparisons"][0]["case"] = "matmul/2x2@2x2/f32".into()),
    ),
    (
        "anything allowed",
        "tolerance",
        Records(|all| check(all)["comparisons"][1]["comparison"]["bound"] = "inf".into()),
    ),
    (
        "twice as much allowed",
        "tolerance",
        Records(|all| {
            let bound = &mut check(all)["comparisons"][1]["comparison"]["bound"];
            *bound = (bound.as_f64().unwrap() * 2.0).into();
        }),
    ),
    // Whether it can be.
    ("more arithmetic than the chip has", "speed", Records(|all| faster(all, [MATMUL, "mlx:gpu", "latency"], 4))),
    ("more arithmetic by throughput", "speed", Records(|all| faster(all, [MATMUL, "mlx:gpu", "throughput"], 4))),
    ("more traffic than the memory bears", "speed", Records(|all| faster(all, [MATMUL, "candle:cpu", "latency"], 64))),
    (
        "one launch faster than can be",
        "speed",
        Records(|all| {
            let calls = &mut launches(all, [MATMUL, "mlx:gpu", "latency"]).nth(7).unwrap()["samples"]["calls"];
            *calls = (calls.as_u64().unwrap() * 4).into();
        }),
    ),
    (
        "blocks shorter than the clock tells",
        "resolution",
        Records(|all| {
            of(all, "worker").for_each(|worker| worker["timer_resolution_ns"] = 20_000_000.into());
        }),
    ),
];

/// MLX under a name that nobody knows, wherever it stands.
fn rename_mlx_to_mine(records: &mut [Value]) {
    for record in records.iter_mut() {
        if record["target"] == "mlx:gpu" {
            record["target"] = "mine:gpu".into();
        }
    }
    records[0]["targets"][1]["target"] = "mine:gpu".into();
}

/// Makes a bad file in a tree of its own, and gives what is to be validated.
fn make_bad(scene: &Scene, change: &Change) -> PathBuf {
    let mut records = honest(1);
    match change {
        Records(change) => {
            change(&mut records);
            put(scene, &text_of(&records))
        }
        Beside(change) => {
            put(scene, &text_of(&records));
            change(&mut records);
            put(scene, &text_of(&records))
        }
        Bytes(change) => {
            let mut bytes = text_of(&records);
            change(&mut bytes);
            put(scene, &bytes)
        }
        Lies(lies) => {
            let bytes = text_of(&records);
            put_at(scene, &lies(&place(&bytes)), &bytes)
        }
        File(change) => change(&put(scene, &text_of(&records))),
    }
}

#[test]
fn an_honest_file_is_taken() {
    let scene = Scene::new();
    let path = put(&scene, &text_of(&honest(1)));
    let done = validate(&scene, &[&path], &["--strict"]).with_code(0);
    // It has three of the suite's cases, which is no fault.
    let [label, counts] = done.stdout.lines().collect::<Vec<_>>()[..] else { panic!("{}", done.stdout) };
    assert!(label.contains(": label: it has 3 of the") && label.ends_with("[coverage]"), "{label}");
    assert_eq!(counts, "1 file, 0 errors, 0 warnings, 1 label");
    // So it is with the tree, one named otherwise, and one that lies outside, in folders of the same names.
    put(&scene, &text_of(&honest(2)));
    let tree = validate(&scene, &[Path::new("data")], &["--strict"]).with_code(0);
    assert!(tree.stdout.ends_with("2 files, 0 errors, 0 warnings, 2 labels\n"), "{}", tree.stdout);
    let third = text_of(&honest(3));
    let outside = scene.path("staged").join(place(&third));
    fs::create_dir_all(outside.parent().unwrap()).unwrap();
    fs::write(&outside, third).unwrap();
    validate(&scene, &[&outside], &["--strict"]).with_code(0);
    validate(&scene, &[&outside, Path::new("data")], &["--strict", "--data", "none"]).with_code(0);
}

#[test]
fn every_bad_file_is_refused_with_one_clear_line() {
    let mut failed = Vec::new();
    for (name, rule, change) in CORPUS {
        let scene = Scene::new();
        let bad = make_bad(&scene, change);
        let done = validate(&scene, &[&bad], &[]);
        let errors: Vec<&str> = done.stdout.lines().filter(|line| line.contains(" error: ")).collect();
        let clear = match errors[..] {
            [line] => {
                let shown = line.chars().all(|c| !c.is_control()) && line.chars().count() < 700;
                shown && line.ends_with(&format!(" [{rule}]")) && line.contains(scene.path("data").to_str().unwrap())
            }
            _ => false,
        };
        if !clear || done.code != Some(4) || !done.stderr.is_empty() {
            failed.push(format!("{name}: {rule}: code {:?}\n{}{}", done.code, done.stdout, done.stderr));
        }
    }
    assert!(failed.is_empty(), "{} of {}:\n{}", failed.len(), CORPUS.len(), failed.join("\n"));
}

#[test]
fn the_corpus_is_large_and_asks_for_every_rule_that_refuses() {
    let names: HashSet<&str> = CORPUS.iter().map(|(name, ..)| *name).collect();
    assert_eq!(names.len(), CORPUS.len());
    assert!(CORPUS.len() >= 100, "{}", CORPUS.len());
    let asked: HashSet<&str> = CORPUS.iter().map(|(_, rule, _)| *rule).collect();
    // What has labels and warnings alone.
    let milder = ["budget", "coverage", "unknown-chip", "disturbed", "ceiling", "before"];
    let all = chipmark_results::contribution::validate::Rule::ALL.iter().map(|rule| rule.name());
    let missing: Vec<&str> = all.filter(|rule| !asked.contains(rule) && !milder.contains(rule)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn warnings_count_where_it_is_strict() {
    let scene = Scene::new();
    for seed in 1..4 {
        put(&scene, &text_of(&honest(seed)));
    }
    let mut slower = honest(4);
    for launch in launches(&mut slower, [SOFTMAX, "candle:cpu", "latency"]) {
        launch["samples"]["calls"] = 1.into();
        for ns in launch["samples"]["block_ns"].as_array_mut().unwrap() {
            *ns = (ns.as_u64().unwrap() * 2).into();
        }
    }
    // Slower launches take longer: what follows begins later.
    let shift = |at: &Value, by_s: i64| {
        let at: jiff::Timestamp = at.as_str().unwrap().parse().unwrap();
        Value::from((at + jiff::SignedDuration::from_secs(by_s)).to_string())
    };
    let mut by_s = 0;
    for record in &mut slower {
        if record["at"].is_string() {
            record["at"] = shift(&record["at"], by_s);
            by_s += 60;
        }
    }
    let path = put(&scene, &text_of(&slower));
    let done = validate(&scene, &[&path], &[]).with_code(0);
    let warning = done.stdout.lines().find(|line| line.contains(" warning: ")).unwrap();
    assert!(
        warning.ends_with("[before]") && warning.contains("candle:cpu softmax/1000000x64/f32 latency"),
        "{warning}"
    );
    validate(&scene, &[&path], &["--strict"]).with_code(4);
    let json: Value = serde_json::from_str(&validate(&scene, &[&path], &["--json"]).with_code(0).stdout).unwrap();
    assert_eq!((&json["errors"], &json["warnings"], &json["labels"]), (&0.into(), &1.into(), &1.into()));
    let finding = &json["files"][0]["findings"][0];
    assert_eq!((&finding["level"], &finding["rule"]), (&"warning".into(), &"before".into()));
    assert!(json["files"][0]["path"].as_str().unwrap().ends_with(".jsonl") && finding["message"].is_string());
}

#[test]
fn labels_tell_a_reviewer_what_is_unusual_and_refuse_nothing() {
    let labels = |change: fn(&mut Value)| {
        let scene = Scene::new();
        let mut records = honest(1);
        change(&mut records[0]);
        let path = put(&scene, &text_of(&records));
        let done = validate(&scene, &[&path], &["--strict"]).with_code(0);
        done.stdout.lines().filter_map(|line| Some(line.rsplit_once('[')?.1.to_owned())).collect::<Vec<_>>()
    };
    assert_eq!(labels(|header| header["machine"]["chip"] = "Apple M9 Max".into()), ["coverage]", "unknown-chip]"]);
    assert_eq!(labels(|header| header["state"]["power_source"] = "battery".into()), ["coverage]", "disturbed]"]);
    let by_hand = |header: &mut Value| header["machine"]["chip_detected"] = "Apple M2".into();
    assert_eq!(labels(by_hand), ["coverage]", "identity]"]);
}

#[test]
fn what_is_not_there_is_bad_use() {
    let scene = Scene::new();
    let why = validate(&scene, &[Path::new("none.jsonl")], &[]).usage_error();
    assert!(why.contains("none.jsonl: cannot read it"), "{why}");
    assert!(scene.bench(&["validate"]).usage_error().contains("FILE|DIR"));
}

#[test]
fn a_name_is_shown_harmlessly() {
    let scene = Scene::new();
    let path = put_at(&scene, Path::new("a\u{1b}[31m/b\u{202e}/x\n.jsonl"), b"");
    let done = validate(&scene, &[&path], &[]).with_code(4);
    assert_eq!(done.stdout.lines().count(), 2, "{:?}", done.stdout);
    assert!(!done.stdout.contains(['\u{1b}', '\u{202e}']), "{:?}", done.stdout);
}
