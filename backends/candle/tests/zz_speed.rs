//! temp
use chipmark_candle::Candle;
use chipmark_core::ops::{conv::Conv as _, elementwise::Elementwise as _, linalg::Linalg as _, norm::Norm as _};
use chipmark_core::*;
use std::time::Instant;
fn med(name: &str, mut f: impl FnMut()) {
    let w = Instant::now();
    while w.elapsed().as_secs_f64() < 0.5 {
        f();
    }
    let mut v = vec![];
    let w = Instant::now();
    while w.elapsed().as_secs_f64() < 2.0 || v.len() < 7 {
        let t = Instant::now();
        f();
        v.push(t.elapsed().as_secs_f64() * 1e3);
    }
    v.sort_by(f64::total_cmp);
    println!("{name}: min {:.3} ms, median {:.3} ms, n {}", v[0], v[v.len() / 2], v.len());
}
#[test]
fn speed() {
    let b = Candle::open(Device::Cpu, &OpenOptions::default()).unwrap();
    println!("{:?}", b.info());
    let mut fill = Fill::new(1, "speed");
    for d in DType::TIMED {
        let mut up = |s: &[usize]| b.upload(&fill.signed(s, d).unwrap()).unwrap();
        let (x, y) = (up(&[1024, 1024]), up(&[1024, 1024]));
        med(&format!("matmul 1024^3 {d}"), || drop(b.matmul(&x, &y).unwrap()));
        let s = up(&[64, 16384]);
        med(&format!("softmax 64x16384 {d}"), || drop(b.softmax(&s, 1).unwrap()));
        let z = up(&[1 << 22]);
        med(&format!("add 4M {d}"), || drop(b.add(&z, &z).unwrap()));
        if d == DType::F32 {
            let im = up(&[8, 64, 64, 64]);
            let k = up(&[64, 64, 3, 3]);
            med("conv2d 8x64x64x64 k3", || drop(b.conv2d(&im, &k).unwrap()));
        }
    }
}
