use selvedge_nn::plan::Inference;
use selvedge_nn::{Dropout, Forward, Glu, Linear, Mode, ModuleExt, Relu, Sequential, Softmax};
use tch::{Device, Kind, Tensor};

use crate::generator;

#[test]
fn a_network_in_use_is_planned_at_the_second_input_of_a_shape() {
    let _generator = generator();
    let network = Sequential::new().then(Linear::new(4, 3)).then(Relu).then(Dropout::new(0.5));
    let mut inference = Inference::of(&network);
    let float = |rows| Tensor::randn([rows, 4], (Kind::Float, Device::Cpu));
    let mut outputs = Vec::new();
    for rows in [2, 2, 2, 3, 3, 2, 3, 5] {
        let input = float(rows);
        outputs.push((inference.run(&input), network.forward(&input, Mode::Eval).detach()));
        if outputs.len() == 4 {
            // What was planned before reads the new values, or is planned anew.
            network.to_kind(Kind::Double);
            network.to_kind(Kind::Float);
            network.load_state_dict(&Sequential::new().then(Linear::new(4, 3)).state_dict()).unwrap();
        }
    }
    for (found, expected) in &outputs {
        assert!(found.allclose(expected, 1e-5, 1e-6, false));
    }
    assert_eq!(inference.refusal(), None);
    let recurrent = Sequential::new().then(Softmax::new(1)).then(Glu::default());
    let mut inference = Inference::of(&recurrent);
    let input = float(2);
    for _ in 0..3 {
        assert_eq!(inference.run(&input), recurrent.forward(&input, Mode::Eval));
    }
    assert_eq!(inference.refusal().unwrap().to_string(), "1: GLU: it is not planned");
}
