use crate::{Run, figures};

/// What is known of the machine.
pub(super) fn rows(run: &Run) -> Vec<(&'static str, String)> {
    let environment = &run.about.environment;
    let number = |value: usize| if value == 0 { String::new() } else { figures::count(value as u64) };
    [
        ("Started", environment.started_for_people()),
        ("Device", environment.device.clone()),
        ("Processor", environment.processor.clone()),
        ("Cores", number(environment.cores)),
        ("Threads of libtorch", number(environment.threads)),
        ("System", environment.system.clone()),
        ("libtorch", environment.libtorch.clone()),
        ("Selvedge", environment.selvedge.clone()),
    ]
    .into_iter()
    .filter(|(_, value)| !value.is_empty())
    .collect()
}
