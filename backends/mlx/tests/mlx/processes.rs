//! What MLX decides once in a process: each test here runs its `alone` part in a process of its own.

use crate::{f32s, on_cpu, on_mlx, read};
use chipmark_core::ops::elementwise::Elementwise;
use chipmark_core::{Backend, Device, OpError, OpenOptions};
use chipmark_mlx::Mlx;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Runs one of the tests below, which are ignored otherwise, with these variables.
fn alone(test: &str, environment: &[(&str, &Path)]) -> Output {
    Command::new(std::env::current_exe().expect("this program has a place"))
        .args(["--ignored", "--exact", "--test-threads=1", &format!("processes::{test}")])
        .envs(environment.iter().copied())
        .output()
        .expect("this program can be run again")
}

fn assert_passed(outcome: &Output) {
    let text = String::from_utf8_lossy(&outcome.stdout);
    assert!(
        outcome.status.success() && text.contains("1 passed"),
        "{text}{}",
        String::from_utf8_lossy(&outcome.stderr)
    );
}

/// An empty folder.
fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("mlx-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&path).expect("the target folder can be written to");
    path
}

#[test]
fn tf32_is_decided_once() {
    assert_passed(&alone("alone_with_tf32", &[]));
    on_cpu(|_| {
        let other = Mlx::open(Device::Cpu, &OpenOptions { tf32: true, ..OpenOptions::default() });
        assert!(matches!(other, Err(OpError::Framework { op: "open", .. })), "{:?}", other.err());
    });
}

#[test]
#[ignore = "in a process of its own, by tf32_is_decided_once"]
fn alone_with_tf32() {
    on_mlx(|| {
        let mlx =
            Mlx::open(Device::Cpu, &OpenOptions { tf32: true, ..OpenOptions::default() }).expect("there is a CPU");
        assert_eq!(std::env::var("MLX_ENABLE_TF32").as_deref(), Ok("1"));
        assert!(mlx.info().precision.starts_with("f32 exact: the CPU has no TF32"), "{}", mlx.info().precision);
        let other = Mlx::open(Device::Cpu, &OpenOptions::default());
        assert!(matches!(other, Err(OpError::Framework { op: "open", .. })), "{:?}", other.err());
    });
}

#[test]
fn compiling_calls_a_compiler_and_keeps_what_it_made() {
    let kept = folder("kernels");
    assert_passed(&alone("alone_compiling", &[("TMPDIR", &kept)]));
    let made = std::fs::read_dir(kept.join("mlx/0.32.2/cpu")).expect("MLX makes this folder");
    let made: Vec<_> = made.filter_map(|entry| entry.ok()?.path().extension().map(ToOwned::to_owned)).collect();
    assert!(made.iter().any(|extension| extension == "so"), "{made:?}");
    std::fs::remove_dir_all(kept).expect("nobody else uses it");
}

/// One kernel of two ops.
fn compile_and_run(mlx: &Mlx) -> Result<Vec<f64>, OpError> {
    let x = [f32s(mlx, [2], &[1.0, 4.0])];
    let mut step = mlx.compile(|mlx, x| Ok(vec![mlx.sqrt(&mlx.affine(&x[0], 4.0, 0.0)?)?]), &x)?;
    let outputs = step.run(&x)?;
    mlx.finish(&outputs)?;
    Ok(read(mlx, &outputs[0]).1)
}

#[test]
#[ignore = "in a process of its own, by compiling_calls_a_compiler_and_keeps_what_it_made"]
fn alone_compiling() {
    on_cpu(|mlx| {
        assert_eq!(compile_and_run(mlx), Ok(vec![2.0, 4.0]));
        assert!(!mlx.info().build["compiles_at_run_time_with"].starts_with("none"));
    });
}

#[test]
fn without_a_compiler_compiling_is_refused_and_the_rest_goes_on() {
    let empty = folder("no-compiler");
    assert_passed(&alone("alone_without_a_compiler", &[("PATH", &empty)]));
    std::fs::remove_dir_all(empty).expect("nobody else uses it");
}

#[test]
#[ignore = "in a process of its own, by without_a_compiler_compiling_is_refused_and_the_rest_goes_on"]
fn alone_without_a_compiler() {
    on_cpu(|mlx| {
        let why = "MLX compiles for the CPU by calling g++, which is not on PATH";
        assert_eq!(compile_and_run(mlx), Err(OpError::unsupported("compile", why)));
        assert!(mlx.info().build["compiles_at_run_time_with"].starts_with("none"));
        assert_eq!(read(mlx, &mlx.sqrt(&f32s(mlx, [1], &[9.0])).expect("supported")).1, [3.0]);
    });
}

#[test]
fn where_compiling_is_switched_off_it_is_refused() {
    assert_passed(&alone("alone_switched_off", &[("MLX_DISABLE_COMPILE", Path::new("1"))]));
}

#[test]
#[ignore = "in a process of its own, by where_compiling_is_switched_off_it_is_refused"]
fn alone_switched_off() {
    on_cpu(|mlx| {
        let why = "MLX does not compile while MLX_DISABLE_COMPILE is set";
        assert_eq!(compile_and_run(mlx), Err(OpError::unsupported("compile", why)));
    });
}

/// A compiler that says its version and fails at everything else.
#[test]
#[cfg(unix)]
fn a_compiler_that_fails_is_an_error() {
    use std::os::unix::fs::PermissionsExt;
    let broken = folder("broken-compiler");
    let program = broken.join("g++");
    std::fs::write(&program, "#!/bin/sh\n[ \"$1\" = --version ]\n").expect("can be written");
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).expect("can be made a program");
    assert_passed(&alone("alone_with_a_broken_compiler", &[("PATH", &broken), ("TMPDIR", &broken)]));
    std::fs::remove_dir_all(broken).expect("nobody else uses it");
}

#[test]
#[ignore = "in a process of its own, by a_compiler_that_fails_is_an_error"]
fn alone_with_a_broken_compiler() {
    on_cpu(|mlx| {
        let failed = compile_and_run(mlx);
        let Err(OpError::Framework { op: "finish", message }) = &failed else { panic!("{failed:?}") };
        assert!(message.contains("Failed to compile function"), "{message}");
        assert_eq!(read(mlx, &mlx.sqrt(&f32s(mlx, [1], &[9.0])).expect("supported")).1, [3.0]);
    });
}
