"""Random faults on a stack under load: `python -m tests.system.chaos --minutes 20 --seed 7`.

A schedule drawn from the seed says what strikes when; `traffic` is the load, `faults` carries the schedule out, and
`sums` says what must be true in the end. Everything ends with the process, also on Ctrl-C.
"""
