use tch::{Kind, Tensor};

use super::{Average, ClassFigures, mean::wide};

/// All scores and targets, for the figures that depend on the order of the samples.
#[derive(Debug, Default)]
pub(super) struct Ranking {
    scores: Vec<Tensor>,
    targets: Vec<Tensor>,
}

/// The positive and negative samples at each score that occurs, from the lowest score to the highest.
pub(super) struct Ranks {
    pub(super) positives: Vec<f64>,
    pub(super) negatives: Vec<f64>,
}

impl Ranking {
    /// Keeps scores `[N]` of the positive class, with targets 0 or 1, or `[N, C]` with targets below C.
    #[track_caller]
    pub(super) fn update(&mut self, metric: &str, output: &Tensor, target: &Tensor) {
        let (size, found) = (output.size(), target.size());
        assert!(
            matches!(size.len(), 1 | 2),
            "{metric}: expected output of size [N] or [N, C], found {size:?}"
        );
        assert!(found == size[..1], "{metric}: expected target of size {:?}, found {found:?}", &size[..1]);
        let kind = target.kind();
        assert!(kind == Kind::Int64, "{metric}: expected target of kind Int64, found {kind:?}");
        if let Some(first) = self.scores.first() {
            let first = first.size();
            assert!(
                first[1..] == size[1..],
                "{metric}: expected output as before, of size {first:?}, found {size:?}"
            );
        }
        // Copies, since the caller may write over its tensors.
        self.scores.push(wide(&output.copy()));
        self.targets.push(target.copy());
    }

    /// The figure of all samples: of the positive class, or averaged over the classes, each against the rest.
    pub(super) fn compute(&self, average: Average, figure: impl Fn(&Ranks) -> f64) -> f64 {
        if self.scores.is_empty() {
            return f64::NAN;
        }
        let (scores, targets) = (Tensor::cat(&self.scores, 0), Tensor::cat(&self.targets, 0));
        if scores.dim() == 1 {
            return figure(&Ranks::of(&scores, &targets.eq(1)));
        }
        let classes = Classes::of(&scores, &targets);
        let figures: Vec<f64> = classes.ranks.iter().map(&figure).collect();
        average.of(&figures, &classes.support(), || figure(&classes.together()))
    }

    /// Several figures of one ranking of scores `[N, C]`, each class against the rest.
    pub(super) fn class_figures<const COUNT: usize>(
        &self,
        figures: [fn(&Ranks) -> f64; COUNT],
    ) -> [ClassFigures; COUNT] {
        if self.scores.is_empty() {
            return figures.map(|_| ClassFigures::default());
        }
        let classes = Classes::of(&Tensor::cat(&self.scores, 0), &Tensor::cat(&self.targets, 0));
        let (support, together) = (classes.support(), classes.together());
        figures.map(|figure| {
            ClassFigures::of(classes.ranks.iter().map(figure).collect(), &support, figure(&together))
        })
    }
}

/// Each class against the rest.
struct Classes {
    scores: Tensor,
    positive: Tensor,
    ranks: Vec<Ranks>,
}

impl Classes {
    fn of(scores: &Tensor, targets: &Tensor) -> Self {
        let classes = scores.size()[1];
        let positive =
            targets.unsqueeze(1).eq_tensor(&Tensor::arange(classes, (Kind::Int64, targets.device())));
        let ranks = (0..classes)
            .map(|class| Ranks::of(&scores.select(1, class), &positive.select(1, class)))
            .collect();
        Self { scores: scores.shallow_clone(), positive, ranks }
    }

    /// How many samples each class has.
    fn support(&self) -> Vec<f64> {
        self.ranks.iter().map(|ranks| ranks.positives.iter().sum()).collect()
    }

    /// All decisions, whatever their class.
    fn together(&self) -> Ranks {
        Ranks::of(&self.scores.flatten(0, -1), &self.positive.flatten(0, -1))
    }
}

impl Ranks {
    fn of(scores: &Tensor, positive: &Tensor) -> Self {
        let (sorted, order) = scores.sort(0, false);
        let positive = wide(&positive.index_select(0, &order));
        let (_, places, _) = sorted.unique_consecutive(true, false, None);
        let at_each = |values: &Tensor| {
            let places_of_scores = places.max().int64_value(&[]) + 1;
            let sums = Tensor::zeros([places_of_scores], (values.kind(), values.device()));
            let sums = sums.scatter_add(0, &places, values).to_kind(Kind::Double);
            let mut counts = vec![0.0; places_of_scores as usize];
            sums.copy_data(&mut counts, places_of_scores as usize);
            counts
        };
        if scores.numel() == 0 {
            return Self { positives: Vec::new(), negatives: Vec::new() };
        }
        // NaN has no place in an order.
        if sorted.isnan().any().int64_value(&[]) != 0 {
            return Self { positives: vec![f64::NAN], negatives: vec![f64::NAN] };
        }
        Self { positives: at_each(&positive), negatives: at_each(&(positive.ones_like() - &positive)) }
    }
}
