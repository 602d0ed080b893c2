"""Our compiled step of the chapter's network beside its kernels alone, in turns of some hundredths of a second."""

from pathlib import Path
from statistics import median

from dialogue import dialogues, in_turns, ratio, time

HERE = Path(__file__).resolve().parent
TURNS = 15


def beside_our_step(python, ours):
    """A contender of `rounds`: what the step and the kernels take, and how many times as long the step takes."""

    def measure():
        commands = {"step": [ours / "step_times"], "kernels": [python, HERE / "floor.py"]}
        with dialogues(commands) as opened:
            questions = {"step": (opened["step"], "cpu compiled 0 64 784,256,128,10"), "kernels": (opened["kernels"], "0")}
            answers = in_turns(TURNS, questions)
        return {
            "step_us": time(answers, "step"),
            "kernels_us": time(answers, "kernels"),
            "ratio": ratio(answers, "step", "kernels"),
        }

    return measure


def sentence(results):
    """From the results of each round."""
    step, kernels = (median(result[key] for result in results) for key in ("step_us", "kernels_us"))
    ratios = [result["ratio"] for result in results]
    each = ", ".join(f"{ratio:.2f}" for ratio in ratios)
    return (
        f"A step of Selvedge takes {step:.0f} µs, its kernels alone {kernels:.0f} µs: "
        f"{median(ratios):.2f} times as long ({each})."
    )
