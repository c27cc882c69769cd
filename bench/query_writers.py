"""`python -m bench.query_writers URL WRITERS EHRS SECONDS`: commit one composition after the other.

At the end it tells how long each took.

A process of its own, so that clients that ask do not wait for clients that write. Ends early when its input ends.
"""

from __future__ import annotations

import json
import sys
import threading
import time

import httpx

from bench.measure import BASE
from bench.query_records import compositions, ehr_id


def main() -> None:
    """Commit for a while; print a line when the first commit is through, and the times in milliseconds at the end."""
    url, writers, ehrs, seconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
    stop = threading.Event()
    times: list[float] = []

    def work(writer: int) -> None:
        with httpx.Client(base_url=url, timeout=60) as client:
            bodies = [json.dumps(each).encode() for each in list(compositions(writer + 1))[:9]]
            number = 0
            while not stop.is_set():
                path = f"{BASE}/ehr/{ehr_id((number * 4 + writer) % ehrs + 1)}/composition"
                begun = time.perf_counter()
                answer = client.post(
                    path, content=bodies[number % len(bodies)], headers={"Content-Type": "application/json"}
                )
                times.append((time.perf_counter() - begun) * 1e3)
                if answer.status_code not in (200, 201, 204):
                    raise SystemExit(f"the server answered {answer.status_code}: {answer.text[:300]}")
                number += 1

    def wait_for_end() -> None:
        sys.stdin.read()
        stop.set()

    threading.Thread(target=wait_for_end, daemon=True).start()
    threads = [threading.Thread(target=work, args=(writer,)) for writer in range(writers)]
    for thread in threads:
        thread.start()
    while not times and any(thread.is_alive() for thread in threads):
        time.sleep(0.01)
    print("writing", flush=True)
    stop.wait(seconds)
    stop.set()
    for thread in threads:
        thread.join()
    print(json.dumps(times), flush=True)


if __name__ == "__main__":
    main()
