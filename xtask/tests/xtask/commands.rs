//! What the commands do with the libtorch they find, and what they hand on to cargo.

use std::fs;
use std::os::unix::process::ExitStatusExt;

use crate::sandbox::{Sandbox, text};

/// A sandbox with a libtorch in the cache, and a cargo that shows what it is called with.
fn ready() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.libtorch("cache/libtorch/2.13.0-cpu", "2.13.0+cpu");
    let script = "for word; do printf '[%s]' \"$word\"; done; echo; \
                  echo \"LIBTORCH=$LIBTORCH CARGO_PKG_NAME=$CARGO_PKG_NAME\"; exit ${STATUS:-0}";
    sandbox.program("cargo", script);
    fs::create_dir_all(sandbox.path("workspace/crates/recipes/examples")).unwrap();
    let examples = [
        ("1_define_a_network.rs", "//! The network, its data and its layers.\n"),
        ("2_forward.rs", "//! What the network makes of an image.\n"),
        ("notes.txt", ""),
    ];
    for (name, source) in examples {
        fs::write(sandbox.path("workspace/crates/recipes/examples").join(name), source).unwrap();
    }
    sandbox
}

#[test]
fn the_product_gets_its_arguments_to_the_letter() {
    let sandbox = ready();
    let output = sandbox.run(&["train", "--lr", "1e-3", "--", "--help", "a b", ""]);
    let said = text(&output.stdout);
    assert!(
        said.contains("[--release][--package][selvedge][--][train][--lr][1e-3][--][--help][a b][]"),
        "{said}{}",
        text(&output.stderr)
    );
    let said = text(&sandbox.run(&["predict", "--help"]).stdout);
    assert!(said.contains("[--][predict][--help]"), "{said}");
    let said = text(&sandbox.run(&["verify", "runs/mlp-1"]).stdout);
    assert!(said.contains("[--][verify][runs/mlp-1]"), "{said}");
}

/// A closed pipe is no error, and a full disk is one.
#[test]
fn an_output_that_nobody_reads_is_told_from_one_that_cannot_be_written() {
    let sandbox = ready();
    for (arguments, status) in [(&["recipe"][..], 0), (&["--help"], 0), (&["recipe", "9"], 1), (&["env"], 0)]
    {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = sandbox.command(arguments);
        let mut child = command.stdout(writer.try_clone().unwrap()).stderr(writer).spawn().unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(status), "{arguments:?}");
    }
    if cfg!(target_os = "linux") {
        for arguments in [&["recipe"][..], &["--help"], &["env"]] {
            let full = fs::File::options().write(true).open("/dev/full").unwrap();
            let output = sandbox.command(arguments).stdout(full).output().unwrap();
            let message = text(&output.stderr);
            assert_eq!(output.status.code(), Some(1), "{arguments:?}: {message}");
            assert!(message.contains("cannot write to standard output"), "{arguments:?}: {message}");
        }
    }
}

#[test]
fn exit_status_and_signal_are_the_product_s() {
    let sandbox = ready();
    let output = sandbox.command(&["evaluate", "run"]).env("STATUS", "7").output().unwrap();
    assert_eq!(output.status.code(), Some(7));
    sandbox.program("cargo", "kill -TERM $$");
    assert_eq!(sandbox.run(&["train"]).status.signal(), Some(15));
}

#[test]
fn cargo_reads_libtorch_from_the_record_and_sees_nothing_of_the_outer_cargo() {
    let sandbox = ready();
    // As the outer cargo does, which reads the record of the last run.
    let mut train = sandbox.command(&["train"]);
    train.env("LIBTORCH", sandbox.place()).env("CARGO_PKG_NAME", "xtask");
    assert!(train.output().unwrap().status.success());
    let output = train.output().unwrap();
    assert!(text(&output.stdout).contains("LIBTORCH= CARGO_PKG_NAME=\n"), "{}", text(&output.stdout));
    assert!(sandbox.record().unwrap().contains(sandbox.place().to_str().unwrap()));
}

