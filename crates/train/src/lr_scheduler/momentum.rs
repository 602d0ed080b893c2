use super::{Groups, PerGroup};
use crate::TrainError;

/// Puts the groups at the highest momentum, where a cycle of it begins, and writes both ends into them.
pub(super) fn begin_cycle(
    unit: &'static str,
    base: &PerGroup,
    max: &PerGroup,
    groups: &mut dyn Groups,
) -> Result<(), TrainError> {
    base.check(unit, "base_momentum", groups)?;
    max.check(unit, "max_momentum", groups)?;
    for group in 0..groups.group_count() {
        if groups.group_momentum(group).is_none() {
            return Err(TrainError::OutOfDomain {
                unit,
                option: "cycle_momentum",
                expected: "false for an optimizer without momentum or betas",
                found: "true".to_owned(),
            });
        }
        // Such as a beta of 1, by whose distance from 1 Adam divides.
        for momentum in [base.of(group), max.of(group)] {
            groups.set_group_momentum(group, momentum);
            groups.check_group(group)?;
        }
        let values = groups.schedule_values(group);
        values.insert("max_momentum".to_owned(), max.of(group));
        values.insert("base_momentum".to_owned(), base.of(group));
    }
    Ok(())
}
