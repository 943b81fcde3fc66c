//! Losses and optimisers.

use crate::support::{assert_near, floats, indices, read, reference};
use chipmark_core::ops::loss::Loss;
use chipmark_core::ops::optim::{Adam, AdamState, Optim};

#[test]
fn cross_entropy_takes_logits() {
    let b = reference();
    // Class probabilities 1/4 and 3/4; then certainty far beyond what exp can hold.
    let logits = floats(&b, &[2, 2], &[0.0, 3f64.ln(), 2000.0, 0.0]);
    let loss = read(&b, b.cross_entropy(&logits, &indices(&b, &[2], &[0, 0])));
    assert_eq!(loss.0, [0; 0]);
    assert_near(&loss.1, &[4f64.ln() / 2.0], 1e-15);
    assert!(b.cross_entropy(&logits, &indices(&b, &[2], &[0, 2])).is_err(), "there is no class 2");
}

#[test]
fn bce_takes_probabilities() {
    let b = reference();
    // −ln ¼, −ln ¾, and of one half whatever the target is ln 2.
    let probabilities = floats(&b, &[2, 2], &[0.25, 0.25, 0.5, 0.5]);
    let targets = floats(&b, &[2, 2], &[1.0, 0.0, 0.3, 1.0]);
    let loss = read(&b, b.bce(&probabilities, &targets));
    assert_eq!(loss.0, [0; 0]);
    let sum = 4f64.ln() + (4f64 / 3.0).ln() + 2.0 * 2f64.ln();
    assert_near(&loss.1, &[sum / 4.0], 1e-15);
    // Of ¾ with a target of ½: the mean of −ln ¾ and −ln ¼.
    let half = read(&b, b.bce(&floats(&b, &[1], &[0.75]), &floats(&b, &[1], &[0.5]))).1;
    assert_near(&half, &[(16f64 / 3.0).ln() / 2.0], 1e-15);
    assert!(b.bce(&probabilities, &floats(&b, &[4], &[1.0; 4])).is_err());
}

#[test]
fn adam_takes_the_published_step() {
    let b = reference();
    let one = |value| floats(&b, &[1], &[value]);
    let (param, zero, gradient) = (one(2.0), one(0.0), one(3.0));
    let adam = Adam { rate: 0.1, decay: 0.5, beta1: 0.9, beta2: 0.99, epsilon: 1e-8 };
    let state = AdamState { param: &param, m: &zero, v: &zero };
    let next = b.adam(&adam, &state, &gradient, [&one(0.1), &one(0.01)]).unwrap();
    // The decayed gradient is 4. In the first step the corrections undo the decay rates: the step is rate · 4/(4+ε).
    assert_near(&read(&b, Ok(next.m)).1, &[0.4], 1e-15);
    assert_near(&read(&b, Ok(next.v)).1, &[0.16], 1e-15);
    assert_near(&read(&b, Ok(next.param)).1, &[2.0 - 0.1 * 4.0 / (4.0 + 1e-8)], 1e-14);
}