#[test]
fn recipes_are_listed_and_run_by_number_or_name() {
    let sandbox = ready();
    let said = text(&sandbox.run(&["recipe"]).stdout);
    assert_eq!(
        said,
        " 1  define_a_network  The network, its data and its layers.\n \
         2  forward           What the network makes of an image.\n"
    );
    for name in ["1", "define-a-network"] {
        let said = text(&sandbox.run(&["recipe", name, "--fast"]).stdout);
        let expected = "[--package][selvedge-recipes][--example][1_define_a_network][--][--fast]";
        assert!(said.contains(expected), "{said}");
    }
    let output = sandbox.run(&["recipe", "9"]);
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stderr);
    assert!(said.contains("there is no recipe `9`; there are\n  1 define_a_network\n  2 forward"), "{said}");
}

#[test]
fn tests_run_in_release_for_the_workspace_or_what_is_named() {
    let sandbox = ready();
    let said = text(&sandbox.run(&["test"]).stdout);
    assert!(said.contains("[test][--manifest-path]") && said.contains("[--release][--workspace]"), "{said}");
    let said = text(&sandbox.run(&["test", "-p", "selvedge-nn", "--", "--nocapture"]).stdout);
    assert!(said.contains("[--release][-p][selvedge-nn][--][--nocapture]"), "{said}");
}

#[test]
fn another_libtorch_is_tested_in_a_workspace_of_its_own() {
    let sandbox = ready();
    sandbox.libtorch("cache/libtorch/2.11.0-cpu", "2.11.0+cpu");
    for name in ["Cargo.toml", ".cargo/config.toml"] {
        fs::write(sandbox.path("workspace").join(name), "").unwrap();
    }
    // As cargo does it.
    let update = "case $2-$4 in --quiet-tch) sed -i s/0.26.1/$6/ \"${8%toml}lock\";; esac";
    let tells = fs::read_to_string(sandbox.path("bin/cargo")).unwrap();
    sandbox.program("cargo", &format!("PATH=/bin:/usr/bin\n{update}\npwd\n{tells}"));
    let run = || {
        let mut test = sandbox.command(&["test", "--libtorch", "2.11", "-p", "selvedge-nn"]);
        // The outer cargo reads the record of the last setup.
        assert!(sandbox.run(&["setup", "--no-data"]).status.success());
        let output = test.env("LIBTORCH", sandbox.place()).output().unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    let first = run();
    let lines: Vec<&str> = first.lines().collect();
    let updates: Vec<&&str> = lines.iter().filter(|line| line.starts_with("[update]")).collect();
    assert!(updates.len() == 1 && updates[0].contains("[--package][tch][--precise][0.24.0]"), "{first}");
    let place = lines.iter().rev().find(|line| line.starts_with('/')).unwrap();
    assert!(place.contains("cache/libtorch/2.11.0-workspace-"), "{first}");
    let expected = format!("[test][--manifest-path][{place}/Cargo.toml][--release][-p][selvedge-nn]");
    assert!(lines.contains(&&expected[..]), "{expected} is not in {first}");
    // Its sources are ours, its lock file and its record are not.
    let second = std::path::Path::new(place);
    assert_eq!(fs::read_link(second.join("crates")).unwrap(), sandbox.path("workspace/crates"));
    let record = fs::read_to_string(second.join(".cargo/libtorch.toml")).unwrap();
    assert!(record.contains("libtorch/2.11.0-cpu\""), "{record}");
    assert!(sandbox.record().unwrap().contains("libtorch/2.13.0-cpu\""));
    assert!(fs::read_to_string(sandbox.path("workspace/Cargo.lock")).unwrap().contains("0.26.1"));
    // The lock file stands until ours changes.
    assert!(!run().contains("[update]"));
    let mut lock = fs::read_to_string(sandbox.path("workspace/Cargo.lock")).unwrap();
    lock.push('\n');
    fs::write(sandbox.path("workspace/Cargo.lock"), lock).unwrap();
    assert!(run().contains("[update]"));
}

#[test]
fn the_version_of_libtorch_is_that_of_the_locked_bindings() {
    let sandbox = ready();
    sandbox.libtorch("cache/libtorch/2.11.0-cpu", "2.11.0+cpu");
    let lock = |version: &str| {
        let text = format!("[[package]]\nname = \"torch-sys\"\nversion = \"{version}\"\n");
        fs::write(sandbox.path("workspace/Cargo.lock"), text).unwrap();
        sandbox.run(&["setup", "--no-data"])
    };
    assert!(text(&lock("0.24.0").stderr).contains("libtorch: 2.11.0+cpu at"));
    assert!(text(&lock("0.26.3").stderr).contains("libtorch: 2.13.0+cpu at"));
    let output = lock("0.25.0");
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("locks torch-sys 0.25.0, whose libtorch is not known here"));
}

