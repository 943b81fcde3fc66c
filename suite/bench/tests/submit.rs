//! `bench submit`: what comes out of a run of this very machine, what is refused, and that nothing is written or called unless somebody
//! said so.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use chipmark_core::{CaseId, Mode, Tier};
use chipmark_results::contribution::Place;
use chipmark_results::fixture::{ContributedCase, contributed};
use chipmark_results::record::PlannedCase;
use chipmark_results::store;
use chipmark_workloads::describe;
use rustix::process::Signal;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use support::{Done, Running, Scene, listing, wait_for};

/// The records of a run of profile publish: of one case in two modes, on candle, on a quiet machine that is this one.
fn run() -> Vec<Value> {
    let info = describe(&"matmul/1000000x64@64x1024/f32".parse::<CaseId>().unwrap()).unwrap();
    let reduced = info.at(Tier::Tiny).clone();
    let bound =
        |case: &CaseId| describe(case).unwrap().tolerances.iter().fold(0.0, |most: f64, one| most.max(one.bound));
    let bounds = [bound(&reduced), bound(&info.case)];
    let planned = PlannedCase { case: info.case, modes: vec![Mode::Latency, Mode::Throughput], cost: info.cost };
    let records = contributed(&[ContributedCase { planned, reduced, bounds }], 12, 1);
    let mut records: Vec<Value> = records.iter().map(|record| serde_json::to_value(record).unwrap()).collect();
    // MLX on a graphics processor that this machine need not have.
    records.retain(|record| record["target"].as_str().is_none_or(|target| target == "candle:cpu"));
    let header = &mut records[0];
    header["machine"] = serde_json::to_value(chipmark_machine::detect(None)).unwrap();
    header["machine"]["translated"] = json!(false);
    header["targets"].as_array_mut().unwrap().truncate(1);
    header["contribution"] = Value::Null;
    // Its load was that of another number of cores.
    header["state"] = json!({});
    records
}

/// A clone of the program's repository, as far as `bench submit` looks, with a run in it.
struct Checkout {
    scene: Scene,
    file: PathBuf,
}

impl Checkout {
    /// With the records changed so.
    fn with(change: impl FnOnce(&mut Vec<Value>)) -> Self {
        let mut records = run();
        change(&mut records);
        let scene = Scene::new();
        std::fs::create_dir(scene.path(".git")).unwrap();
        let text: String = records.iter().map(|record| record.to_string() + "\n").collect();
        let file = scene.file("run.jsonl", text);
        Checkout { scene, file }
    }

    fn new() -> Self {
        Checkout::with(|_| ())
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = self.scene.command(&["submit"]);
        command.args(args).env("XDG_DATA_HOME", self.scene.path("share"));
        command
    }

    /// `bench submit` of the run.
    fn submit(&self, args: &[&str]) -> Done {
        Done::by(self.command(args).arg(&self.file))
    }

    fn data(&self) -> PathBuf {
        self.scene.path("results/data")
    }

    /// The one contributed file.
    fn written(&self) -> PathBuf {
        let files: Vec<PathBuf> = listing(&self.data()).into_iter().filter(|path| path.is_file()).collect();
        assert_eq!(files.len(), 1, "{files:?}");
        files[0].clone()
    }

    fn machine_id(&self) -> PathBuf {
        self.scene.path("share/chipmark/machine-id")
    }

    #[track_caller]
    fn has_nothing_written(&self) {
        assert!(!self.scene.path("results").exists() && !self.scene.path("share").exists());
    }
}

fn of_kind<'a>(records: &'a mut [Value], kind: &'a str) -> impl Iterator<Item = &'a mut Value> {
    records.iter_mut().filter(move |record| record["record"] == kind)
}

