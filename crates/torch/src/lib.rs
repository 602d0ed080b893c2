//! What libtorch has and tch does not bind.
