"""Times FAISS' flat index on one thread: the peer of `-- top-n --faiss PYTHON`, which writes its input and reads its output.

Usage: faiss_flat.py ITEMS USERS WIDTH BATCH...   (two files of little-endian float32, row-major)
Prints one JSON object: for each batch two medians of the CPU time of a query in microseconds, as FAISS does it of itself, and by BLAS; from which
batch on it takes BLAS of itself depends on the release. FAISS' version goes to stderr.
"""
import json
import os
import sys
import time

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import faiss  # noqa: E402  (the environment must be set before it)
import numpy  # noqa: E402

WANTED, SECONDS, LEAST = 100, 1.0, 5


def median(index, queries, batch, blas_threshold):
    faiss.cvar.distance_compute_blas_threshold = blas_threshold
    times, first, end = [], 0, time.monotonic() + SECONDS
    while len(times) <= LEAST or time.monotonic() < end:
        some = queries[first:first + batch]
        first = (first + batch) % (len(queries) - batch + 1)
        start = time.process_time()
        index.search(some, WANTED)
        times.append((time.process_time() - start) * 1e6 / len(some))
    times = sorted(times[1:])
    return times[len(times) // 2]


def main(items, users, width, *batches):
    width = int(width)
    print("FAISS", faiss.__version__, file=sys.stderr)
    index = faiss.IndexFlatIP(width)
    index.add(numpy.fromfile(items, "<f4").reshape(-1, width))
    queries = numpy.fromfile(users, "<f4").reshape(-1, width)
    own, result = faiss.cvar.distance_compute_blas_threshold, {}
    for batch in map(int, batches):
        result[str(batch)] = [round(median(index, queries, batch, threshold), 2) for threshold in (own, 1)]
    print(json.dumps(result))


main(*sys.argv[1:])
