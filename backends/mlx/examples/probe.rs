//! Throwaway.
#![allow(warnings)]
use chipmark_core::ops::{elementwise::Elementwise, index::Index, linalg::Linalg, norm::Norm};
use chipmark_core::*;
use chipmark_mlx::Mlx;
use std::time::Instant;
fn med(n: usize, mut f: impl FnMut()) -> f64 {
    for _ in 0..3 { f() }
    let mut v: Vec<f64> = (0..n).map(|_| { let t = Instant::now(); f(); t.elapsed().as_secs_f64() * 1e6 }).collect();
    v.sort_by(f64::total_cmp);
    v[0]
}
fn main() {
    let threads = std::env::args().nth(1).and_then(|a| a.parse().ok());
    let m = Mlx::open(Device::Cpu, &OpenOptions { threads, seed: 0 }).unwrap();
    println!("{:#?}", m.info());
    let mut fill = Fill::new(1, "p");
    let a = m.upload(&fill.signed([1024, 1024], DType::F32).unwrap()).unwrap();
    println!("matmul 1024: {:.1} us", med(7, || m.finish(&[m.matmul(&a, &a).unwrap()]).unwrap()));
    println!("softmax 1024: {:.1} us", med(50, || m.finish(&[m.softmax(&a, 1).unwrap()]).unwrap()));
    let x = m.upload(&fill.signed([1], DType::F32).unwrap()).unwrap();
    println!("bare finish: {:.2} us", med(2000, || m.finish(&[]).unwrap()));
    println!("finish of finished: {:.2} us", med(2000, || m.finish(std::slice::from_ref(&x)).unwrap()));
    println!("add1 eval: {:.2} us", med(5000, || m.finish(&[m.add(&x, &x).unwrap()]).unwrap()));
    println!("add1 eval+sync: {:.2} us", med(5000, || { let y = [m.add(&x, &x).unwrap()]; m.finish(&y).unwrap(); m.finish(&[]).unwrap() }));
    println!("add1 raw mlx-rs: {:.2} us", med(5000, || { let y = mlx_rs::ops::add(&x, &x).unwrap(); mlx_rs::transforms::eval([&y]).unwrap(); }));
    println!("add1 build only x100: {:.2} us", med(500, || for _ in 0..100 { std::hint::black_box(m.add(&x, &x).unwrap()); }));
    let table = m.upload(&fill.signed([1024, 32], DType::F32).unwrap()).unwrap();
    let idx = fill.indices(1_000_000, 1024).unwrap();
    let i64s = m.upload(&idx).unwrap();
    let i32s = i64s.as_dtype(mlx_rs::Dtype::Int32).unwrap();
    let u32s = i64s.as_dtype(mlx_rs::Dtype::Uint32).unwrap();
    m.finish(&[i64s.clone(), i32s.clone(), u32s.clone()]).unwrap();
    let src = m.upload(&fill.signed([1_000_000, 32], DType::F32).unwrap()).unwrap();
    for (n, i) in [("i64", &i64s), ("i32", &i32s), ("u32", &u32s)] {
        println!("gather {n}: {:.0} us", med(7, || m.finish(&[m.gather_rows(&table, i).unwrap()]).unwrap()));
        println!("scatter {n}: {:.0} us", med(5, || m.finish(&[m.scatter_add_rows(&table, i, &src).unwrap()]).unwrap()));
    }
}
