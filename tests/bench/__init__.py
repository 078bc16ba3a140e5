"""The benches, one command: `python -m tests.bench [NAME ...] [--json FILE] [--readme]`.

A bench is a module `bench_<subject>` with a function `figures()` that returns the figures it takes by their keys.
"""
