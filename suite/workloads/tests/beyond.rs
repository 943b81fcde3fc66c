//! The workloads beside the classic suite: bandwidth, transfers, messages, attention, layers and their training. Costs by hand,
//! sizes, and what does not fit.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use chipmark_core::{CaseId, ConvLayout, Cost, DType, Fill, Mode, Tier};
use chipmark_workloads::gcn::cora;
use chipmark_workloads::{Visitor, Workload, catalogue, describe, visit, workloads};

fn cost(id: &str) -> Cost {
    describe(&id.parse().unwrap()).unwrap().cost
}

/// Arithmetic, compulsory bytes and working set.
fn counted(id: &str) -> [u64; 3] {
    let Cost { flop, bytes, working_set_bytes } = cost(id);
    [flop, bytes, working_set_bytes]
}

fn error(id: &str) -> String {
    describe(&id.parse().unwrap()).unwrap_err().to_string()
}

#[test]
fn costs_of_moving_are_those_counted_by_hand() {
    assert_eq!(counted("copy/1KiB/f32"), [0, 2048, 2048]);
    // 512 elements of two bytes, each multiplied and added.
    assert_eq!(counted("triad/1KiB/bf16"), [1024, 3072, 3072]);
    assert_eq!(counted("launch/add/f16"), [1, 6, 6]);
    // Two exponentials, a difference, a sum and a quotient for each of six elements.
    assert_eq!(counted("tanh/2x3/f32"), [30, 48, 48]);
    // An addition for each of 120 elements of two bytes, which are read and written.
    assert_eq!(counted("cumsum/4x5x6-axis1/bf16"), [120, 480, 480]);
    assert_eq!(counted("host_to_device/1KiB/f32"), [0, 1024, 2048]);
    assert_eq!(counted("device_to_host/1KiB/f32"), [0, 1024, 2048]);
    assert_eq!(counted("round_trip/1KiB/f32"), [0, 2048, 3072]);
    // Nothing moves; then it is read once, where it lies or after a copy.
    assert_eq!(counted("zero_copy/1KiB/f32"), [0, 0, 1024]);
    assert_eq!(counted("zero_copy_sum/1KiB/f32"), [256, 1024, 1024]);
    assert_eq!(counted("upload_sum/1KiB/f32"), [256, 1024, 2048]);
    // 20 messages of 4 numbers; x, zeros and the result of 5 nodes; two indices of eight bytes an edge; the messages held.
    let bytes = 3 * 4 * 20 + 2 * 8 * 20;
    assert_eq!(counted("message_passing/5n-20e-4f/f32"), [80, bytes, bytes + 4 * 80]);
}

#[test]
fn costs_of_attention_are_those_counted_by_hand() {
    // 6 heads, of each 1 + 2 + 3 pairs; two products of length 5 a pair, and six operations more. q and the result have 90
    // elements, k and v 30 each; the scores of all nine pairs a head are held.
    let bytes = 4 * (90 + 2 * 30 + 90);
    assert_eq!(counted("causal_attention/1x6x3x5@1x2x3x5/f32"), [36 * 26, bytes, bytes + 4 * 54]);
    // 2·3 tokens of width 8: q and the result of 8, k and v of 4 for one group of two heads, and 4 heads·6 pairs of length 4.
    let projections = 2 * 6 * (8 * 8 + 2 * 8 * 4 + 8 * 8);
    let params = 8 * 8 + 8 + 2 * (4 * 8 + 4) + 8 * 8 + 8;
    // In between: q, what attention makes, that side by side and the result; k and v; nine scores of each head.
    let made = 6 * (4 * 8 + 2 * 4) + 2 * 2 * 9;
    assert_eq!(
        counted("attention/2x3x8-heads2-groups1/f32"),
        [projections + 4 * 6 * (4 * 4 + 6), 4 * (params + 48 + 48), 4 * (params + 48 + made)]
    );
}

