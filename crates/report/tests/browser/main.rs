//! The report in a real browser: every figure is there, wide and narrow, light and dark; nothing complains, and nothing is
//! asked of the network.
//!
//! `cargo xtask test` brings a browser and names it in `SELVEDGE_BROWSER`; without one the tests say that they are
//! skipped. With `SELVEDGE_RUN`, the folder of a run, and `SELVEDGE_SCREENSHOTS`, a folder, pictures of that run's
//! report are taken.

// The helpers of a test may unwrap, too.
#![allow(clippy::unwrap_used)]

mod devtools;
mod folder;

use std::env;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use devtools::Browser;
use folder::run_in;
use selvedge_report::{Comparison, Run, write};
use tempfile::TempDir;

/// Each is visible in the report of a whole run.
const FIGURES: [&str; 21] = [
    "#summary div:nth-child(5) strong",
    "svg[aria-labelledby^=loss] path.line.s0.faint",
    "svg[aria-labelledby^=loss] path.line.s0:not(.faint)",
    "svg[aria-labelledby^=loss] path.line.s1",
    "svg[aria-labelledby^=accuracy] path.line.s1",
    "svg[aria-labelledby^=rate] path.line",
    "svg[aria-labelledby^=throughput] path.line",
    "#parameters svg[aria-labelledby^=gradients] path.line.s0",
    "#parameters svg[aria-labelledby^=values] path.line.s7",
    "#samples li:nth-child(16) img",
    "#samples li:nth-child(1) rect.hit",
    "#samples li:nth-child(2) rect.over",
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

/// Each is visible in the comparison of two runs.
const COMPARED: [&str; 7] = [
    "header .key li.s1",
    "#figures tbody tr:nth-child(4) b",
    "#differences td:nth-child(3)",
    "svg[aria-labelledby^=accuracy] path.line.s0",
    "svg[aria-labelledby^=held-out-loss] path.line.s1",
    "svg[aria-labelledby^=training-loss] path.line.s1",
    "svg[aria-labelledby^=rate] path.line.s0",
];

#[test]
fn the_report_is_whole_wide_and_narrow_light_and_dark() {
    let folder = TempDir::new().unwrap();
    run_in(folder.path(), 0.003);
    look_at(&write(folder.path()).unwrap(), &FIGURES);
}

#[test]
fn the_comparison_is_whole_wide_and_narrow_light_and_dark() {
    let folder = TempDir::new().unwrap();
    let runs = ["a-run-of-a-rather-long-name-1", "b"].map(|name| folder.path().join(name));
    for (run, lr) in runs.iter().zip([0.003, 0.01]) {
        fs::create_dir(run).unwrap();
        run_in(run, lr);
    }
    let runs = runs.map(|run| Run::read(&run).unwrap());
    let page = folder.path().join("compare.html");
    fs::write(&page, Comparison::of(&runs).unwrap().page).unwrap();
    look_at(&page, &COMPARED);
}

/// Opens the page in a browser, and looks for each figure and for what is wrong with it.
fn look_at(page: &Path, figures: &[&str]) {
    let Some(program) = browser() else { return };
    let mut browser = Browser::start(&program);
    for scheme in ["light", "dark"] {
        for width in [1280, 820, 360] {
            browser.look(width, scheme);
            browser.open(page);
            let at = format!("{width} pixels, {scheme}");
            for figure in figures {
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
