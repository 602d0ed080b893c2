//! The report in a real browser: every figure is there, wide and narrow, light and dark; nothing complains, and nothing is
//! asked of the network.
//!
//! `cargo xtask test` brings a browser and names it in `SELVEDGE_BROWSER`; without one the tests say that they are
//! skipped. With `SELVEDGE_RUN`, the folder of a run, and `SELVEDGE_SCREENSHOTS`, a folder, pictures of that run's
//! report are taken.

// The helpers of a test may unwrap, too.
#![allow(clippy::unwrap_used)]

mod devtools;

use std::env;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use devtools::Browser;
use selvedge_data::Shape;
use selvedge_nn::{Linear, ModuleExt, Sequential};
use selvedge_report::{
    About, ClassScore, ConfidenceBin, Environment, Epoch, Findings, ImageData, Mistake, Step, write,
};
use tempfile::TempDir;

/// Each is visible in the report of a whole run.
const FIGURES: [&str; 16] = [
    "#summary div:nth-child(5) strong",
    "svg[aria-labelledby^=loss] path.line.s0.faint",
    "svg[aria-labelledby^=loss] path.line.s0:not(.faint)",
    "svg[aria-labelledby^=loss] path.line.s1",
    "svg[aria-labelledby^=accuracy] path.line.s1",
    "svg[aria-labelledby^=rate] path.line",
    "svg[aria-labelledby^=throughput] path.line",
    "#confusion td.hit",
    "#confusion td.miss",
    "#classes tbody tr:nth-child(10) .bar",
    "svg[aria-labelledby^=calibration] rect.hit",
    "svg[aria-labelledby^=calibration] rect.over",
    "#mistakes li:nth-child(24) img",
    "#weights img",
    "#configuration dd",
    "#environment dd",
];

#[test]
fn the_report_is_whole_wide_and_narrow_light_and_dark() {
    let Some(program) = browser() else { return };
    let folder = TempDir::new().unwrap();
    run_in(folder.path());
    let page = write(folder.path()).unwrap();
    let mut browser = Browser::start(&program);
    for scheme in ["light", "dark"] {
        for width in [1280, 820, 360] {
            browser.look(width, scheme);
            browser.open(&page);
            let at = format!("{width} pixels, {scheme}");
            for figure in FIGURES {
                assert_eq!(browser.value(&size_of(figure)), true, "{figure} is not seen at {at}");
            }
            let wide = browser.value("document.documentElement.scrollWidth");
            assert!(wide.as_u64() <= Some(width.into()), "the page scrolls sideways at {at}: {wide}");
            let broken =
                "[...document.images].filter(image => !image.complete || !image.naturalWidth).length";
            assert_eq!(browser.value(broken), 0, "images that do not load at {at}");
            let pale = browser.value(include_str!("contrast.js"));
            assert_eq!(pale.as_array().map(Vec::len), Some(0), "text of low contrast at {at}: {pale}");
            assert_eq!(browser.complaints(), [""; 0], "at {at}");
            assert_eq!(browser.requests(), [""; 0], "at {at}");
        }
    }
}

/// So that silence above means something.
#[test]
fn complaints_and_requests_are_noticed() {
    let Some(program) = browser() else { return };
    let folder = TempDir::new().unwrap();
    let page = folder.path().join("page.html");
    let html = r#"<p style="color:#999">pale</p><script>console.error("lost"); nowhere();</script><img src="absent.png">"#;
    fs::write(&page, html).unwrap();
    let mut browser = Browser::start(&program);
    browser.look(800, "light");
    browser.open(&page);
    let complaints = browser.complaints().join("\n");
    assert!(complaints.contains("lost") && complaints.contains("nowhere is not defined"), "{complaints}");
    assert!(browser.requests().iter().any(|url| url.ends_with("absent.png")), "{:?}", browser.requests());
    assert_eq!(browser.value(&size_of("#summary")), false);
    let pale = browser.value(include_str!("contrast.js"));
    assert_eq!(pale.as_array().map(Vec::len), Some(1), "{pale}");
}

/// The pictures of the documentation.
#[test]
fn pictures_are_taken_where_they_are_asked_for() {
    let (Some(run), Some(place)) = (env::var_os("SELVEDGE_RUN"), env::var_os("SELVEDGE_SCREENSHOTS")) else {
        return;
    };
    let Some(program) = browser() else { return };
    let page = write(Path::new(&run)).unwrap();
    let mut browser = Browser::start(&program);
    for (name, width, scheme) in
        [("report-wide", 1280, "light"), ("report-dark", 1280, "dark"), ("report-narrow", 360, "light")]
    {
        browser.look(width, scheme);
        browser.open(&page);
        let path = Path::new(&place).join(format!("{name}.png"));
        fs::write(&path, browser.picture(width, 1620)).unwrap();
    }
}

