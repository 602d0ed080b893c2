use std::time::{Duration, Instant};

use selvedge_torch::TorchError;
use selvedge_torch::libtorch::cpu_capability;
use selvedge_torch::planned::blocked_product;
use tch::{Device, Kind, Tensor};

/// A kernel of our own for products of matrices of one form, which takes less time than libtorch's library.
///
/// Where it gives the bits of the library on this processor, a measurement chooses between the two. Where it does not, the
/// form of the matrices does, so that the same training on the same machine always has the same bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kernel {
    /// Of which matrices.
    pub(super) sides: Sides,
    /// The number of terms that are summed at once: that of the library where it sums like our kernel.
    pub(super) block: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sides {
    AsTheyAre,
    /// After a copy of the second without gaps between the values of a row.
    SecondCopied,
    /// The product of the transposed matrices, for an output whose columns have no gaps.
    Transposed,
}

/// Above so many products of two numbers the trial itself would take too long.
const MOST: i64 = 1 << 31;

/// The terms that are summed at once where the library sums in another order.
const BLOCK: usize = 256;

/// The fewest rows and columns for which our kernel fills its registers.
const NARROWEST: i64 = 16;

/// The most values of a second matrix that is read fast without being packed: about as many as fit into a cache.
const LARGEST_SECOND: i64 = 1 << 20;

/// Both are timed so often in turns,
const TURNS: usize = 5;

/// or, where that takes longer than this, twice.
const PATIENCE: Duration = Duration::from_millis(20);

impl Kernel {
    /// The kernel for `output = bias + first · second` of matrices that lie in memory like these, if there is one. Their
    /// values mean nothing, and stay as they are.
    pub(super) fn choose(
        output: &Tensor,
        bias: Option<&Tensor>,
        first: &Tensor,
        second: &Tensor,
    ) -> Option<Self> {
        let trial = Trial::new(output, bias, first, second)?;
        trial.of_same_bits().unwrap_or_else(|sides| trial.by_form(sides?))
    }

    /// The same, if it gives the bits of the library: for products that may be made by either, one after the other.
    pub(super) fn of_same_bits(output: &Tensor, first: &Tensor, second: &Tensor) -> Option<Self> {
        Trial::new(output, None, first, second)?.of_same_bits().ok()?
    }

    /// Fails where the matrices lie in another way than those it was chosen for.
    pub(super) fn run(
        self,
        output: &Tensor,
        bias: Option<&Tensor>,
        first: &Tensor,
        second: &Tensor,
    ) -> Result<(), TorchError> {
        match self.sides {
            Sides::AsTheyAre => blocked_product(output, bias, first, second, self.block),
            Sides::SecondCopied => blocked_product(output, bias, first, &second.contiguous(), self.block),
            Sides::Transposed => blocked_product(&output.tr(), bias, &second.tr(), &first.tr(), self.block),
        }
    }
}

pub(super) fn by_libtorch(output: &Tensor, bias: Option<&Tensor>, first: &Tensor, second: &Tensor) {
    let _ = match bias {
        Some(bias) => bias.addmm_out(output, first, second),
        None => first.mm_out(output, second),
    };
}

/// A product of matrices as they will be, computed by both.
struct Trial {
    ours: Tensor,
    theirs: Tensor,
    bias: Option<Tensor>,
    first: Tensor,
    second: Tensor,
}

impl Trial {
    /// None where our kernel does not take the matrices, or the trial itself would take too long.
    fn new(output: &Tensor, bias: Option<&Tensor>, first: &Tensor, second: &Tensor) -> Option<Self> {
        let work = first.size().iter().product::<i64>().saturating_mul(second.size()[1]);
        let is_float = output.device() == Device::Cpu && output.kind() == Kind::Float;
        (is_float && (1..=MOST).contains(&work) && has_vectors()).then(|| Self {
            ours: like(output, 0.0),
            theirs: like(output, 0.0),
            bias: bias.map(|bias| like(bias, 0.3)),
            first: like(first, 0.5),
            second: like(second, 0.7),
        })
    }

    /// The kernel that gives the bits of the library, where it is faster; else how our kernel takes the matrices.
    fn of_same_bits(&self) -> Result<Option<Kernel>, Option<Sides>> {
        let sides = match (&self.ours.stride()[..], &self.second.stride()[..]) {
            ([_, 1], [_, 1]) => Sides::AsTheyAre,
            ([_, 1], _) => Sides::SecondCopied,
            // The bias would be one for each row.
            ([1, _], _) if self.bias.is_none() => Sides::Transposed,
            _ => return Err(None),
        };
        self.by_libtorch();
        let alike = self.first_rows(8).block(sides).map(|block| Kernel { sides, block });
        let kernel = alike.filter(|&kernel| self.is_alike(kernel)).ok_or(Some(sides))?;
        Ok(self.is_faster(kernel).then_some(kernel))
    }