#[test]
fn a_run_becomes_a_contribution_in_its_place() {
    let clone = Checkout::new();
    let done = clone.submit(&["--yes", "--contributor", "somebody"]).with_code(0);
    let written = clone.written();
    let file = store::read(&written).unwrap();
    let place = Place::of(&file.run, &std::fs::read(&written).unwrap()).unwrap();
    assert_eq!(written, clone.data().join(place.path()));
    let shown = format!("written: results/data/{}", place.path().display());
    assert!(done.stdout.contains(&shown), "{done:#?}");

    let contribution = file.run.contribution.unwrap();
    assert_eq!(contribution.contributor.as_deref(), Some("somebody"));
    let id = std::fs::read_to_string(clone.machine_id()).unwrap();
    assert_eq!(id, contribution.machine_id + "\n");
    // What was measured is there as it was.
    let measured = store::read(&clone.file).unwrap();
    assert_eq!(file.launches, measured.launches);
    assert_eq!(file.checks, measured.checks);
    assert_eq!(file.run.command.join(" "), "run --suite mlx-benchmark --publish");

    for part in [
        "what becomes public",
        "suite mlx-benchmark, profile publish",
        "of 24 launches",
        "candle:cpu (candle ",
        "what does not",
    ] {
        assert!(done.stdout.contains(part), "{part}: {done:#?}");
    }
    let steps: Vec<&str> = done.stdout.lines().filter(|line| line.starts_with("  git ")).collect();
    assert!(steps.len() == 5 && steps[1].ends_with(&place.path().display().to_string()), "{done:#?}");
    // It passes where it will be judged, and can be shown.
    clone.scene.bench(&["validate", "--strict", "results/data"]).with_code(0);
    clone.scene.bench(&["report", "results/data", "--out", "site"]).with_code(0);

    // Once is enough, whoever submits it.
    for again in [&["--yes", "--contributor", "somebody"][..], &["--yes"]] {
        let done = clone.submit(again).with_code(2);
        let last = done.stderr.lines().last().unwrap();
        assert!(last.starts_with("bench: ") && last.ends_with("it holds this run already"), "{done:#?}");
        assert_eq!(clone.written(), written);
    }
}

/// What this machine and its user are called, found out by other ways than the program's.
fn secrets() -> Vec<String> {
    let said = |program: &str, argument: &str| {
        let output = Command::new(program).arg(argument).output().ok()?;
        String::from_utf8(output.stdout).ok()
    };
    let mut secrets = vec![said("uname", "-n"), said("id", "-un"), std::env::var("HOME").ok()];
    secrets.extend(["/etc/machine-id", "/var/lib/dbus/machine-id"].map(|path| std::fs::read_to_string(path).ok()));
    for interface in std::fs::read_dir("/sys/class/net").into_iter().flatten() {
        secrets.push(std::fs::read_to_string(interface.unwrap().path().join("address")).ok());
    }
    if cfg!(target_os = "macos") {
        let ifconfig = said("ifconfig", "-a").unwrap();
        secrets.extend(ifconfig.lines().map(|line| line.trim().strip_prefix("ether ").map(str::to_owned)));
    }
    let secrets = secrets.into_iter().flatten().map(|text| text.trim().to_owned());
    let mut found: Vec<String> = secrets.filter(|text| text.len() > 1 && text != "00:00:00:00:00:00").collect();
    assert!(found.len() >= 3, "{found:?}");
    // However they are written.
    let plain = |text: &String| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
    let plain: Vec<String> = found.iter().map(plain).filter(|text| text.len() >= 12).collect();
    found.extend(plain);
    found
}

/// Whether a text has a word, with neither a letter nor a digit beside it.
fn has_word(text: &str, word: &str) -> bool {
    let is_edge = |c: Option<char>| !c.is_some_and(char::is_alphanumeric);
    text.match_indices(word)
        .any(|(at, _)| is_edge(text[..at].chars().next_back()) && is_edge(text[at + word.len()..].chars().next()))
}

