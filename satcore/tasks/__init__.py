"""Tasks: what is to be counted, told as text, so that another process can do it.

A task is a plan and some fragments as JSON text; answers that are only in memory go along as Arrow
data. It gives one bundle of states as bytes and has no side effect, so that it may be done again
wherever it was lost, and each result counts once however often it arrives. No pickle is involved:
what a text may name are classes of satcore and of installed plugins, nothing else.
"""

from satcore.tasks.jobs import Job
from satcore.tasks.parts import Task
from satcore.tasks.working import bundle_of, combine, count_frames, head, ready, work

__all__ = ["Job", "Task", "bundle_of", "combine", "count_frames", "head", "ready", "work"]
