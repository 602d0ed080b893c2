//! Files from the world, verified.
