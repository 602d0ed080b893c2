"""The names of torch.nn.functional, so that the page for users of PyTorch can not lack one."""

import inspect

from torch.nn import functional

from golden_file import GoldenFile

# What the module imports for itself.
HELPERS = {
    "Callable",
    "Optional",
    "assert_int_or_pair",
    "boolean_dispatch",
    "handle_torch_function",
    "has_torch_function",
    "has_torch_function_unary",
    "has_torch_function_variadic",
}


def write():
    golden = GoldenFile()
    for name, member in sorted(vars(functional).items()):
        is_function = callable(member) and not inspect.isclass(member)
        if is_function and not name.startswith("_") and name not in HELPERS:
            golden.add(name, name, {}, {})
    golden.write("crates/nn/tests/golden/functional.safetensors")
