//! What a run folder tells, and what is said of one that is broken.

// The helpers of a test may unwrap, too.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use selvedge_report::{HeldOut, Run, page, picture::pictures, write};
use tempfile::TempDir;

const EPOCHS: &str = concat!(
    r#"{"epoch":1,"train_loss":0.5,"test_loss":0.4,"test_accuracy":0.8,"seconds":2.0}"#,
    "\n",
    r#"{"epoch":2,"train_loss":null,"test_loss":0.3,"test_accuracy":0.9,"seconds":2.0,"learnt":true}"#,
    "\n",
);

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

#[track_caller]
fn refused(folder: &Path) -> String {
    Run::read(folder).unwrap_err().to_string()
}

#[test]
fn a_configuration_alone_is_a_run() {
    let folder = folder(&[("config.json", r#"{"optimizer": {"lr": 0.5}, "name": "<b>"}"#)]);
    let run = Run::read(folder.path()).unwrap();
    let html = page(&run);
    assert!(html.contains("<dt>optimizer.lr</dt><dd>0.5</dd>"), "{html}");
    assert!(html.contains("&#60;b&#62;") && !html.contains("<dd><b>"), "{html}");
    // A library run may have any configuration.
    assert!(html.contains("repeats a run that <code>train</code> made"), "{html}");
    for absent in ["id=\"curves\"", "id=\"confusion\"", "id=\"mistakes\"", "id=\"weights\""] {
        assert!(!html.contains(absent), "{absent}");
    }
    assert!(pictures(&run).unwrap().is_empty());
}

#[test]
fn a_number_that_is_none_and_keys_of_others_are_read() {
    let folder = folder(&[("config.json", "{}"), ("metrics.jsonl", EPOCHS)]);
    let run = Run::read(folder.path()).unwrap();
    assert_eq!(run.epochs.len(), 2);
    assert!(run.epochs[1].train_loss.is_nan());
    assert_eq!(run.epochs[1].measured.accuracy(), 0.9);
    let html = page(&run);
    assert!(html.contains("90.00\u{a0}%") && !html.contains("NaN"), "{html}");
}

/// An accuracy of NaN is neither the best nor beside one that is.
#[test]
fn an_accuracy_that_is_none_is_not_the_best() {
    let html = |accuracies: [&str; 2]| {
        let [first, second] = accuracies.map(|accuracy| format!("\"test_accuracy\":{accuracy}"));
        let epochs = EPOCHS.replace("\"test_accuracy\":0.8", &first);
        let epochs = epochs.replace("\"test_accuracy\":0.9", &second);
        let folder = folder(&[("config.json", "{}"), ("metrics.jsonl", &epochs)]);
        page(&Run::read(folder.path()).unwrap())
    };
    let best = "the best of all epochs";
    assert!(html(["0.8", "0.9"]).contains(best));
    assert!(html(["null", "0.9"]).contains(best));
    assert!(!html(["null", "null"]).contains(best));
    let last = html(["0.8", "null"]);
    assert!(!last.contains(best) && last.contains("80.00\u{a0}% in epoch 1"), "{last}");
}

/// The page says validation wherever the images were held back of the training set.
#[test]
fn a_run_that_is_validated_says_so() {
    let epochs = EPOCHS.replace("test_", "validation_");
    let about = r#"{"dataset": "MNIST", "training_images": 90, "validation_images": 10}"#;
    let folder = folder(&[("config.json", "{}"), ("metrics.jsonl", &epochs), ("about.json", about)]);
    let run = Run::read(folder.path()).unwrap();
    assert_eq!(run.held_out(), HeldOut::Validation);
    let html = page(&run);
    for words in ["on 90 images of MNIST, validated on 10.", "Validation loss", "validation accuracy, %"] {
        assert!(html.contains(words), "{words}");
    }
    assert!(!html.contains("test loss") && !html.contains("Test accuracy"), "{html}");
    assert!(pictures(&run).unwrap().iter().any(|file| file.name == "curves.svg"
        && String::from_utf8_lossy(&file.bytes).contains("Accuracy on the validation set")));
}

#[test]
fn a_line_that_a_kill_cut_short_is_left_out() {
    let folder = folder(&[("config.json", "{}"), ("metrics.jsonl", &format!("{EPOCHS}{{\"epoch\":3,\"tr"))]);
    assert_eq!(Run::read(folder.path()).unwrap().epochs.len(), 2);
}

#[test]
fn what_is_no_run_is_named() {
    let nothing = folder(&[]);
    assert!(refused(nothing.path()).ends_with("is not the folder of a run: it holds no config.json"));
    let absent = nothing.path().join("absent");
    assert!(refused(&absent).contains("absent is not the folder of a run: there is no such folder"));

    let broken = folder(&[("config.json", "{}"), ("metrics.jsonl", &format!("{EPOCHS}nonsense\n"))]);
    let message = refused(broken.path());
    assert!(
        message.contains("metrics.jsonl, line 3: expected what an epoch gave, found expected"),
        "{message}"
    );

    let broken = folder(&[("config.json", "{}"), ("about.json", r#"{"networks": 3}"#)]);
    let message = refused(broken.path());
    assert!(message.contains("about.json: expected what a run is about, found unknown field"), "{message}");

    let broken = folder(&[("config.json", "{}"), ("model.safetensors", "half")]);
    assert!(refused(broken.path()).contains("model.safetensors"), "{}", refused(broken.path()));
}

#[test]
fn the_page_and_the_pictures_are_written_and_depend_on_the_folder_alone() {
    let folder = folder(&[("config.json", "{}"), ("metrics.jsonl", EPOCHS)]);
    let path = write(folder.path()).unwrap();
    let first = fs::read(&path).unwrap();
    let png = image::open(folder.path().join("pictures/curves.png")).unwrap();
    assert_eq!((png.width(), png.height()), (1280, 520));
    let svg = fs::read_to_string(folder.path().join("pictures/curves.svg")).unwrap();
    assert!(svg.contains("<svg") && svg.contains("epoch"), "{svg}");
    write(folder.path()).unwrap();
    assert_eq!(first, fs::read(&path).unwrap());
}

const SAMPLES: &str = r#"{"classes": ["Bag", "Coat"], "images": [
    {"truth": 0, "image": {"png": "", "width": 28, "height": 28}},
    {"truth": 1, "image": {"png": "", "width": 28, "height": 28}}
]}"#;

/// Each image with what it was taken for, after which epoch, and how it ended.
#[test]
fn images_are_followed_through_the_epochs() {
    let predictions = concat!(
        r#"{"step":5,"classes":[1,0],"confidences":[0.5,0.75]}"#,
        "\n",
        r#"{"step":10,"classes":[0,0],"confidences":[0.625,null]}"#,
        "\n",
    );
    let epochs = EPOCHS.replace(r#""epoch":2,"#, r#""epoch":2,"step":10,"#);
    let files = [
        ("config.json", "{}"),
        ("samples.json", SAMPLES),
        ("predictions.jsonl", predictions),
        ("metrics.jsonl", &epochs),
    ];
    let html = page(&Run::read(folder(&files).path()).unwrap());
    for words in [
        "<title>step 5: Coat, 50.0\u{a0}%</title>",
        "<title>epoch 2: Bag, 62.5\u{a0}%</title>",
        "<b>Bag</b> <span>62.5\u{a0}%</span><em>recognised since epoch 2</em>",
        "aria-label=\"taken for Bag throughout\"",
        "<b>Bag</b> <span>–</span><em>is Coat</em>",
        "Image 2 of the test set: Coat",
    ] {
        assert!(html.contains(words), "{words}: {html}");
    }
    assert!(!html.contains("NaN"), "{html}");

    // Rows of other images are not of these.
    let other = r#"{"step":5,"classes":[1],"confidences":[0.5]}"#.to_owned() + "\n";
    for files in [
        vec![("config.json", "{}"), ("samples.json", SAMPLES), ("predictions.jsonl", &other)],
        vec![("config.json", "{}"), ("samples.json", SAMPLES)],
        vec![("config.json", "{}"), ("predictions.jsonl", predictions)],
    ] {
        assert!(!page(&Run::read(folder(&files).path()).unwrap()).contains("id=\"samples\""));
    }
    let broken = folder(&[("config.json", "{}"), ("samples.json", r#"{"classes": 3}"#)]);
    let message = refused(broken.path());
    assert!(message.contains("samples.json: expected the images that are followed"), "{message}");
}
