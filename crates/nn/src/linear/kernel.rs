use std::time::{Duration, Instant};

use selvedge_torch::TorchError;
use selvedge_torch::planned::blocked_product;
use tch::{Device, Kind, Tensor};

/// A kernel of our own for products of matrices of one form, which gives the bits of libtorch's library in less time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kernel {
    /// Of which matrices.
    pub(super) sides: Sides,
    /// The terms that are summed at once, as libtorch's library does it on this processor.
    pub(super) block: usize,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Sides {
    AsTheyAre,
    /// After a copy of the second without gaps between the values of a row.
    SecondCopied,
    /// The product of the transposed matrices, for an output whose columns have no gaps.
    Transposed,
}

/// Above so many products of two numbers the trial itself would take too long.
const MOST: i64 = 1 << 31;

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
        let work = first.size().iter().product::<i64>().saturating_mul(second.size()[1]);
        let is_tried =
            output.device() == Device::Cpu && output.kind() == Kind::Float && (1..=MOST).contains(&work);
        is_tried.then(|| Trial::new(output, bias, first, second).choose()).flatten()
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
    fn new(output: &Tensor, bias: Option<&Tensor>, first: &Tensor, second: &Tensor) -> Self {
        Self {
            ours: like(output, 0.0),
            theirs: like(output, 0.0),
            bias: bias.map(|bias| like(bias, 0.3)),
            first: like(first, 0.5),
            second: like(second, 0.7),
        }
    }

    fn choose(&self) -> Option<Kernel> {
        let sides = match (&self.ours.stride()[..], &self.second.stride()[..]) {
            ([_, 1], [_, 1]) => Sides::AsTheyAre,
            ([_, 1], _) => Sides::SecondCopied,
            // The bias would be one for each row.
            ([1, _], _) if self.bias.is_none() => Sides::Transposed,
            _ => return None,
        };
        self.by_libtorch();
        let kernel = Kernel { sides, block: self.first_rows(8).block(sides)? };
        (self.is_alike(kernel) && self.is_faster(kernel)).then_some(kernel)
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
