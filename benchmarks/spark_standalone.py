"""A standalone Spark master and two workers on this machine; one executor is killed in between.

Everything listens on 127.0.0.1, and every process is ended by its id::

    python -m benchmarks.spark_standalone --rows 2000000
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import pyspark

import satcore
from benchmarks.engines import same, survey
from satcore_spark.java import java

CLASS = "org.apache.spark.deploy"
MASTER = "spark://127.0.0.1:17077"


def begun(*command: str, folder: str) -> subprocess.Popen[str]:
    """Begin a class of Spark; its output is read until it says that it serves."""
    launcher = Path(pyspark.__file__).parent / "bin" / "spark-class"
    return subprocess.Popen(
        [str(launcher), *command],
        env={
            **os.environ,
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_WORKER_DIR": folder,
            "SPARK_DAEMON_MEMORY": "256m",
            "PYSPARK_PYTHON": sys.executable,
            "SPARK_MASTER_OPTS": "-Dspark.ui.enabled=false",
        },
        stderr=subprocess.STDOUT,
        stdout=subprocess.PIPE,
        text=True,
    )


def said(process: subprocess.Popen[str], text: str) -> None:
    """Wait until a process says something, then let it talk into the void."""
    assert process.stdout is not None
    for line in process.stdout:
        if text in line:
            break
    else:
        raise SystemExit(f"it ended without saying {text!r}")
    threading.Thread(target=process.stdout.read, daemon=True).start()


def ended(process: subprocess.Popen[str]) -> None:
    process.terminate()
    process.wait()


def executors(workers: list[subprocess.Popen[str]]) -> list[int]:
    """The executors of some workers, by process id."""
    parents = {one.pid for one in workers}
    found = []
    for one in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((one / "stat").read_text().rpartition(")")[2].split()[1])
            command = (one / "cmdline").read_text()
        except OSError:
            continue
        if parent in parents and "CoarseGrainedExecutorBackend" in command:
            found.append(int(one.name))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--files", type=int, default=32)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        survey(Path(folder), asked.rows, asked.files)
        plan = satcore.plan(str(Path(folder) / "study.toml"))
        stack.enter_context(java())
        host = ("--host", "127.0.0.1", "--webui-port", "0")
        master = begun(f"{CLASS}.master.Master", *host, "--port", "17077", folder=folder)
        stack.callback(ended, master)
        said(master, "Starting Spark master")
        workers = []
        for _ in range(2):
            one = begun(
                f"{CLASS}.worker.Worker", *host, "-c", "1", "-m", "1536m", MASTER, folder=folder
            )
            stack.callback(ended, one)
            said(one, "Successfully registered with master")
            workers.append(one)
        local = satcore.scan(plan)
        for kill in (False, True):
            killed: list[int] = []
            stop = threading.Event()

            def strike(stop: threading.Event = stop, killed: list[int] = killed) -> None:
                while not stop.wait(0.2):
                    running = executors(workers)
                    if len(running) == 2:
                        stop.wait(6.0)  # it has begun to count by then
                        if not stop.is_set():
                            os.kill(running[0], signal.SIGKILL)
                            killed.append(running[0])
                        return

            striker = threading.Thread(target=strike)
            if kill:
                striker.start()
            start = time.perf_counter()
            found = satcore.scan(plan, engine=f"spark:{MASTER}")
            wall = time.perf_counter() - start
            stop.set()
            if kill:
                striker.join()
            print(
                f"{found.intake.read} rows of {asked.rows // asked.files * asked.files} in "
                f"{wall:.0f} s, executors killed: {len(killed)}, same states: {same(found, local)}",
                flush=True,
            )


if __name__ == "__main__":
    main()
