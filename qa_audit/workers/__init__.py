"""Where the work runs: processes of this machine, or of a cluster, that may die without taking anything with them."""

from qa_audit.workers.local import Lost, cores
from qa_audit.workers.places import at_once, run_tasks

__all__ = ["Lost", "at_once", "cores", "run_tasks"]
