use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use selvedge_torch::Multiply;
use tch::Tensor;

use super::kernel::Kernel;

/// Multiplies the gradients of ordinary steps: by a [`Kernel`] where one gives the bits of libtorch for matrices of their form
/// in less time. That is tried when a form comes for the second time, since what comes once is not worth a trial: a training
/// that is resumed makes the first product by libtorch.
#[derive(Debug)]
pub(crate) struct Known;

/// How the matrices of a product lie in memory, and for how many threads: what a choice holds for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Form {
    sizes: [i64; 3],
    strides: [[i64; 2]; 2],
    threads: i32,
}

#[derive(Debug, Clone, Copy)]
enum Choice {
    Seen,
    Made(Option<Kernel>),
}

/// Of more forms none is remembered: texts, for one, have any number of rows.
const MOST: usize = 256;

static CHOICES: LazyLock<Mutex<HashMap<Form, Choice>>> = LazyLock::new(Mutex::default);

impl Multiply for Known {
    fn multiply(output: &Tensor, first: &Tensor, second: &Tensor) -> bool {
        let Some(form) = Form::of(first, second) else { return false };
        let known = choices().get(&form).copied();
        let kernel = match known {
            Some(Choice::Made(kernel)) => kernel,
            // Without the lock, so that no other thread waits for the trial.
            Some(Choice::Seen) => {
                let kernel = Kernel::of_same_bits(output, first, second);
                choices().insert(form, Choice::Made(kernel));
                kernel
            }
            None => {
                let mut choices = choices();
                if choices.len() < MOST {
                    choices.insert(form, Choice::Seen);
                }
                None
            }
        };
        kernel.is_some_and(|kernel| kernel.run(output, None, first, second).is_ok())
    }
}

fn choices() -> MutexGuard<'static, HashMap<Form, Choice>> {
    CHOICES.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Form {
    /// None where the same value stands in several places: no other matrix can lie like that.
    fn of(first: &Tensor, second: &Tensor) -> Option<Self> {
        let (&[rows, terms], &[_, columns]) = (&first.size()[..], &second.size()[..]) else { return None };
        let strides = [first, second].map(|matrix| <[i64; 2]>::try_from(matrix.stride()));
        let [Ok(first), Ok(second)] = strides else { return None };
        let strides = [first, second];
        let threads = tch::get_num_threads();
        (!strides.as_flattened().contains(&0)).then_some(Self {
            sizes: [rows, terms, columns],
            strides,
            threads,
        })
    }
}

#[cfg(test)]
mod tests {
    use tch::{Device, Kind};

    use super::*;

    const FLOAT: (Kind, Device) = (Kind::Float, Device::Cpu);

    fn choice(first: &Tensor, second: &Tensor) -> Option<Choice> {
        choices().get(&Form::of(first, second)?).copied()
    }

    #[test]
    fn a_choice_is_made_when_a_form_comes_again_and_gives_the_bits_of_libtorch() {
        // Forms that no other test of this program has.
        for (rows, terms, columns) in [(61, 301, 97), (3, 71, 7), (257, 64, 131)] {
            let (first, second) =
                (Tensor::randn([terms, rows], FLOAT).tr(), Tensor::randn([terms, columns], FLOAT));
            let output = Tensor::zeros([rows, columns], FLOAT);
            assert!(choice(&first, &second).is_none());
            assert!(!Known::multiply(&output, &first, &second));
            assert!(matches!(choice(&first, &second), Some(Choice::Seen)));
            for _ in 0..2 {
                let has_multiplied = Known::multiply(&output, &first, &second);
                let Some(Choice::Made(kernel)) = choice(&first, &second) else { panic!("no choice is made") };
                assert_eq!(kernel.is_some(), has_multiplied);
                let expected = if has_multiplied { first.mm(&second) } else { output.zeros_like() };
                assert_eq!(output, expected);
            }
            // Those that lie in another way are another form.
            assert!(choice(&first.contiguous(), &second).is_none());
        }
    }

    #[test]
    fn a_value_that_stands_in_several_places_is_left_to_libtorch() {
        let (first, second) =
            (Tensor::ones([1, 1], FLOAT).expand([40, 30], false), Tensor::randn([30, 20], FLOAT));
        let output = Tensor::zeros([40, 20], FLOAT);
        for _ in 0..3 {
            assert!(!Known::multiply(&output, &first, &second));
        }
        assert!(choice(&first, &second).is_none());
    }
}