#[test]
fn the_libtorch_of_the_user_goes_first_and_is_remembered() {
    let sandbox = ready();
    let own = sandbox.libtorch("own \"lib'torch", "2.13.0");
    let output = sandbox.command(&["env"]).env("LIBTORCH", &own).output().unwrap();
    let said = text(&output.stdout);
    assert!(said.contains("own \"lib'\\''torch'"), "{said}{}", text(&output.stderr));
    // The next command, without the variable.
    let said = text(&sandbox.run(&["setup", "--no-data"]).stderr);
    assert!(said.contains("from an earlier setup"), "{said}");
    // Until another is asked for, or it is gone.
    let said = text(&sandbox.run(&["setup", "--cpu", "--no-data"]).stderr);
    assert!(said.contains("from our cache"), "{said}");
    assert!(sandbox.command(&["env"]).env("LIBTORCH", &own).output().unwrap().status.success());
    fs::remove_dir_all(&own).unwrap();
    let said = text(&sandbox.run(&["setup", "--no-data"]).stderr);
    assert!(said.contains("of no use any more") && said.contains("from our cache"), "{said}");
}

#[test]
fn headers_and_libraries_may_lie_apart() {
    let sandbox = ready();
    let own = sandbox.libtorch("own", "2.13.0");
    fs::create_dir(sandbox.path("libraries")).unwrap();
    fs::rename(own.join("lib"), sandbox.path("libraries/lib")).unwrap();
    let mut setup = sandbox.command(&["setup", "--no-data"]);
    let output = setup.env("LIBTORCH", &own).env("LIBTORCH_LIB", sandbox.path("libraries")).output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    let record = sandbox.record().unwrap();
    assert!(record.contains("LIBTORCH_LIB = ") && record.contains("/libraries/lib\"]"), "{record}");
}

#[test]
fn a_libtorch_that_is_none_or_another_is_refused() {
    let sandbox = ready();
    let said = |home: &std::path::Path| {
        let output = sandbox.command(&["train"]).env("LIBTORCH", home).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        text(&output.stderr)
    };
    assert!(
        said(&sandbox.path("nowhere")).contains("LIBTORCH names no usable libtorch: there is no directory")
    );
    assert!(said(&sandbox.path("home")).contains("there is no libtorch_cpu.so in"));
    let old = sandbox.libtorch("old", "2.4.1+cu121");
    let said = said(&old);
    assert!(said.contains("version 2.4.1+cu121, expected 2.13.0") && said.contains("BYPASS"), "{said}");
    let output = sandbox.command(&["setup", "--cpu"]).env("LIBTORCH", &old).output().unwrap();
    assert!(text(&output.stderr).contains("unset it to have another libtorch"));
    let mut train = sandbox.command(&["train"]);
    train.env("LIBTORCH", &old).env("LIBTORCH_BYPASS_VERSION_CHECK", "1");
    assert!(train.output().unwrap().status.success());
}

#[test]
fn the_torch_of_a_python_is_used_and_recorded() {
    let sandbox = ready();
    sandbox.program(
        "python3",
        "case $* in *torch*) echo 2.13.0+cpu; echo /py/torch/lib;; *) echo 3.12.1;; esac",
    );
    let mut setup = sandbox.command(&["setup", "--no-data"]);
    let output = setup.env("LIBTORCH_USE_PYTORCH", "1").output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    let record = sandbox.record().unwrap();
    assert!(record.contains("LIBTORCH_USE_PYTORCH = \"1\"") && record.contains("/py/torch/lib"), "{record}");
    sandbox.program("python3", "case $* in *torch*) echo 2.9.0; echo /x;; *) echo 3.12.1;; esac");
    let output = sandbox.command(&["setup"]).env("LIBTORCH_USE_PYTORCH", "1").output().unwrap();
    assert!(output.status.success(), "the record stands for it: {}", text(&output.stderr));
    fs::remove_file(sandbox.path("workspace/.cargo/libtorch.toml")).unwrap();
    let output = sandbox.command(&["setup"]).env("LIBTORCH_USE_PYTORCH", "1").output().unwrap();
    assert!(text(&output.stderr).contains("that Python's torch has version 2.9.0, expected 2.13.0"));
}