#[test]
fn nothing_of_this_machine_s_names_comes_out() {
    let secrets = secrets();
    let planted = format!("of {}, 'x {}/y z'", secrets.join(" "), secrets[2]);
    let clone = Checkout::with(|records| {
        let run = &mut records[0];
        run["command"] =
            json!(["run", "--out", planted, "--suite=mlx-benchmark", "--worker", secrets[2], "--chip", secrets[0]]);
        run["missing"] = json!([{ "name": "mlx", "why": planted, "remedy": planted, "broken": true }]);
        let info = &mut run["targets"][0]["info"];
        (info["blas"], info["precision"], info["build"]["file"]) = (json!(planted), json!(planted), json!(planted));
        info["build"]["env.PATH"] = json!(planted);
        run["novelty"] = json!({ "host": planted });
        for record in records.iter_mut() {
            if let Some(state) = record.get_mut("state") {
                state["heavy_processes"] = json!([{ "name": secrets[1], "cpu_percent": 15.0 }]);
            }
        }
        records[0]["state"] = json!({});
        of_kind(records, "check").for_each(|check| check["paths"][0]["op"] = json!(planted));
        of_kind(records, "round").for_each(|round| round["host"] = json!(planted));
        let mut void = records.iter().find(|record| record["record"] == "round").unwrap().clone();
        (void["round"], void["void"]) = (json!(99), json!(planted));
        records.push(void);
    });
    let done = clone.submit(&["--yes"]).with_code(0);
    assert!(done.stdout.contains("words of texts that may tell of folders, names or ids"), "{done:#?}");
    let text = std::fs::read_to_string(clone.written()).unwrap();
    assert!(text.contains('…') && !text.contains("novelty"));
    for secret in &secrets {
        assert!(!has_word(&text, secret), "{secret} is in it");
    }
    for part in ["x …", "y z", "PATH", "remedy\":\""] {
        assert!(!text.contains(part), "{part} is in it");
    }
}

#[test]
fn nothing_of_this_machine_s_names_comes_out_of_a_run_as_it_is() {
    let scene = Scene::new();
    let args = "run --target candle:cpu,synthetic --case softmax/* --mode latency --tier tiny --rounds 1 --out out";
    scene.bench(&args.split(' ').collect::<Vec<_>>()).with_code(0);
    let file = scene.results();
    let mut command = scene.command(&["submit", "--show"]);
    let shown = Done::by(command.arg(&file).env("XDG_DATA_HOME", scene.path("share"))).with_code(0).stdout;
    for secret in &secrets() {
        assert!(!has_word(&shown, secret), "{secret} is in {shown}");
    }
    let of = |text: &str, kind: &str| text.matches(&format!("\"record\":\"{kind}\"")).count();
    let whole = std::fs::read_to_string(&file).unwrap();
    assert!(!shown.contains("synthetic:cpu") && whole.contains("synthetic:cpu"));
    for kind in ["launch", "check", "worker"] {
        assert!(of(&shown, kind) > 0 && of(&shown, kind) < of(&whole, kind), "{kind}");
    }
    for kind in ["ceiling", "round", "end"] {
        assert!(of(&shown, kind) > 0 && of(&shown, kind) == of(&whole, kind), "{kind}");
    }
    assert!(!scene.path("share").exists(), "nothing was agreed to");
}

