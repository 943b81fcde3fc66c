//! TF32 on request, in a process of its own because the precision policy holds for all of it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use chipmark_core::DType;
use chipmark_core::ops::linalg::Linalg;
use chipmark_core::{Backend, Device, Fill, OpenOptions};
use chipmark_tch::Tch;

fn open(tf32: bool) -> Tch {
    Tch::open(Device::Cpu, &OpenOptions { threads: Some(1), tf32, ..OpenOptions::default() }).unwrap()
}

#[test]
fn tf32_is_on_when_it_is_asked_for_and_off_again_when_it_is_not() {
    let fast = open(true);
    let info = fast.info();
    assert_eq!(
        info.precision,
        "TF32 on: f32 products may be of factors rounded to TF32; sums of f16 and bf16 products in f32"
    );
    for (name, value) in [
        ("precision.matmul", "high"),
        ("precision.cuda.matmul", "tf32"),
        ("precision.cuda.conv", "tf32"),
        ("precision.onednn.matmul", "tf32"),
        ("precision.onednn.conv", "tf32"),
        ("precision.cublas.tf32", "on"),
        ("precision.cudnn.tf32", "on"),
        ("precision.cublas.f16_sums", "full"),
        ("precision.cublas.bf16_sums", "full"),
        ("precision.cpu.f16_sums", "full"),
    ] {
        assert_eq!(info.build.get(name).map(String::as_str), Some(value), "{name}");
    }

    let exact = open(false);
    assert_eq!(exact.info().precision, "f32 exact: TF32 off; sums of f16 and bf16 products in f32");
    assert!(
        fast.info().precision.starts_with("TF32 asked for, and not all on: matmul=highest, "),
        "one policy a process"
    );
}

#[test]
fn a_product_with_tf32_is_right_within_tf32() {
    let b = open(true);
    let mut fill = Fill::new(1, "tf32");
    let (m, k, n) = (64, 256, 32);
    let hosts = [fill.signed([m, k], DType::F32).unwrap(), fill.signed([k, n], DType::F32).unwrap()];
    let [x, y] = hosts.each_ref().map(|host| b.upload(host).unwrap());
    let got = b.download(&b.matmul(&x, &y).unwrap()).unwrap().to_f64();
    let [x, y] = hosts.map(|host| host.to_f64());
    for (at, got) in got.iter().enumerate() {
        let terms = || (0..k).map(|i| x[at / n * k + i] * y[i * n + at % n]);
        let (wanted, scale): (f64, f64) = (terms().sum(), terms().map(f64::abs).sum());
        // Both factors of each term are rounded to 11 bits.
        assert!((got - wanted).abs() <= scale * 2f64.powi(-10), "{got} instead of {wanted} at {at}");
    }
}