#[test]
fn costs_of_layers_are_those_counted_by_hand() {
    // 6 tokens, up and down; 8·16 weights twice and both biases.
    let (product, params) = (2 * 6 * 8 * 16, 2 * 8 * 16 + 16 + 8);
    assert_eq!(
        counted("mlp/2x3x8-hidden16/f32"),
        [2 * product, 4 * (params + 48 + 48), 4 * (params + 48 + 6 * (2 * 16 + 8))]
    );
    // 5·4 results of the first convolution and 3·2 of the second, of 2 images and 3 channels.
    // Each is held three times: as it is, with its bias, after relu.
    let (first, second, inputs) = (2 * 5 * 4 * 3, 2 * 3 * 2 * 3, 2 * 7 * 6 * 3 + 2 * (3 * 9 * 3 + 3));
    assert_eq!(
        counted("conv_block/2x7x6x3/f32"),
        [2 * 27 * (first + second), 4 * (inputs + second), 4 * (inputs + 3 * (first + second))]
    );
    // Every token sees every other: 2 heads of 3·3 pairs an image; two norms' weights and biases beside the rest.
    let attention = 2 * 6 * 4 * 8 * 8 + 2 * 2 * 9 * (4 * 4 + 6);
    let params = 4 * (8 * 8 + 8) + params + 4 * 8;
    // Two norms and two sums; attention's q, k, v, result and both between, and its scores; the perceptron's.
    let made = 4 * 48 + 6 * 6 * 8 + 2 * 2 * 9 + 6 * (2 * 16 + 8);
    assert_eq!(
        counted("transformer/2x3x8-heads2-hidden16/f16"),
        [attention + 2 * product, 2 * (params + 48 + 48), 2 * (params + 48 + made)]
    );
}

#[test]
fn a_training_step_costs_the_way_back_too() {
    // The product again for the gradient of w; x has none. w and b read and written, x and the target read, the loss.
    let [flop, bytes, _] = counted("linear_train/6x8@8x16/f32");
    assert_eq!([flop, bytes], [2 * (2 * 6 * 8 * 16), 4 * (2 * (8 * 16 + 16) + 6 * 8 + 6 * 16 + 1)]);
    // The second layer's product again for both its factors.
    assert_eq!(cost("mlp_train/2x3x8-hidden16/f32").flop, (2 + 3) * 2 * 6 * 8 * 16);
    // Of attention and convolutions too, what x itself goes through has no gradient for x: done twice, the rest three times.
    let of_x = 2 * 6 * (8 * 8 + 8 * 2 * 4);
    let others = 2 * 6 * 8 * 8 + 4 * 6 * (4 * 4 + 6);
    let params = 8 * 8 + 8 + 2 * (4 * 8 + 4) + 8 * 8 + 8;
    let made = 6 * (4 * 8 + 2 * 4) + 2 * 2 * 9;
    let bytes = 4 * (2 * params + 48 + 48 + 1);
    // Held as well: gradients of the parameters, and what is made on the way, with the loss's differences and their squares, each with a
    // gradient.
    let working_set = bytes + 4 * params + 4 * 2 * (made + 2 * 48);
    assert_eq!(counted("attention_train/2x3x8-heads2-groups1/f32"), [2 * of_x + 3 * others, bytes, working_set]);
    let (first, second, params) = (2 * 5 * 4 * 3, 2 * 3 * 2 * 3, 2 * (3 * 9 * 3 + 3));
    let bytes = 4 * (2 * params + 2 * 7 * 6 * 3 + second + 1);
    let working_set = bytes + 4 * params + 4 * 2 * (3 * (first + second) + 2 * second);
    assert_eq!(counted("conv_block_train/2x7x6x3/f32"), [2 * 27 * (2 * first + 3 * second), bytes, working_set]);
    // A norm comes first, and its weight has a gradient: so has everything.
    let forward = cost("transformer/2x3x8-heads2-hidden16/f32").flop;
    assert_eq!(cost("transformer_train/2x3x8-heads2-hidden16/f32").flop, 3 * forward);
}

#[test]
fn costs_of_an_epoch_are_those_counted_by_hand() {
    // 67 nodes, of which 7 are trained on and 14 validate; layers of 35·16, 16·16 and 16·7 weights and as many biases.
    let weights = 2 * 67 * (35 * 16 + 16 * 16 + 16 * 7);
    let below = 2 * 67 * (16 * 16 + 16 * 7);
    let params = 36 * 16 + 17 * 16 + 17 * 7;
    // Parameters, two moments and two corrections in and out; features, masks and classes in; two losses and an accuracy out.
    let bytes = 4 * 2 * (3 * params + 2) + 4 * (67 * 35 + 2 * 67 * 16) + 8 * (7 + 14) + 4 * 3;
    // Forward twice, and back to the weights; the gradient goes through the messages, and below the first layer through the product.
    let flop = |messages: u64| 3 * (weights + 2 * messages * (16 + 16 + 7)) + below;
    // Five arrays of each layer's width and their gradients, and the gradients of the parameters.
    let held = |rows: u64| 4 * (2 * rows * (16 + 16 + 7) + params);
    let dense = bytes + 4 * 67 * 67;
    assert_eq!(counted("gcn_epoch/dense-67n-262e-35f-7c/f32"), [flop(67 * 67), dense, dense + held(5 * 67)]);
    // An edge has two ends of eight bytes and a weight, each node one to itself; messages are added to zeros, of either width.
    let edges = 262 + 67;
    let sparse = bytes + (2 * 8 + 4) * edges + 4 * 67 * (16 + 7);
    assert_eq!(
        counted("gcn_epoch/sparse-67n-262e-35f-7c/f32"),
        [flop(edges), sparse, sparse + held(5 * 67 + 2 * edges)]
    );
}

