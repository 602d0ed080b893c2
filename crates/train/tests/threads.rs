//! To choose the number of threads changes nothing but that number. A test of its own, since all threads of a process
//! share it.

use selvedge_data::{ImageBytes, Loader, LoaderOptions, Shape};
use selvedge_nn::{BatchNorm1d, Dropout, Flatten, Linear, ModuleExt, Sequential};
use selvedge_torch::Generator;
use selvedge_train::clip::ClipGradientNorm;
use selvedge_train::trainer::{Compile, FitOptions, Training, choose_threads};
use selvedge_train::{Adam, CrossEntropyLoss, Optimizer};
use tch::Device;

#[test]
fn it_leaves_everything_else_as_it_was() {
    let labels = (0..64).map(|index| index % 2).collect();
    let images =
        ImageBytes::new(Shape::new(1, 8, 8), (0..64 * 64).map(|byte| byte as u8).collect(), labels, vec![]);
    let loader =
        Loader::new(images.unwrap(), LoaderOptions { batch_size: 64, ..LoaderOptions::default() }).unwrap();
    let hidden =
        Sequential::new().then(Flatten::default()).then(Linear::new(64, 32)).then(BatchNorm1d::new(32));
    let model = hidden.then(Dropout::new(0.5)).then(Linear::new(32, 2));
    let before: Vec<_> =
        model.state_dict().iter().map(|(name, tensor)| (name.to_owned(), tensor.copy())).collect();
    let generator = Generator::of(Device::Cpu).unwrap();
    let state = generator.state().unwrap();

    let mut optimizer = Optimizer::new(model.parameters(), Adam::default()).unwrap();
    let loss = CrossEntropyLoss::default();
    let training = Training::new(&model, &loss, &mut optimizer, &loader);
    for options in [
        FitOptions::default(),
        FitOptions { compile: Compile::Off, ..FitOptions::default() },
        FitOptions { clip_norm: Some(ClipGradientNorm::default()), ..FitOptions::default() },
    ] {
        tch::set_num_threads(3);
        let times = choose_threads(&training, &options).unwrap().unwrap();
        assert_eq!(times.times.iter().map(|(threads, _)| *threads).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(tch::get_num_threads(), times.fastest());
        for (name, tensor) in &before {
            assert_eq!(model.state_dict().get(name).unwrap(), tensor, "{name}");
        }
        assert!(model.parameters().iter().all(|parameter| !parameter.grad().defined()));
        assert_eq!(generator.state().unwrap(), state);
    }

    tch::set_num_threads(1);
    assert_eq!(choose_threads(&training, &FitOptions::default()).unwrap(), None);
}
