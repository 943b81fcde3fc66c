//! Tests of the settings: what is read, and how mistakes are told.

use super::*;

#[test]
fn every_key_is_read() {
    let text = "latency_us=200,noise=0.01,distribution=bimodal,autocorrelation=0.5,spike_rate=0.001,spike_us=900,\
                drift=0.05,epoch_s=1700000000,launch_noise=0.02,slowdown=1.03,slow_op=matmul,first_call_us=5000,\
                gbps=2.5,wait=sleep";
    let expected = Settings {
        latency_us: 200.0,
        noise: 0.01,
        distribution: Distribution::Bimodal,
        autocorrelation: 0.5,
        spike_rate: 0.001,
        spike_us: 900.0,
        drift: 0.05,
        epoch_s: Some(1.7e9),
        launch_noise: 0.02,
        slowdown: 1.03,
        slow_op: Some("matmul".to_owned()),
        first_call_us: 5000.0,
        gbps: 2.5,
        wait: Wait::Sleep,
    };
    assert_eq!(Settings::parse(text), Ok(expected));
    for (key, _) in KEYS {
        assert!(text.contains(&format!("{key}=")), "{key} is not in this test");
    }
}

#[test]
fn what_is_not_named_has_its_default() {
    assert_eq!(Settings::parse(""), Ok(Settings::default()));
    let expected = Settings { noise: 0.5, ..Settings::default() };
    assert_eq!(Settings::parse(" noise=0.5 , "), Ok(expected));
}

#[test]
fn mistakes_are_named() {
    let error = |text| Settings::parse(text).unwrap_err().to_string();
    assert_eq!(
        error("latency=5"),
        "CHIPMARK_SYNTHETIC: unknown key 'latency': one of latency_us, noise, distribution, autocorrelation, spike_rate, \
         spike_us, drift, epoch_s, launch_noise, slowdown, slow_op, first_call_us, gbps, wait"
    );
    assert_eq!(error("noise"), "CHIPMARK_SYNTHETIC: 'noise' is not of the form key=value");
    assert_eq!(error("noise=0,noise=0"), "CHIPMARK_SYNTHETIC: 'noise' is set twice");
    assert_eq!(error("wait=nap"), "CHIPMARK_SYNTHETIC: wait=nap is not spin, sleep or virtual");
    assert_eq!(error("noise=-0.1"), "CHIPMARK_SYNTHETIC: noise=-0.1 is not a number from 0 to 1");
    assert_eq!(
        error("distribution=flat"),
        "CHIPMARK_SYNTHETIC: distribution=flat is not lognormal, normal, gamma or bimodal"
    );
    for text in ["slow_op=", "slow_op=matmull", "slow_op=Matmul"] {
        let told = error(text);
        assert!(told.starts_with(&format!("CHIPMARK_SYNTHETIC: {text} is not an op: one of add, affine,")), "{told}");
    }
    for text in ["latency_us=NaN", "latency_us=inf", "gbps=0", "slowdown=0", "drift=x", "noise="] {
        assert!(error(text).contains("is not a number from"), "{text}");
    }
}

#[test]
fn noise_that_would_make_time_negative_is_refused() {
    for text in ["noise=0.3,distribution=normal", "autocorrelation=-0.5,noise=0.3"] {
        assert_eq!(
            Settings::parse(text).unwrap_err().to_string(),
            "CHIPMARK_SYNTHETIC: noise=0.3 is not a number from 0 to 0.2, its range with distribution=normal or \
             autocorrelation"
        );
    }
    for text in ["noise=0.2,distribution=normal,autocorrelation=0.9", "noise=1,distribution=gamma"] {
        assert!(Settings::parse(text).is_ok(), "{text}");
    }
}

#[test]
fn virtual_time_that_would_stand_still_is_refused() {
    let said = Settings::parse("wait=virtual,latency_us=0").unwrap_err().to_string();
    assert!(said.starts_with("CHIPMARK_SYNTHETIC: latency_us=0 is not a number from 0.001, the least that"), "{said}");
    assert_eq!(Settings::parse("latency_us=0.001,wait=virtual").unwrap().wait, Wait::Virtual);
}

#[test]
fn every_distribution_is_read() {
    for (name, distribution) in [
        ("lognormal", Distribution::Lognormal),
        ("normal", Distribution::Normal),
        ("gamma", Distribution::Gamma),
        ("bimodal", Distribution::Bimodal),
    ] {
        assert_eq!(Settings::parse(&format!("distribution={name}")).map(|read| read.distribution), Ok(distribution));
    }
}

#[test]
fn the_readme_has_a_row_for_each_key() {
    let readme = include_str!("../../README.md");
    for (key, meaning) in KEYS {
        assert!(readme.contains(&format!("| `{key}` | {meaning} |")), "{key}: {meaning}");
    }
}
