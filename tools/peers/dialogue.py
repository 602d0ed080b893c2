"""Contenders that stay and answer questions, so that their measurements alternate within milliseconds: A B A B."""

import json
import subprocess
from contextlib import ExitStack, contextmanager
from statistics import median


class Dialogue:
    """With a program that answers each line of its input with a line of JSON."""

    def __init__(self, name, command):
        self.name = name
        self.process = subprocess.Popen(
            [str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    def ask(self, question):
        try:
            self.process.stdin.write(f"{question}\n")
        except BrokenPipeError:
            pass
        answer = self.process.stdout.readline()
        if not answer:
            raise SystemExit(f"{self.name} does not answer {question!r}; what it said is above")
        return json.loads(answer)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


@contextmanager
def dialogues(commands):
    """A dialogue with each of the commands, by name."""
    with ExitStack() as stack:
        opened = {}
        for name, command in commands.items():
            opened[name] = Dialogue(name, command)
            stack.callback(opened[name].close)
        yield opened


def in_turns(count, questions):
    """The answers of each round: `questions` are dialogues with what each is asked, by name."""
    for dialogue, question in questions.values():
        dialogue.ask(question)  # The first answer is the warm-up.
    return [
        {name: dialogue.ask(question) for name, (dialogue, question) in questions.items()} for _ in range(count)
    ]


def ratio(answers, name, other):
    """The median of the rounds' ratios of two times."""
    return median(answer[name]["us"] / answer[other]["us"] for answer in answers)


def time(answers, name):
    return median(answer[name]["us"] for answer in answers)
