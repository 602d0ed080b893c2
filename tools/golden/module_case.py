"""Records what a module of PyTorch does: its text, its initial weights, its outputs and its gradients."""

import copy

import torch

KINDS = {"f32": torch.float32, "f64": torch.float64}


def add(golden, unit, arguments, *inputs, make=None, call=None, masks=None, options=None, smooth=True, kinds=KINDS):
    """Adds a case of `torch.nn.<unit>(**arguments)`.

    `make()` makes the module where arguments alone do not. An input is a tensor, or a shape to be filled with
    normal values. `call(module, *inputs, **masks, **options)` runs a module that takes its inputs in another form;
    its result is a tensor or nested sequences of tensors. `masks` are tensors, and `options` other values, that the
    call is given by name. A case that is not `smooth` has inputs where the derivative jumps, so finite differences
    say nothing about it.

    The roles: `initial.KEY` (weights right after `manual_seed(0)`), `state.KEY` (the weights used, other than
    those), `input.N`, `mask.NAME`, `upstream.N` (the weights of the sum of outputs that is differentiated), and for
    each kind and mode, such as `f64.train`, the `output.N`, `gradient.input.N`, `gradient.KEY` (or
    `sparse_gradient.KEY`) and, where a buffer changed, `after.KEY`. What `eval` shares with `train` to the bit is not
    repeated. Random units draw from `manual_seed(1)`.
    """
    torch.manual_seed(0)
    module = make() if make else getattr(torch.nn, unit)(**arguments)
    tensors = {f"initial.{key}": value.clone() for key, value in module.state_dict().items()}
    generator = torch.Generator().manual_seed(len(golden.cases))
    state = {key: other_values(key, value, generator) for key, value in module.state_dict().items()}
    tensors |= {f"state.{key}": value for key, value in state.items()}
    inputs = [i if isinstance(i, torch.Tensor) else torch.randn(i, generator=generator) for i in inputs]
    tensors |= {f"input.{index}": value for index, value in enumerate(inputs)}
    masks, options = masks or {}, options or {}
    tensors |= {f"mask.{name}": value for name, value in masks.items()}
    module.load_state_dict(state)
    upstream = None

    def called(module, *inputs):
        kind = next((i.dtype for i in inputs if i.is_floating_point()), torch.float32)
        in_kind = {name: mask.to(kind) if mask.is_floating_point() else mask for name, mask in masks.items()}
        return (call or type(module).__call__)(module, *inputs, **in_kind, **options)

    for kind in kinds:
        runs = {}
        for mode in ("train", "eval"):
            if upstream is None:
                outputs = list(flat(called(copy.deepcopy(module).eval(), *inputs)))
                upstream = [torch.randn(o.shape, generator=generator) for o in outputs]
                tensors |= {f"upstream.{index}": value for index, value in enumerate(upstream)}
            runs[mode] = run(module, state, inputs, upstream, called, KINDS[kind], mode)
        same = runs["train"].keys() == runs["eval"].keys() and all(
            torch.equal(value, runs["eval"][role]) for role, value in runs["train"].items()
        )
        for mode in ["train"] if same else ["train", "eval"]:
            tensors |= {f"{kind}.{mode}.{role}": value for role, value in runs[mode].items()}
    index = sum(case["unit"] == unit for case in golden.cases)
    said = {"arguments": arguments, "text": repr(module), "smooth": smooth}
    golden.add(unit, f"{unit}/{index}", said | ({"call": options} if options else {}), tensors)


def other_values(key, value, generator):
    """Values unlike the initial ones, so that no weight of 1 and no bias of 0 hides a mistake."""
    if not value.is_floating_point():
        return value.clone()
    if key.endswith("running_var"):
        return torch.rand(value.shape, generator=generator) + 0.5
    return torch.randn(value.shape, generator=generator) / 2


def run(module, state, inputs, upstream, called, kind, mode):
    module = copy.deepcopy(module).to(kind).train(mode == "train")
    inputs = [i.to(kind).clone().requires_grad_() if i.is_floating_point() else i for i in inputs]
    torch.manual_seed(1)
    outputs = list(flat(called(module, *inputs)))
    total = sum((o * u.to(kind)).sum() for o, u in zip(outputs, upstream) if o.is_floating_point())
    if total.requires_grad:
        total.backward()
    roles = {f"output.{index}": output for index, output in enumerate(outputs)}
    roles |= {f"gradient.input.{index}": i.grad for index, i in enumerate(inputs) if i.grad is not None}
    for key, parameter in module.named_parameters():
        if parameter.grad is not None:
            role = "sparse_gradient" if parameter.grad.is_sparse else "gradient"
            roles[f"{role}.{key}"] = parameter.grad.to_dense()
    for key, buffer in module.named_buffers():
        if not torch.equal(buffer, state[key].to(buffer.dtype)):
            roles[f"after.{key}"] = buffer
    return roles


def flat(outputs):
    if isinstance(outputs, torch.Tensor):
        yield outputs
    elif outputs is not None:
        for part in outputs:
            yield from flat(part)
