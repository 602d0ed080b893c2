//! `cargo xtask recipe`.

use std::ffi::OsString;
use std::fs;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::Args;
use selvedge_console::print_coloured_line;

use crate::{cargo, libtorch, terminal, workspace};

/// Run a recipe of the chapter, or list them.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  cargo xtask recipe        lists the recipes\n  cargo xtask recipe 3      runs the third\n  cargo xtask recipe 3 --help"
)]
pub(crate) struct Recipe {
    /// The number or the name of the recipe; without it, they are listed.
    recipe: Option<String>,
    /// What the recipe gets.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

/// A recipe that exists as a file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    number: u32,
    /// As cargo calls the example: `1_define_a_network`.
    example: String,
    about: String,
}

impl Entry {
    fn of(example: &str, source: &str) -> Option<Self> {
        let number = example.split_once('_')?.0.parse().ok()?;
        let about = source.lines().find_map(|line| line.strip_prefix("//! ")).unwrap_or_default();
        Some(Self { number, example: example.to_owned(), about: about.to_owned() })
    }

    fn name(&self) -> &str {
        self.example.split_once('_').map_or(&*self.example, |(_, name)| name)
    }

    fn is_called(&self, wanted: &str) -> bool {
        let wanted = wanted.replace('-', "_").to_lowercase();
        wanted.parse() == Ok(self.number) || wanted == self.name() || wanted == self.example
    }
}

impl Recipe {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let recipes = recipes()?;
        let Some(wanted) = &self.recipe else {
            let width = recipes.iter().map(|recipe| recipe.name().len()).max().unwrap_or(0);
            for recipe in &recipes {
                print_coloured_line(format_args!(
                    "{:>2}  {:width$}  {}",
                    recipe.number,
                    recipe.name(),
                    terminal::grey(&recipe.about)
                ));
            }
            return Ok(ExitCode::SUCCESS);
        };
        let Some(recipe) = recipes.iter().find(|recipe| recipe.is_called(wanted)) else {
            bail!("there is no recipe `{wanted}`; there are{}", names(&recipes));
        };
        let libtorch = libtorch::ensure()?;
        let mut command = cargo::cargo(Some(&libtorch));
        command.arg("run");
        cargo::in_workspace(&mut command)
            .args(["--release", "--package", "selvedge-recipes", "--example", &recipe.example, "--"])
            .args(self.arguments);
        cargo::become_it(command)
    }
}

fn names(recipes: &[Entry]) -> String {
    recipes.iter().map(|recipe| format!("\n  {} {}", recipe.number, recipe.name())).collect()
}

fn recipes() -> Result<Vec<Entry>> {
    let directory = workspace::root().join("crates/recipes/examples");
    let files = fs::read_dir(&directory).with_context(|| format!("cannot read {}", directory.display()))?;
    let mut recipes = Vec::new();
    for file in files {
        let path = file?.path();
        let example = path.file_stem().and_then(|stem| stem.to_str());
        let Some(example) = example.filter(|_| path.extension().is_some_and(|end| end == "rs")) else {
            continue;
        };
        let source = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        recipes.extend(Entry::of(example, &source));
    }
    recipes.sort_by_key(|recipe| recipe.number);
    Ok(recipes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recipe_answers_to_its_number_and_its_names() {
        let recipe = Entry::of("3_the_loss", "//! How wrong the network is.\n//!\nfn main() {}").unwrap();
        assert_eq!((recipe.number, &*recipe.about), (3, "How wrong the network is."));
        for name in ["3", "03", "the_loss", "the-loss", "3_the_loss"] {
            assert!(recipe.is_called(name), "{name}");
        }
        for name in ["2", "loss", "", "33"] {
            assert!(!recipe.is_called(name), "{name}");
        }
    }

    #[test]
    fn other_examples_are_no_recipes() {
        assert_eq!(Entry::of("checks", "//! Checks."), None);
    }
}
