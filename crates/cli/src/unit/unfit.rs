/// Why a unit that the libraries have can not be asked for by its name, where it can not.
pub(crate) fn unfit(name: &str) -> Option<&'static str> {
    Some(match name {
        "SparseAdam" => {
            "it takes sparse gradients, such as those of an embedding, and the networks here have dense ones; \
             Adam is the same rule for these"
        }
        "CTCLoss" => "it compares sequences of unknown alignment, and an image has one class",
        "CosineEmbeddingLoss" | "MarginRankingLoss" => {
            "it compares two inputs, and a network here gives one output"
        }
        "TripletMarginLoss" | "TripletMarginWithDistanceLoss" => {
            "it compares an anchor with two others, and a network here gives one output"
        }
        "HingeEmbeddingLoss" => {
            "its input is the distance of a pair, and a network here gives scores of classes"
        }
        "GaussianNLLLoss" => "it needs a variance for each value, which no network here gives",
        "BatchSampler" => "data.batch_size and data.drop_last cut the batches",
        "DistributedSampler" => {
            "it divides the images among processes that train one network together, and a run is one process"
        }
        _ => return None,
    })
}
