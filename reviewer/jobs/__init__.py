"""Durable jobs on DBOS: what was enqueued is done through crashes, one job at a time for a pull request.

A job is two workflows. The *arrival* runs at once, outside the pull request's lane: it announces the job (opens the
queued check run) and then enqueues the *review*, which waits for its turn in the lane. So a check run appears within
seconds however long the lane is, and the two never open it at the same time. Neither has durable steps: what they do
may be done again, so a workflow that a crash interrupted runs once more from its beginning.
"""

from reviewer.jobs.bound import bound
from reviewer.jobs.departures import Departures
from reviewer.jobs.jobs import Jobs
from reviewer.jobs.leaving import Leaving
from reviewer.jobs.waiting import Waiting
from reviewer.jobs.work import JobFailed, Line

__all__ = ["Departures", "JobFailed", "Jobs", "Leaving", "Line", "Waiting", "bound"]