#[test]
fn the_doctor_tells_how_to_mend_what_does_not_hold() {
    let sandbox = Sandbox::new();
    let output = sandbox.run(&["doctor"]);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1));
    assert!(!said.contains('\x1b'), "{said}");
    for line in ["FAIL  rust", "FAIL  C++ compiler", "FAIL  python", "FAIL  libtorch", "FAIL  selvedge"] {
        assert!(said.contains(line), "{line} is not in\n{said}");
    }
    assert_eq!(said.matches("to mend it: ").count(), said.matches("FAIL").count(), "{said}");
}

#[test]
fn the_doctor_of_a_healthy_house_is_content() {
    let sandbox = ready();
    assert!(sandbox.run(&["setup", "--no-data"]).status.success());
    for (name, said) in
        [("cargo", "cargo 1.95.0"), ("rustc", "rustc 1.95.0"), ("c++", "c++ 12"), ("python3", "3 4 5")]
    {
        sandbox.program(name, &format!("echo {said}"));
    }
    fs::create_dir_all(sandbox.path("target/release")).unwrap();
    let report = r#"{"libtorch_version": "2.13.0", "cuda_linked": false, "cuda_devices": 0,
        "devices": ["cpu"], "data": {"verified": true, "problem": null}}"#;
    sandbox.program("selvedge", &format!("cat <<'END'\n{report}\nEND"));
    fs::rename(sandbox.path("bin/selvedge"), sandbox.path("target/release/selvedge")).unwrap();
    let mut doctor = sandbox.command(&["doctor"]);
    let path = format!("{}:/bin:/usr/bin", sandbox.path("bin").display());
    let output = doctor.env("CARGO_TARGET_DIR", sandbox.path("target")).env("PATH", path).output().unwrap();
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{said}{}", text(&output.stderr));
    assert!(said.contains("linked to libtorch 2.13.0, without CUDA"), "{said}");
    assert!(said.contains("Fashion-MNIST, verified"), "{said}");
}

#[test]
fn cleaning_asks_says_how_much_and_takes_only_what_is_named() {
    let sandbox = ready();
    fs::create_dir_all(sandbox.path("cache/data")).unwrap();
    fs::write(sandbox.path("cache/data/images"), [0; 2048]).unwrap();
    assert!(sandbox.run(&["setup", "--no-data"]).status.success());
    let output = sandbox.run(&["clean"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("use --yes"), "{}", text(&output.stderr));
    let output = sandbox.run(&["clean", "--data", "--yes"]);
    assert!(text(&output.stdout).contains("2.00 KiB are free again"), "{}", text(&output.stdout));
    assert!(!sandbox.path("cache/data").exists() && sandbox.place().exists());
    assert!(sandbox.run(&["clean", "--yes"]).status.success());
    assert!(!sandbox.place().exists());
    assert!(sandbox.record().is_none(), "the record leads nowhere");
    assert!(text(&sandbox.run(&["clean", "--yes"]).stdout).contains("nothing to remove"));
}

#[test]
fn every_command_of_ours_shows_an_example() {
    let sandbox = Sandbox::new();
    for command in ["setup", "recipe", "test", "bench", "doctor", "env", "clean"] {
        let said = text(&sandbox.run(&[command, "--help"]).stdout);
        assert!(said.contains(&format!("  cargo xtask {command}")) || command == "env", "{said}");
        assert!(said.contains("Example"), "{said}");
    }
    let output = sandbox.run(&["frobnicate"]);
    assert_eq!(output.status.code(), Some(2));
}