#[test]
fn what_is_missing_is_told_and_nothing_is_written() {
    let battery = json!({ "power_source": "battery" });
    let refused = |part: &str, change: &dyn Fn(&mut Vec<Value>)| {
        let clone = Checkout::with(|records| change(records));
        let done = clone.submit(&["--yes"]).with_code(2);
        assert_eq!(done.stdout, "");
        let missing: Vec<&str> = done.stderr.lines().filter(|line| line.starts_with("missing: ")).collect();
        assert!(missing.iter().any(|line| line.contains(part)), "{part}: {done:#?}");
        let last = done.stderr.lines().last().unwrap();
        assert!(last.starts_with("bench: ") && last.contains("cannot be submitted"), "{done:#?}");
        clone.has_nothing_written();
    };
    refused("the profile is standard", &|records| records[0]["settings"]["profile"] = json!("standard"));
    refused("part of a comparison", &|records| records[0]["stage"] = json!("decision"));
    refused("the suite mine is a file", &|records| records[0]["suite"] = json!("mine"));
    refused("runs on battery", &|records| records[0]["state"] = battery.clone());
    refused("runs on battery", &|records| of_kind(records, "end").for_each(|end| end["state"] = battery.clone()));
    refused("translated, as by Rosetta", &|records| records[0]["machine"]["translated"] = json!(true));
    refused("was killed", &|records| records.retain(|record| record["record"] != "end"));
    refused("it was interrupted", &|records| {
        of_kind(records, "end").for_each(|end| {
            (end["complete"], end["reason"]) = (json!(false), json!("it was interrupted"));
        });
    });
    refused("12 of 12 rounds were disturbed", &|records| {
        of_kind(records, "round").for_each(|round| {
            round["state"]["heavy_processes"] = json!([{ "name": "compiler", "cpu_percent": 150.0 }]);
        });
    });
    refused("no cell has a time", &|records| records.retain(|record| record["record"] != "launch"));
    refused("no target is left", &|records| records[0]["targets"][0]["arithmetic"] = json!(false));
    refused("no target is left", &|records| {
        // A variable that no built-in suite sets may hold anything.
        let text: String = records.iter().map(|record| record.to_string() + "\n").collect();
        let text = text.replace("\"candle:cpu\"", "\"candle:cpu+mine\"");
        *records = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        records[0]["targets"][0]["env"] = json!({ "MINE": "1" });
    });
    refused("another machine (Abacus)", &|records| records[0]["machine"]["chip"] = json!("Abacus"));
}

#[test]
fn what_no_reviewer_could_take_is_gone_again() {
    let clone = Checkout::with(|records| {
        of_kind(records, "launch").for_each(|launch| {
            launch["samples"]["block_ns"].as_array_mut().unwrap().iter_mut().for_each(|ns| *ns = json!(77_777_777));
        });
    });
    let done = clone.submit(&["--yes"]).with_code(2);
    let line = done.stderr.lines().last().unwrap();
    assert!(line.starts_with("bench: ") && line.contains("all samples of the launch are the same"), "{done:#?}");
    clone.has_nothing_written();
}

#[test]
fn a_run_that_its_budget_ended_on_a_virtual_machine_is_taken_with_notes() {
    let clone = Checkout::with(|records| {
        records[0]["machine"]["hypervisor"] = json!("KVM");
        records[0]["settings"]["budget_s"] = json!(60.0);
        of_kind(records, "end").for_each(|end| {
            (end["complete"], end["reason"]) = (json!(false), json!("the time of the run was up"));
        });
    });
    let done = clone.submit(&["--yes"]).with_code(0);
    for note in ["note: its time was up", "virtual machine (KVM)"] {
        assert!(done.stderr.contains(note), "{note}: {done:#?}");
    }
    assert!(clone.written().parent().unwrap().to_str().unwrap().ends_with("-virtual"));
}

#[test]
fn nothing_is_done_that_nobody_agreed_to() {
    let clone = Checkout::new();
    let done = clone.submit(&[]);
    let line = done.stderr.lines().last().unwrap().to_owned();
    assert!(line.starts_with("bench: ") && line.contains("--show") && line.contains("--yes"), "{line}");
    done.with_code(2);
    clone.has_nothing_written();
    // All of it can be seen before, to the byte.
    std::fs::create_dir_all(clone.machine_id().parent().unwrap()).unwrap();
    std::fs::write(clone.machine_id(), "0123456789abcdef0123456789abcdef\n").unwrap();
    let shown = clone.submit(&["--show"]).with_code(0);
    assert!(!clone.scene.path("results").exists());
    clone.submit(&["--yes"]).with_code(0);
    assert_eq!(std::fs::read_to_string(clone.written()).unwrap(), shown.stdout);
}

