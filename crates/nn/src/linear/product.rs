use std::time::{Duration, Instant};

use selvedge_torch::TorchError;
use selvedge_torch::planned::blocked_product;
use tch::{Device, Kind, Tensor};

/// `output = bias + first · second` of a layer in a plan: by libtorch, or by a kernel of our own where that gives the same
/// bits and takes less time. Both are found out when the plan is made, so that what a plan computes depends neither on
/// the processor nor on a measurement.
#[derive(Debug)]
pub(super) struct Product {
    pub(super) output: Tensor,
    bias: Option<Tensor>,
    ours: Option<Ours>,
}

#[derive(Debug, Clone, Copy)]
struct Ours {
    /// Of which matrices.
    sides: Sides,
    /// The terms that are summed at once, as libtorch's library does it on this processor.
    block: usize,
}

#[derive(Debug, Clone, Copy)]
enum Sides {
    AsTheyAre,
    /// The product of the transposed matrices, for an output whose columns have no gaps.
    Transposed,
}

/// Above so many products of two numbers it is not worth while to try: libtorch's library brings large matrices into
/// another order first, and the trial itself would take time.
const MOST: i64 = 1 << 27;

const TURNS: usize = 5;

impl Product {
    /// For matrices that lie in memory like these. Their values mean nothing, and stay as they are.
    pub(super) fn new(output: Tensor, bias: Option<Tensor>, first: &Tensor, second: &Tensor) -> Self {
        let work = first.size().iter().product::<i64>().saturating_mul(second.size()[1]);
        let is_tried =
            output.device() == Device::Cpu && output.kind() == Kind::Float && (1..=MOST).contains(&work);
        let ours = is_tried.then(|| Trial::new(&output, bias.as_ref(), first, second).choose()).flatten();
        Self { output, bias, ours }
    }

    pub(super) fn run(&self, first: &Tensor, second: &Tensor) {
        let Self { output, bias, ours } = self;
        // A matrix that lies in another way than it was planned for is left to libtorch.
        if !ours.is_some_and(|ours| ours.run(output, bias.as_ref(), first, second).is_ok()) {
            by_libtorch(output, bias.as_ref(), first, second);
        }
    }
}

impl Ours {
    fn run(
        self,
        output: &Tensor,
        bias: Option<&Tensor>,
        first: &Tensor,
        second: &Tensor,
    ) -> Result<(), TorchError> {
        match self.sides {
            Sides::AsTheyAre => blocked_product(output, bias, first, second, self.block),
            Sides::Transposed => blocked_product(&output.tr(), bias, &second.tr(), &first.tr(), self.block),
        }
    }
}

fn by_libtorch(output: &Tensor, bias: Option<&Tensor>, first: &Tensor, second: &Tensor) {
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

    fn choose(&self) -> Option<Ours> {
        let sides = match self.ours.stride()[..] {
            [_, 1] => Sides::AsTheyAre,
            // The bias would be one for each row.
            [1, _] if self.bias.is_none() => Sides::Transposed,
            _ => return None,
        };
        self.by_libtorch();
        let few = self.first_rows(8);
        let mut known = self.blocks().map(|block| Ours { sides, block });
        known.find(|&ours| few.is_alike(ours)).filter(|&ours| self.is_alike(ours) && self.is_faster(ours))
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

    /// To the bit.
    fn is_alike(&self, ours: Ours) -> bool {
        self.by_us(ours).is_ok() && self.ours == self.theirs
    }

    /// All terms, or as many as libraries have blocks of.
    fn blocks(&self) -> impl Iterator<Item = usize> {
        let terms = self.first.size()[1] as usize;
        std::iter::once(terms).chain((64..terms.min(1024)).step_by(16))
    }

    /// By the shortest of some times in turns, since anything else on the machine makes them longer.
    fn is_faster(&self, ours: Ours) -> bool {
        let mut shortest = [Duration::MAX; 2];
        for _ in 0..TURNS {
            let times = [time(|| drop(self.by_us(ours))), time(|| self.by_libtorch())];
            shortest = [0, 1].map(|index| shortest[index].min(times[index]));
        }
        shortest[0] < shortest[1]
    }

    fn by_us(&self, ours: Ours) -> Result<(), TorchError> {
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

#[cfg(test)]
mod tests {
    use super::*;

    const FLOAT: (Kind, Device) = (Kind::Float, Device::Cpu);

    fn product(output: Tensor, sides: Sides) -> Product {
        Product { output, bias: None, ours: Some(Ours { sides, block: 3 }) }
    }

    #[test]
    fn our_kernel_takes_the_matrices_as_they_are_or_transposed() {
        let (first, second) = (Tensor::randn([4, 6], FLOAT), Tensor::randn([6, 5], FLOAT));
        let expected = first.matmul(&second);
        let as_they_are = product(Tensor::zeros([4, 5], FLOAT), Sides::AsTheyAre);
        as_they_are.run(&first, &second);
        assert!(as_they_are.output.allclose(&expected, 1e-5, 1e-6, false));
        let transposed = product(Tensor::zeros([5, 4], FLOAT).tr(), Sides::Transposed);
        // The rows of the second factor of the transposed product are the columns of the first.
        transposed.run(&first.tr().contiguous().tr(), &second);
        assert!(transposed.output.allclose(&expected, 1e-5, 1e-6, false));
    }

    #[test]
    fn matrices_that_lie_in_another_way_go_to_libtorch() {
        let (first, second) = (Tensor::randn([4, 6], FLOAT), Tensor::randn([5, 6], FLOAT).tr());
        let product = product(Tensor::zeros([4, 5], FLOAT), Sides::AsTheyAre);
        product.run(&first, &second);
        assert!(product.output.allclose(&first.matmul(&second), 1e-5, 1e-6, false));
    }

    #[test]
    fn what_is_chosen_gives_the_bits_of_libtorch() {
        for (rows, terms, columns) in [(64, 784, 256), (64, 300, 96), (3, 70, 7)] {
            let (first, second) =
                (Tensor::randn([rows, terms], FLOAT), Tensor::randn([terms, columns], FLOAT));
            let bias = Tensor::randn([columns], FLOAT);
            let output = Tensor::zeros([rows, columns], FLOAT);
            let product = Product::new(output, Some(bias.shallow_clone()), &first, &second);
            product.run(&first, &second);
            assert_eq!(product.output, bias.addmm(&first, &second));
        }
        // A double is not tried, nor what would take long.
        let double = Tensor::zeros([4, 4], (Kind::Double, Device::Cpu));
        assert!(Product::new(double.copy(), None, &double, &double).ours.is_none());
        let large = Tensor::zeros([1, 1], FLOAT).expand([1024, 1024], false);
        assert!(Product::new(large.copy(), None, &large, &large).ours.is_none());
    }
}
