//! What was measured as it becomes public: the records after the header. Every field is named, so that a new one is left out until
//! somebody decides.

use super::super::scrub::Scrub;
use super::header::{cost, moment};
use super::machine::state;
use crate::record::{Canary, Ceiling, Check, CheckedShape, End, Energy, Launch, MemoryPass, Round, Samples, Worker};
use chipmark_core::check::{Comparison, Worst};
use chipmark_core::{Cell, Memory, MemoryUse, OpPath};

pub(super) fn worker(worker: &Worker) -> Worker {
    let Worker { worker, target, purpose, round, start_ns, timer_resolution_ns, bare_finish_ns, finish_share } = worker;
    Worker {
        worker: *worker,
        target: target.clone(),
        purpose: *purpose,
        round: *round,
        start_ns: *start_ns,
        timer_resolution_ns: *timer_resolution_ns,
        bare_finish_ns: bare_finish_ns.clone(),
        finish_share: *finish_share,
    }
}

pub(super) fn check(scrub: &Scrub<'_>, check: &Check) -> Check {
    let Check { case, target, outcome, reason, paths, layout, tf32, comparisons } = check;
    Check {
        case: case.clone(),
        target: target.clone(),
        outcome: *outcome,
        reason: scrub.texts(reason.as_deref()),
        paths: paths.iter().map(|one| path(scrub, one)).collect(),
        layout: *layout,
        tf32: *tf32,
        comparisons: comparisons.iter().map(|one| compared(scrub, one)).collect(),
    }
}

/// How an op was done: words of a worker's, and no file's.
fn path(scrub: &Scrub<'_>, path: &OpPath) -> OpPath {
    match path {
        OpPath::Native { op, call } => OpPath::Native { op: scrub.text(op), call: scrub.text(call) },
        OpPath::Composed { op, how } => OpPath::Composed { op: scrub.text(op), how: scrub.text(how) },
    }
}

fn compared(scrub: &Scrub<'_>, shape: &CheckedShape) -> CheckedShape {
    let CheckedShape { case, against, comparison: Comparison { error, bound, worst, mismatch } } = shape;
    let place = |worst: &Worst| {
        let Worst { output, position, expected, got } = worst;
        Worst { output: *output, position: *position, expected: *expected, got: *got }
    };
    let comparison = Comparison {
        error: *error,
        bound: *bound,
        worst: worst.as_ref().map(place),
        mismatch: scrub.texts(mismatch.as_deref()),
    };
    CheckedShape { case: case.clone(), against: *against, comparison }
}

pub(super) fn ceiling(scrub: &Scrub<'_>, ceiling: &Ceiling) -> Ceiling {
    let Ceiling { target, case, cost: counted, worker, at, outcome, reason, tf32, samples: taken } = ceiling;
    Ceiling {
        target: target.clone(),
        case: case.clone(),
        cost: cost(*counted),
        worker: *worker,
        at: moment(at),
        outcome: *outcome,
        reason: scrub.texts(reason.as_deref()),
        tf32: *tf32,
        samples: taken.as_ref().map(samples),
    }
}

pub(super) fn memory(scrub: &Scrub<'_>, pass: &MemoryPass) -> MemoryPass {
    let MemoryPass { case, target, worker, outcome, reason, memory } = pass;
    let used = |memory: MemoryUse| {
        let MemoryUse { before_bytes, process_peak_bytes, allocator_before_bytes, allocator_peak_bytes } = memory;
        MemoryUse { before_bytes, process_peak_bytes, allocator_before_bytes, allocator_peak_bytes }
    };
    MemoryPass {
        case: case.clone(),
        target: target.clone(),
        worker: *worker,
        outcome: *outcome,
        reason: scrub.texts(reason.as_deref()),
        memory: memory.map(used),
    }
}

pub(super) fn launch(scrub: &Scrub<'_>, launch: &Launch) -> Launch {
    let Launch {
        cell: Cell { case, target, mode },
        round,
        order,
        worker,
        at,
        outcome,
        reason,
        samples: taken,
        energy: drawn,
    } = launch;
    Launch {
        cell: Cell { case: case.clone(), target: target.clone(), mode: *mode },
        round: *round,
        order: *order,
        worker: *worker,
        at: moment(at),
        outcome: *outcome,
        reason: scrub.texts(reason.as_deref()),
        samples: taken.as_ref().map(samples),
        energy: drawn.as_ref().map(|one| energy(scrub, one)),
    }
}

fn samples(samples: &Samples) -> Samples {
    let Samples {
        calls,
        block_ns,
        block4_ns,
        submit4_ns,
        upload_ns,
        step_ns,
        download_ns,
        traces,
        input_sets,
        bare_finish_ns,
        warm_up_ns,
        warm_up_calls,
        memory: Memory { now_bytes, peak_bytes },
        flags,
    } = samples;
    Samples {
        calls: *calls,
        block_ns: block_ns.clone(),
        block4_ns: block4_ns.clone(),
        submit4_ns: submit4_ns.clone(),
        upload_ns: upload_ns.clone(),
        step_ns: step_ns.clone(),
        download_ns: download_ns.clone(),
        traces: *traces,
        input_sets: *input_sets,
        bare_finish_ns: bare_finish_ns.clone(),
        warm_up_ns: *warm_up_ns,
        warm_up_calls: *warm_up_calls,
        memory: Memory { now_bytes: *now_bytes, peak_bytes: *peak_bytes },
        flags: flags.clone(),
    }
}

fn energy(scrub: &Scrub<'_>, energy: &Energy) -> Energy {
    let Energy { calls, duration_ns, joules } = energy;
    let joules = joules.iter().map(|(counter, joules)| (scrub.text(counter), *joules)).collect();
    Energy { calls: *calls, duration_ns: *duration_ns, joules }
}

pub(super) fn round(scrub: &Scrub<'_>, round: &Round) -> Round {
    let Round { round, canaries, void, state: after } = round;
    let sung = |canary: &Canary| {
        let Canary { canary, before_ns, after_ns } = canary;
        Canary { canary: scrub.text(canary), before_ns: before_ns.clone(), after_ns: after_ns.clone() }
    };
    Round {
        round: *round,
        canaries: canaries.iter().map(sung).collect(),
        void: scrub.texts(void.as_deref()),
        state: state(scrub, after),
    }
}

pub(super) fn end(scrub: &Scrub<'_>, end: &End) -> End {
    let End { at, complete, reason, state: after } = end;
    End { at: moment(at), complete: *complete, reason: scrub.texts(reason.as_deref()), state: state(scrub, after) }
}