#[test]
fn the_newest_run_that_is_fit_is_taken_unless_another_is_named() {
    let clone = Checkout::new();
    let line = Done::by(&mut clone.command(&["--yes"])).usage_error();
    assert!(line.contains("no run of profile publish is under bench-results"), "{line}");
    let place = |name: &str, change: &dyn Fn(&mut Value)| {
        let mut records = run();
        change(&mut records[0]);
        let folder = clone.scene.path("bench-results").join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let text: String = records.iter().map(|record| record.to_string() + "\n").collect();
        std::fs::write(folder.join("results.jsonl"), text).unwrap();
    };
    place("z-old", &|run| run["started_at"] = json!("2025-01-01T00:00:00Z"));
    place("a-new", &|run| (run["started_at"], run["run_id"]) = (json!("2026-03-01T00:00:00Z"), json!("the-new-one")));
    place("quick", &|run| {
        (run["started_at"], run["settings"]["profile"]) = (json!("2026-04-01T00:00:00Z"), json!("quick"));
    });
    std::fs::write(clone.scene.path("bench-results/broken.jsonl"), "{").unwrap();
    Done::by(&mut clone.command(&["--yes"])).with_code(0);
    assert_eq!(store::read(clone.written()).unwrap().run.run_id, "the-new-one");
}

#[test]
fn bad_use_is_one_line() {
    let clone = Checkout::new();
    std::fs::create_dir_all(clone.machine_id().parent().unwrap()).unwrap();
    std::fs::write(clone.machine_id(), "no id").unwrap();
    let line = clone.submit(&["--yes"]).usage_error();
    assert!(line.contains("machine-id: it is no machine id of 32 hexadecimal digits; remove it"), "{line}");
    std::fs::remove_dir_all(clone.scene.path("share")).unwrap();
    let line = clone.submit(&["--yes", "--contributor", "<b>"]).usage_error();
    assert!(line.contains("--contributor: the contributor's name must have"), "{line}");
    let line = Done::by(&mut clone.command(&["--yes", "missing.jsonl"])).usage_error();
    assert!(line.ends_with("missing.jsonl: there is no such file"), "{line}");
    let line = clone.submit(&["--show", "--yes"]).usage_error();
    assert!(line.contains("--show") && line.contains("--yes"), "{line}");
    clone.has_nothing_written();
}

/// Puts programs named `git` and `gh` on a path of their own that note how they were called, and fail where the line begins with what
/// the variable `FAILS` says.
fn fakes(clone: &Checkout, names: &[&str]) -> PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let folder = clone.scene.path("bin");
    std::fs::create_dir_all(&folder).unwrap();
    for name in names {
        let path = folder.join(name);
        let script = format!(
            "#!/bin/sh\necho \"{name} $*\" >> calls\ncase \"{name} $*\" in \"${{FAILS:-none}}\"*) exit 1;; esac\n"
        );
        std::fs::write(&path, script).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    folder
}

/// The beginnings of the calls that were made.
fn calls(clone: &Checkout) -> Vec<String> {
    let text = std::fs::read_to_string(clone.scene.path("calls")).unwrap_or_default();
    text.lines().map(|line| line.split(' ').take(3).collect::<Vec<_>>().join(" ")).collect()
}

fn submit_with(clone: &Checkout, path: &Path, fails: &str, args: &[&str]) -> Done {
    Done::by(clone.command(args).arg(&clone.file).env("PATH", path).env("FAILS", fails))
}

