"""Where the work runs: processes of this machine that may die without taking anything with them."""

from qa_audit.workers.local import Lost, cores, run_tasks

__all__ = ["Lost", "cores", "run_tasks"]