fn browser() -> Option<PathBuf> {
    let named = env::var_os("SELVEDGE_BROWSER").filter(|named| !named.is_empty()).map(PathBuf::from);
    if named.is_none() {
        // Not by `eprintln!`, which is caught where a test passes.
        let _ = std::io::stderr().write_all(
            b"skipped: there is no browser; `cargo xtask test` brings one, or name yours in SELVEDGE_BROWSER\n",
        );
    }
    named
}

/// An expression: whether the first element of that selector takes any room.
fn size_of(selector: &str) -> String {
    let selector = serde_json::to_string(selector).unwrap();
    format!(
        "(() => {{ const element = document.querySelector({selector}); if (!element) return false; \
         const box = element.getBoundingClientRect(); return box.width + box.height > 4; }})()"
    )
}

/// The files of a run with everything in it.
fn run_in(folder: &Path) {
    let put = |name: &str, text: String| fs::write(folder.join(name), text).unwrap();
    let about = About {
        network: "mlp".to_owned(),
        dataset: "FashionMNIST".to_owned(),
        parameters: 7850,
        training_images: 60_000,
        test_images: 10_000,
        image: Shape::new(1, 28, 28),
        environment: Environment::here(tch::Device::Cpu),
    };
    put("about.json", serde_json::to_string(&about).unwrap());
    put(
        "config.json",
        r#"{"optimizer": {"type": "Adam", "lr": 0.003}, "data": {"folder": null}}"#.to_owned(),
    );
    let epochs = (1..=10).map(|epoch| Epoch {
        epoch,
        train_loss: 1.0 / epoch as f64,
        test_loss: 1.1 / epoch as f64,
        test_accuracy: 0.9 - 0.3 / epoch as f64,
        seconds: 1.5,
    });
    put("metrics.jsonl", lines(epochs));
    let steps = (1..=400).map(|step| Step {
        step,
        epoch: step as f64 / 40.0,
        loss: 40.0 / (step as f64 + 20.0),
        lr: 0.003,
        images_per_second: 40_000.0 + 100.0 * (step % 7) as f64,
    });
    put("steps.jsonl", lines(steps));
    put("test.json", serde_json::to_string(&findings()).unwrap());
    Sequential::new().then(Linear::new(784, 10)).state_dict().save(folder.join("model.safetensors")).unwrap();
}

fn lines(rows: impl Iterator<Item = impl serde::Serialize>) -> String {
    rows.map(|row| serde_json::to_string(&row).unwrap() + "\n").collect()
}

fn findings() -> Findings {
    let sample = selvedge_data::Sample::new(Shape::new(1, 28, 28), vec![128_u8; 784], 0);
    let confusion = |truth: i64, predicted: i64| match (truth - predicted).rem_euclid(10) {
        0 if truth == 6 => 450,
        0 => 700 + 30 * truth,
        1 => 300 - 30 * truth,
        2 if truth == 6 => 430,
        _ => 0,
    };
    let bin = |bin: u64| ConfidenceBin {
        count: if bin == 0 { 0 } else { 100 * bin },
        confidence: if bin == 0 { f64::NAN } else { bin as f64 / 10.0 + 0.05 },
        accuracy: if bin == 0 { f64::NAN } else { bin as f64 / 11.0 },
    };
    Findings {
        classes: selvedge_data::FashionMnist::CLASS_NAMES.map(str::to_owned).to_vec(),
        loss: 0.11,
        accuracy: 0.87,
        confusion: (0..10)
            .map(|truth| (0..10).map(|predicted| confusion(truth, predicted)).collect())
            .collect(),
        scores: vec![ClassScore { precision: 0.9, recall: 0.8, f1: 0.847, support: 1000 }; 10],
        calibration_error: 0.03,
        calibration: (0..10).map(bin).collect(),
        mistakes: (0..24)
            .map(|index| Mistake {
                index,
                truth: 6,
                predicted: index % 6,
                confidence: 0.99,
                truth_probability: 0.01,
                image: ImageData::of(&sample).unwrap(),
            })
            .collect(),
    }
}
