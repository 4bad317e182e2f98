//! Cases of the kind `match`.

mod expectation;
mod translation;
mod world;

use serde_json::Value;

use ap_gateway::reconciliation::reconcile;

use world::World;

/// Runs the steps of a case; the faults it finds, in words.
pub(super) fn run(case: &Value) -> Vec<String> {
    let mut world = World::new(case);
    let mut faults = Vec::new();
    for step in translation::timeline(case) {
        let result = world.take(&step).map(|input| {
            let result = reconcile(&input);
            assert_eq!(result, reconcile(&input), "the same case, another result");
            world.keep(&step, &input, result.clone());
            result
        });
        let expected = case["expect"].as_array().expect("a case expects something");
        for expected in expected.iter().filter(|one| one["step"] == step["step"]) {
            let found = expectation::faults(expected, result.as_ref(), &world);
            faults.extend(found.into_iter().map(|fault| format!("step {}: {fault}", step["step"])));
        }
    }
    faults
}