    fn by_form(&self, sides: Sides) -> Option<Kernel> {
        self.suits_ours(sides).then_some(Kernel { sides, block: BLOCK })
    }

    /// Whether our kernel is faster than the library for matrices of this form on processors where the two sum in other
    /// orders, as measured with MKL's kernels for Intel on an AMD EPYC of family 25: it packs matrices before it multiplies them, which does
    /// not pay for so small ones.
    fn suits_ours(&self, sides: Sides) -> bool {
        let [rows, columns, second] = match sides {
            Sides::AsTheyAre => [self.first.size()[0], self.second.size()[1], self.second.numel() as i64],
            Sides::SecondCopied => return false,
            Sides::Transposed => [self.second.size()[1], self.first.size()[0], self.first.numel() as i64],
        };
        rows >= NARROWEST && columns >= NARROWEST && second <= LARGEST_SECOND
    }

    fn first_rows(&self, most: i64) -> Self {
        let rows = |tensor: &Tensor| tensor.narrow(0, 0, most.min(tensor.size()[0]));
        let Self { ours, theirs, bias, first, second } = self;
        let bias = bias.as_ref().map(Tensor::shallow_clone);
        Self {
            ours: rows(ours),
            theirs: rows(theirs),
            bias,
            first: rows(first),
            second: second.shallow_clone(),
        }
    }

    /// That of libtorch's library, if it sums like ours.
    fn block(mut self, mut sides: Sides) -> Option<usize> {
        if matches!(sides, Sides::SecondCopied) {
            // Once for all blocks.
            self.second = self.second.contiguous();
            sides = Sides::AsTheyAre;
        }
        self.blocks().find(|&block| self.is_alike(Kernel { sides, block }))
    }

    /// To the bit.
    fn is_alike(&self, ours: Kernel) -> bool {
        self.by_us(ours).is_ok() && self.ours == self.theirs
    }

    /// All terms, or as many as libraries have blocks of.
    fn blocks(&self) -> impl Iterator<Item = usize> {
        let terms = self.first.size()[1] as usize;
        std::iter::once(terms).chain((64..terms.min(1024)).step_by(16))
    }

    /// By the shortest of some times in turns, since anything else on the machine makes them longer.
    fn is_faster(&self, ours: Kernel) -> bool {
        let mut shortest = [Duration::MAX; 2];
        let began = Instant::now();
        for turn in 0..TURNS {
            if turn >= 2 && began.elapsed() > PATIENCE {
                break;
            }
            let times = [time(|| drop(self.by_us(ours))), time(|| self.by_libtorch())];
            shortest = [0, 1].map(|index| shortest[index].min(times[index]));
        }
        // A copy takes room in the caches from what comes next, which the trial does not show.
        let margin = if matches!(ours.sides, Sides::SecondCopied) { shortest[0] / 4 } else { Duration::ZERO };
        shortest[0] + margin < shortest[1]
    }

    fn by_us(&self, ours: Kernel) -> Result<(), TorchError> {
        ours.run(&self.ours, self.bias.as_ref(), &self.first, &self.second)
    }

    fn by_libtorch(&self) {
        by_libtorch(&self.theirs, self.bias.as_ref(), &self.first, &self.second);
    }
}

/// Without vector instructions our kernel is slower than the library. On x86-64 libtorch's lowest level has none; elsewhere it
/// has.
fn has_vectors() -> bool {
    !cfg!(target_arch = "x86_64") || cpu_capability().is_ok_and(|capability| capability != "DEFAULT")
}

/// Lies in memory as the other does. The values need many bits each, and nothing is drawn for them.
fn like(tensor: &Tensor, frequency: f64) -> Tensor {
    let values = Tensor::arange(tensor.numel() as i64, (tensor.kind(), tensor.device()));
    let mut copy = Tensor::empty_strided(tensor.size(), tensor.stride(), (tensor.kind(), tensor.device()));
    copy.copy_(&(values * frequency).sin().view_(tensor.size()));
    copy
}

fn time(run: impl FnOnce()) -> Duration {
    let start = Instant::now();
    run();
    start.elapsed()
}
