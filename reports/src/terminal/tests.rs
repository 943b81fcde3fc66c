//! The tables of the fixture run, wide, narrow and coloured.

use super::*;
use chipmark_results::contribution::Contribution;
use chipmark_results::fixture;
use chipmark_results::store::ResultsFile;

fn shown(file: ResultsFile, width: Option<u16>) -> String {
    table(&Report::new(&[file]), &Look { width, colour: Colour::Never })
}

#[test]
fn the_whole_run() {
    insta::assert_snapshot!(shown(fixture::file(), None), @"
    Apple M3 Max · 16 cores · 40 GPU cores · 64 GiB · macOS 15.3 aarch64
    suite quick (small) · 3 rounds · warm inputs · 8 threads · 2026-03-01T12:00:00Z
    at the start: power ac · low-power mode off · thermal state nominal · governor performance · clock limit 4056 of 4056 MHz · load 0.50 · free memory 32 GiB · GPU Apple M3 Max GPU at 1398 of 1398 MHz, 45 °C, 2 of 60 W, held down by thermal

    latency: one call and the wait for its outputs
    waiting for nothing takes 100 ns (candle:cpu), 100 ns (tch:cpu); each latency holds one such wait

     case                           candle:cpu         tch:cpu                best rate
    ───────────────────────────────────────────────────────────────────────────────────────────────────────
     matmul/100x100@100x100/f32     1.01 µs ±1.0% *    2.02 µs ±1.0%          1.98 TFLOP/s (49.5% of roof)
     softmax/100x50/f32             2.02 µs ±1.0% *f   4.04 µs ±1.0% cf [1]      19.8 GB/s (16.5% of roof)
     conv2d/1x16x16x3@8x3x3x3/f32   unsupported [2]    wrong [3]
     linear/10x10@10x10/f32         over-budget [4]    over-budget [4]

    throughput: calls submitted back to back and waited for once, per call, the wait cancelled out

     case                         candle:cpu        tch:cpu         best rate
    ─────────────────────────────────────────────────────────────────────────────────────────────
     matmul/100x100@100x100/f32   1.01 µs ±1.0% *   2.02 µs ±1.0%   1.98 TFLOP/s (49.5% of roof)

    transfer: upload of the inputs, one call, download of the outputs, per call

     case                         candle:cpu        tch:cpu
    ──────────────────────────────────────────────────────────────
     matmul/100x100@100x100/f32   1.01 µs ±1.0% *   2.02 µs ±1.0%

    first-call: the first call in a fresh process: compilation, kernel loading, autotuning

     case                         candle:cpu        tch:cpu
    ─────────────────────────────────────────────────────────────
     matmul/100x100@100x100/f32   50.5 µs ±1.0% *   101 µs ±1.0%

    ±   half the range of the launches' medians; a launch is one worker process
    *   the fastest of its row
    c   composed: built from other ops, where the framework has no kernel of its own for it
    f   fewer samples than asked for fitted into the time
    [1] 1 of 3 launches: crashed (the worker was killed by signal 11 (SIGSEGV))
    [2] unsupported: conv2d: this backend has no convolutions
    [3] wrong: element 17 of output 0 is 2 instead of 1
    [4] over-budget: the run ended before it: the budget of 60 s is spent
    =   cpu f32: at best 120 GB/s (copy/1200000B/f32 on candle:cpu), 4.00 TFLOP/s (matmul/340x340@340x340/f32 on candle:cpu)
    =   of the roof: of the most arithmetic that any framework reached in matrix products here, or of what the memory can feed at the case's bytes for each operation, whichever is lower (Williams et al., 2009)
    -   mlx is missing: there is no worker program bench-worker-mlx; to add it: scripts/setup mlx
    !   3 launches a cell: an indication, no verdict
    !   the run is not complete: the budget of 60 s is spent
    !   the chip was given as Apple M3 Max; what was detected is Apple M3
    !   when it started: the clocks of Apple M3 Max GPU are held down (thermal)
    !   when it started: indexer takes 35% of a core
    !   when it ended: the clocks of Apple M3 Max GPU are held down (thermal)
    ");
}

#[test]
fn where_the_width_is_short_the_targets_stand_below_each_other() {
    let mut file = fixture::file();
    for planned in &mut file.run.cases {
        planned.modes.retain(|&mode| mode == chipmark_core::Mode::Latency);
    }
    file.launches.retain(|launch| launch.cell.mode == chipmark_core::Mode::Latency);
    let narrow = shown(file, Some(60));
    assert!(narrow.lines().all(|line| textwrap::core::display_width(line) <= 60), "{narrow}");
    insta::assert_snapshot!(narrow, @"
    Apple M3 Max · 16 cores · 40 GPU cores · 64 GiB · macOS 15.3
    aarch64
    suite quick (small) · 3 rounds · warm inputs · 8 threads ·
    2026-03-01T12:00:00Z
    at the start: power ac · low-power mode off · thermal state
    nominal · governor performance · clock limit 4056 of 4056
    MHz · load 0.50 · free memory 32 GiB · GPU Apple M3 Max GPU
    at 1398 of 1398 MHz, 45 °C, 2 of 60 W, held down by thermal

    latency: one call and the wait for its outputs
    waiting for nothing takes 100 ns (candle:cpu), 100 ns
    (tch:cpu); each latency holds one such wait

       target       time                   to best
      ─────────────────────────────────────────────
     matmul/100x100@100x100/f32
       candle:cpu   1.01 µs ±1.0% *          1.00×
       tch:cpu      2.02 µs ±1.0%            2.00×
     softmax/100x50/f32
       candle:cpu   2.02 µs ±1.0% *f         1.00×
       tch:cpu      4.04 µs ±1.0% cf [1]     2.00×
     conv2d/1x16x16x3@8x3x3x3/f32
       candle:cpu   unsupported [2]
       tch:cpu      wrong [3]
     linear/10x10@10x10/f32
       candle:cpu   over-budget [4]
       tch:cpu      over-budget [4]

    ±   half the range of the launches' medians; a launch is one
        worker process
    *   the fastest of its row
    c   composed: built from other ops, where the framework has
        no kernel of its own for it
    f   fewer samples than asked for fitted into the time
    [1] 1 of 3 launches: crashed (the worker was killed by
        signal 11 (SIGSEGV))
    [2] unsupported: conv2d: this backend has no convolutions
    [3] wrong: element 17 of output 0 is 2 instead of 1
    [4] over-budget: the run ended before it: the budget of 60 s
        is spent
    =   cpu f32: at best 120 GB/s (copy/1200000B/f32 on
        candle:cpu), 4.00 TFLOP/s (matmul/340x340@340x340/f32 on
        candle:cpu)
    =   of the roof: of the most arithmetic that any framework
        reached in matrix products here, or of what the memory
        can feed at the case's bytes for each operation,
        whichever is lower (Williams et al., 2009)
    -   mlx is missing: there is no worker program
        bench-worker-mlx; to add it: scripts/setup mlx
    !   3 launches a cell: an indication, no verdict
    !   the run is not complete: the budget of 60 s is spent
    !   the chip was given as Apple M3 Max; what was detected is
        Apple M3
    !   when it started: the clocks of Apple M3 Max GPU are held
        down (thermal)
    !   when it started: indexer takes 35% of a core
    !   when it ended: the clocks of Apple M3 Max GPU are held
        down (thermal)
    ");
}

#[test]
fn cold_inputs_disturbed_rounds_and_the_state_are_told() {
    let mut file = fixture::file();
    file.run.settings.inputs = chipmark_core::Inputs::Cold;
    file.run.settings.tf32 = true;
    file.run.state.power_source = Some("battery".to_owned());
    file.rounds = vec![fixture::calm(0), fixture::calm(1)];
    file.rounds[0].void = Some("the canary copy took 9.0 % longer after the round than before it".to_owned());
    let text = shown(file, None);
    for line in [
        "suite quick (small) · 3 rounds · cold inputs · 8 threads · TF32 allowed · 2026-03-01T12:00:00Z",
        "at the start: power battery · low-power mode off · thermal state nominal · governor performance · clock limit 4056 of \
         4056 MHz · load 0.50 · free memory 32 GiB · GPU Apple M3 Max GPU at 1398 of 1398 MHz, 45 °C, 2 of 60 W, held down by \
         thermal",
        "waiting for nothing takes 100 ns (candle:cpu), 100 ns (tch:cpu); each latency holds one such wait",
        "!   when it started: the machine runs on battery",
        "!   1 round was disturbed and counts for nothing: the canary copy took 9.0 % longer after the round than before it",
        "!   when it ended: the clocks of Apple M3 Max GPU are held down (thermal)",
    ] {
        assert!(text.lines().any(|shown| shown == line), "{line}\nis not in:\n{text}");
    }
    assert_eq!(text.matches("waiting for nothing").count(), 1, "only latencies hold a wait each");
}

#[test]
fn colour_adds_codes_and_nothing_else() {
    let report = Report::new(&[fixture::file()]);
    let coloured = table(&report, &Look { width: None, colour: Colour::Always });
    assert!(coloured.contains("\u{1b}["), "{coloured}");
    let mut plain = String::new();
    let mut rest = coloured.as_str();
    while let Some((before, code)) = rest.split_once("\u{1b}[") {
        plain.push_str(before);
        rest = code.split_once('m').unwrap().1;
    }
    plain.push_str(rest);
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(words(&plain), words(&shown(fixture::file(), None)));
    assert!(!shown(fixture::file(), None).contains('\u{1b}'));
}

#[test]
fn a_terminal_cannot_be_reached_from_a_file() {
    let mut file = fixture::file();
    file.run.machine.chip = "\u{1b}[2J\u{1b}]0;owned\u{7}\n\rchip".to_owned();
    file.run.missing[0].remedy = Some("\u{9b}31m".to_owned());
    file.run.state.governor = Some("\u{1b}[1m".to_owned());
    file.run.state.gpus[0].name = "\u{1b}[1m\n".to_owned();
    file.rounds = vec![fixture::calm(0)];
    file.rounds[0].void = Some("\u{1b}[31m\nred\u{202e}".to_owned());
    file.ends[0].state.gpus[0].throttle = vec!["\u{1b}]0;\u{7}".to_owned()];
    for launch in &mut file.launches {
        launch.reason = launch.reason.as_ref().map(|_| "\u{1b}[31mred\u{202e}".to_owned());
    }
    let text = shown(file, Some(100));
    assert!(text.chars().all(|c| !c.is_control() || c == '\n'), "{text:?}");
    assert!(!text.contains('\u{202e}'));
}

#[test]
fn a_contributed_run_says_how_far_it_is_to_be_trusted() {
    let mut file = fixture::file();
    file.run.contribution = Some(Contribution { machine_id: "0".repeat(32), contributor: Some("ada".to_owned()) });
    assert_eq!(shown(file, None).lines().nth(2), Some("trust: community: contributed by ada"));
}

#[test]
fn no_runs_no_text() {
    assert_eq!(table(&Report::new(&[]), &Look { width: None, colour: Colour::Never }), "");
}
