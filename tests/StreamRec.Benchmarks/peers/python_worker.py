"""A worker as a Python stack would have it: confluent-kafka, ONNX Runtime, FAISS, redis-py. The peer of `streamrec bench --peer`.

It takes the options that `bench` gives a worker. A poll is a batch of at most 256 records: the events enter their users'
sequences, each touched user gets one list, states and lists go to Redis in one pipeline, and then the offsets are
committed. So a crash repeats a batch at most, and the offset in the state keeps its events from counting twice. It does
less than `streamrec work`: no fencing, no check of gaps, ids or times, no dead letters, no expiry of idle users, one
form of error (it ends).
"""
import argparse
import gc
import os
import signal
import sys

BATCH, POLL_SECONDS = 256, 0.05


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("bundle", "topic", "group", "prefix", "bootstrap", "redis"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--threads", type=int, default=1, help="of ONNX Runtime and FAISS; default 1")
    parser.add_argument("--onnxruntime-library", help="libonnxruntime.so, for a Python without the package onnxruntime")
    return parser.parse_args()


OPTIONS = arguments()
# Both are read when the libraries are loaded.
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = str(OPTIONS.threads)

import json  # noqa: E402
import confluent_kafka  # noqa: E402
import redis  # noqa: E402
from ranking import Ranker  # noqa: E402
from sequences import Sequence  # noqa: E402

try:
    from orjson import loads
except ImportError:
    from json import loads


class Worker:
    def __init__(self, options):
        self.ranker = Ranker(options.bundle, options.threads, options.onnxruntime_library)
        self.kept = 2 * self.ranker.window - 1
        self.topic = json.dumps(options.topic)
        self.list_key, self.state_key = f"{options.prefix}:list:", f"{options.prefix}:state:"
        host, port = options.redis.rsplit(":", 1)
        self.store = redis.Redis(host, int(port))
        self.users = {}

    def work(self, messages):
        events = []
        for message in messages:
            if message.error():
                raise confluent_kafka.KafkaException(message.error())
            try:
                event = loads(message.value())
                events.append((event["user_id"], event["item_id"], event["ts"], event["event_id"], message))
            except (ValueError, TypeError, KeyError) as fault:
                print("Passed over", message.partition(), message.offset(), repr(fault), file=sys.stderr)
        self.load({user for user, *_ in events if user not in self.users})
        index_of, touched = self.ranker.index_of, {}
        for user, item, time, event_id, message in events:
            if self.users[user].add(index_of.get(item, 0), time, event_id, message.offset(), self.kept):
                touched[user] = message
        self.write(touched)

    def load(self, missing):
        if missing:
            missing = list(missing)
            for user, state in zip(missing, self.store.mget([self.state_key + user for user in missing])):
                self.users[user] = Sequence.unpack(state) if state else Sequence()

    def write(self, touched):
        # Two MSET of hundreds of keys cost half of what as many SET do in redis-py.
        states, lists, users, sequences, blocks = {}, {}, [], [], []
        for user in touched:
            sequence = self.users[user]
            states[self.state_key + user] = sequence.pack()
            if block := sequence.block(self.ranker.window):
                users.append(user)
                sequences.append(sequence)
                blocks.append(block)
        if users:
            for user, sequence, ranked in zip(users, sequences, self.ranker.rank(sequences, blocks)):
                through = (self.topic, touched[user].partition(), sequence.offset)
                lists[self.list_key + user] = self.ranker.text(ranked, (sequence.newest, sequence.times[-1]), through)
        pipeline = self.store.pipeline(transaction=False)
        for values in filter(None, (states, lists)):
            pipeline.mset(values)
        pipeline.execute()


def main(options):
    stopping = []
    signal.signal(signal.SIGTERM, lambda *_: stopping.append(True))
    worker = Worker(options)
    print(sys.version.split()[0], confluent_kafka.libversion()[0], redis.__version__, worker.ranker, loads.__module__, file=sys.stderr)
    consumer = confluent_kafka.Consumer({
        "bootstrap.servers": options.bootstrap, "group.id": options.group, "enable.auto.commit": False,
        "auto.offset.reset": "earliest",
    })
    # What another member works in the meantime is read from Redis again.
    consumer.subscribe([options.topic], on_revoke=lambda *_: worker.users.clear())
    # The bundle's objects stay: the collector need not look at them again.
    gc.freeze()
    try:
        while not stopping:
            messages = consumer.consume(BATCH, POLL_SECONDS)
            if messages:
                worker.work(messages)
                consumer.commit(asynchronous=True)
    finally:
        consumer.close()


main(OPTIONS)