#[test]
fn a_pull_request_is_made_step_by_step_where_it_is_asked_for() {
    let clone = Checkout::new();
    let bin = fakes(&clone, &["git", "gh"]);
    submit_with(&clone, &bin, "none", &["--yes"]).with_code(0);
    assert_eq!(calls(&clone), Vec::<String>::new(), "nothing was asked for");

    let clone = Checkout::new();
    let bin = fakes(&clone, &["git", "gh"]);
    let done = submit_with(&clone, &bin, "none", &["--yes", "--open-pr"]).with_code(0);
    assert_eq!(calls(&clone), ["git checkout -b", "git add --", "git commit -m", "git push -u", "gh pr create"]);
    assert_eq!(done.stdout.lines().filter(|line| line.starts_with("$ g")).count(), 5, "{done:#?}");
    let all = std::fs::read_to_string(clone.scene.path("calls")).unwrap();
    let file = clone.written();
    let file = file.strip_prefix(clone.scene.path("")).unwrap().to_str().unwrap();
    assert!(all.contains(&format!("git add -- {file}\n")) && all.contains(&format!(" -- {file}\ngit push")), "{all}");
}

#[test]
fn who_may_not_push_gets_a_fork() {
    let clone = Checkout::new();
    let bin = fakes(&clone, &["git", "gh"]);
    let done = submit_with(&clone, &bin, "git push -u origin", &["--yes", "--open-pr"]).with_code(0);
    let expected = ["git push -u", "gh repo fork", "git push -u", "gh pr create"];
    assert_eq!(calls(&clone)[3..], expected, "{done:#?}");
}

#[test]
fn a_step_that_fails_leaves_the_file_and_says_what_to_do() {
    let clone = Checkout::new();
    let bin = fakes(&clone, &["git", "gh"]);
    let done = submit_with(&clone, &bin, "git commit", &["--yes", "--open-pr"]).with_code(2);
    let line = done.stderr.lines().last().unwrap();
    assert!(line.contains("failed") && line.contains("git push -u origin") && line.contains("gh pr create"), "{line}");
    assert_eq!(calls(&clone).len(), 3);
    assert!(clone.written().is_file());
}

#[test]
fn without_its_programs_or_a_clone_no_pull_request_is_begun() {
    let clone = Checkout::new();
    let bin = fakes(&clone, &["git"]);
    let done = submit_with(&clone, &bin, "none", &["--yes", "--open-pr"]).with_code(2);
    assert!(done.stderr.lines().last().unwrap().contains("there is no program gh on PATH"), "{done:#?}");
    std::fs::remove_dir(clone.scene.path(".git")).unwrap();
    let bin = fakes(&clone, &["git", "gh"]);
    let done = submit_with(&clone, &bin, "none", &["--yes", "--open-pr"]).with_code(2);
    assert!(done.stderr.lines().last().unwrap().contains("is not the folder results/data of a clone"), "{done:#?}");
    clone.has_nothing_written();
    assert_eq!(calls(&clone), Vec::<String>::new());
    // The file alone can be had anywhere.
    let done = submit_with(&clone, &bin, "none", &["--yes", "--data", "mine"]).with_code(0);
    assert!(done.stdout.contains("it is in no clone"), "{done:#?}");
    assert_eq!(listing(&clone.scene.path("mine")).iter().filter(|path| path.is_file()).count(), 1);
}

#[test]
fn whoever_stops_it_while_the_file_is_judged_finds_nothing_written() {
    let clone = Checkout::new();
    // What lies beside it takes a while to be read.
    let records = run();
    let launches: String = of_kind(&mut records.clone(), "launch").map(|launch| launch.to_string() + "\n").collect();
    let large = format!("{}\n{}", records[0], launches.repeat((24 << 20) / launches.len()));
    for n in 0..8 {
        clone.scene.file(&format!("results/data/beside/{n}.jsonl"), &large);
    }
    let submit = Running::start(clone.command(&["--yes"]).arg(&clone.file));
    let is_there = || {
        let files = listing(&clone.data()).into_iter().filter(|path| path.is_file());
        files.into_iter().find(|path| !path.starts_with(clone.data().join("beside")))
    };
    let written = wait_for("the file in its place", is_there);
    submit.signal(Signal::INT);
    submit.done().with_code(130);
    assert!(
        !written.exists() && listing(&clone.data()).iter().all(|path| path.starts_with(clone.data().join("beside")))
    );
    assert!(!clone.machine_id().exists());
}