#[test]
fn training_is_in_f32_and_has_no_throughput() {
    for info in workloads().into_iter().filter(|info| info.id.ends_with("_train") || info.id == "gcn_epoch") {
        assert_eq!(info.dtypes, [DType::F32], "{}", info.id);
    }
    for case in catalogue(Some("layers")).into_iter().filter(|info| info.case.workload.ends_with("_train")) {
        assert_eq!(case.modes, [Mode::Latency, Mode::Transfer, Mode::FirstCall], "{}", case.case);
    }
    assert_eq!(error("mlp_train/2x3x8-hidden16/bf16"), "mlp_train has no cases in bf16");
}

#[test]
fn smaller_cases_keep_what_makes_them() {
    let at = |id: &str, tier| describe(&id.parse().unwrap()).unwrap().at(tier).label.clone();
    // Heads and groups stay in proportion; a layer's input fits its weights.
    let tiny = at("attention/8x128x512-heads8-groups2/f32", Tier::Tiny);
    let small: CaseId = format!("attention/{tiny}/f32").parse().unwrap();
    assert!(tiny.contains("-groups") && describe(&small).is_ok(), "{tiny}");
    assert_eq!(at("launch/add/f32", Tier::Tiny), "add");
    assert_eq!(at("copy/1GiB/f16", Tier::Tiny), "502B");
    for suite in ["bandwidth", "transfers", "graphs", "layers"] {
        for info in catalogue(Some(suite)) {
            let tiny = describe(info.at(Tier::Tiny)).unwrap();
            // A graph that can be learned has a least size.
            let most = if tiny.case.workload == "gcn_epoch" { 512 << 10 } else { 256 << 10 };
            assert!(tiny.check_flop <= 16_000_000 && tiny.cost.working_set_bytes <= most, "{}", tiny.case);
        }
    }
}

#[test]
fn what_does_not_fit_is_said_in_one_clear_line() {
    for (id, why) in [
        ("copy/3B/f32", "whole elements"),
        ("triad/1GB/f32", "write it like 64KiB"),
        ("launch/mul/f32", "the op launched is add"),
        ("message_passing/10n-5f/f32", "write it like 1000n-100000e-64f"),
        ("linear_train/6x8@9x16/f32", "the last dimension of 6x8 and the first of 9x16 differ"),
        ("mlp/6x8-hidden16/f32", "write it like 32x128x512-hidden2048"),
        ("conv_block/2x4x9x3/f32", "the images must be larger than 4x4"),
        ("attention/2x3x8-heads3/f32", "8 cannot be split between 3 heads"),
        ("attention/2x3x8-heads4-groups3/f32", "4 heads cannot be put into 3 groups"),
        ("transformer/2x3x8-heads2/f32", "write it like 8x128x512-heads8-hidden2048"),
        ("causal_attention/1x3x4x5@1x2x4x5/f32", "3 heads of q cannot share 2 of k and v"),
        ("gcn_epoch/cora-dense-9n-4e-20f-7c/f32", "nodes a class"),
    ] {
        let message = error(id);
        assert!(message.contains(why) && !message.contains('\n'), "{id}: {message}");
    }
}

#[test]
fn a_graph_that_is_not_given_is_asked_for() {
    struct Inputs;
    impl Visitor for Inputs {
        type Output = String;

        fn visit<W: Workload>(self, workload: &W) -> String {
            let made = workload.inputs(&mut Fill::new(1, "x"), ConvLayout::ChannelsLast);
            made.map_or_else(|error| error.to_string(), |_| "made".to_owned())
        }
    }
    let case = "gcn_epoch/cora-sparse-2708n-10556e-1433f-7c/f32".parse().unwrap();
    let message = visit(&case, Inputs).unwrap();
    assert!(message.contains("bench run --cora DIR"), "{message}");
    let other = "gcn_epoch/sparse-2708n-10556e-1433f-7c/f32".parse().unwrap();
    assert!(cora::is_given(&case) && !cora::is_given(&other));
}
