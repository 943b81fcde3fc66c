//! temporary
use chipmark_core::ops::{conv::Conv, linalg::Linalg, norm::Norm};
use chipmark_core::*;
use chipmark_reference::Reference;
use std::time::Instant;
fn main() {
    let b = Reference::open(Device::Cpu, &OpenOptions::default()).unwrap();
    let mut f = Fill::new(1, "x");
    let mut up = |d: &[usize]| b.upload(&f.signed(d, DType::F32).unwrap()).unwrap();
    let (x, w) = (up(&[100, 256, 256, 3]), up(&[8, 3, 3, 3]));
    let t = Instant::now();
    b.conv2d(&x, &w).unwrap();
    println!("conv 2.8 GFLOP {:?}", t.elapsed());
    let (x, w) = (up(&[1024, 1024]), up(&[1024, 1024]));
    let t = Instant::now();
    b.matmul(&x, &w).unwrap();
    println!("matmul 2.1 GFLOP {:?}", t.elapsed());
    let (x, w) = (up(&[2000, 32, 16]), up(&[2000, 16, 32]));
    let t = Instant::now();
    b.matmul(&x, &w).unwrap();
    println!("batched small {:?}", t.elapsed());
    let x = up(&[64, 16, 32, 1024]);
    let t = Instant::now();
    b.softmax(&x, 3).unwrap();
    println!("softmax 33M {:?}", t.elapsed());
    let t = Instant::now();
    b.softmax(&x, 0).unwrap();
    println!("softmax axis 0 33M {:?}", t.elapsed());
    let t = Instant::now();
    ops::elementwise::Elementwise::relu(&b, &x).unwrap();
    println!("relu 33M {:?}", t.elapsed());
}
