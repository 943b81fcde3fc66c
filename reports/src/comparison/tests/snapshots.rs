//! What the literal comparison looks like.

use crate::comparison::fixture::{comparison, gate};
use crate::comparison::{self, Show, job_summary, junit, markdown};
use crate::terminal::{Colour, Look};
use chipmark_results::compare::{Comparison, Difference, Pairing, Stages, Verdict};

const STAGES: Stages = Stages { detect: 0.02, pilot_rounds: 8, candidates: 3, fresh_rounds: 12, short: 0 };

fn shown(comparison: &Comparison, width: Option<u16>, show: Show) -> String {
    comparison::table(comparison, &Look { width, colour: Colour::Never }, show)
}

#[test]
fn a_table_of_changes() {
    insta::assert_snapshot!(shown(&comparison(), None, Show::Changes), @"
    A   main.jsonl · candle 0.11.0, PyTorch 2.9.0 · suite quick · warm inputs · Apple M3 Max · bench 0.1.0 · 2026-03-01T12:00:00Z
    B   change.jsonl · candle 0.12.0, PyTorch 2.9.0 · suite quick · warm inputs · Apple M3 Max · bench 0.1.0 · 2026-03-01T12:00:00Z
    A: at the start: power ac · thermal state nominal · load 0.50
    A and B: waiting for nothing takes 100 ns (candle:cpu), 2.10 µs (tch:cpu); each latency holds one such wait
    B: at the start: power ac · thermal state fair · load 0.50
    not paired: the sides were measured in different runs, and the machine may have changed between them
    a change counts from the largest of 5.0%, 2.00 µs and 3 times its target's noise floor on; the chance of a false alarm is 5.0% over all cells
    9 cells, 6 judged: 2 regressed, 1 failed, 1 improved, 1 inconclusive, 1 incomparable, 1 missing, 2 equivalent
    !   A: flags of 9 times: 1 dispatch-bound
    !   B: when it started: the machine is warm (thermal state: fair)
    !   B: 1 round was disturbed and counts for nothing: the canary copy took 9.0 % longer after the round than before it
    !   B: flags of 7 times: 1 dispatch-bound, 1 few-samples, 1 disturbed

     case                           target       mode         A           B            change                      p       verdict
    ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
     matmul/100x100@100x100/f32     tch:cpu      throughput   20.0 µs d   26.4 µs dx   +32.0%   (+31.0 … +33.0%)   0.001   regressed
     matmul/100x100@100x100/f32     candle:cpu   latency        20.0 µs      22.8 µs   +14.0%   (+12.0 … +16.0%)   0.001   regressed
     conv2d/1x16x16x3@8x3x3x3/f32   tch:cpu      latency        20.0 µs                                                    failed [1]
     softmax/100x50/f32             tch:cpu      latency        20.0 µs      10.0 µs   −50.0%   (−51.0 … −49.0%)   0.001   improved
     gelu/100x50/f32                candle:cpu   latency        20.0 µs      21.6 µs    +8.0%    (−1.0 … +17.0%)   0.214   inconclusive [2]
     sort/1000/f32                  tch:cpu      latency        20.0 µs      18.0 µs                                       incomparable [3]
     sort/1000/f32                  candle:cpu   latency        20.0 µs                                                    missing [4]

     target       cells   mean     floor
    ─────────────────────────────────────
     candle:cpu       3    +7.3%    0.4%
     tch:cpu          3   −13.3%

    change        B's time over A's, less one; in parentheses its 95% interval
    p             how likely so large a difference is where there is none: an exact test, adjusted for all cells judged together
    mean          the geometric mean of the ratios of all cells that have a time on both sides
    floor         the noise floor: how far two measurements of the same lie apart beyond what their launches explain
    d             dispatch-bound: submitting took nine tenths of the time or more: the device waited for the host, so this is the cost of submitting, not of the work
    f             few-samples: fewer samples than asked for fitted into the time
    x             disturbed: the machine was disturbed in a round that had to count
    regressed     slower, by more than matters, beyond doubt
    failed        it had a time before, and has none now
    improved      faster, by more than matters, beyond doubt
    inconclusive  too much doubt to say: more launches would tell
    incomparable  measured under conditions that cannot be compared
    missing       on one side alone
    [1] wrong: element 17 of output 0 is 2 instead of 1
    [2] too few launches to prove anything among 6 cells
    [3] threads: 8 and 4
    [4] not on the second side
    -   2 equivalent not shown
    !   the sides differ in candle:cpu: candle 0.11.0 and candle 0.12.0
    ");
}

#[test]
fn where_the_width_is_short_names_have_lines_of_their_own() {
    let narrow = shown(&comparison(), Some(80), Show::All);
    assert!(narrow.lines().all(|line| textwrap::core::display_width(line) <= 80), "{narrow}");
    insta::assert_snapshot!(narrow, @"
    A   main.jsonl · candle 0.11.0, PyTorch 2.9.0 · suite quick · warm inputs ·
        Apple M3 Max · bench 0.1.0 · 2026-03-01T12:00:00Z
    B   change.jsonl · candle 0.12.0, PyTorch 2.9.0 · suite quick · warm inputs ·
        Apple M3 Max · bench 0.1.0 · 2026-03-01T12:00:00Z
    A: at the start: power ac · thermal state nominal · load 0.50
    A and B: waiting for nothing takes 100 ns (candle:cpu), 2.10 µs (tch:cpu); each
    latency holds one such wait
    B: at the start: power ac · thermal state fair · load 0.50
    not paired: the sides were measured in different runs, and the machine may have
    changed between them
    a change counts from the largest of 5.0%, 2.00 µs and 3 times its target's noise
    floor on; the chance of a false alarm is 5.0% over all cells
    9 cells, 6 judged: 2 regressed, 1 failed, 1 improved, 1 inconclusive, 1
    incomparable, 1 missing, 2 equivalent
    !   A: flags of 9 times: 1 dispatch-bound
    !   B: when it started: the machine is warm (thermal state: fair)
    !   B: 1 round was disturbed and counts for nothing: the canary copy took 9.0 %
        longer after the round than before it
    !   B: flags of 7 times: 1 dispatch-bound, 1 few-samples, 1 disturbed

       A         B         change                      p       verdict
      ──────────────────────────────────────────────────────────────────────────
     matmul/100x100@100x100/f32 tch:cpu throughput · A d · B dx
       20.0 µs   26.4 µs   +32.0%   (+31.0 … +33.0%)   0.001   regressed
     matmul/100x100@100x100/f32 candle:cpu latency
       20.0 µs   22.8 µs   +14.0%   (+12.0 … +16.0%)   0.001   regressed
     conv2d/1x16x16x3@8x3x3x3/f32 tch:cpu latency
       20.0 µs                                                 failed [1]
     softmax/100x50/f32 tch:cpu latency
       20.0 µs   10.0 µs   −50.0%   (−51.0 … −49.0%)   0.001   improved
     gelu/100x50/f32 candle:cpu latency
       20.0 µs   21.6 µs    +8.0%    (−1.0 … +17.0%)   0.214   inconclusive [2]
     sort/1000/f32 tch:cpu latency
       20.0 µs   18.0 µs                                       incomparable [3]
     sort/1000/f32 candle:cpu latency
       20.0 µs                                                 missing [4]
     relu/100x50/f32 tch:cpu latency · B f
       20.0 µs   19.8 µs    −1.0%     (−3.0 … +1.0%)   0.001   equivalent
     softmax/100x50/f32 candle:cpu latency
       20.0 µs   20.1 µs    +0.4%     (−0.6 … +1.4%)   0.001   equivalent

     target       cells   mean     floor
    ─────────────────────────────────────
     candle:cpu       3    +7.3%    0.4%
     tch:cpu          3   −13.3%

    change        B's time over A's, less one; in parentheses its 95% interval
    p             how likely so large a difference is where there is none: an exact
                  test, adjusted for all cells judged together
    mean          the geometric mean of the ratios of all cells that have a time on
                  both sides
    floor         the noise floor: how far two measurements of the same lie apart
                  beyond what their launches explain
    d             dispatch-bound: submitting took nine tenths of the time or more:
                  the device waited for the host, so this is the cost of submitting,
                  not of the work
    f             few-samples: fewer samples than asked for fitted into the time
    x             disturbed: the machine was disturbed in a round that had to count
    regressed     slower, by more than matters, beyond doubt
    failed        it had a time before, and has none now
    improved      faster, by more than matters, beyond doubt
    inconclusive  too much doubt to say: more launches would tell
    incomparable  measured under conditions that cannot be compared
    missing       on one side alone
    equivalent    no change that would matter
    [1] wrong: element 17 of output 0 is 2 instead of 1
    [2] too few launches to prove anything among 6 cells
    [3] threads: 8 and 4
    [4] not on the second side
    !   the sides differ in candle:cpu: candle 0.11.0 and candle 0.12.0
    ");
}

#[test]
fn flags_and_the_machines_state_stand_in_every_form() {
    let comparison = comparison();
    let disturbed = "1 round was disturbed and counts for nothing: the canary copy took 9.0 % longer";
    for form in [
        shown(&comparison, None, Show::Changes),
        markdown(&comparison, None),
        job_summary(&comparison, None),
        junit(&comparison, None).unwrap(),
        comparison::json(&comparison, None).unwrap(),
    ] {
        for text in ["thermal state", disturbed, "dispatch-bound", "few-samples", "fair"] {
            assert!(form.contains(text), "{text} is not in:\n{form}");
        }
    }
    let value: serde_json::Value = serde_json::from_str(&comparison::json(&comparison, None).unwrap()).unwrap();
    assert_eq!(value["rows"][3]["b"]["flags"], serde_json::json!(["dispatch-bound", "disturbed"]));
    assert_eq!(value["rows"][0]["a"]["flags"], serde_json::json!([]));
}

#[test]
fn what_both_sides_have_is_told_once() {
    let mut comparison = comparison();
    comparison.a = comparison.b.clone();
    let text = shown(&comparison, None, Show::Changes);
    for line in ["!   A and B: when it started: the machine is warm", "A and B: at the start: power ac"] {
        assert_eq!(text.matches(line).count(), 1, "{text}");
    }
}

#[test]
fn two_machines_are_told_from_two_versions_and_pairs_from_runs() {
    let mut comparison = comparison();
    comparison.pairing = Pairing::Rounds;
    comparison.machines =
        vec![Difference { what: "chip".to_owned(), a: "Apple M3 Max".to_owned(), b: "Apple M4".to_owned() }];
    comparison.rows.truncate(1);
    comparison.summaries.clear();
    comparison.floors.clear();
    comparison.differences.clear();
    comparison.judged = 1;
    insta::assert_snapshot!(shown(&comparison, Some(100), Show::Changes), @"
    A   main.jsonl · candle 0.11.0, PyTorch 2.9.0 · suite quick · warm inputs · Apple M3 Max · bench
        0.1.0 · 2026-03-01T12:00:00Z
    B   change.jsonl · candle 0.12.0, PyTorch 2.9.0 · suite quick · warm inputs · Apple M3 Max · bench
        0.1.0 · 2026-03-01T12:00:00Z
    A: at the start: power ac · thermal state nominal · load 0.50
    A and B: waiting for nothing takes 100 ns (candle:cpu), 2.10 µs (tch:cpu); each latency holds one
    such wait
    B: at the start: power ac · thermal state fair · load 0.50
    paired: both sides were measured in the same rounds, so what the machine did to one it did to both
    !   These are two machines, not two versions: a ratio says how the machines compare, and nothing has
        become slower or faster.
    !   chip: Apple M3 Max and Apple M4
    a change counts from the largest of 5.0%, 2.00 µs and 3 times its target's noise floor on; the
    chance of a false alarm is 5.0% over all cells
    1 cell, 1 judged: 1 equivalent
    !   B: when it started: the machine is warm (thermal state: fair)
    !   B: 1 round was disturbed and counts for nothing: the canary copy took 9.0 % longer after the
        round than before it

    -   1 equivalent not shown
    ");
    let markdown = markdown(&comparison, None);
    assert!(
        markdown.contains("two machines, not two versions")
            && markdown.contains("| `chip` | `Apple M3 Max` | `Apple M4` |")
    );

    comparison.rows.clear();
    comparison.judged = 0;
    let text = shown(&comparison, None, Show::All);
    assert!(text.contains("0 cells, 0 judged: nothing to compare"), "{text}");
}

#[test]
fn what_two_stages_spent_is_told() {
    for (stages, told) in [
        (
            STAGES,
            "two stages: 8 launches a cell looked for changes of 2.0%; 3 stood out, and 12 fresh rounds decided on those",
        ),
        (Stages { fresh_rounds: 0, ..STAGES }, "; 3 stood out, and had no fresh rounds"),
        (Stages { candidates: 0, fresh_rounds: 0, ..STAGES }, "; none stood out"),
        (Stages { short: 2, ..STAGES }, "; in 2 of them so many were too few to be sure"),
    ] {
        let comparison = Comparison { stages: Some(stages), ..comparison() };
        for text in [shown(&comparison, None, Show::All), markdown(&comparison, None)] {
            assert!(text.lines().any(|line| line.ends_with(told)), "{told} is not in:\n{text}");
        }
    }
}

#[test]
fn the_gate_in_words() {
    let look = Look { width: Some(90), colour: Colour::Never };
    insta::assert_snapshot!(comparison::gate(&gate(), &look), @"
    the gate is not passed: something that had a time before has none now, one waived cell
    aside (55.6% of A's cells were answered, 50.0% are asked for)
    -   matmul/100x100@100x100/f32 tch:cpu throughput is waived: slower by design | see @docs
    !   the waiver of gone/* * latency matches no cell: delete it or correct it
    ");
}

#[test]
fn colour_is_the_verdicts_alone() {
    let coloured = comparison::table(&comparison(), &Look { width: None, colour: Colour::Always }, Show::All);
    for verdict in Verdict::ALL {
        let row = coloured.lines().find(|line| line.contains("/f32") && line.contains(verdict.name())).unwrap();
        assert_eq!(row.contains("\u{1b}["), verdict != Verdict::Equivalent, "{row:?}");
    }
    assert!(!shown(&comparison(), None, Show::All).contains('\u{1b}'));
}

#[test]
fn a_comment_for_a_pull_request() {
    insta::assert_snapshot!(markdown(&comparison(), Some(&gate())), @"
    <!-- chipmark -->
    ### Chipmark: 2 regressed, 1 failed, 1 improved, 1 inconclusive, 1 incomparable, 1 missing, 2 equivalent

    **The gate is not passed: something that had a time before has none now, one waived cell aside (55.6% of A's cells were answered, 50.0% are asked for).**

    - A: `main.jsonl · candle 0.11.0, PyTorch 2.9.0 · suite quick · warm inputs · Apple M3 Max · bench 0.1.0 · 2026-03-01T12:00:00Z`
    - B: `change.jsonl · candle 0.12.0, PyTorch 2.9.0 · suite quick · warm inputs · Apple M3 Max · bench 0.1.0 · 2026-03-01T12:00:00Z`
    - A: `at the start: power ac · thermal state nominal · load 0.50`
    - A and B: `waiting for nothing takes 100 ns (candle:cpu), 2.10 µs (tch:cpu); each latency holds one such wait`
    - B: `at the start: power ac · thermal state fair · load 0.50`
    - not paired: the sides were measured in different runs, and the machine may have changed between them
    - 9 cells, 6 judged; a change counts from the largest of 5.0%, 2.00 µs and 3 times its target's noise floor on; the chance of a false alarm is 5.0% over all cells

    **To know first**

    - A: `flags of 9 times: 1 dispatch-bound`
    - B: `when it started: the machine is warm (thermal state: fair)`
    - B: `1 round was disturbed and counts for nothing: the canary copy took 9.0 % longer after the round than before it`
    - B: `flags of 7 times: 1 dispatch-bound, 1 few-samples, 1 disturbed`

    | case | target | mode | A | B | change | p | verdict |
    |---|---|---|--:|--:|--:|--:|---|
    | `matmul/100x100@100x100/f32` | `tch:cpu` | throughput | 20.0 µs (dispatch-bound) | 26.4 µs (dispatch-bound, disturbed) | +32.0% (+31.0 … +33.0%) | 0.001 | **regressed**, waived: <code>slower by design &#124; see &#64;docs</code> |
    | `matmul/100x100@100x100/f32` | `candle:cpu` | latency | 20.0 µs | 22.8 µs | +14.0% (+12.0 … +16.0%) | 0.001 | **regressed** |
    | `conv2d/1x16x16x3@8x3x3x3/f32` | `tch:cpu` | latency | 20.0 µs |  |  |  | **failed**: `wrong: element 17 of output 0 is 2 instead of 1` |
    | `softmax/100x50/f32` | `tch:cpu` | latency | 20.0 µs | 10.0 µs | −50.0% (−51.0 … −49.0%) | 0.001 | improved |
    | `gelu/100x50/f32` | `candle:cpu` | latency | 20.0 µs | 21.6 µs | +8.0% (−1.0 … +17.0%) | 0.214 | inconclusive: `too few launches to prove anything among 6 cells` |

    Change: B's time over A's, less one; in parentheses its 95% interval. p: how likely so large a difference is where there is none: an exact test, adjusted for all cells judged together.

    In parentheses behind a time: dispatch-bound: submitting took nine tenths of the time or more: the device waited for the host, so this is the cost of submitting, not of the work; few-samples: fewer samples than asked for fitted into the time; disturbed: the machine was disturbed in a round that had to count.

    <details><summary>Each target: the geometric mean of its ratios, and its noise floor</summary>

    | target | cells | mean | floor |
    |---|--:|--:|--:|
    | `candle:cpu` | 3 | +7.3% | 0.4% |
    | `tch:cpu` | 3 | −13.3% |  |

    </details>

    <details><summary>1 incomparable: measured under conditions that cannot be compared</summary>

    | case | target | mode | why |
    |---|---|---|---|
    | `sort/1000/f32` | `tch:cpu` | latency | `threads: 8 and 4` |

    </details>

    <details><summary>1 missing: on one side alone</summary>

    | case | target | mode | why |
    |---|---|---|---|
    | `sort/1000/f32` | `candle:cpu` | latency | `not on the second side` |

    </details>

    <details><summary>In what the sides differ</summary>

    | | A | B |
    |---|---|---|
    | `candle:cpu` | `candle 0.11.0` | `candle 0.12.0` |

    </details>

    <details><summary>Waivers that match no cell</summary>

    | waiver |
    |---|
    | `gone/* * latency` |

    </details>
    ");
}

#[test]
fn a_summary_is_the_comment_without_its_marker() {
    let (comparison, gate) = (comparison(), gate());
    let comment = markdown(&comparison, Some(&gate));
    assert_eq!(comment.strip_prefix("<!-- chipmark -->\n"), Some(job_summary(&comparison, Some(&gate)).as_str()));
}

#[test]
fn a_test_for_each_cell() {
    insta::assert_snapshot!(junit(&comparison(), Some(&gate())).unwrap(), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="chipmark" tests="9" skipped="4" failures="1" errors="1">
        <testsuite name="candle:cpu" tests="4" skipped="2" errors="0" failures="1">
            <testcase name="softmax/100x50/f32 latency" classname="candle:cpu" time="0.000020080"/>
            <testcase name="matmul/100x100@100x100/f32 latency" classname="candle:cpu" time="0.000022800">
                <failure message="regressed: 20.0 µs to 22.8 µs: +14.0% (+12.0 … +16.0%), p 0.001" type="regressed"/>
            </testcase>
            <testcase name="gelu/100x50/f32 latency" classname="candle:cpu" time="0.000021600">
                <skipped message="inconclusive: 20.0 µs to 21.6 µs: +8.0% (−1.0 … +17.0%), p 0.214; too few launches to prove anything among 6 cells" type="inconclusive"/>
            </testcase>
            <testcase name="sort/1000/f32 latency" classname="candle:cpu">
                <skipped message="missing: A 20.0 µs; not on the second side" type="missing"/>
            </testcase>
            <system-out>A: at the start: power ac · thermal state nominal · load 0.50
    A and B: waiting for nothing takes 100 ns (candle:cpu), 2.10 µs (tch:cpu); each latency holds one such wait
    B: at the start: power ac · thermal state fair · load 0.50
    A: flags of 9 times: 1 dispatch-bound
    B: when it started: the machine is warm (thermal state: fair)
    B: 1 round was disturbed and counts for nothing: the canary copy took 9.0 % longer after the round than before it
    B: flags of 7 times: 1 dispatch-bound, 1 few-samples, 1 disturbed</system-out>
        </testsuite>
        <testsuite name="tch:cpu" tests="5" skipped="2" errors="1" failures="0">
            <testcase name="matmul/100x100@100x100/f32 throughput" classname="tch:cpu" time="0.000026400">
                <skipped message="waived (slower by design | see @docs): regressed: 20.0 µs (dispatch-bound) to 26.4 µs (dispatch-bound, disturbed): +32.0% (+31.0 … +33.0%), p 0.001" type="regressed"/>
                <system-out>regressed: 20.0 µs (dispatch-bound) to 26.4 µs (dispatch-bound, disturbed): +32.0% (+31.0 … +33.0%), p 0.001</system-out>
            </testcase>
            <testcase name="softmax/100x50/f32 latency" classname="tch:cpu" time="0.000010000"/>
            <testcase name="relu/100x50/f32 latency" classname="tch:cpu" time="0.000019800">
                <system-out>equivalent: 20.0 µs to 19.8 µs (few-samples): −1.0% (−3.0 … +1.0%), p 0.001</system-out>
            </testcase>
            <testcase name="conv2d/1x16x16x3@8x3x3x3/f32 latency" classname="tch:cpu">
                <error message="failed: A 20.0 µs; wrong: element 17 of output 0 is 2 instead of 1" type="failed"/>
            </testcase>
            <testcase name="sort/1000/f32 latency" classname="tch:cpu" time="0.000018000">
                <skipped message="incomparable: 20.0 µs to 18.0 µs; threads: 8 and 4" type="incomparable"/>
            </testcase>
            <system-out>A: at the start: power ac · thermal state nominal · load 0.50
    A and B: waiting for nothing takes 100 ns (candle:cpu), 2.10 µs (tch:cpu); each latency holds one such wait
    B: at the start: power ac · thermal state fair · load 0.50
    A: flags of 9 times: 1 dispatch-bound
    B: when it started: the machine is warm (thermal state: fair)
    B: 1 round was disturbed and counts for nothing: the canary copy took 9.0 % longer after the round than before it
    B: flags of 7 times: 1 dispatch-bound, 1 few-samples, 1 disturbed</system-out>
        </testsuite>
    </testsuites>
    "#);
}

#[test]
fn json_has_what_the_page_describes() {
    let comparison = Comparison { stages: Some(STAGES), ..comparison() };
    let text = comparison::json(&comparison, Some(&gate())).unwrap();
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["schema"], comparison::SCHEMA);
    assert_eq!(value["counts"]["regressed"], 2);
    assert_eq!(value["gate"]["result"], "failure");
    assert_eq!(value["gate"]["waived"][0]["mode"], "throughput");
    let row = &value["rows"][1];
    assert_eq!((&row["case"], &row["verdict"]), (&"matmul/100x100@100x100/f32".into(), &"regressed".into()));
    assert_eq!((&row["ratio"], &row["interval"]["low"]), (&1.14.into(), &(1.0 + (1.14 - 1.0) - 0.02).into()));

    let page = include_str!("../../../../suite/docs/CI.md");
    let (_, page) = page.split_once("## JSON").unwrap();
    let mut keys: Vec<&String> = value.as_object().unwrap().keys().collect();
    let objects = [&value["gate"], &value["a"], &value["rule"], &value["stages"], row, &row["a"], &row["interval"]];
    let lists = [&value["summaries"][0], &value["differences"][0], &value["a"]["bare_waits"][0]];
    for object in objects.into_iter().chain(lists) {
        keys.extend(object.as_object().unwrap().keys());
    }
    let missing: Vec<_> = keys.into_iter().filter(|key| !page.contains(&format!("`{key}`"))).collect();
    assert!(missing.is_empty(), "suite/docs/CI.md does not describe {missing:?}");
}
