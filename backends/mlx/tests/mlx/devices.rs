//! Devices, and what the backend says of itself.

use crate::{f32s, on_cpu, on_mlx, read};
use chipmark_core::ops::linalg::Linalg;
use chipmark_core::{Backend, Device, OpError, OpenOptions};
use chipmark_mlx::Mlx;

#[test]
fn the_cpu_is_there_and_a_gpu_is_there_or_says_why_not() {
    on_mlx(|| {
        let devices = Mlx::devices();
        assert_eq!(devices.iter().map(|status| status.device).collect::<Vec<_>>(), [Device::Cpu, Device::Gpu]);
        assert_eq!(devices[0].why_not, None);
        let opened = Mlx::open(Device::Gpu, &OpenOptions::default());
        match &devices[1].why_not {
            None => assert!(opened.is_ok()),
            Some(why) => {
                assert!(why.len() > 20);
                assert_eq!(opened.err(), Some(OpError::unsupported("open", why.clone())));
            }
        }
    });
}

#[test]
fn devices_of_other_frameworks_are_refused() {
    on_mlx(|| {
        for device in [Device::Metal, Device::Mps, Device::Cuda(0)] {
            let refused = Mlx::open(device, &OpenOptions::default());
            assert!(matches!(refused, Err(OpError::Unsupported { op: "open", .. })));
        }
    });
}

#[test]
fn it_says_what_is_in_force() {
    on_cpu(|mlx| {
        let info = mlx.info();
        assert_eq!((info.framework.as_str(), info.binding.as_str()), ("MLX", "mlx-rs 0.33.0"));
        assert_eq!(info.version, "0.32.2");
        assert!(info.blas.is_some_and(|blas| !blas.is_empty()));
        assert!(info.precision.starts_with("f32 exact: the CPU has no TF32"), "{}", info.precision);
        assert_eq!(std::env::var("MLX_ENABLE_TF32").as_deref(), Ok("0"));
        assert!(info.build.contains_key("metal") && info.build.contains_key("cuda"));
    });
}

/// What TF32 would round away: 1 + 2⁻¹² takes a bit more than its eleven.
#[test]
fn products_are_not_in_tf32_unless_it_is_asked_for() {
    on_mlx(|| {
        for status in Mlx::devices().into_iter().filter(|status| status.why_not.is_none()) {
            let mlx = Mlx::open(status.device, &OpenOptions::default()).expect("it can be used");
            let side = 64;
            let fine = 1.0 + 2f32.powi(-12);
            let diagonal: Vec<f32> = (0..side * side).map(|i| if i % (side + 1) == 0 { fine } else { 0.0 }).collect();
            let a = f32s(&mlx, [side, side], &diagonal);
            let b = f32s(&mlx, [side, side], &vec![1.0; side * side]);
            let product = read(&mlx, &mlx.matmul(&a, &b).expect("supported")).1;
            assert!(product.iter().all(|&x| x == f64::from(fine)), "{}: {}", status.device, product[0]);
        }
    });
}

#[test]
fn a_second_backend_on_the_same_device_may_come_and_go() {
    on_cpu(|mlx| {
        let second = Mlx::open(Device::Cpu, &OpenOptions::default()).expect("the same device");
        drop(second);
        mlx.finish(&[]).expect("the first still works");
    });
}
