use chipmark_core::ops::{attention::*, elementwise::*, index::*, linalg::*, norm::*, reduce::*};
use chipmark_core::*;
use chipmark_tch::Tch;
use std::time::Instant;
use tch::{Kind, Tensor};
fn time(name: &str, mut f: impl FnMut()) {
    for _ in 0..2 {
        f();
    }
    let n = 5;
    let t = Instant::now();
    for _ in 0..n {
        f();
    }
    println!("{name}: {:.3} ms", t.elapsed().as_secs_f64() * 1e3 / n as f64);
}
fn main() {
    let b = Tch::open(Device::Cpu, &OpenOptions { threads: Some(2), ..OpenOptions::default() }).unwrap();
    for (k, v) in b.info().build {
        if k.starts_with("jit") {
            println!("{k}={v}");
        }
    }
    for (n, f) in [] as [(i64, i64); 0] {
        for l in [10i64, 1000, 1_000_000] {
            let src = Tensor::randn([l, f], (Kind::Float, tch::Device::Cpu));
            let idx = Tensor::randint(n, [l], (Kind::Int64, tch::Device::Cpu));
            let into = Tensor::zeros([n, f], (Kind::Float, tch::Device::Cpu));
            println!("-- {n}x{f} {l}");
            time("index_copy", || {
                into.f_index_copy(0, &idx, &src).unwrap();
            });
            time("index_put", || {
                into.f_index_put(&[Some(&idx)], &src, false).unwrap();
            });
            let e = idx.unsqueeze(1).expand([l, f], false);
            time("scatter", || {
                into.f_scatter(0, &e, &src).unwrap();
            });
            time("index_reduce", || {
                into.f_index_reduce(0, &idx, &src, "amax", true).unwrap();
            });
            time("scatter_reduce", || {
                into.f_internal_scatter_reduce(0, &e, &src, "amax", true).unwrap();
            });
            time("scatter_reduce+expand", || {
                let e = idx.unsqueeze(1).expand([l, f], false);
                into.f_internal_scatter_reduce(0, &e, &src, "amax", true).unwrap();
            });
            time("index_add", || {
                into.f_index_add(0, &idx, &src).unwrap();
            });
            time("scatter_add", || {
                into.f_scatter_add(0, &e, &src).unwrap();
            });
            for k in [Kind::Half, Kind::BFloat16] {
                let (i, s) = (into.to_kind(k), src.to_kind(k));
                println!("{k:?} {:?}", i.f_index_reduce(0, &idx, &s, "amax", true).is_ok());
            }
        }
    }
    // jit
    let x = Tensor::randn([4, 3], (Kind::Float, tch::Device::Cpu));
    let i = Tensor::from_slice(&[0i64, 2, 1]);
    let mut c = b
        .compile(
            |b, t| {
                let g = b.gather_rows(&t[0], &t[1])?;
                Ok(vec![b.relu(&g)?, b.sum_all(&g)?])
            },
            &[x.shallow_clone(), i.shallow_clone()],
        )
        .unwrap();
    for _ in 0..4 {
        c.run(&[x.shallow_clone(), i.shallow_clone()]).unwrap()[0].print();
    }
    println!("{:?}", c.run(&[x.shallow_clone(), Tensor::from_slice(&[0i64, 9, 1])]));

    for l in [1i64, 3] { for two in [false, true] { for warm in [0, 1, 4] {
        let i = Tensor::zeros([l], (Kind::Int64, tch::Device::Cpu));
        let bad = &i + 9i64;
        let mut c = b.compile(|b, t| { let g = b.gather_rows(&t[0], &t[1])?; Ok(if two { vec![b.relu(&g)?] } else { vec![g] }) }, &[x.shallow_clone(), i.shallow_clone()]).unwrap();
        for _ in 0..warm { c.run(&[x.shallow_clone(), i.shallow_clone()]).unwrap(); }
        println!("l {l} two {two} warm {warm}: {:?}", c.run(&[x.shallow_clone(), bad]).err());
    }}}
}
